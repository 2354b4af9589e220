/** The error classes that every thread and process has: the library's own by name, and those of Node that need help. */

import * as library from '../errors.ts';
import { registerClass, registerReducer } from './reducer.ts';

for (const [name, value] of Object.entries(library)) {
  if (typeof value === 'function' && value !== library.TypeError && name !== 'ThreadError') registerClass(name, value);
}

interface ExceptionState {
  message: string;
  name: string;
  stack: string | undefined;
  cause: unknown;
}

// A DOMException keeps its name and code out of reach, so it is made anew. AbortSignal's reasons are of this class.
registerReducer(DOMException, {
  tag: 'DOMException',
  network: true,
  dump: ({ message, name, stack, cause }: DOMException & { cause?: unknown }): ExceptionState => {
    return { message, name, stack, cause };
  },
  load({ message, name, stack, cause }: ExceptionState): DOMException {
    const options = (cause === undefined ? name : { name, cause }) as string;
    const exception = new DOMException(message, options);
    Object.defineProperty(exception, 'stack', { value: stack, writable: true, configurable: true });
    return exception;
  },
});
