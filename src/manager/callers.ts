/** The connections of this thread to the servers of its family: one for each, made at the first call. */

import { BrokenPipeError } from '../errors.ts';
import { letGo } from '../memory/handle.ts';
import { whoIsHere } from '../sync/call-site.ts';
import { whenThreadEnds } from '../thread/shutdown.ts';
import { Caller } from './caller.ts';
import { type LineEnd, newLine, PipeLine } from './pipe-line.ts';

/** By the place of the door. The door is held here: the place of one that was given up would soon be another's. */
const callers = new Map<number, { caller: Caller; door: LineEnd }>();

whenThreadEnds(() => {
  // A worker that goes on with another thread is somebody else to the server.
  for (const { caller } of [...callers.values()]) caller.close('its thread has ended');
});

/** This thread's calls to the server at a door. @throws BrokenPipeError the server has ended */
export function callerAt(door: LineEnd): Caller {
  const place = door.place.base;
  const known = callers.get(place);
  if (known !== undefined) return known.caller;
  const [ours, theirs] = newLine();
  const entrance = { kind: 0, number: 0, object: 0, flow: 0 };
  try {
    new PipeLine(door).send(entrance, { end: theirs, label: whoIsHere() }, 'line');
  } catch (error) {
    letGo(ours);
    if (!(error instanceof BrokenPipeError)) throw error;
    throw new BrokenPipeError("the manager's server has ended: nothing can be called any more", { cause: error });
  } finally {
    letGo(theirs);
  }
  const caller = new Caller(new PipeLine(ours), 'the manager', () => {
    if (callers.get(place)?.caller === caller) callers.delete(place);
  });
  callers.set(place, { caller, door });
  return caller;
}

/** The server at a door has ended, as this thread has seen: there is nothing to be kept for its sake. */
export function leaveDoor(door: LineEnd): void {
  callers.get(door.place.base)?.caller.close('its server has ended');
}
