/**
 * Where in the user's code something was called: the first line of the stack outside of this library, and the name of
 * the thread. Used while `detectDeadlocks()` is on; taking a stack costs tens of microseconds.
 */

import { kernelThreadId } from '../memory/party.ts';
import { isMainThread } from '../memory/role.ts';

const FRAMES = 40;
/** Methods of this library, for programs in which a bundler has put it into the user's file. */
const OWN =
  /(?:^|[.#\s])(?:tryAcquire|acquire|acquireAsync|hold|holdAsync|with|withAsync|wait\w*|restore\w*|callSite|#\w+)$/;

let name = (): string => (isMainThread() ? 'MainThread' : `thread ${kernelThreadId()}`);

/** Sets how this thread is called in reports; the layer that has named threads does so. */
export function setThreadNamer(namer: () => string): void {
  name = namer;
}

/** Who this is: `Thread-1 (work) of process 4711`, `Process-1: Thread-1 (work) of process 4712`. */
export function whoIsHere(): string {
  return `${name()} of process ${process.pid}`;
}

/** `file:line:column` of the caller in the user's code. */
export function callSite(): string {
  const frames = framesHere();
  home ??= homeOf(frames[0]);
  const ours = home;
  const outside = frames.filter(({ file }) => !file.startsWith(ours) && !file.startsWith('node:'));
  const found = outside[0] ?? frames.find(({ method, file }) => !OWN.test(method) && !file.startsWith('node:'));
  return found === undefined ? 'an unknown place' : `${found.file}:${found.position}`;
}

interface Frame {
  method: string;
  file: string;
  position: string;
}

function framesHere(): Frame[] {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = before;
  return stack.split('\n').flatMap((line) => {
    const match = /^\s+at (?:(.*?) \()?(?:file:\/\/)?([^()]*?):(\d+:\d+)\)?$/.exec(line);
    return match === null
      ? []
      : [{ method: match[1] ?? '', file: match[2].replace(/^async /, ''), position: match[3] }];
  });
}

let home: string | undefined;

/** The folder of this library, as its own frames have it (source maps change what they say). */
function homeOf(own: Frame | undefined): string {
  const file = own?.file ?? '';
  return file.slice(0, file.endsWith('/sync/call-site.ts') ? -'sync/call-site.ts'.length : file.lastIndexOf('/') + 1);
}
