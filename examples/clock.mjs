// A subclass with a run() method, as a thread and as a process. Its fields travel with it.
//
//   class ClockProcess(Process):
//       def __init__(self, interval):
//           super().__init__()
//           self.interval = interval
//       def run(self):
//           for _ in range(3):
//               print('the time is', time.ctime())
//               time.sleep(self.interval)
//
// No `if __name__ == '__main__':` is needed: this file is not executed again in the child.

import { setTimeout as sleep } from 'node:timers/promises';
import { Process } from 'threadwork/multiprocessing';
import { Thread } from 'threadwork/threading';

class ClockThread extends Thread {
  constructor(interval) {
    super({ name: 'clock' });
    this.interval = interval;
  }

  async run() {
    for (let tick = 1; tick <= 3; tick++) {
      console.log(`${this.name}: tick ${tick}, every ${this.interval} s, in process ${process.pid}`);
      await sleep(this.interval * 1000);
    }
  }
}

class ClockProcess extends Process {
  constructor(interval) {
    super();
    this.interval = interval;
  }

  async run() {
    for (let tick = 1; tick <= 3; tick++) {
      console.log(`${this.name}: tick ${tick}, every ${this.interval} s, in process ${process.pid}`);
      await sleep(this.interval * 1000);
    }
  }
}

console.log(`main: this is process ${process.pid}`);
const thread = new ClockThread(0.1);
thread.start();
thread.join();

const child = new ClockProcess(0.1);
child.start();
console.log(`main: ${child.name} has pid ${child.pid}, exitcode ${child.exitcode} while it runs`);
child.join();
console.log(`main: ${child.name} has ended with exitcode ${child.exitcode}`);
