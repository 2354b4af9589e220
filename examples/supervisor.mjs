// A supervisor: it keeps three workers running until its time is up, and blocks all the while.
//
//   signal.signal(signal.SIGALRM, on_alarm)
//   signal.alarm(2)
//   while running:
//       pid, status = os.wait()
//       if os.WIFSIGNALED(status): ...
//
// os.wait() blocks the main thread until a child ends, however that comes. The handler of the alarm runs meanwhile: a
// listener of process.on('SIGALRM') would have to wait for the event loop.

import { Event, Process } from 'threadwork/multiprocessing';
import * as os from 'threadwork/os';
import { alarm, SIGALRM, SIGKILL, SIGTERM, signal } from 'threadwork/signal';

const workers = new Map();
let stopping = false;

function serve(name, ready) {
  // Handlers are each process's own: this one runs in the worker, while it waits for work that never comes.
  signal(SIGTERM, () => {
    console.log(`  ${name}: finishes what it has begun, and ends`);
    process.exit(0);
  });
  ready.set();
  if (name === 'worker 3') process.exit(7);
  new Event().wait();
}

function start(name) {
  const ready = new Event();
  const worker = new Process({ target: serve, args: [name, ready], name });
  worker.start();
  workers.set(worker.pid, name); // before anything that blocks: the handler below may run there
  ready.wait();
  return worker;
}

signal(SIGALRM, () => {
  console.log('supervisor: the time is up');
  stopping = true;
  for (const pid of workers.keys()) os.kill(pid, SIGTERM);
});

const first = start('worker 1');
start('worker 2');
start('worker 3');
console.log('supervisor: three workers run; one of them will not last long, and another is killed');
os.kill(first.pid, SIGKILL);
alarm(2);

while (workers.size > 0) {
  const [pid, status] = os.wait();
  const name = workers.get(pid);
  workers.delete(pid);
  if (os.WIFSIGNALED(status)) console.log(`supervisor: ${name} was ended by signal ${os.WTERMSIG(status)}`);
  else console.log(`supervisor: ${name} has ended with exit code ${os.WEXITSTATUS(status)}`);
  if (!stopping) start(`${name}, again`);
}
console.log('supervisor: all have ended');
