import { ValueError } from '../errors.ts';

/** The longest time-out, in seconds (as on 64-bit CPython): `threading.TIMEOUT_MAX`. */
export const TIMEOUT_MAX = 9223372036;

/** A time-out in seconds as milliseconds; absent and `null` are for ever. Negative ones are the caller's business. */
export function toMilliseconds(timeout: number | null | undefined, who: string): number {
  if (timeout === undefined || timeout === null) return Number.POSITIVE_INFINITY;
  if (typeof timeout !== 'number' || Number.isNaN(timeout)) {
    throw new TypeError(`${who}: timeout must be a number of seconds, null or absent, not ${describe(timeout)}`);
  }
  if (timeout > TIMEOUT_MAX && timeout !== Number.POSITIVE_INFINITY) {
    throw new ValueError(
      `${who}: timeout ${timeout} is longer than TIMEOUT_MAX (${TIMEOUT_MAX} seconds); leave it out`,
    );
  }
  return timeout * 1000;
}

/** A value in an error message. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'object' && value !== null) return `an object of class ${value.constructor?.name ?? 'Object'}`;
  return String(value);
}
