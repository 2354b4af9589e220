/**
 * Threads of one program, and what they need to work together: Python's `threading`.
 *
 * Python: https://docs.python.org/3/library/threading.html
 *
 * @module threading
 */

export { BrokenBarrierError, DeadlockError, OwnerDiedError, PicklingError, ThreadError } from './errors.ts';
export type { ModuleTarget } from './pickle/module-target.ts';
export * from './sync/threading.ts';
export { TIMEOUT_MAX } from './sync/timeout.ts';
export { activeCount, currentThread, enumerate, getIdent, getNativeId, mainThread } from './thread/current.ts';
export { type ExceptHook, type ExceptHookArgs, excepthook, setExcepthook } from './thread/excepthook.ts';
export { local } from './thread/local.ts';
export { stackSize } from './thread/stack-size.ts';
export type {
  Call,
  FunctionCall,
  KwargsCall,
  LastArgument,
  LeadingArguments,
  ModuleCall,
  OptionalArguments,
  RequiredArguments,
} from './thread/target.ts';
export { type Target, Thread } from './thread/thread.ts';
export type { ThreadOptions, ThreadSettings } from './thread/thread-options.ts';
export { Timer, type TimerArguments } from './thread/timer.ts';
