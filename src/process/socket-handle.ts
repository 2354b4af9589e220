import { loadSockets } from '../memory/libc-sockets.ts';
import type { FrameBuffer } from './framing.ts';
import { Outbox } from './outbox.ts';
import { Inlet } from './readiness.ts';

/** What this thread has open; closed when it ends, also without having been closed. */
const open = new Set<{ close(): void }>();

/** Has something closed at the end of the thread, unless it is {@link forget}ten before. */
export function closeAtEnd(resource: { close(): void }): void {
  if (open.size === 0) process.on('exit', closeAll);
  open.add(resource);
}

export function forget(resource: { close(): void }): void {
  open.delete(resource);
  if (open.size === 0) process.off('exit', closeAll);
}

function closeAll(): void {
  for (const resource of [...open]) resource.close();
}

/** A connected socket and what reads and writes it in the event loop. It knows nothing of the connection above it. */
export class SocketHandle {
  readonly descriptor: number;
  readonly outbox: Outbox;
  readonly #frames: FrameBuffer;
  #inlet: Inlet | undefined;
  #closed = false;

  /** `frames`: where what the event loop receives goes. */
  constructor(descriptor: number, frames: FrameBuffer) {
    this.descriptor = descriptor;
    this.#frames = frames;
    this.outbox = new Outbox(descriptor);
    closeAtEnd(this);
  }

  /** What receives in the event loop; made when it is first needed. */
  get inlet(): Inlet {
    if (this.#inlet === undefined || !this.#inlet.open) {
      this.#inlet = new Inlet(this.descriptor, this.#frames);
    }
    return this.#inlet;
  }

  pause(): void {
    if (this.#inlet?.open) this.#inlet.pause();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    forget(this);
    this.#inlet?.close();
    this.outbox.close();
    loadSockets().close(this.descriptor);
  }
}
