import { describe, expect, it } from 'vitest';
import { runProgram } from '../harness/run-suite.ts';

const run = (name: string) => runProgram('signal/ends.mjs', [name]);

describe('programs and signals', () => {
  it('an alarm without a handler ends the program, also one that is blocked', async () => {
    expect(await run('alarm-without-handler')).toMatchObject({ code: null, signal: 'SIGALRM' });
  });

  it('SIG_DFL brings the default back, after a handler and after SIG_IGN', async () => {
    expect(await run('default-again')).toMatchObject({ signal: 'SIGTERM', stdout: '' });
    expect(await run('default-after-ignored')).toMatchObject({ signal: 'SIGINT', stdout: 'ignored\n' });
  });

  it('a handler may end the program while the main thread is blocked', async () => {
    expect(await run('exit-in-handler')).toEqual({ code: 3, signal: null, stdout: 'interrupted\n', stderr: '' });
  });

  it('Ctrl-C ends a blocking call with a KeyboardInterrupt, if defaultIntHandler is set', async () => {
    const { code, stdout, stderr } = await run('keyboard-interrupt');
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'finally\n' });
    expect(stderr).toMatch(/KeyboardInterrupt: interrupted by SIGINT[\s\S]+Queue\.get/);
  });

  it('handlers do not keep a program alive, pauseAsync does', async () => {
    expect(await run('handlers-do-not-keep-alive')).toMatchObject({ code: 0, stdout: 'exit\n' });
    expect(await run('pause-async-keeps-alive')).toMatchObject({ code: 0, stdout: 'handled\ntrue\n', stderr: '' });
  });

  it('handlers run while the program waits for its threads at its end', async () => {
    const { code, stdout } = await run('handler-while-threads-are-waited-for');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'handled\nthread ends\n' });
  });

  it('children begin with the defaults', async () => {
    expect(await run('children-do-not-inherit')).toMatchObject({ code: 0, stdout: '-15\n' });
  });

  it('importing the modules loads nothing native before it is needed', async () => {
    expect(await run('nothing-native')).toMatchObject({ code: 0, stdout: '0 1\n' });
  });
});
