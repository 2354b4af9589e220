/**
 * What can be sent to another thread or process, and how. See docs/pickling.md.
 *
 * @module
 */

export { attachCallerStack, dumpsError } from './errors.ts';
export { functionName } from './function-name.ts';
export { mainModule, setMainModule } from './main-module.ts';
export { checkModuleTarget, importModuleTarget, isModuleTarget, type ModuleTarget } from './module-target.ts';
export {
  type DumpOptions,
  dumps,
  importModules,
  joinAttachments,
  loads,
  namesModules,
  type Pickled,
} from './pickle.ts';
export {
  type DumpContext,
  type Reducer,
  registerClass,
  registerIdentity,
  registerReducer,
  type Scope,
} from './reducer.ts';
export { type Relocation, relocate } from './relocation.ts';
export { prepareLoader } from './typescript.ts';
