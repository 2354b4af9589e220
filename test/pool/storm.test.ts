import { expect, it } from 'vitest';
import { runProgram } from '../harness/run-suite.ts';

it.each(['threads', 'processes'])(
  'a storm of tasks, failures, aborts and killed workers: each task settles once, nothing is left (%s)',
  async (kind) => {
    const { code, signal, stdout, stderr } = await runProgram('pool/storm.mjs', [kind, '6000'], { seconds: 120 });
    expect({ code, signal }, `${stdout}\n${stderr.slice(-3000)}`).toEqual({ code: 0, signal: null });
  },
  130_000,
);
