/**
 * The library comes in parts, so that a thread need not load what belongs to processes or pools. Whoever meets something
 * that no loaded part knows, a tag in a message or a payload of a certain kind, has the next part loaded and looks again.
 */

let load: (() => boolean) | null = null;

/** Says how the next part is loaded; `loadNext` gives false when there is none left. */
export function setPartLoader(loadNext: () => boolean): void {
  load = loadNext;
}

/** Looks for something, and loads one part after the other until it is found; `undefined` if none has it. */
export function findInParts<T>(look: () => T | undefined): T | undefined {
  let found = look();
  while (found === undefined && load?.() === true) found = look();
  return found;
}
