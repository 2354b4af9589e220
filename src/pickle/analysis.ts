/** What the text of a function needs of its surroundings. */

import { analyze } from './parse.ts';
import { type AnyNode, type Form, type ParsedFunction, parseFunction, type SourceKind } from './syntax.ts';

/** A variable that a function uses and does not declare. */
export interface FreeVariable {
  name: string;
  /** The properties that are read of it, such as `['readFile']` or `['default', 'createElement']`. */
  chains: string[][];
  /** True when it is used in another way as well, as a whole. */
  whole: boolean;
  /** The place of an assignment, as an offset in the text; -1 without one. */
  assignedAt: number;
  /** Needed already while a class is being defined: by its computed names and static parts. */
  eager: boolean;
}

export interface Analysis {
  form: Form;
  isArrow: boolean;
  isClass: boolean;
  /** The key of a method, where it is computed: offsets in the text. */
  computedKey?: { start: number; end: number };
  free: FreeVariable[];
  /** Where `import.meta` stands in the text: pairs of offsets. */
  importMetas: [number, number][];
  /** The surroundings' `this`, `super`, `new.target` or `arguments` is used, by an arrow function. */
  usesThis: boolean;
  usesSuper: boolean;
  usesNewTarget: boolean;
  /** The names that a class body declares as static. */
  statics: string[];
  /** What follows `extends`: offsets in the text. */
  heritage?: { start: number; end: number; name?: string };
}

interface Reference {
  identifier: AnyNode & { name: string };
  isWrite(): boolean;
}
interface Scope {
  type: string;
  variables: { name: string; references: Reference[] }[];
  childScopes: Scope[];
}
type Analyze = (program: object, options: object) => { globalScope: Scope & { through: Reference[] } };

/** Analyses a function's text. Throws a `SyntaxError` for what is no function. */
export function analyse(text: string, kind: SourceKind): Analysis {
  const parsed = parseFunction(text, kind);
  const { globalScope } = (analyze as unknown as Analyze)(parsed.program, { ecmaVersion: 2024, sourceType: kind });
  const walk = new Walk(parsed);
  const { offset } = parsed;
  const found = new Map<string, FreeVariable>();
  const references = globalScope.through.concat(ownNameAssignments(globalScope));
  for (const reference of references) {
    const { identifier } = reference;
    // The computed name of a lone method is replaced: it was worked out where the method was made.
    if (parsed.form === 'method' && identifier.end <= parsed.node.start) continue;
    let variable = found.get(identifier.name);
    if (variable === undefined) {
      variable = { name: identifier.name, chains: [], whole: false, assignedAt: -1, eager: false };
      found.set(identifier.name, variable);
    }
    const chain = walk.chains.get(identifier);
    if (chain === undefined) variable.whole = true;
    else variable.chains.push(chain);
    if (reference.isWrite() && variable.assignedAt < 0) variable.assignedAt = identifier.start - offset;
    variable.eager ||= walk.eager.some(([start, end]) => identifier.start >= start && identifier.end <= end);
  }
  const { form, node, key, computed } = parsed;
  return {
    form,
    isArrow: node.type === 'ArrowFunctionExpression',
    isClass: node.type === 'ClassExpression',
    computedKey: computed && key ? { start: key.start - offset, end: key.end - offset } : undefined,
    free: [...found.values()],
    importMetas: walk.importMetas.map(([start, end]) => [start - offset, end - offset]),
    usesThis: walk.usesThis,
    usesSuper: walk.usesSuper,
    usesNewTarget: walk.usesNewTarget,
    statics: walk.statics,
    heritage: walk.heritage && {
      ...walk.heritage,
      start: walk.heritage.start - offset,
      end: walk.heritage.end - offset,
    },
  };
}

