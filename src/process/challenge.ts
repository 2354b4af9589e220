/**
 * How two programs make sure that the other knows the key, without telling it: CPython's challenge and answer.
 *
 * The one who doubts sends `#CHALLENGE#` and a random message; the other answers with the HMAC of that message under
 * the key; the first says `#WELCOME#` or `#FAILURE#`. Since CPython 3.12 the message begins with the name of a digest,
 * `{sha256}`, and so does the answer. Up to 3.11 the message has 20 bytes and no name, and the answer is a bare
 * HMAC-MD5: a peer that is asked so is answered so, and an answer like that is taken from a peer that knows no better.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#authentication-keys
 */

import { AuthenticationError } from '../errors.ts';

const CHALLENGE = Buffer.from('#CHALLENGE#');
const WELCOME = Buffer.from('#WELCOME#');
const FAILURE = Buffer.from('#FAILURE#');
const RANDOM_BYTES = 40;
/** What a message of CPython 3.11 and before has. */
const OLD_MESSAGE = 20;
/** What an HMAC-MD5 has. */
const OLD_ANSWER = 16;
/** No frame of the protocol is longer; nor does CPython read one that is. */
export const LONGEST_FRAME = 256;

const PREFERRED = 'sha256';
/** The digests of CPython, by their names here. */
const DIGESTS: Record<string, string> = {
  md5: 'md5',
  sha256: 'sha256',
  sha384: 'sha384',
  sha3_256: 'sha3-256',
  sha3_384: 'sha3-384',
};
const NAMED = /^\{(\w+)\}/;

/** Loaded at the first challenge: it costs milliseconds. */
const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto');

/** The side of the one who asks. */
export class Challenge {
  readonly #key: Uint8Array;
  readonly #message: Buffer;

  constructor(key: Uint8Array) {
    this.#key = key;
    this.#message = Buffer.concat([Buffer.from(`{${PREFERRED}}`), crypto().randomBytes(RANDOM_BYTES)]);
  }

  /** What is to be sent. */
  get question(): Buffer {
    return Buffer.concat([CHALLENGE, this.#message]);
  }

  /** Whether an answer proves that the peer knows the key: then it is told `WELCOME`, else `FAILURE`. */
  verdict(answer: Buffer): { welcome: boolean; reply: Buffer } {
    const welcome = this.#isRight(answer);
    return { welcome, reply: welcome ? WELCOME : FAILURE };
  }

  #isRight(answer: Buffer): boolean {
    const { digest, payload } = namedDigest(answer) ?? { digest: 'md5', payload: answer };
    if (digest === 'md5' && payload.length !== OLD_ANSWER) return false;
    const expected = hmac(this.#key, this.#message, digest);
    // The length of a digest is no secret; its bytes are compared in constant time.
    if (expected === undefined || expected.length !== payload.length) return false;
    return crypto().timingSafeEqual(expected, payload);
  }
}

/** Whether a frame is a challenge. */
export function isChallenge(frame: Uint8Array): boolean {
  return frame.length >= CHALLENGE.length && CHALLENGE.equals(frame.subarray(0, CHALLENGE.length));
}

/** The answer to a challenge. @throws AuthenticationError it is none, or one that cannot be answered. */
export function answerTo(frame: Buffer, key: Uint8Array): Buffer {
  if (!isChallenge(frame)) {
    throw new AuthenticationError('protocol error: a challenge was expected; does the peer have an authkey?');
  }
  const message = frame.subarray(CHALLENGE.length);
  if (message.length < OLD_MESSAGE) {
    throw new AuthenticationError(`the challenge is too short: ${message.length} bytes, not at least ${OLD_MESSAGE}`);
  }
  if (message.length === OLD_MESSAGE) {
    const answer = hmac(key, message, 'md5');
    // Without MD5 (FIPS) there is only the newer form, which an old peer is likely to refuse.
    return answer ?? named(PREFERRED, hmac(key, message, PREFERRED) as Buffer);
  }
  const { digest } = namedDigest(message) ?? {};
  const answer = digest === undefined ? undefined : hmac(key, message, digest);
  if (digest === undefined || answer === undefined) {
    throw new AuthenticationError('the challenge names no digest that is known here');
  }
  return named(digest, answer);
}

/** Whether the peer has accepted an answer. */
export function isWelcome(frame: Uint8Array): boolean {
  return WELCOME.equals(frame);
}

function named(digest: string, mac: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`{${digest}}`), mac]);
}

function namedDigest(message: Buffer): { digest: string; payload: Buffer } | undefined {
  if (message.length === OLD_ANSWER) return undefined;
  const digest = NAMED.exec(message.toString('latin1', 0, 12))?.[1];
  if (digest === undefined || !Object.hasOwn(DIGESTS, digest)) return undefined;
  return { digest, payload: message.subarray(digest.length + 2) };
}

/** Undefined where the digest is not to be had. The name of the digest in the message is part of what is signed. */
function hmac(key: Uint8Array, message: Uint8Array, digest: string): Buffer | undefined {
  try {
    return crypto().createHmac(DIGESTS[digest], key).update(message).digest();
  } catch {
    return undefined;
  }
}
