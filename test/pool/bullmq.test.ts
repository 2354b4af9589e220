import type { Redis } from 'ioredis';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { BullMQExecutor, BullMQExecutorOptions, RedisConnection } from '../../src/futures/bullmq.ts';
import type { Future } from '../../src/futures.ts';
import { relocate } from '../../src/pickle/relocation.ts';
import { isAbsence } from '../../src/pool/bullmq-connection.ts';
import { checkSize, Seal } from '../../src/pool/bullmq-envelope.ts';
import { hasRedis } from '../harness/redis.mjs';
import { runSuite } from '../harness/run-suite.ts';

if (hasRedis()) {
  runSuite('futures.BullMQExecutor', 'pool/bullmq.mjs');
  runSuite('futures.BullMQExecutor, when things go wrong', 'pool/bullmq-faults.mjs');
} else {
  console.warn('redis-server is not installed: the tests of BullMQExecutor are skipped');
  it.skip('futures.BullMQExecutor: skipped, since redis-server is not installed', () => {});
}

describe('an envelope', () => {
  const seal = new Seal(Buffer.from('key'));
  const body = Buffer.from('body');

  it('opens with the same key, as what it was closed', () => {
    const opened = seal.open('task', seal.close('task', { id: 'a' }, body, Buffer.from('!')));
    expect(opened?.head).toEqual({ id: 'a' });
    expect(String(opened?.body)).toBe('body!');
  });

  it('stays closed to another key, as something else, and when any byte was changed', () => {
    const envelope = seal.close('task', { id: 'a' }, body);
    expect(new Seal(Buffer.from('kez')).open('task', envelope)).toBeNull();
    expect(seal.open('notice', envelope)).toBeNull();
    for (let i = 0; i < envelope.length; i++) {
      const changed = Buffer.from(envelope);
      changed[i] ^= 1;
      expect(seal.open('task', changed)).toBeNull();
    }
    for (let length = 0; length < envelope.length; length++) {
      expect(seal.open('task', envelope.subarray(0, length))).toBeNull();
    }
  });
});

it('refuses what Redis would not take', () => {
  expect(() => checkSize(1_000_000, 'the task')).not.toThrow();
  expect(() => checkSize(400_000_000, 'the task')).toThrow(/the task cannot be sent .* 400000000 bytes/);
});

it('tells that Redis is not there from that it refuses', () => {
  const made = (name: string, message: string, more = {}) => Object.assign(new Error(message), { name, ...more });
  expect(isAbsence(made('Error', 'connect ECONNREFUSED', { code: 'ECONNREFUSED' }))).toBe(true);
  expect(isAbsence(made('Error', 'Connection is closed.'))).toBe(true);
  expect(isAbsence(made('AbortError', 'Command aborted due to connection close'))).toBe(true);
  expect(isAbsence(made('ReplyError', 'LOADING Redis is loading the dataset in memory'))).toBe(true);
  expect(isAbsence(made('ReplyError', "OOM command not allowed when used memory > 'maxmemory'."))).toBe(false);
  expect(isAbsence(made('Error', 'Redis version needs to be greater or equal than 5.0.0'))).toBe(false);
});

describe('relocation', () => {
  const move = { from: 'file:///home/a%20b/app/', to: 'file:///srv/app/' };

  it.each([
    ['file:///home/a%20b/app/src/x.js?v=1', 'file:///srv/app/src/x.js?v=1'],
    ['/home/a b/app/x.cjs', '/srv/app/x.cjs'],
    ['lodash\nfile:///home/a%20b/app/x.js', 'lodash\nfile:///srv/app/x.js'],
    ['file:///home/a%20b/application/x.js', 'file:///home/a%20b/application/x.js'],
    ['file:///elsewhere/x.js', 'file:///elsewhere/x.js'],
    ['/elsewhere/x.cjs', '/elsewhere/x.cjs'],
    ['node:fs', 'node:fs'],
    ['lodash', 'lodash'],
  ])('of %j gives %j', (name, moved) => {
    expect(relocate(name, move)).toBe(moved);
    expect(relocate(moved, { from: move.to, to: move.from })).toBe(name);
    expect(relocate(name, null)).toBe(name);
  });
});

it('takes clients of ioredis, addresses and URLs', () => {
  expectTypeOf<Redis>().toExtend<RedisConnection>();
  expectTypeOf<{ host: string; port: number }>().toExtend<RedisConnection>();
  expectTypeOf<{ connection: 'redis://host'; authkey: string; attempts: number }>().toExtend<BullMQExecutorOptions>();
});

it('knows the types of arguments and results', () => {
  const use = (executor: BullMQExecutor): void => {
    expectTypeOf(executor.submit((n: number) => String(n), 1)).toEqualTypeOf<Future<string>>();
    expectTypeOf(executor.submit(async () => 1)).toEqualTypeOf<Future<number>>();
    // @ts-expect-error: the argument is of another type
    executor.submit((n: number) => n, 'one');
  };
  expect(use).toBeTypeOf('function');
});
