/**
 * The engine's view of a function: where its source stands and what its variables hold. It comes from an inspector
 * session in this thread, whose answers are synchronous. The session connects with the first question and leaves when
 * the event loop turns; the Debugger domain, which costs, is on only while the list of scripts is fetched.
 */

import type { Session } from 'node:inspector';

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
    return {
      script: scriptOf(location.scriptId),
      line: location.lineNumber,
      column: location.columnNumber,
      scopes: Array.from(exchange.scopes ?? [], toScope).filter(({ kind }) => kind !== 'Global'),
    };
  } finally {
    delete (globalThis as Record<string, unknown>)[EXCHANGE];
    if (session !== undefined) post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
  }
}

function toScope({ description, object }: { description: string; object: object }): ScopeVariables {
  return { kind: description.split(' ')[0], variables: object as Record<string, unknown> };
}

function scriptOf(id: string): Script {
  const known = scripts.get(id);
  if (known !== undefined && known.source !== '') return known;
  const note = ({ params }: { params: ScriptParsed }) => {
    if (scripts.has(params.scriptId)) return;
    const { scriptId, url, isModule = false, sourceMapURL = '' } = params;
    scripts.set(scriptId, { id: scriptId, url, isModule, sourceMap: sourceMapURL, source: '' });
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

interface ScriptParsed {
  scriptId: string;
  url: string;
  isModule?: boolean;
  sourceMapURL?: string;
}
