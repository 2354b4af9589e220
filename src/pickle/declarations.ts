/** Questions about a place in a script that only its whole text answers. Asked rarely: the answer costs a parse. */

import type { Script } from './inspector.ts';
import { type AnyNode, parseSource } from './syntax.ts';

const OWN_THIS = /^(?:FunctionDeclaration|FunctionExpression|PropertyDefinition|StaticBlock)$/;
const VALUE =
  /^(?:Literal|TemplateLiteral|FunctionExpression|ArrowFunctionExpression|ClassExpression|ObjectExpression|ArrayExpression|NewExpression|BinaryExpression|UpdateExpression)$/;

function programOf(script: Script): AnyNode {
  return parseSource(script.source, script.isModule ? 'module' : 'script');
}

/** The nodes directly below a node. */
function* children(node: AnyNode): Generator<AnyNode> {
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      for (const item of value) if (item && typeof item.type === 'string') yield item;
    } else if (value && typeof value.type === 'string') {
      yield value;
    }
  }
}

/** Whether `this` at an arrow function is that of the module. */
export function isTopLevel(script: Script, offset: number): boolean {
  let node = programOf(script);
  for (;;) {
    let inner: AnyNode | undefined;
    for (const child of children(node)) {
      if (child.start <= offset && offset < child.end) inner = child;
    }
    if (inner === undefined || inner.start === offset) return true;
    if (OWN_THIS.test(inner.type)) return false;
    node = inner;
  }
}

/**
 * Whether a variable that reads as undefined must be one that is not initialised yet: engines before V8 13 show both
 * alike. It must when its declaration gives it a value that cannot be undefined.
 */
export function isUninitialised(script: Script, name: string, offset: number): boolean {
  let found: boolean | undefined;
  const visit = (node: AnyNode): void => {
    for (const child of children(node)) {
      // What is declared in a block that does not hold the function is another variable.
      const isScope = /^(?:BlockStatement|For\w*Statement|SwitchStatement|StaticBlock)$/.test(child.type);
      if (isScope && !(child.start <= offset && offset < child.end)) continue;
      if (child.type === 'ClassDeclaration' && child.id?.name === name) found = true;
      if (child.type === 'VariableDeclaration' && child.kind !== 'var') {
        for (const { id, init } of child.declarations) {
          if (id.type === 'Identifier' && id.name === name) found = init ? VALUE.test(init.type) : false;
        }
      }
      visit(child);
    }
  };
  visit(programOf(script));
  return found === true;
}
