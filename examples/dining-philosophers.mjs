// Five philosophers, five forks, and each takes the left fork first. When all have one, all wait for ever.
// With detectDeadlocks() the last one to reach for the second fork is told; it puts its fork back, and all eat.

import { Barrier, DeadlockError, detectDeadlocks, Lock, Thread, Value } from 'threadwork/threading';

const NAMES = ['Plato', 'Hypatia', 'Descartes', 'Arendt', 'Confucius'];

function dine(seat, forks, table, meals) {
  const left = forks[seat];
  const right = forks[(seat + 1) % forks.length];
  left.acquire();
  table.wait(); // now every fork is in somebody's left hand
  try {
    right.acquire();
  } catch (error) {
    if (!(error instanceof DeadlockError)) throw error;
    console.log(`${NAMES[seat]} is told of a circle of ${error.cycle.length}:`);
    for (const { lock, awaitedAt } of error.cycle) console.log(`  waits for ${lock}, ${awaitedAt.split('/').at(-1)}`);
    left.release(); // the neighbour can eat
    right.acquire(); // and this one takes them in the other order
    left.acquire();
  }
  console.log(`${NAMES[seat]} eats`);
  meals.add(1);
  right.release();
  left.release();
}

function dinner() {
  const forks = NAMES.map(() => new Lock());
  const table = new Barrier(NAMES.length);
  const meals = Value('i', 0);
  const philosophers = NAMES.map(
    (name, seat) => new Thread({ target: dine, name, args: [seat, forks, table, meals], daemon: true }),
  );
  for (const philosopher of philosophers) philosopher.start();
  return { philosophers, meals };
}

const hungry = dinner();
for (const philosopher of hungry.philosophers) philosopher.join(0.2);
console.log(`without detection, after a second: ${hungry.meals.value} of 5 have eaten`);

detectDeadlocks();
const sated = dinner();
for (const philosopher of sated.philosophers) philosopher.join();
console.log(`with detection: ${sated.meals.value} of 5 have eaten`);
