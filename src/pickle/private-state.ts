import { isReducedPrototype } from './reducer.ts';
import { parseFunction } from './source.ts';

/** Made when a text has a # at all: the engine takes half a millisecond to read it, also as a literal. */
const HASH_NAME = '#[\\p{ID_Start}$_]';
let hashName: RegExp | undefined;
const known = new WeakMap<object, string | undefined>();

interface Member {
  type: string;
  static?: boolean;
  key?: { type: string; name: string };
}

/**
 * The name of a private member that instances of a class, or of one of its bases, carry; undefined without one. A base
 * with a reducer is not asked: that knows its own.
 */
export function hasPrivateState(cls: object): string | undefined {
  for (let c = cls; typeof c === 'function' && !isReducedPrototype(c.prototype); c = Object.getPrototypeOf(c)) {
    if (!known.has(c)) known.set(c, ownPrivateMember(Function.prototype.toString.call(c)));
    const name = known.get(c);
    if (name !== undefined) return name;
  }
  return undefined;
}

function ownPrivateMember(text: string): string | undefined {
  // Parsing waits until the text can hold one at all; strings and comments with a # cost only the parse.
  if (!text.startsWith('class') || !text.includes('#')) return undefined;
  hashName ??= new RegExp(HASH_NAME, 'u');
  if (!hashName.test(text)) return undefined;
  const node = parseFunction(text, 'module').node as unknown as { body: { body: Member[] } };
  const member = node.body.body.find((m) => m.static !== true && m.key?.type === 'PrivateIdentifier');
  return member?.key && `#${member.key.name}`;
}
