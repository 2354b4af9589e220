/** A comment that begins a line. */
const COMMENT = /(^|\n)[ \t]*\/\*[\s\S]*?\*\//g;
/** What may go on in the next line: from here on, the beginning of a line may be a part of something. */
const CONTINUED = /`|\/\*|\\\r?\n/;

/**
 * Whether the text of a module exports a name in a line that says nothing else: `export function name(…`, `export const
 * name =`, `export default …`. If so, that is sure, and the parser, which takes 15 ms to load, is not needed.
 */
export function plainlyExports(source: string, name: string): boolean {
  if (!/^[\w$]+$/.test(name)) return false;
  const declared =
    name === 'default'
      ? 'default[\\s({[]'
      : `(?:(?:async )?function\\*?|class|const|let|var) ${name.replaceAll('$', '\\$')}[\\s(=,;{]`;
  const found = source.search(new RegExp(`(?<![^\\n])export ${declared}`));
  return found !== -1 && !CONTINUED.test(source.slice(0, found).replace(COMMENT, '$1'));
}
