/** What the types promise; `npm run check` compiles this, nothing runs it. */

import { expectTypeOf } from 'vitest';
import * as connection from '../../src/multiprocessing/connection.ts';
import { wait, waitAsync } from '../../src/multiprocessing/connection.ts';
import * as multiprocessing from '../../src/multiprocessing.ts';
import * as os from '../../src/os.ts';
import { PriorityQueue, Queue } from '../../src/queue.ts';
import * as signal from '../../src/signal.ts';
import { local, setExcepthook, type Target, Thread, type ThreadOptions, Timer } from '../../src/threading.ts';

// Threads and processes take functions with their arguments, sync and async.
function add(a: number, b: string): string {
  return a + b;
}
expectTypeOf(new Thread({ target: add, args: [1, 'x'] })).toEqualTypeOf<Thread<typeof add>>();
new multiprocessing.Process({ target: async (n: number) => n, args: [2], daemon: true }).start();
new Thread({ target: { module: new URL('file:///job.js'), export: 'run' }, args: [1] });
new Timer(1, add, [1, 'x']).cancel();
// @ts-expect-error a target is a function
new Thread({ target: 42 });

// Arguments are the target's own: each, in order, and none too many. Optional ones may be left out.
function log(text: string, level = 1, options: { stamp?: boolean } = {}): void {
  void [text, level, options];
}
new Thread();
new Thread({ name: 'idle', daemon: null });
new Thread({ target: () => 1 });
new Thread({ target: (who: string) => who, args: ['Ada'] });
new Thread({ target: add, args: [1, 'x'] as const });
new Thread({ target: log, args: ['x'] });
new Thread({ target: log, args: ['x', undefined, { stamp: true }] });
new Thread({ target: Math.max, args: [1, 2, 3] });
new Thread({ target: null, args: [] });
// @ts-expect-error the second argument is a string
new Thread({ target: add, args: [1, 2] });
// @ts-expect-error an argument is missing
new Thread({ target: add, args: [1] });
// @ts-expect-error all arguments are missing
new Thread({ target: add });
// @ts-expect-error an argument too many
new Thread({ target: add, args: [1, 'x', true] });
// @ts-expect-error it takes no arguments
new Thread({ target: () => 1, args: [1] });
// @ts-expect-error the arguments of an async function are checked too
new multiprocessing.Process({ target: async (n: number) => n, args: ['2'] });
// @ts-expect-error no process without its arguments
new multiprocessing.Process({ target: add });
// @ts-expect-error of a class with a start method of its own too
new (multiprocessing.getContext('spawn').Process)({ target: add, args: ['x', 1] });
// @ts-expect-error there is no such option
new Thread({ target: add, args: [1, 'x'], deamon: true });

// With kwargs, args has all arguments but the last.
new Thread({ target: log, args: ['x', 2], kwargs: { stamp: true } });
new Thread({ target: log, args: ['x', undefined], kwargs: {} });
new Thread({ target: log, args: ['x', 2], kwargs: null });
new Thread({ target: ({ a }: { a: number }) => a, kwargs: { a: 1 } });
new multiprocessing.Process({ target: log, args: ['x', 2], kwargs: { stamp: true } });
new Thread({ target: (...all: unknown[]) => all, args: [1], kwargs: { a: 1 } });
// @ts-expect-error the kwargs would arrive as the level
new Thread({ target: log, args: ['x'], kwargs: { stamp: true } });
// @ts-expect-error the last argument is there twice
new Thread({ target: log, args: ['x', 2, {}], kwargs: { stamp: true } });
// @ts-expect-error kwargs of another type
new Thread({ target: log, args: ['x', 2], kwargs: { stamp: 'yes' } });
// @ts-expect-error the last argument is no object
new Thread({ target: add, args: [1], kwargs: { b: 'x' } });
// @ts-expect-error it takes no arguments
new Thread({ target: () => 1, kwargs: { a: 1 } });
// @ts-expect-error the first argument is missing
new multiprocessing.Process({ target: log, kwargs: { stamp: true } });

