/**
 * The engine's view of a function: where its source stands and what its variables hold. It comes from an inspector
 * session in this thread, whose answers are synchronous. The session connects with the first question and leaves when
 * the event loop turns; the Debugger domain, which costs, is on only while a script is fetched that is no plain file.
 */

import { readFileSync } from 'node:fs';
import type { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';

/** A scope around a function, from the innermost: its variables by name, without a prototype. */
export interface ScopeVariables {
  kind: string;
  variables: Record<string, unknown>;
}

export interface FunctionView {
  script: Script;
  line: number;
  column: number;
  scopes: ScopeVariables[];
}

export interface Script {
  id: string;
  url: string;
  isModule: boolean;
  sourceMap: string;
  source: string;
}

interface Property {
  name: string;
  value?: { objectId?: string; value?: { scriptId: string; lineNumber: number; columnNumber: number } };
}

/** Where values pass between the session and this module; the name is unregistered, so nothing else can meet it. */
const EXCHANGE = '__threadwork_inspected__';
const GROUP = 'threadwork';

const scripts = new Map<string, Script>();
let session: Session | undefined;

function post<T>(method: string, parameters?: object): T {
  let failure: Error | null = null;
  let result: unknown;
  if (session === undefined) connect();
  session?.post(method, parameters, (error: Error | null, answer: unknown) => {
    failure = error;
    result = answer;
  });
  if (failure !== null) throw new Error(`The inspector refused ${method}: ${JSON.stringify(failure)}`);
  return result as T;
}

function connect(): void {
  const inspector = process.getBuiltinModule('node:inspector');
  session = new inspector.Session();
  session.connect();
  setImmediate(disconnect).unref();
}

/** Ends the session; the next question begins another. */
export function disconnect(): void {
  session?.disconnect();
  session = undefined;
}

export function inspectFunction(f: object): FunctionView {
  const exchange: { value: unknown; scopes?: ArrayLike<{ description: string; object: object }> } = { value: f };
  Object.defineProperty(globalThis, EXCHANGE, { value: exchange, configurable: true });
  try {
    const { result } = post<{ result: { objectId: string } }>('Runtime.evaluate', {
      expression: `globalThis.${EXCHANGE}.value`,
      objectGroup: GROUP,
      silent: true,
    });
    const { internalProperties } = post<{ internalProperties: Property[] }>('Runtime.getProperties', {
      objectId: result.objectId,
      ownProperties: true,
    });
    const location = internalProperties.find(({ name }) => name === '[[FunctionLocation]]')?.value?.value;
    const scopes = internalProperties.find(({ name }) => name === '[[Scopes]]')?.value?.objectId;
    if (location === undefined || scopes === undefined) throw new Error('The function has no source.');
    post('Runtime.callFunctionOn', {
      objectId: scopes,
      functionDeclaration: `function () { globalThis.${EXCHANGE}.scopes = this; }`,
      silent: true,
    });
    const found = Array.from(exchange.scopes ?? [], toScope).filter(({ kind }) => kind !== 'Global');
    const { scriptId: id, lineNumber: line, columnNumber: column } = location;
    return {
      script: scripts.get(id) ?? scriptFile(id, f, line, column, found) ?? scriptInEngine(id),
      line,
      column,
      scopes: found,
    };
  } finally {
    delete (globalThis as Record<string, unknown>)[EXCHANGE];
    if (session !== undefined) post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
  }
}

function toScope({ description, object }: { description: string; object: object }): ScopeVariables {
  return { kind: description.split(' ')[0], variables: object as Record<string, unknown> };
}

/**
 * The script of a function as the file that it was read from, when that is a plain one and has the function at its
 * place.
 */
function scriptFile(id: string, f: object, line: number, column: number, scopes: ScopeVariables[]): Script | undefined {
  const url = addressOnStack(id) ?? addressInUse(id);
  if (url === undefined || !PLAIN_FILE.test(url)) return undefined;
  try {
    const source = readFileSync(fileURLToPath(url), 'utf8').replace(BYTE_ORDER_MARK, '');
    const text = Function.prototype.toString.call(f);
    const place = offsetOf(source, line, column);
    const start = source.indexOf(text, Math.max(0, place - text.length));
    if (place < 0 || start < 0 || start > place || place >= start + text.length) return undefined;
    const isModule = url.endsWith('.mjs') || scopes.some(({ kind }) => kind === 'Module');
    const script = { id, url, isModule, sourceMap: SOURCE_MAP.exec(source)?.[1] ?? '', source };
    scripts.set(id, script);
    return script;
  } catch {
    return undefined; // the file is gone, or cannot be read
  }
}

/**
 * The address of a script that is on the call stack, as it is for most functions that are written where they are used:
 * an error that is thrown in the session tells. Asked directly for the address of a script, the engine would hash every
 * script of the program, which takes tens of milliseconds.
 */
function addressOnStack(id: string): string | undefined {
  post('Runtime.enable');
  const { exceptionDetails } = post<ThrownAnswer>('Runtime.evaluate', {
    expression: 'throw new Error()',
    silent: true,
  });
  post('Runtime.disable');
  return exceptionDetails?.stackTrace?.callFrames.find(({ scriptId }) => scriptId === id)?.url;
}

/**
 * The address of a script that has functions: the record of what has run has all of these, in a quarter of the time. The
 * Profiler domain stays off: to switch it off again would end a measurement of coverage that somebody else has begun.
 */
function addressInUse(id: string): string | undefined {
  const { result } = post<CoverageAnswer>('Profiler.getBestEffortCoverage');
  return result.find(({ scriptId }) => scriptId === id)?.url;
}

const PLAIN_FILE = /^file:\/\/[^?#]+\.[cm]?js$/;
const BYTE_ORDER_MARK = /^\uFEFF/;
const SOURCE_MAP = /\n\/\/[#@] sourceMappingURL=(\S+)\s*$/;

function offsetOf(source: string, line: number, column: number): number {
  let offset = 0;
  for (let i = 0; i < line; i++) {
    offset = source.indexOf('\n', offset) + 1;
    if (offset === 0) return -1;
  }
  return offset + column;
}

function scriptInEngine(id: string): Script {
  const note = ({ params }: { params: ScriptParsed }) => {
    if (params.scriptId !== id) return;
    const { url, isModule = false, sourceMapURL = '' } = params;
    scripts.set(id, { id, url, isModule, sourceMap: sourceMapURL, source: '' });
  };
  session?.on('Debugger.scriptParsed', note as never);
  try {
    post('Debugger.enable');
    const script = scripts.get(id);
    if (script === undefined) throw new Error('The engine no longer has the source of the function.');
    script.source = post<{ scriptSource: string }>('Debugger.getScriptSource', { scriptId: id }).scriptSource;
    return script;
  } finally {
    session?.off('Debugger.scriptParsed', note as never);
    post('Debugger.disable');
  }
}

interface ThrownAnswer {
  exceptionDetails?: { stackTrace?: { callFrames: { scriptId: string; url: string }[] } };
}

interface CoverageAnswer {
  result: { scriptId: string; url: string }[];
}

interface ScriptParsed {
  scriptId: string;
  url: string;
  isModule?: boolean;
  sourceMapURL?: string;
}
