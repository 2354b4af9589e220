import { describe, expect, it } from 'vitest';
import { statusWord } from '../../src/os/status.ts';
import * as os from '../../src/os.ts';

describe('status words', () => {
  // What CPython says of the same words.
  it.each([
    [0, { exited: true, code: 0, signaled: false, signal: 0, exitcode: 0 }],
    [7 << 8, { exited: true, code: 7, signaled: false, signal: 0, exitcode: 7 }],
    [255 << 8, { exited: true, code: 255, signaled: false, signal: 0, exitcode: 255 }],
    [9, { exited: false, code: 0, signaled: true, signal: 9, exitcode: -9 }],
    [11 | 0x80, { exited: false, code: 0, signaled: true, signal: 11, exitcode: -11 }],
  ])('%i', (status, { exited, code, signaled, signal, exitcode }) => {
    expect(os.WIFEXITED(status)).toBe(exited);
    expect(os.WEXITSTATUS(status)).toBe(code);
    expect(os.WIFSIGNALED(status)).toBe(signaled);
    expect(os.WTERMSIG(status)).toBe(signal);
    expect(os.waitstatusToExitcode(status)).toBe(exitcode);
  });

  it('are made of exit codes', () => {
    for (const exitcode of [0, 1, 127, 255, -1, -15, -31]) {
      expect(os.waitstatusToExitcode(statusWord(exitcode))).toBe(exitcode);
    }
  });

  it('of a process that is stopped has no exit code', () => {
    expect(os.WIFEXITED(0x137f) || os.WIFSIGNALED(0x137f)).toBe(false);
    expect(() => os.waitstatusToExitcode(0x137f)).toThrow(/4991 is not the status of a process that has ended/);
  });

  it('are numbers, not what wait() returned as a whole', () => {
    expect(() => os.WIFEXITED([5, 0] as never)).toThrow(TypeError);
    expect(() => os.WTERMSIG(0.5)).toThrow(/not 0.5/);
  });
});
