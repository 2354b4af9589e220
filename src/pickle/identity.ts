/**
 * Names for functions, classes and captured objects that hold across threads and processes: sent twice, a function
 * arrives as one function, and sent back home it is the original.
 */

// Unique, not secret: node:crypto would cost milliseconds of every start.
const origin = `${Math.random().toString(36).slice(2)}${process.hrtime.bigint().toString(36)}-`;
let count = 0;

const names = new WeakMap<object, string>();
const objects = new Map<string, WeakRef<object>>();
const registry = new FinalizationRegistry<string>((name) => {
  // The name may have been given to a newer copy since.
  if (objects.get(name)?.deref() === undefined) objects.delete(name);
});

/** The name of an object, given at the first question. */
export function identityOf(object: object): string {
  let name = names.get(object);
  if (name === undefined) {
    name = `${origin}${(count++).toString(36)}`;
    setIdentity(object, name);
  }
  return name;
}

/** Gives an object that arrived the name that it has at home. */
export function setIdentity(object: object, name: string): void {
  names.set(object, name);
  objects.set(name, new WeakRef(object));
  registry.register(object, name);
}

/** The object of a name, while something here still uses it. */
export function findIdentical(name: string): object | undefined {
  return objects.get(name)?.deref();
}

/** Forgets an object that was not finished. */
export function dropIdentity(name: string): void {
  const object = findIdentical(name);
  if (object !== undefined) names.delete(object);
  objects.delete(name);
}
