import { PicklingError, ValueError } from '../errors.ts';
import { letGo } from '../memory/handle.ts';
import type { DumpContext } from '../pickle/reducer.ts';
import { Callbacks } from './callbacks.ts';
import type { Caller } from './caller.ts';
import { callerAt } from './callers.ts';
import { CALL, CONTROL } from './frame.ts';
import type { LineEnd } from './pipe-line.ts';
import { type Description, Reference } from './reference.ts';
import type { Token } from './token.ts';
import { type FamilyState, familyState } from './travel.ts';

/** What a thread of the family has of an object whose server is in another thread or process. */
export class FamilyReference extends Reference {
  readonly door: LineEnd;
  readonly #token: Token;
  #released = false;

  constructor(description: Description, door: LineEnd, token: Token) {
    super(description);
    this.door = door;
    this.#token = token;
  }

  call(method: string, args: readonly unknown[], flow: number): unknown {
    const { object, typeid } = this.description;
    return this.#caller(method).call(CALL, object, flow, [method, args], `${typeid}.${method}`);
  }

  async callAsync(method: string, args: readonly unknown[], flow: number, signal?: AbortSignal): Promise<unknown> {
    const { object, typeid } = this.description;
    return this.#caller(method).callAsync(CALL, object, flow, [method, args], `${typeid}.${method}`, signal);
  }

  control(what: string, args: readonly unknown[]): unknown {
    return this.#caller(what).call(CONTROL, 0, 0, [what, args], what);
  }

  async controlAsync(what: string, args: readonly unknown[]): Promise<unknown> {
    return this.#caller(what).callAsync(CONTROL, 0, 0, [what, args], what);
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    letGo(this.#token);
    try {
      callerAt(this.door).release(this.description.object, 1);
    } catch {
      // The server has ended, and everything with it.
    }
  }

  callbacks(): Callbacks {
    return Callbacks.of(this.#caller('async'));
  }

  isSame(other: Reference): boolean {
    return other instanceof FamilyReference && other.#token.place.base === this.#token.place.base;
  }

  get where(): string {
    return 'the family';
  }

  dump(context: DumpContext): FamilyState {
    if (this.#released) throw new PicklingError(`${context.path()}: the proxy was released; send it before`);
    if (context.scope !== 'network') return familyState(this.description, this.door, this.#token);
    throw new PicklingError(
      `${context.path()}: a proxy (of a ${this.description.typeid}) of this family's manager means nothing to another ` +
        'program; connect that to the manager, with an address',
    );
  }

  #caller(method: string): Caller {
    if (!this.#released) return callerAt(this.door);
    throw new ValueError(`${this.description.typeid}.${method}: the proxy was released, and cannot be used any more`);
  }
}
