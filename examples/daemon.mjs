// Daemon threads: the program waits for its ordinary threads and takes the daemons down with it.
//
//   Thread(target=heartbeat, daemon=True).start()

import { setTimeout as sleep } from 'node:timers/promises';
import { Thread } from 'threadwork/threading';

async function heartbeat() {
  for (let beat = 1; ; beat++) {
    console.log(`heartbeat ${beat} (I would go on for ever)`);
    await sleep(100);
  }
}

async function work() {
  await sleep(350);
  console.log('work: done');
}

new Thread({ target: heartbeat, daemon: true }).start();
new Thread({ target: work }).start();

process.on('exit', () => console.log('main: exit, after the work and without waiting for the heartbeat'));
console.log('main: my last line; the program lives on until the work is done');
