/**
 * What asks the engine about functions and reads their source text. Only who sends a function for the first time needs
 * it: the build puts it into a part of its own, which is loaded at the first call (build/parts.ts).
 * So only functions stand here, and the rest of the library uses them from here alone.
 */

export { writeNamespace, writeUnknownFunction } from './function-source.ts';
export { exportedNames } from './module-shape.ts';
export { parseFunction } from './syntax.ts';
