import { execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, it } from 'vitest';

const WATCHDOG_SECONDS = 120;

interface Line {
  claim?: string;
  state: 'begun' | 'passed' | 'failed' | 'finished';
  error?: string;
}

/** Runs the suite in a fixture as one child process; each of its claims is a test. */
export function runSuite(name: string, fixture: string, options: { env?: Record<string, string> } = {}): void {
  const file = fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url));
  const env = { ...process.env, ...options.env };
  const claims: string[] = JSON.parse(execFileSync(process.execPath, [file, '--list'], { encoding: 'utf8', env }));
  describe(name, () => {
    const outcome = new Map<string, Line>();
    let ending = '';

    beforeAll(
      async () => {
        const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'], env });
        let output = '';
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding('utf8').on('data', (text: string) => {
            output += text;
          });
        }
        const watchdog = setTimeout(() => child.kill('SIGKILL'), WATCHDOG_SECONDS * 1000);
        const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
          child.on('close', (...end) => resolve(end));
        });
        clearTimeout(watchdog);
        for (const text of output.split('\n')) {
          const at = text.indexOf('@@{');
          if (at === -1) continue;
          const line = JSON.parse(text.slice(at + 2)) as Line;
          if (line.claim !== undefined) outcome.set(line.claim, line);
          else if (code === 0) ending = 'finished';
        }
        if (ending !== 'finished') ending = `the program ended with ${signal ?? code}:\n${output.slice(-4000)}`;
      },
      (WATCHDOG_SECONDS + 20) * 1000,
    );

    it.each(claims)('%s', (claim) => {
      const line = outcome.get(claim);
      if (line?.state === 'passed') return;
      if (line?.state === 'failed') throw new Error(line.error);
      throw new Error(`${line === undefined ? 'never begun' : 'begun and not ended'}: ${ending}`);
    });

    it('the program ends in order', () => {
      if (ending !== 'finished') throw new Error(ending);
    });
  });
}

/** Runs a program of its own, for what is about its output or its end. */
export function runProgram(
  fixture: string,
  args: string[] = [],
  options: { env?: Record<string, string>; seconds?: number } = {},
): Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }> {
  const file = fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const watchdog = setTimeout(
      () => {
        child.kill('SIGKILL');
        reject(new Error(`${fixture} ${args.join(' ')} did not end:\n${stdout}\n${stderr}`));
      },
      (options.seconds ?? 60) * 1000,
    );
    child.on('close', (code, signal) => {
      clearTimeout(watchdog);
      resolve({ code, signal, stdout, stderr });
    });
  });
}
