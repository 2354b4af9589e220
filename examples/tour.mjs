// npm start: the examples of this folder, one after the other. `npm start -- counter closures` runs these two.
// Each is an ordinary program: node examples/counter.mjs

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const TIME_LIMIT_SECONDS = 60;

const examples = [
  {
    file: 'two-threads.mjs',
    title: 'Two threads',
    notice: 'Both take turns on the terminal, while the main thread blocks in join().',
  },
  {
    file: 'clock.mjs',
    title: 'A subclass with run(), as a thread and as a process',
    notice: 'The fields of the object are there on the other side; this file is not executed again.',
    processes: true,
  },
  {
    file: 'daemon.mjs',
    title: 'Daemon threads',
    notice: 'The program waits for the ordinary thread and then ends; the daemon ends with it.',
  },
  {
    file: 'counter.mjs',
    title: '4 threads × 100,000 increments',
    notice: 'Exactly 400,000 with the lock. Without it, threads that run truly in parallel overwrite each other.',
  },
  {
    file: 'traffic-light.mjs',
    title: 'A traffic light and twenty cars on one Event',
    notice: 'At each green everybody who waits goes on at once.',
  },
  {
    file: 'deadlock.mjs',
    title: 'Two threads that wait for each other',
    notice: 'Python hangs here. With detectDeadlocks() one of them is told who waits for whom, and where.',
  },
  {
    file: 'dining-philosophers.mjs',
    title: 'Five philosophers, five forks',
    notice: 'The same in a circle of five: one is told, puts its fork back, and all eat.',
  },
  {
    file: 'producers-consumers.mjs',
    title: 'Producers and consumers over a Queue',
    notice: 'The same functions on threads and on processes; every plate is served exactly once.',
    processes: true,
  },
  {
    file: 'job-board.mjs',
    title: 'A job board: a PriorityQueue of [priority, number, job]',
    notice: 'The most urgent job goes first; one that cannot be compared with the others is refused.',
  },
  {
    file: 'shared-with-child.mjs',
    title: 'A Value and an Array shared with a child process',
    notice: 'The parent sees what the child wrote into shared memory; plain data was a copy.',
    processes: true,
  },
  {
    file: 'shared-memory.mjs',
    title: 'Node and Python on the same memory',
    notice: 'Node makes a block, Python writes into it; Python makes a list, Node changes it.',
    processes: true,
  },
  {
    file: 'word-count.mjs',
    title: 'A real job: words and SHA-256 of every file of a package',
    notice: 'JavaScript threads have no GIL: the same results, in less time.',
  },
  {
    file: 'primes.mjs',
    title: 'The same work in one thread, in threads, in processes',
    notice: 'Both executors have one interface; the main thread blocks for the results of map().',
    processes: true,
  },
  {
    file: 'pool-word-count.mjs',
    title: 'Words of a hundred files, by a Pool with a progress bar',
    notice: 'map() sends the files in chunks, and the counts come back as Maps.',
    processes: true,
  },
  {
    file: 'crawler.mjs',
    title: 'A crawler over asCompleted',
    notice: 'Pages are looked at as they are done; a broken link is an error of its own future.',
  },
  {
    file: 'greenlets.mjs',
    title: 'A crawler of greenlets',
    notice: 'A Pool(10) on one event loop, with time-outs that reach fetch; a kill ends what runs for ever.',
  },
  {
    file: 'many-machines.mjs',
    title: 'Tasks over Redis to other machines',
    notice: 'Two workers share the work; one is killed, and the other does what it had begun. Needs redis-server.',
  },
  {
    file: 'mandelbrot.mjs',
    title: 'A picture in shared memory',
    notice: 'The workers of a Pool write the pixels where the main process reads them.',
    processes: true,
  },
  {
    file: 'closures.mjs',
    title: 'Closures travel',
    notice: 'Import, constant, lock and helper come along; assigning to a captured variable is refused.',
    processes: true,
  },
  {
    file: 'manager.mjs',
    title: 'Objects in the server of a manager',
    notice: 'Three processes share a dictionary, a queue, and an object of a class of this file.',
    processes: true,
  },
  {
    file: 'chat.mjs',
    title: 'A chat over Listener and Client',
    notice: 'One server that waits for everybody at once, guests that block; a stranger without the key stays outside.',
    processes: true,
  },
  {
    file: 'python-peer.mjs',
    title: 'A Python program at the other end',
    notice: "The frames and keys are those of Python's multiprocessing; a block of memory is open in both.",
    processes: true,
  },
  {
    file: 'supervisor.mjs',
    title: 'A supervisor on os.wait() and alarm()',
    notice: 'It blocks, is told of every worker that ends, and its signal handler runs meanwhile.',
    processes: true,
  },
  { file: 'typescript.ts', title: 'TypeScript', notice: 'Through tsx; a queue knows the type of its items.' },
  { file: 'commonjs.cjs', title: 'CommonJS', notice: 'require() works as well.' },
];

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
const bold = (text) => paint('1;36', text);
const dim = (text) => paint('2', text);
const red = (text) => paint('31', text);

/** Runs one example; resolves to null, or to what went wrong. */
function run({ file }) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const options = file.endsWith('.ts') ? ['--import', 'tsx'] : [];
  if (file.endsWith('.cjs')) options.push('--disable-warning=ExperimentalWarning');
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...options, path], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIME_LIMIT_SECONDS * 1000,
      killSignal: 'SIGKILL',
    });
    const bar = dim('│');
    createInterface({ input: child.stdout }).on('line', (line) => console.log(`  ${bar} ${line}`));
    createInterface({ input: child.stderr }).on('line', (line) => console.log(`  ${bar} ${red(line)}`));
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(`was stopped after ${TIME_LIMIT_SECONDS} seconds`);
      else resolve(code === 0 ? null : `ended with ${signal ?? `exit code ${code}`}`);
    });
  });
}

const wanted = process.argv.slice(2);
const chosen = examples.filter(({ file }) => wanted.length === 0 || wanted.some((name) => file.startsWith(name)));
if (chosen.length === 0) {
  console.error(`No such example. There are: ${examples.map(({ file }) => file).join(', ')}`);
  process.exit(2);
}

const failures = [];
const began = performance.now();
for (const [index, example] of chosen.entries()) {
  console.log(`${bold(`${index + 1}/${chosen.length}  ${example.title}`)}  ${dim(`examples/${example.file}`)}`);
  console.log(`  ${example.notice}`);
  if (example.processes && process.platform !== 'linux') {
    console.log(dim('  Skipped: multiprocessing needs Linux in this version.\n'));
    continue;
  }
  const start = performance.now();
  const failure = await run(example);
  if (failure !== null) failures.push(`examples/${example.file} ${failure}`);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(failure === null ? dim(`  └ ${seconds} s\n`) : red(`  └ FAILED: ${failure}\n`));
}

const seconds = ((performance.now() - began) / 1000).toFixed(1);
if (failures.length === 0) {
  console.log(bold(`All ${chosen.length} examples ran, in ${seconds} s.`));
  if (wanted.length === 0) console.log('Next: README.md, docs/index.md, and the files themselves in examples/.');
} else {
  for (const failure of failures) console.error(red(failure));
  process.exitCode = 1;
}
