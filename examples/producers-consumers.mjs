// Three producers and two consumers over a Queue: the same functions on threads and on processes.
//
//   threading.Thread(target=cook, args=(q, 'soup'))             new Thread({ target: cook, args: [queue, 'soup'] })
//   multiprocessing.Process(target=cook, args=(q, 'soup'))      new Process({ target: cook, args: [queue, 'soup'] })

import * as multiprocessing from 'threadwork/multiprocessing';
import * as queue from 'threadwork/queue';
import { Thread } from 'threadwork/threading';

const PLATES = 200;

function cook(counter, dish) {
  for (let plate = 1; plate <= PLATES; plate++) counter.put({ dish, plate }); // blocks while the counter is full
}

function serve(counter, served) {
  let plates = 0;
  // Ours: iterating takes items until the queue is shut down and empty. Python's `while True: q.get()` works as well.
  for (const { dish, plate } of counter) {
    served.put(`${dish} ${plate}`);
    plates++;
  }
  console.log(`a waiter in process ${process.pid} served ${plates} plates`);
}

function restaurant(name, Worker, Queue) {
  const counter = new Queue(10); // room for ten plates
  const served = new Queue();
  const dishes = ['soup', 'pasta', 'cake'];
  const cooks = dishes.map((dish) => new Worker({ target: cook, args: [counter, dish] }));
  const waiters = [1, 2].map(() => new Worker({ target: serve, args: [counter, served] }));
  console.log(`${name}: ${cooks.length} cooks, ${waiters.length} waiters`);

  for (const worker of [...cooks, ...waiters]) worker.start();
  for (const worker of cooks) worker.join();
  counter.shutdown(); // nothing comes any more: the waiters take what is left and go home
  for (const worker of waiters) worker.join();

  const plates = new Set();
  while (!served.empty()) plates.add(served.get());
  console.log(`${name}: ${plates.size} different plates of ${dishes.length * PLATES} arrived\n`);
  if (plates.size !== dishes.length * PLATES) throw new Error('a plate was lost, or served twice');
}

restaurant('threads', Thread, queue.Queue);
restaurant('processes', multiprocessing.Process, multiprocessing.Queue);
