import { isModuleTarget } from './module-target.ts';

/** A name to show for a function or module target: `work` in `Thread-1 (work)`. */
export function functionName(target: unknown): string {
  if (isModuleTarget(target)) return target.export ?? 'default';
  if (typeof target !== 'function') return '<unknown>';
  const { name } = target;
  if (typeof name !== 'string' || name === '') return '<anonymous>';
  return name.replace(/^(?:bound )+/, '');
}
