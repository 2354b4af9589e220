import { describe, expect, it } from 'vitest';
import { runProgram } from '../harness/run-suite.ts';

const run = (name: string) => runProgram('coroutine/program.mjs', [name]);
const failed = (name: string, kind: string, call: string) =>
  new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ <Greenlet "${name}": ${call}> failed with ${kind}$`, 'm');

describe('a program with greenlets', () => {
  it('tells of an error once, with the name of the greenlet, and goes on', async () => {
    const { code, stdout, stderr } = await run('fails');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'get: as it should: x 1\nexception: as it should: x 1\n' });
    expect(stderr).toMatch(/^TypeError: as it should: x 1\n {4}at .*work/);
    expect(stderr).toMatch(failed('mine', 'TypeError', "work\\('x', { c: 1 }\\)"));
    expect(stderr.match(/as it should/g)).toHaveLength(1);
  });

  it('tells of an error that has killed a greenlet before its start', async () => {
    const { code, stderr } = await run('killedBeforeStart');
    expect(code).toBe(0);
    expect(stderr).toMatch(failed('Greenlet-1', 'Error', '\\(anonymous\\)\\(\\)'));
  });

  it('does not end because of an error that nobody asks for', async () => {
    const { code, stdout, stderr } = await run('nobodyCares');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'the program goes on\n' });
    expect(stderr.match(/nobody cares/g)).toHaveLength(1);
    expect(stderr).not.toContain('GreenletExit');
  });

  it('tells of a timeout that nobody has caught', async () => {
    const { code, stderr } = await run('timesOut');
    expect(code).toBe(0);
    expect(stderr).toMatch(failed('Greenlet-1', 'Timeout', '\\(anonymous\\)\\(\\)'));
  });

  it('lets a subclass report in its own way', async () => {
    const { code, stdout, stderr } = await run('ownReport');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'reported: mine of A\n' });
    expect(stderr).toMatch(/^Exception in reportError of <Broken .*\nError: the report is broken/);
  });

  it('survives links that throw', async () => {
    const { code, stdout, stderr } = await run('badLink');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'the next link is called\nfine\n' });
    expect(stderr).toMatch(/Exception in a link of <Greenlet .*\nError: a bad rawlink/);
    expect(stderr).toMatch(/Error: a bad link/);
  });

  it('stays alive while a greenlet sleeps', async () => {
    expect(await run('sleepsOn')).toMatchObject({ code: 0, stdout: 'slept\n', stderr: '' });
  });

  it('ends when greenlets sleep that were told not to hold it up', async () => {
    expect(await run('sleepsUnref')).toMatchObject({ code: 0, stderr: '' });
  });
});
