import { registerClass } from '../pickle/index.ts';
import type { Target } from '../thread/target.ts';
import { dismissSpare, prepareSpare } from './launch.ts';
import { Process } from './process.ts';
import { checkStartMethod, getStartMethod, type StartMethod, setStartMethod as setMethod } from './start-method.ts';

/** `multiprocessing` with a start method of its own: what {@link getContext} returns. */
export interface Context {
  /** A {@link Process} that is started by this method. */
  Process: typeof Process;
  /** The context's start method. */
  getStartMethod(): StartMethod;
}

class SpawnProcess<F extends Target = () => void> extends Process<F> {
  protected override get startMethod(): StartMethod {
    return 'spawn';
  }
}

class ForkserverProcess<F extends Target = () => void> extends Process<F> {
  protected override get startMethod(): StartMethod {
    return 'forkserver';
  }
}

registerClass('multiprocessing.SpawnProcess', SpawnProcess);
registerClass('multiprocessing.ForkserverProcess', ForkserverProcess);

/**
 * Sets the start method, once in a program. With `forkserver` a child that has been started beforehand stands ready.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.set_start_method
 * @param force true: also if it has been set before; `null` then unsets it.
 * @throws ValueError there is no such method; `fork` does not exist in Node.
 * @throws RuntimeError it has been set before.
 */
export function setStartMethod(method: StartMethod | null, force = false): void {
  setMethod(method, force);
  if (method === 'forkserver') prepareSpare();
  else dismissSpare();
}

/**
 * A context whose processes start by a method of their own.
 * @param method absent or `null`: the one in force.
 * @throws ValueError there is no such method.
 */
export function getContext(method?: StartMethod | null): Context {
  const chosen = method === undefined || method === null ? getStartMethod() : checkStartMethod(method, 'getContext');
  return {
    Process: (chosen === 'spawn' ? SpawnProcess : ForkserverProcess) as typeof Process,
    getStartMethod: () => chosen,
  };
}
