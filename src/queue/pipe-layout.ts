/**
 * A pipe in shared memory: two channels of messages, and two ends that hold them.
 *
 * ```
 * pipe  +0 the direction from end 0 to end 1: channel (channel.ts), +16 log (message-log.ts)  +48 the other direction
 * end   +0 PIPE  +1 SIDE  0 or 1  +2 READABLE  +3 WRITABLE
 * ```
 *
 * An end is counted like any payload: by the threads that have it, and the messages under way that mention it. When
 * nobody has it any more, however that came about, it is taken down, and that is what closes its side of the pipe.
 */

import { Place } from '../memory/handle.ts';
import { onDestroy, PIPE, PIPE_END } from '../memory/kinds.ts';
import type { Memory } from '../memory/memory.ts';
import { ABANDONED, Channel, type ChannelSettings, CLOSED } from './channel.ts';
import { LOG_WORDS, MessageLog } from './message-log.ts';

const LOG = 16;
const DIRECTION_WORDS = 48;
const PIPE_BYTES = (DIRECTION_WORDS + LOG + LOG_WORDS) * 4;

const PIPE_OF_END = 0;
const SIDE = 1;
const READABLE = 2;
const WRITABLE = 3;
const END_BYTES = 4 * 4;

/** What may be under way in one direction before a sender waits: one MiB. */
const MOST_WORDS = 2 ** 18;

/** What one end can do. */
export interface Abilities {
  readable: boolean;
  writable: boolean;
}

/** Makes a pipe; returns its ends, which nobody holds yet. */
export function makePipe(memory: Memory, abilities: [Abilities, Abilities]): [Place, Place] {
  const pipe = memory.heap.allocate(PIPE_BYTES, PIPE);
  for (const side of [0, 1]) channelAt(memory, pipe, side, {}).limit = MOST_WORDS;
  const [first, second] = abilities.map(({ readable, writable }, side) => {
    const place = Place.fresh(memory, END_BYTES, PIPE_END);
    const w = memory.i32;
    w[place.base + PIPE_OF_END] = pipe;
    w[place.base + SIDE] = side;
    w[place.base + READABLE] = Number(readable);
    w[place.base + WRITABLE] = Number(writable);
    memory.holdings.retain(pipe);
    return place;
  });
  return [first, second];
}

/** What an end can do. */
export function abilitiesOf({ memory, base }: Place): Abilities {
  return { readable: memory.i32[base + READABLE] === 1, writable: memory.i32[base + WRITABLE] === 1 };
}

/** The channel that an end sends into. */
export function outgoing({ memory, base }: Place, owner: object, beat?: () => void): Channel {
  return channelAt(memory, memory.i32[base + PIPE_OF_END], memory.i32[base + SIDE], owner, beat);
}

/** The channel that an end receives from. */
export function incoming({ memory, base }: Place, owner: object, beat?: () => void): Channel {
  return channelAt(memory, memory.i32[base + PIPE_OF_END], 1 - memory.i32[base + SIDE], owner, beat);
}

function channelAt(memory: Memory, pipe: number, side: number, owner: object, beat?: () => void): Channel {
  const base = pipe + side * DIRECTION_WORDS;
  const settings: ChannelSettings = { memory, base, owner, limitsWords: true, beat, store: { make, base: base + LOG } };
  return new Channel(settings);
}

const make: ChannelSettings['store']['make'] = (...at) => new MessageLog(...at);

onDestroy(PIPE_END, (memory, payload) => {
  const end = new Place(memory, payload);
  const { readable, writable } = abilitiesOf(end);
  if (writable) {
    const channel = outgoing(end, end);
    channel.close(CLOSED);
    channel.wakeAll();
  }
  if (readable) {
    const channel = incoming(end, end);
    channel.close(ABANDONED);
    channel.wakeAll();
    while (channel.store.drop());
  }
  memory.holdings.release(memory.i32[payload + PIPE_OF_END]);
});

onDestroy(PIPE, (memory, payload) => {
  for (const side of [0, 1]) channelAt(memory, payload, side, {}).store.destroy();
});
