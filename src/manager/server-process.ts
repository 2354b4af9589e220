import { EOFError } from '../errors.ts';
import { letGo } from '../memory/handle.ts';
import { Process } from '../process/process.ts';
import { ProcessRecord } from '../process/record.ts';
import type { Address } from '../process/socket-address.ts';
import { enterSocketFile, removeSocketFile } from '../process/socket-file.ts';
import type { ResolvedTarget, Target } from '../thread/target.ts';
import { leaveDoor } from './callers.ts';
import { ask, askAsync, familyGate, type Gate, isGone } from './gate.ts';
import { type LineEnd, newLine, watches } from './pipe-line.ts';
import type { Registry } from './registry.ts';
import { serveManager } from './serve.ts';

/** What a server process is started with. */
export interface ServerSettings {
  registry: Registry;
  initializer: ResolvedTarget;
  initargs: readonly unknown[];
  address?: Address;
  authkey: Uint8Array;
}

type ServerAddress = readonly [host: string, port: number] | string | null;

/** The server of a manager, as a child of this process. */
export class ServerProcess {
  readonly gate: Gate;
  readonly process: Process<Target>;
  address: ServerAddress = null;
  readonly #door: LineEnd;
  /** The file of its socket, which a server that is killed leaves behind. */
  #file = 0;

  /** Starts the process. @throws PicklingError what it needs cannot be sent. @throws OSError there is no room for it. */
  constructor(settings: ServerSettings, name: string) {
    const [door, own] = newLine();
    this.#door = door;
    this.gate = familyGate(door);
    this.process = new Process<Target>({ target: serveManager, args: [{ ...settings, door, own }], name });
    const record = new ProcessRecord(this.process.place);
    record.isWorker = true;
    record.serves();
    try {
      this.process.start();
    } catch (error) {
      letGo(door);
      throw error;
    } finally {
      // Only the server has it from now on, so that its end is noticed.
      letGo(own);
    }
  }

  /** Waits until it serves. @throws what its initializer has thrown; OSError the address is in use */
  begin(): void {
    const watch = this.#watch();
    try {
      this.#begun(ask(this.gate, 'hello') as ServerAddress);
    } catch (error) {
      throw this.#failure(error);
    } finally {
      watches.delete(watch);
    }
  }

  async beginAsync(): Promise<void> {
    const watch = this.#watch();
    try {
      this.#begun((await askAsync(this.gate, 'hello')) as ServerAddress);
    } catch (error) {
      throw this.#failure(error);
    } finally {
      watches.delete(watch);
    }
  }

  /** Asks it to end, and sees to it that it does. */
  end(seconds: number): void {
    try {
      ask(this.gate, 'shutdown');
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    for (const next of [() => this.process.terminate(), () => this.process.kill()]) {
      this.process.join(seconds);
      if (!this.process.isAlive()) break;
      next();
    }
    this.process.join();
    this.ended();
  }

  async endAsync(seconds: number): Promise<void> {
    try {
      await askAsync(this.gate, 'shutdown');
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    for (const next of [() => this.process.terminate(), () => this.process.kill()]) {
      await this.process.joinAsync(seconds);
      if (!this.process.isAlive()) break;
      next();
    }
    await this.process.joinAsync();
    this.ended();
  }

  /** It has ended, in whatever way. */
  ended(): void {
    if (this.#file !== 0) removeSocketFile(this.#file);
    this.#file = 0;
    leaveDoor(this.#door);
  }

  #begun(address: ServerAddress): void {
    this.address = address;
    if (typeof address === 'string' && !address.startsWith('\0')) this.#file = enterSocketFile(address, false);
  }

  /** A process that ends before it has come to its door has to be asked after: nothing of it is in the memory yet. */
  #watch(): () => void {
    const watch = (): void => void this.process.isAlive();
    watches.add(watch);
    return watch;
  }

  #failure(error: unknown): unknown {
    this.process.kill();
    this.process.join();
    if (!isGone(error)) return error;
    return new EOFError(
      `${this.process.name}: the server process has ended (exit code ${this.process.exitcode}) before it could serve`,
      { cause: error },
    );
  }
}
