import { KeyboardInterrupt } from '../errors.ts';
import { attendInterruptions } from '../memory/interruption.ts';
import { loadSignals } from '../memory/libc-signals.ts';
import { checkSignal } from './numbers.ts';

/**
 * Sends a signal to this process. In the main thread its handler has run when this returns.
 * @throws ValueError there is no such signal. @throws whatever the handler throws.
 *
 * Python: https://docs.python.org/3/library/signal.html#signal.raise_signal
 */
export function raiseSignal(signum: number): void {
  checkSignal(signum, 'raiseSignal');
  loadSignals().raise(signum);
  attendInterruptions();
}

/**
 * What the system says a signal means: `Interrupt` of SIGINT.
 * @throws ValueError there is no such signal.
 *
 * Python: https://docs.python.org/3/library/signal.html#signal.strsignal
 */
export function strsignal(signum: number): string {
  checkSignal(signum, 'strsignal');
  return loadSignals().describe(signum);
}

/**
 * A handler for SIGINT that throws a `KeyboardInterrupt`, which ends the blocking call that Ctrl-C comes upon. Python has
 * it set from the start; here it has to be asked for: `signal(SIGINT, defaultIntHandler)`.
 * @throws KeyboardInterrupt always.
 *
 * Python: https://docs.python.org/3/library/signal.html#signal.default_int_handler
 */
export function defaultIntHandler(_signum: number, _frame: null): never {
  throw new KeyboardInterrupt('interrupted by SIGINT (Ctrl-C)');
}
