/**
 * The bytes of a message.
 *
 * A message is one value; a value is one tag byte and what the tag says follows. Lengths and indexes are varints
 * (7 bits a byte, lowest first). Numbers are little-endian. Small values sit inside their tag:
 *
 * | byte | value |
 * | --- | --- |
 * | 00-7f | the integers 0 to 127 |
 * | 80-9f | a Latin-1 string of 0 to 31 characters |
 * | a0-af | an array of 0 to 15 elements |
 * | b0-bf | a plain object with 0 to 15 properties |
 * | c0-df | the tags below |
 * | e0-ff | the integers -32 to -1 |
 *
 * Every object takes the next number when its tag is met, whether or not it is referred to again; `REFERENCE` names
 * an earlier one by that number, which keeps cycles and shared objects. A message that names modules begins with
 * `MODULES` and the length of a table of strings, so that they can be imported before the rest is read.
 *
 * Large pieces of bytes may travel beside a message as *attachments*, which it names by number: they are never copied
 * into it. Where there is no beside, `ATTACHMENTS`, their count, their lengths and they themselves come before it.
 */

export const STRING = 0x80;
export const ARRAY = 0xa0;
export const OBJECT = 0xb0;

export const UNDEFINED = 0xc0;
export const NULL = 0xc1;
export const TRUE = 0xc2;
export const FALSE = 0xc3;
export const INT16 = 0xc4;
export const INT32 = 0xc5;
export const FLOAT64 = 0xc6;
export const BIGINT = 0xc7;
export const LATIN1 = 0xc8;
export const UTF8 = 0xc9;
export const UTF16 = 0xca;
export const SYMBOL = 0xcb;
export const REFERENCE = 0xcc;
export const LONG_ARRAY = 0xcd;
export const LONG_OBJECT = 0xce;
/** An array with holes or with properties of its own. */
export const LOOSE_ARRAY = 0xcf;
export const NULL_OBJECT = 0xd0;
export const DATE = 0xd1;
export const REGEXP = 0xd2;
export const MAP = 0xd3;
export const SET = 0xd4;
export const ARRAY_BUFFER = 0xd5;
export const VIEW = 0xd6;
export const BUFFER = 0xd7;
export const BOXED = 0xd8;
export const URL_OBJECT = 0xd9;
export const ERROR = 0xda;
/** An object of the library: the tag of its reducer and a state. */
export const REDUCED = 0xdb;
/** An instance of a class: the class, what its built-in base holds, its fields. */
export const INSTANCE = 0xdc;
/** A function, a class or another value that is found on the other side or built there. */
export const LINK = 0xdd;
/** As the first byte of a message. */
export const MODULES = 0xde;
/** As the first byte of a message: what would go beside it (see Encoding.attach) comes before it. */
export const ATTACHMENTS = 0xcc;
/** As any other byte: a container so deep inside others that its contents follow after the whole value. */
export const LATER = 0xde;
/** An object whose prototype is no class: the prototype and its properties. */
export const DERIVED = 0xdf;

/** The kinds of `LINK`. */
export const LINK_BUILTIN = 0;
export const LINK_TAGGED = 1;
export const LINK_MODULE = 2;
export const LINK_COMMONJS = 3;
export const LINK_CODE = 4;

/** What a captured variable holds: the kinds of cells. */
export const CELL_VALUE = 0;
/** An object that stays one object for all functions that capture it. */
export const CELL_SHARED = 1;
export const CELL_IMPORT = 2;
export const CELL_REQUIRE = 3;
export const CELL_DYNAMIC_IMPORT = 4;
export const CELL_IMPORT_META = 5;
/** An object of which only the properties that are used are sent. */
export const CELL_CHAIN = 6;

// Flags of a function or class by value.
export const STRICT = 1;
export const CLASS = 2;
export const METHOD = 4;
/** The text was laid out like its original, so a source map that the reader has of the file must not be applied. */
export const LAID_OUT = 8;
