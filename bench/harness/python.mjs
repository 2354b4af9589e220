import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const probe = spawnSync('python3', ['-c', 'import platform; print(platform.python_version())'], { encoding: 'utf8' });

/** CPython's version, null where there is no `python3`. */
export const pythonVersion = probe.status === 0 ? probe.stdout.trim() : null;

/**
 * A program of bench/python that measures one round for each line that it gets, and answers with the seconds of one
 * operation. Where there is no `python3`, `round` is null.
 */
export class Python {
  #child;
  #answers;
  /** @type {(() => Promise<number>) | null} */
  round = null;

  constructor(program, ...args) {
    if (pythonVersion === null) return;
    const path = fileURLToPath(new URL(`../python/${program}`, import.meta.url));
    this.#child = spawn('python3', [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.round = async () => {
      this.#child.stdin.write('round\n');
      const { value, done } = await this.#answers.next();
      if (done) throw new Error(`bench/python/${program} ended early`);
      return Number(value);
    };
  }

  /** Lets the program end. */
  close() {
    this.#child?.stdin.end();
  }
}