/** `function f() { f = … }` assigns to the variable `f` around it, though read as an expression it would not. */
function ownNameAssignments(globalScope: Scope): Reference[] {
  let scope: Scope | undefined = globalScope.childScopes[0];
  if (scope?.type === 'module') scope = scope.childScopes[0];
  if (scope?.type !== 'function-expression-name') return [];
  return scope.variables.flatMap(({ references }) => references.filter((reference) => reference.isWrite()));
}

/** One way through the tree, for all that is not about scopes. */
class Walk {
  readonly chains = new Map<AnyNode, string[]>();
  readonly importMetas: [number, number][] = [];
  readonly eager: [number, number][] = [];
  readonly statics: string[] = [];
  heritage: { start: number; end: number; name?: string } | undefined;
  usesThis = false;
  usesSuper = false;
  usesNewTarget = false;

  constructor(parsed: ParsedFunction) {
    const { node } = parsed;
    if (node.type === 'ClassExpression') this.#classParts(node);
    const isArrow = node.type === 'ArrowFunctionExpression';
    this.#children(node, { bound: !isArrow, superBound: node.type === 'ClassExpression' });
  }

  #classParts(node: Extract<AnyNode, { type: 'ClassExpression' }>): void {
    if (node.superClass && node.superClass.type !== 'Literal') {
      const { start, end, type } = node.superClass;
      this.heritage = { start, end, name: type === 'Identifier' ? node.superClass.name : undefined };
      this.eager.push([start, end]);
    }
    for (const member of node.body.body) {
      if (member.type === 'StaticBlock') {
        this.eager.push([member.start, member.end]);
        continue;
      }
      if (member.computed) this.eager.push([member.key.start, member.key.end]);
      if (!member.static) continue;
      if (member.key.type === 'Identifier' && !member.computed) this.statics.push(member.key.name);
      if (member.type === 'PropertyDefinition' && member.value) this.eager.push([member.value.start, member.value.end]);
    }
  }

  #visit(node: AnyNode, parent: AnyNode, around: { bound: boolean; superBound: boolean }): void {
    switch (node.type) {
      case 'Identifier':
        return;
      case 'MemberExpression':
        this.#chain(node);
        break;
      case 'ThisExpression':
        if (!around.bound) this.usesThis = true;
        return;
      case 'Super':
        if (!around.superBound) this.usesSuper = true;
        return;
      case 'MetaProperty':
        if (node.meta.name === 'import') this.importMetas.push([node.start, node.end]);
        else if (!around.bound) this.usesNewTarget = true;
        return;
      case 'FunctionExpression': {
        const isMethod = parent.type === 'MethodDefinition' || (parent.type === 'Property' && isMethodLike(parent));
        this.#children(node, { bound: true, superBound: isMethod || around.superBound });
        return;
      }
      case 'FunctionDeclaration':
        this.#children(node, { bound: true, superBound: true });
        return;
      case 'PropertyDefinition':
      case 'StaticBlock':
        this.#children(node, { bound: true, superBound: true });
        return;
    }
    this.#children(node, around);
  }

  #children(node: AnyNode, around: { bound: boolean; superBound: boolean }): void {
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) {
        for (const item of value) if (item && typeof item.type === 'string') this.#visit(item, node, around);
      } else if (value && typeof value.type === 'string') {
        this.#visit(value, node, around);
      }
    }
  }

  /** Notes `a.b.c` at its innermost identifier; the outermost expression is met first and is the longest. */
  #chain(node: AnyNode): void {
    const names: string[] = [];
    let inner = node;
    while (inner.type === 'MemberExpression') {
      // Beyond a computed property nothing is known: what stands before it is the chain.
      if (inner.computed || inner.property.type !== 'Identifier') names.length = 0;
      else names.unshift(inner.property.name);
      inner = inner.object;
    }
    if (inner.type === 'Identifier' && names.length > 0 && !this.chains.has(inner)) this.chains.set(inner, names);
  }
}

function isMethodLike(property: Extract<AnyNode, { type: 'Property' }>): boolean {
  return property.method || property.kind !== 'init';
}
