import type { Script } from './inspector.ts';
import { type AnyNode, parseSource } from './syntax.ts';

/** What a module imports and exports, by the names that its own code uses. */
export interface ModuleShape {
  imports: Map<string, { specifier: string; name: string }>;
  /** Local name to exported name. */
  exports: Map<string, string>;
  /** Where an anonymous default export stands in the source. */
  anonymousDefault?: [number, number];
}

const shapes = new Map<string, ModuleShape>();
const EMPTY: ModuleShape = { imports: new Map(), exports: new Map() };

/** What a module imports under a name. The module is parsed only if an import may mention the name at all. */
export function importOf(script: Script, name: string): { specifier: string; name: string } | undefined {
  if (!script.isModule) return undefined;
  const mention = new RegExp(`\\bimport\\b[^;]*(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`);
  return mention.test(script.source) ? moduleShape(script).imports.get(name) : undefined;
}

/** Reads the import and export declarations of a module, once. */
export function moduleShape(script: Script): ModuleShape {
  let shape = shapes.get(script.id);
  if (shape === undefined) {
    shape = script.isModule ? readShape(script.source) : EMPTY;
    shapes.set(script.id, shape);
  }
  return shape;
}

/** Reads the import and export declarations in the text of a module. */
export function readShape(source: string): ModuleShape {
  const shape: ModuleShape = { imports: new Map(), exports: new Map() };
  if (!/\b(?:import|export)\b/.test(source)) return shape;
  for (const node of parseSource(source, 'module').body) {
    switch (node.type) {
      case 'ImportDeclaration':
        for (const item of node.specifiers) {
          const name =
            item.type === 'ImportNamespaceSpecifier'
              ? '*'
              : item.type === 'ImportDefaultSpecifier'
                ? 'default'
                : nameOf(item.imported);
          shape.imports.set(item.local.name, { specifier: String(node.source.value), name });
        }
        break;
      case 'ExportDefaultDeclaration': {
        const { declaration } = node;
        if (declaration.type === 'Identifier') shape.exports.set(declaration.name, 'default');
        else if ('id' in declaration && declaration.id) shape.exports.set(declaration.id.name, 'default');
        else shape.anonymousDefault = [declaration.start, declaration.end];
        break;
      }
      case 'ExportNamedDeclaration':
        if (node.source) break;
        for (const item of node.specifiers) shape.exports.set(nameOf(item.local), nameOf(item.exported));
        if (node.declaration) for (const name of declaredNames(node.declaration)) shape.exports.set(name, name);
    }
  }
  return shape;
}

/** The names that the text of a module exports; undefined for CommonJS and where it passes on another module's. */
export function exportedNames(source: string): Set<string> | undefined {
  const names = new Set<string>();
  let isModule = false;
  for (const node of parseSource(source, 'module').body) {
    if (node.type === 'ExportAllDeclaration') {
      if (node.exported === null || node.exported === undefined) return undefined;
      names.add(nameOf(node.exported));
    } else if (node.type === 'ExportDefaultDeclaration') {
      names.add('default');
    } else if (node.type === 'ExportNamedDeclaration') {
      for (const item of node.specifiers) names.add(nameOf(item.exported));
      if (node.declaration) for (const name of declaredNames(node.declaration)) names.add(name);
    }
    isModule ||= /^(?:Export|Import)/.test(node.type);
  }
  return isModule ? names : undefined;
}

function nameOf(node: AnyNode): string {
  return node.type === 'Identifier' ? node.name : String((node as { value?: unknown }).value);
}

function declaredNames(node: AnyNode): string[] {
  switch (node.type) {
    case 'VariableDeclaration':
      return node.declarations.flatMap(({ id }) => declaredNames(id));
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return node.id ? [node.id.name] : [];
    case 'Identifier':
      return [node.name];
    case 'ObjectPattern':
      return node.properties.flatMap((p) => declaredNames(p.type === 'Property' ? p.value : p.argument));
    case 'ArrayPattern':
      return node.elements.flatMap((item) => (item ? declaredNames(item) : []));
    case 'AssignmentPattern':
      return declaredNames(node.left);
    case 'RestElement':
      return declaredNames(node.argument);
    default:
      return [];
  }
}
