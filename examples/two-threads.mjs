// Two threads at once, each with a target, arguments, keyword arguments and a name.
//
//   Python                                           here
//   def greet(who, times, *, mark): ...              function greet(who, times, { mark }) { ... }
//   Thread(target=greet, args=('Ada', 3),            new Thread({ target: greet, args: ['Ada', 3],
//          kwargs={'mark': '!'}, name='first')                    kwargs: { mark: '!' }, name: 'first' })

import { setTimeout as sleep } from 'node:timers/promises';
import { activeCount, currentThread, Thread } from 'threadwork/threading';

async function greet(who, times, { mark }) {
  for (let i = 1; i <= times; i++) {
    console.log(`[${currentThread().name}] hello ${who}, ${i} of ${times}${mark}`);
    await sleep(100);
  }
}

const first = new Thread({ target: greet, args: ['Ada', 3], kwargs: { mark: '!' }, name: 'first' });
const second = new Thread({ target: greet, args: ['Grace', 3], kwargs: { mark: '.' } });

first.start();
second.start();
console.log(`[${currentThread().name}] ${activeCount()} threads are running: ${first.name}, ${second.name} and me`);

first.join(); // blocks; `await first.joinAsync()` would let this thread's event loop run on
second.join();
console.log(`[${currentThread().name}] both have ended: ${first.isAlive()}, ${second.isAlive()}`);
