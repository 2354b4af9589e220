/** Parsing the text of functions, and of scripts. */

import type { AnyNode, Expression, Program } from 'acorn';
import { parse as acornParse } from './parse.ts';

export type { AnyNode, Program } from 'acorn';

export type SourceKind = 'module' | 'script';

const OPTIONS = {
  ecmaVersion: 'latest',
  allowImportExportEverywhere: true,
  allowReturnOutsideFunction: true,
  allowSuperOutsideMethod: true,
  allowHashBang: true,
  // The scope analysis reads `range`.
  ranges: true,
} as const;

function parse(text: string, kind: SourceKind): Program {
  return acornParse(text, { ...OPTIONS, sourceType: kind });
}

/** The source of a whole script or module. */
export function parseSource(text: string, kind: SourceKind): Program {
  return parse(text, kind);
}

/** The tokens of a function's text, as places in it. */
export function tokensOf(text: string): { start: number; end: number; label: string }[] {
  const { offset } = parseFunction(text, 'module');
  const tokens: { start: number; end: number; label: string }[] = [];
  const wrapped = offset === 1 ? `(${text}\n)` : `({${text}\n})`;
  acornParse(wrapped, {
    ...OPTIONS,
    sourceType: 'module',
    onToken: ({ start, end, type }) => tokens.push({ start: start - offset, end: end - offset, label: type.label }),
  });
  return tokens.filter(({ start, end }) => start >= 0 && end <= text.length);
}

/** How the text of a function must be wrapped to be an expression. */
export type Form = 'expression' | 'method';

export interface ParsedFunction {
  program: Program;
  /** The function or class itself. */
  node: AnyNode;
  form: Form;
  /** The key of a method. */
  key?: Expression;
  computed?: boolean;
  accessor?: 'get' | 'set';
  /** How many characters stand before the text in what was parsed. */
  offset: number;
}

/** Parses what `Function.prototype.toString` gives. */
export function parseFunction(text: string, kind: SourceKind): ParsedFunction {
  try {
    const program = parse(`(${text}\n)`, kind);
    const [statement] = program.body;
    if (statement.type === 'ExpressionStatement' && isFunction(statement.expression)) {
      return { program, node: statement.expression, form: 'expression', offset: 1 };
    }
  } catch {
    // A method: `name() {}`.
  }
  const program = parse(`({${text}\n})`, kind);
  const [statement] = program.body;
  if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'ObjectExpression') {
    throw new SyntaxError('not a function');
  }
  const [property] = statement.expression.properties;
  if (property.type !== 'Property') throw new SyntaxError('not a method');
  return {
    program,
    node: property.value,
    form: 'method',
    key: property.key,
    computed: property.computed,
    accessor: property.kind === 'init' ? undefined : property.kind,
    offset: 2,
  };
}

function isFunction(node: AnyNode): boolean {
  return /^(Arrow)?FunctionExpression$|^ClassExpression$/.test(node.type);
}
