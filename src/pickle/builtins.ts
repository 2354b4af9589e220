/**
 * What every thread and process has anyway: globals and the modules of Node. They are recognised by identity and sent
 * by name.
 */

/** A value of the platform: a module of Node (or '' for the globals) and the properties that lead to it. */
export interface Builtin {
  module: string;
  path: string[];
}

// A program may add globals of its own, which the other side does not have: only Node's own names count.
const NODE_CLASSES =
  `AbortController AbortSignal Blob BroadcastChannel Buffer ByteLengthQueuingStrategy CompressionStream
  CountQueuingStrategy CustomEvent DecompressionStream DOMException Event EventTarget File FormData Headers
  MessageChannel MessageEvent MessagePort Performance PerformanceEntry PerformanceMark PerformanceMeasure
  PerformanceObserver ReadableStream Request Response TextDecoder TextDecoderStream TextEncoder TextEncoderStream
  TransformStream URL URLSearchParams WebSocket WritableStream`.split(/\s+/);
const NODE_FUNCTIONS =
  `atob btoa clearImmediate clearInterval clearTimeout fetch queueMicrotask setImmediate setInterval
  setTimeout structuredClone`.split(/\s+/);
const OBJECTS = 'Math JSON Reflect Atomics Intl WebAssembly console process performance crypto'.split(' ');
/** Globals behind a getter that costs nothing; the others load half of Node when they are read. */
const CHEAP_GETTERS = new Set(['process', 'Buffer', 'performance', 'crypto']);

const NATIVE = /\{\s*\[native code\]\s*\}\s*$/;
const table = new Map<object, Builtin>();
const scanned = new Set<string>();
let loadedModules = -1;

export function isNative(f: object): boolean {
  return NATIVE.test(Function.prototype.toString.call(f));
}

/** Whether a class belongs to the engine or to Node. */
export function isBuiltinClass(cls: object): boolean {
  return isNative(cls) || findBuiltin(cls) !== undefined;
}

/** The name under which the other side has the same object or function. */
export function findBuiltin(value: object): Builtin | undefined {
  if (table.size === 0) scanGlobals();
  const known = table.get(value);
  if (known !== undefined) return known;
  scanModules();
  return table.get(value);
}

export function resolveBuiltin({ module, path }: Builtin): unknown {
  let value: unknown = module === '' ? globalThis : process.getBuiltinModule(module);
  for (const key of path) value = (value as Record<string, unknown> | undefined)?.[key];
  if (value === undefined) throw new TypeError(`This version of Node has no ${[module, ...path].join('.')}.`);
  return value;
}

function scanGlobals(): void {
  table.set(globalThis, { module: '', path: [] });
  const ours = new Set([...NODE_CLASSES, ...NODE_FUNCTIONS, ...OBJECTS]);
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
    const value = descriptor?.value ?? (CHEAP_GETTERS.has(name) ? descriptor?.get?.call(globalThis) : undefined);
    if (typeof value === 'function') {
      if (ours.has(name) || isNative(value)) add('', [name], value);
    } else if (typeof value === 'object' && value !== null && ours.has(name)) {
      add('', [name], value);
    }
  }
  add('', ['Uint8Array', '__proto__'], Object.getPrototypeOf(Uint8Array));
}

/** Adds a value, the functions that are its properties, and its methods. */
function add(module: string, path: string[], value: object): void {
  if (!table.has(value)) table.set(value, { module, path });
  addFunctions(module, path, value);
  const prototype = Object.getOwnPropertyDescriptor(value, 'prototype')?.value;
  if (typeof prototype === 'object' && prototype !== null) {
    if (!table.has(prototype)) table.set(prototype, { module, path: [...path, 'prototype'] });
    addFunctions(module, [...path, 'prototype'], prototype);
  }
}

function addFunctions(module: string, path: string[], value: object): void {
  for (const key of Object.getOwnPropertyNames(value)) {
    if (key === 'constructor') continue;
    const item = Object.getOwnPropertyDescriptor(value, key)?.value;
    if (typeof item === 'function' && !table.has(item)) table.set(item, { module, path: [...path, key] });
  }
}

/** Looks through the modules of Node that are loaded: a value of any other module cannot be in the program's hands. */
function scanModules(): void {
  const list = (process as { moduleLoadList?: string[] }).moduleLoadList;
  if (list !== undefined && list.length === loadedModules) return;
  const loaded = new Set(list?.map((entry) => entry.replace(/^\w+ /, '')));
  for (const name of process.getBuiltinModule('node:module').builtinModules) {
    if (scanned.has(name) || name.startsWith('_') || (list !== undefined && !loaded.has(name))) continue;
    scanned.add(name);
    const exports = process.getBuiltinModule(name) as object | undefined;
    if (exports === undefined) continue;
    // Some modules export one class or function, others an object.
    if (!table.has(exports)) table.set(exports, { module: name, path: [] });
    for (const key of Object.getOwnPropertyNames(exports)) {
      const value = Object.getOwnPropertyDescriptor(exports, key)?.value;
      if (typeof value === 'function') add(name, [key], value);
      else if (typeof value === 'object' && value !== null && !table.has(value)) {
        table.set(value, { module: name, path: [key] });
      }
    }
  }
  loadedModules = list?.length ?? 0;
}
