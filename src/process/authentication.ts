import { AuthenticationError, ValueError } from '../errors.ts';
import type { Connection } from '../queue/connection.ts';
import { describe } from '../sync/timeout.ts';
import { answerTo, Challenge, isWelcome, LONGEST_FRAME } from './challenge.ts';

/**
 * Has the other end of a connection show that it knows a key; blocks until it has answered. `Listener` and `Client` do
 * so by themselves when they are given a key.
 *
 * Python: `multiprocessing.connection.deliver_challenge`
 *
 * @throws AuthenticationError it does not know the key. @throws OSError, EOFError as `recvBytes`.
 */
export function deliverChallenge(connection: Connection, authkey: Uint8Array): void {
  const challenge = new Challenge(bytesOf(authkey, 'deliverChallenge'));
  connection.sendBytes(challenge.question);
  const { welcome, reply } = challenge.verdict(connection.recvBytes(LONGEST_FRAME));
  connection.sendBytes(reply);
  if (!welcome)
    throw new AuthenticationError('deliverChallenge: digest received was wrong: the other end has another key');
}

/**
 * Shows the other end of a connection that this one knows a key; blocks until it has said whether that is right.
 *
 * Python: `multiprocessing.connection.answer_challenge`
 *
 * @throws AuthenticationError it is another key, or nobody asked. @throws OSError, EOFError as `recvBytes`.
 */
export function answerChallenge(connection: Connection, authkey: Uint8Array): void {
  const key = bytesOf(authkey, 'answerChallenge');
  connection.sendBytes(answerTo(connection.recvBytes(LONGEST_FRAME), key));
  if (isWelcome(connection.recvBytes(LONGEST_FRAME))) return;
  throw new AuthenticationError('answerChallenge: digest sent was rejected: the other end has another key');
}

function bytesOf(authkey: unknown, who: string): Uint8Array {
  if (authkey instanceof Uint8Array) return authkey;
  throw new ValueError(`${who}: authkey must be bytes (a Buffer, a Uint8Array), not ${describe(authkey)}`);
}
