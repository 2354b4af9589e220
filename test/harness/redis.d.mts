import type { ChildProcess } from 'node:child_process';

export const AUTHKEY: string;
export function hasRedis(): boolean;
export interface OwnRedis {
  port: number;
  url: string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}
export function startRedis(port?: number): Promise<OwnRedis>;
export function startWorker(
  redis: OwnRedis,
  args?: string[],
  options?: { cwd?: string; env?: NodeJS.ProcessEnv },
): Promise<ChildProcess & { ended: Promise<{ code: number | null; signal: string | null; output: string }> }>;
