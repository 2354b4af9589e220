import { registerProxy } from './proxies.ts';
import { SequenceProxy } from './sequence-proxy.ts';

/**
 * An array in the server of a manager, of a fixed length. No memory is shared and no type is enforced, as in Python;
 * `Array` of `threadwork/multiprocessing` is the fast one.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.Array
 */
export class ArrayProxy<T = unknown> extends SequenceProxy<T> {}

registerProxy('Array', ArrayProxy, (reference) => new ArrayProxy(reference));
