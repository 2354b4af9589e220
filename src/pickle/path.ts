/** Where an object sits in a value: searched for only when an error or a reducer asks, so that it costs nothing else. */

/** Made when it is needed: the engine takes half a millisecond to read it, also as a literal that nobody uses. */
const IDENTIFIER = '^[\\p{ID_Start}$_][\\p{ID_Continue}$]*$';
let identifier: RegExp | undefined;

/** The way from one property to the next, as a reader would write it in source. */
export function propertyPath(key: string): string {
  identifier ??= new RegExp(IDENTIFIER, 'u');
  if (identifier.test(key)) return `.${key}`;
  return `[${JSON.stringify(key)}]`;
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  if (typeof key === 'object' && key !== null) return '{…}';
  return String(key);
}

/** The path from `root` to `target`, such as `.locks.get("a")[0]`, or undefined when plain containers do not lead there. */
export function findPath(root: unknown, target: unknown): string | undefined {
  if (root === target) return '';
  const seen = new Set<unknown>();
  let level: { value: unknown; path: string }[] = [{ value: root, path: '' }];
  while (level.length > 0) {
    const next: { value: unknown; path: string }[] = [];
    for (const { value, path } of level) {
      for (const [step, child] of children(value)) {
        if (Object.is(child, target)) return path + step;
        if (typeof child !== 'object' || child === null || seen.has(child)) continue;
        seen.add(child);
        next.push({ value: child, path: path + step });
      }
    }
    level = next;
  }
  return undefined;
}

function* children(value: unknown): Generator<[string, unknown]> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  if (value instanceof Map) {
    for (const [key, item] of value) {
      yield [`.get(${keyText(key)})`, item];
      yield [`.keys(${keyText(key)})`, key];
    }
  } else if (value instanceof Set) {
    let i = 0;
    for (const item of value) yield [`.values(${i++})`, item];
  }
  const isArray = Array.isArray(value);
  for (const key of Object.keys(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    // A getter may make a new object each time, and may have effects.
    if (descriptor === undefined || !('value' in descriptor)) continue;
    yield [isArray && /^\d+$/.test(key) ? `[${key}]` : propertyPath(key), descriptor.value];
  }
  if (value instanceof Error && value.cause !== undefined) yield ['.cause', value.cause];
}
