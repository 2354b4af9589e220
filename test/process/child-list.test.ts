import { beforeEach, describe, expect, it } from 'vitest';
import {
  addChild,
  claimEnd,
  KEPT_STATUSES,
  keepStatus,
  runningChildren,
  takeStatus,
} from '../../src/process/child-list.ts';
import type { ProcessRecord } from '../../src/process/record.ts';

let base = 1000;

/** Enters a child of that pid; returns what stands for its record. */
function start(pid: number, isWorker = false): number {
  base += 16;
  addChild({ pid, isWorker, place: { base } } as unknown as ProcessRecord);
  return base;
}

function end(record: number, status: number): void {
  if (claimEnd(record)) keepStatus(record, status);
}

describe('the list of children', () => {
  beforeEach(() => {
    for (const record of runningChildren(() => {})) end(record, 0);
    while (typeof takeStatus(-1) === 'object');
    expect(takeStatus(-1)).toBe('no child');
  });

  it('reports each end once', () => {
    const child = start(10);
    expect(takeStatus(10)).toBe(null);
    end(child, 7);
    end(child, 8);
    expect(takeStatus(10)).toEqual({ pid: 10, status: 7 });
    expect(takeStatus(10)).toBe('no child');
  });

  it('knows a child whose end is just being noted', () => {
    const child = start(10);
    expect(claimEnd(child)).toBe(true);
    expect(claimEnd(child)).toBe(false);
    expect(runningChildren(() => {})).toEqual([]);
    expect(takeStatus(-1)).toBe(null);
    keepStatus(child, 1);
    expect(takeStatus(-1)).toEqual({ pid: 10, status: 1 });
  });

  it('reports workers of pools to nobody', () => {
    const worker = start(10, true);
    expect(runningChildren(() => {})).toEqual([worker]);
    expect(takeStatus(-1)).toBe('no child');
    end(worker, 0);
    expect(takeStatus(10)).toBe('no child');
  });

  it('takes the number of a new child for the new one', () => {
    end(start(10), 1);
    const second = start(10);
    expect(takeStatus(10)).toBe(null);
    end(second, 2);
    expect(takeStatus(10)).toEqual({ pid: 10, status: 2 });
    expect(takeStatus(10)).toBe('no child');
  });

  it('keeps so many statuses that nobody asks for, and no more', () => {
    for (let pid = 1; pid <= KEPT_STATUSES + 2; pid++) end(start(pid), 0);
    expect(takeStatus(1)).toBe('no child');
    expect(takeStatus(2)).toBe('no child');
    for (let pid = 3; pid <= KEPT_STATUSES + 2; pid++) expect(takeStatus(-1)).toEqual({ pid, status: 0 });
    expect(takeStatus(-1)).toBe('no child');
  });
});
