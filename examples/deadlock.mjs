// Two threads take two locks in opposite order: the classic deadlock. As it is, both wait for ever; with
// detectDeadlocks() the one that would close the circle is told, with every lock, holder and line.
//
//   threading has nothing of the kind: a deadlocked program stands still, and says nothing.

import { Barrier, DeadlockError, detectDeadlocks, Lock, Thread } from 'threadwork/threading';

function transfer(from, to, bothHaveOne) {
  from.acquire();
  bothHaveOne.wait();
  try {
    to.acquire();
    console.log('both locks are mine');
    to.release();
  } catch (error) {
    if (!(error instanceof DeadlockError)) throw error;
    console.log(String(error));
  }
  from.release();
}

function run() {
  const [alice, bob] = [new Lock(), new Lock()];
  const bothHaveOne = new Barrier(2);
  const threads = [
    new Thread({ target: transfer, name: 'alice to bob', args: [alice, bob, bothHaveOne], daemon: true }),
    new Thread({ target: transfer, name: 'bob to alice', args: [bob, alice, bothHaveOne], daemon: true }),
  ];
  for (const thread of threads) thread.start();
  return threads;
}

const hanging = run();
for (const thread of hanging) thread.join(0.5);
console.log(
  `without detection, after a second: ${hanging.filter((thread) => thread.isAlive()).length} of 2 still wait`,
);

detectDeadlocks();
for (const thread of run()) thread.join();
console.log('with detection: both have ended');
