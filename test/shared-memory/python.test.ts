/** Blocks and lists that Python has made, and the other way round; where there is no `python3` the tests are skipped. */

import { spawn, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { ShareableList, SharedMemory } from 'threadwork/multiprocessing/sharedMemory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const hasPython = spawnSync('python3', ['-c', 'import multiprocessing.shared_memory']).status === 0;
if (!hasPython) console.warn('There is no python3 here: the tests with Python are skipped.');

/** Runs requests, each a line of JSON: `[code, arguments]`; answers with what the code leaves in `result`. */
const PEER = `
import json, sys
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory, ShareableList

def forget(block):
    # Before 3.13 a block that is merely opened is removed at the end of the program.
    resource_tracker.unregister(block._name, 'shared_memory')

def plain(value):
    return {'bytes': list(value)} if isinstance(value, bytes) else value

def value(plain):
    return bytes(plain['bytes']) if isinstance(plain, dict) else plain

scope = globals()
for line in sys.stdin:
    code, args = json.loads(line)
    try:
        scope['args'] = args
        scope['result'] = None
        exec(code, scope)
        print(json.dumps({'result': scope['result']}), flush=True)
    except BaseException as error:
        print(json.dumps({'error': f'{type(error).__name__}: {error}'}), flush=True)
`;

describe.skipIf(!hasPython)('with Python', () => {
  let python: (code: string, ...args: unknown[]) => Promise<unknown>;
  let stop: () => Promise<string>;

  beforeAll(() => {
    const child = spawn('python3', ['-c', PEER], { stdio: ['pipe', 'pipe', 'pipe'] });
    const waiting: ((line: string) => void)[] = [];
    let text = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      const lines = (text + part).split('\n');
      text = lines.pop() as string;
      for (const line of lines) waiting.shift()?.(line);
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      errors += part;
    });
    python = async (code, ...args) => {
      const answer = new Promise<string>((resolve) => waiting.push(resolve));
      child.stdin.write(`${JSON.stringify([code, args])}\n`);
      const { result, error } = JSON.parse(await answer);
      if (error !== undefined) throw new Error(error);
      return result;
    };
    stop = () => {
      child.stdin.end();
      return new Promise((resolve) => child.on('close', () => resolve(errors)));
    };
  });

  afterAll(async () => {
    expect(await stop()).toBe('');
  });

  it('a block that Python has made is opened here: each sees what the other writes', async () => {
    const name = (await python('block = SharedMemory(create=True, size=50); result = block.name')) as string;
    const block = new SharedMemory({ name });
    expect(block.size).toBe(50);
    await python('block.buf[:3] = b"abc"');
    expect(Buffer.from(block.buf.subarray(0, 4)).toString('latin1')).toBe('abc\0');
    block.buf[49] = 7;
    expect(await python('result = block.buf[49]')).toBe(7);
    block.close();
    await python('block.close(); block.unlink()');
    expect(() => new SharedMemory({ name })).toThrow(/there is no block/);
  });

  it('a block that is made here is opened by Python, also when it has a name of its own', async () => {
    for (const name of [null, `threadwork-test-${process.pid}`, `/threadwork-test-${process.pid}`]) {
      const block = new SharedMemory({ name, create: true, size: 50 });
      await python('block = SharedMemory(args[0]); forget(block); block.buf[0] = block.size', block.name);
      expect(block.buf[0]).toBe(50);
      await python('block.close()');
      block.close();
      block.unlink();
      await expect(python('SharedMemory(args[0])', block.name)).rejects.toThrow('FileNotFoundError');
    }
  });

  it('what Python has removed is not missed here', async () => {
    const block = new SharedMemory({ create: true, size: 50 });
    await python('block = SharedMemory(args[0]); block.close(); block.unlink()', block.name);
    expect(() => block.unlink()).toThrow(/there is no block/);
    block.close();
  });

  const ITEMS = ['text', { bytes: [1, 0, 2] }, -1.5, 100, null, true, false, '', 'x'.repeat(24), 2 ** 52];
  const here = (item: unknown): unknown => {
    const { bytes } = (item ?? {}) as { bytes?: number[] };
    return bytes === undefined ? item : Buffer.from(bytes);
  };

  it('a list that Python has made is read and written here', async () => {
    const name = (await python(
      'items = ShareableList([value(v) for v in args[0]]); result = items.shm.name',
      ITEMS,
    )) as string;
    const list = new ShareableList({ name });
    expect([...list]).toEqual(ITEMS.map(here));
    expect(list.format).toBe(await python('result = items.format'));
    list[0] = 'seven..';
    list[2] = 3;
    list[3] = 2n ** 62n + 1n;
    list[4] = 0.25;
    list[5] = null;
    list[6] = Buffer.from([9, 9]);
    expect(await python('result = [plain(v) for v in items]')).toEqual([
      'seven..',
      { bytes: [1, 0, 2] },
      3,
      Number(2n ** 62n + 1n),
      0.25,
      null,
      { bytes: [9, 9] },
      '',
      'x'.repeat(24),
      2 ** 52,
    ]);
    expect(await python('result = [type(items[2]).__name__, items[3] == 2 ** 62 + 1]')).toEqual(['float', true]);
    expect(list.format).toBe(await python('result = items.format'));
    await python('items[3] = -(2 ** 63); items[0] = 5');
    expect([list[3], list[0]]).toEqual([-(2n ** 63n), 5]);
    list.shm.close();
    await python('items.shm.close(); items.shm.unlink()');
  });

  it('a list that is made here is read and written by Python, and takes as many bytes', async () => {
    const list = new ShareableList([...ITEMS.map(here), 'ü€😀'] as string[]);
    const made = await python(
      `items = ShareableList(name=args[0]); forget(items.shm)
same = ShareableList(items); result = [[plain(v) for v in items], items.format == same.format, len(items)]
same.shm.close(); same.shm.unlink()`,
      list.shm.name,
    );
    expect(made).toEqual([[...ITEMS, 'ü€😀'], false, 11]); // Python would cut the last one
    await python('items[0] = "py"; items[3] = 0.5; items[7] = b"bytes"; items[-1] = "€" * 5');
    expect([list[0], list[3], list[7], list[-1]]).toEqual(['py', 0.5, Buffer.from('bytes'), '€'.repeat(5)]);
    await python('items.shm.close()');
    list.shm.close();
    list.shm.unlink();
  });

  it('any list of one side is the same list, byte for byte, as the other side would make', async () => {
    const item = fc.oneof(
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => !Number.isInteger(x)),
      fc.boolean(),
      fc.constant(null),
      fc.string({ unit: fc.constantFrom(...'abc XYZ~0') }),
      fc.array(fc.integer({ min: 1, max: 255 })).map((bytes) => ({ bytes })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 12 }), async (items) => {
        const list = new ShareableList(items.map(here) as string[]);
        const same = await python(
          `items = ShareableList(name=args[0]); forget(items.shm)
other = ShareableList([value(v) for v in args[1]])
result = [[plain(v) for v in items], bytes(items.shm.buf) == bytes(other.shm.buf)]
items.shm.close(); other.shm.close(); other.shm.unlink()`,
          list.shm.name,
          items,
        );
        list.shm.close();
        list.shm.unlink();
        expect(same).toEqual([items, true]);
      }),
      { numRuns: 200 },
    );
  });

  it('a text that Python has cut within a character is an error here too', async () => {
    const name = (await python('items = ShareableList(["€" * 8]); result = items.shm.name')) as string;
    const list = new ShareableList({ name });
    expect(() => list[0]).toThrow(/no UTF-8/);
    list.shm.close();
    await python('items.shm.close(); items.shm.unlink()');
  });
});
