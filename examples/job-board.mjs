// A job board: dispatchers pin up jobs, three workers always take the most urgent one. Python's PriorityQueue of
// (priority, number, job); the number keeps jobs of the same priority in the order in which they came.
//
//   board = queue.PriorityQueue(20)                             const board = new PriorityQueue(20)
//   board.put((2, next(counter), 'sweep'))                      board.put([2, counter.add(1), 'sweep'])
//   priority, number, job = board.get()                         const [priority, number, job] = board.get()

import { PriorityQueue, Queue } from 'threadwork/queue';
import { Thread, Value } from 'threadwork/threading';

const NAMES = ['urgent', 'soon', 'some time'];

function dispatch(board, counter, jobs) {
  for (const [priority, job] of jobs) board.put([priority, counter.add(1), job]); // blocks while the board is full
}

function work(name, board, log) {
  // Ours: the loop ends when the board has been shut down and is empty.
  for (const [priority, number, job] of board) log.put({ name, priority, number, job });
}

const board = new PriorityQueue(20);
const counter = Value('i', 0);
const log = new Queue();

const morning = ['paint the fence', 'mend the roof', 'feed the dog', 'oil the gate', 'stop the leak', 'sweep the yard'];
const priorities = [2, 1, 0, 2, 0, 2];
const dispatchers = [0, 1].map((half) => {
  const jobs = morning.map((job, i) => [priorities[i], job]).filter((_, i) => i % 2 === half);
  return new Thread({ target: dispatch, args: [board, counter, jobs] });
});
for (const dispatcher of dispatchers) dispatcher.start();
for (const dispatcher of dispatchers) dispatcher.join();
console.log(`${board.qsize()} jobs are on the board; the workers come`);

// One that cannot be compared is refused, and the board is as it was.
try {
  board.put('call mother');
} catch (error) {
  console.log(`${error.name}: ${error.message.split(';')[0]}`);
}

const workers = ['Ada', 'Bob', 'Cyd'].map((name) => new Thread({ target: work, args: [name, board, log] }));
for (const worker of workers) worker.start();
board.shutdown(); // nothing more will come: the workers do what is left, and go home
for (const worker of workers) worker.join();
log.shutdown();

const done = [...log];
const byUrgency = done.toSorted((a, b) => a.priority - b.priority || a.number - b.number);
for (const { priority, job } of byUrgency) console.log(`  ${NAMES[priority].padEnd(10)} ${job}`);
console.log(`${done.length} jobs were done, each by one of ${new Set(workers.map(({ name }) => name)).size} workers`);