// Of a module's function nothing is known.
new Thread({ target: { module: 'node:fs', export: 'rmSync' }, args: ['x'], kwargs: { force: true } });
new multiprocessing.Process({ target: { module: new URL('file:///job.js') } });

// A timer's function is checked in the same way.
new Timer(1, () => 1);
new Timer(1, log, ['x']);
new Timer(1, log, ['x', 2], { stamp: true });
new Timer(1, ({ a }: { a: number }) => a, null, { a: 1 });
new Timer(1, () => 1, null, null);
// @ts-expect-error all arguments are missing
new Timer(1, add);
// @ts-expect-error the first argument is a number
new Timer(1, add, ['x', 'x']);
// @ts-expect-error the kwargs would arrive as the level
new Timer(1, log, ['x'], { stamp: true });

// Any thread is a Thread<Target>, any options are options, and classes may pass a target on.
const anyThread: Thread<Target> = new Thread({ target: add, args: [1, 'x'] });
const anyTimer: Timer = new Timer(1, add, [1, 'x']);
const anyProcess: multiprocessing.Process<Target> = new multiprocessing.Process({ target: add, args: [1, 'x'] });
const addOptions: ThreadOptions<typeof add> = { target: add, args: [1, 'x'] };
const anyOptions: ThreadOptions = addOptions;
void [anyThread, anyTimer, anyProcess, anyOptions];
class Named<F extends Target> extends Thread<F> {
  constructor(
    name: string,
    readonly options: ThreadOptions<F>,
  ) {
    super({ ...options, name });
  }
}
new Named('adder', { target: add, args: [1, 'x'] }).start();
class Handed<F extends Target> extends Thread<F> {
  constructor(target: F, args: Parameters<F>) {
    super({ target, args });
  }
}
new Handed(add, [1, 'x']).start();
class Bare extends multiprocessing.Process {
  readonly made: number;

  constructor() {
    super();
    this.made = Date.now();
  }
}
new Bare().start();

// A subclass overrides run; it may return anything, or a promise.
class Clock extends Thread {
  constructor(readonly interval: number) {
    super({ name: 'clock' });
  }

  override async run(): Promise<void> {
    expectTypeOf(this.interval).toBeNumber();
  }
}
new Clock(1).join(0.5);
expectTypeOf(new Clock(1).joinAsync({ timeout: 1, signal: AbortSignal.timeout(1) })).toEqualTypeOf<Promise<void>>();
expectTypeOf(new Clock(1).ident).toEqualTypeOf<number | null>();
expectTypeOf(new multiprocessing.Process().exitcode).toEqualTypeOf<number | null>();

setExcepthook(({ thread, excValue }) => {
  expectTypeOf(thread.name).toBeString();
  void excValue;
});

// A queue knows its items.
const queue = new Queue<{ id: number }>(10);
expectTypeOf(queue.get({ timeout: 1 }).id).toBeNumber();
expectTypeOf(queue.getAsync({ signal: AbortSignal.timeout(1) })).toEqualTypeOf<Promise<{ id: number }>>();
for (const item of queue) expectTypeOf(item).toEqualTypeOf<{ id: number }>();
// @ts-expect-error an item of another type
queue.put({ id: 'x' });

// A value reads as its type code says.
// So does a pipe, and `wait` what it was given.
const [one, other] = multiprocessing.Pipe<{ id: number }>();
expectTypeOf(one.recv()).toEqualTypeOf<{ id: number }>();
expectTypeOf(new multiprocessing.Pipe(false)).toEqualTypeOf<[multiprocessing.Connection, multiprocessing.Connection]>();
expectTypeOf(wait([one, other], 1)).toEqualTypeOf<multiprocessing.Connection<{ id: number }>[]>();
const { sentinel } = new multiprocessing.Process();
expectTypeOf(waitAsync([one, sentinel, 3 as number])).resolves.items.toEqualTypeOf<
  typeof one | typeof sentinel | number
