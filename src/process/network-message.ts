/**
 * Objects as messages between programs: one byte that names the form, then what the pickler writes. So a peer that
 * sends something else (a Python program, one that wants to see a key) gets, and gives, an error that says so.
 */

import { AuthenticationError, PicklingError } from '../errors.ts';
import { loadsFromNetwork } from '../pickle/network-decoder.ts';
import { dumps } from '../pickle/pickle.ts';
import { isChallenge } from './challenge.ts';

const FORM = 1;
/** What Python's pickles begin with, since version 2 of their protocol. */
const PYTHON = 0x80;

/** @throws PicklingError it cannot be sent to another program */
export function packForNetwork(object: unknown): Uint8Array {
  const { bytes } = dumps(object, { scope: 'network', root: 'value' });
  const message = Buffer.allocUnsafe(1 + bytes.length);
  message[0] = FORM;
  message.set(bytes, 1);
  return message;
}

/** @throws PicklingError it is no object. @throws AuthenticationError it is a challenge. */
export function unpackFromNetwork(message: Uint8Array): unknown {
  if (message[0] === FORM) return loadsFromNetwork(message.subarray(1));
  if (isChallenge(message)) {
    throw new AuthenticationError(
      'Connection.recv: the other end asks for a key; give Client the authkey of its Listener',
    );
  }
  const what =
    message[0] === PYTHON
      ? 'a Python pickle; send bytes (JSON, for instance) between Python and JavaScript, with sendBytes and recvBytes'
      : 'not the form of an object; was it sent with sendBytes? Then receive it with recvBytes';
  throw new PicklingError(`Connection.recv: the message of ${message.length} bytes is ${what}`);
}