>();
// @ts-expect-error: not what the pipe carries
one.send({ id: 'x' });
expectTypeOf(new PriorityQueue<[number, string]>().get()).toEqualTypeOf<[number, string]>();

expectTypeOf(multiprocessing.Value('i', 0).value).toBeNumber();
expectTypeOf(new multiprocessing.Value('q', 1).value).toBeBigInt();
expectTypeOf(multiprocessing.Value('?').value).toBeBoolean();
expectTypeOf(multiprocessing.Value('i', 0).add(1)).toBeNumber();
expectTypeOf(multiprocessing.Value('i', 0).getLock().acquire()).toBeBoolean();
// @ts-expect-error there is no such type code
multiprocessing.Value('x');
// @ts-expect-error a raw value has no lock
multiprocessing.Value('i', 0, { lock: false }).getLock();

// An array is the typed array of its type code.
expectTypeOf(multiprocessing.Array('i', [1, 2])[0]).toBeNumber();
expectTypeOf(multiprocessing.Array('q', 2)[0]).toBeBigInt();
expectTypeOf(multiprocessing.Array('d', 2).with(() => 'x')).toBeString();
expectTypeOf(multiprocessing.RawArray('d', 2)).toEqualTypeOf<Float64Array>();

// Data of one thread.
expectTypeOf(local<{ user: string }>().user).toBeString();

// A connection knows the type of its messages; addresses and options have one each.
const inet = connection.Client<{ n: number }>(['127.0.0.1', 5000]);
expectTypeOf(inet).toEqualTypeOf<connection.Connection<{ n: number }>>();
expectTypeOf(inet.recv()).toEqualTypeOf<{ n: number }>();
expectTypeOf(new connection.Client('/tmp/socket', null, Buffer.from('key'))).toEqualTypeOf<connection.Connection>();
expectTypeOf(
  connection.ClientAsync<string>({ address: '/tmp/socket', signal: AbortSignal.abort() }),
).resolves.toEqualTypeOf<connection.Connection<string>>();
const listener = new connection.Listener<number>({ address: { host: '', port: 0 }, backlog: 5 });
expectTypeOf(listener.accept()).toEqualTypeOf<connection.Connection<number>>();
expectTypeOf(listener.acceptAsync({ timeout: 1 })).resolves.toEqualTypeOf<connection.Connection<number>>();
// @ts-expect-error a number is no message of this connection
inet.send(5);
// @ts-expect-error a key is bytes
new connection.Listener({ authkey: 'text' });
// @ts-expect-error a client needs an address
connection.Client({ authkey: Buffer.from('key') });

// The end of a child is a pair of numbers; a handler gets a number and null.
expectTypeOf(os.wait()).toEqualTypeOf<[pid: number, status: number]>();
expectTypeOf(os.waitpidAsync(5, { timeout: 1, options: os.WNOHANG })).resolves.toEqualTypeOf<os.WaitResult>();
os.kill(os.getpid(), 'SIGTERM');
// @ts-expect-error there is no such signal
os.kill(os.getpid(), 'SIGNONE');
expectTypeOf(os.fork).returns.toBeNever();
expectTypeOf(signal.signal(signal.SIGINT, (signum, frame) => [signum, frame])).toEqualTypeOf<
  signal.SignalHandler | 0 | 1 | null
>();
signal.signal(signal.SIGINT, signal.signal(signal.SIGINT, signal.defaultIntHandler));
signal.signal(signal.SIGINT, signal.SIG_IGN);
// @ts-expect-error neither a function, nor SIG_DFL, nor SIG_IGN
signal.signal(signal.SIGINT, 2);
expectTypeOf(signal.pauseAsync({ signal: AbortSignal.abort() })).resolves.toBeBoolean();
