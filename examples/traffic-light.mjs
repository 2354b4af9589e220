// A traffic light and twenty cars, all on one Event: set() lets everybody go who waits, clear() makes them wait again.
//
//   def car(event, number):                          const car = (number) => {
//       if not event.is_set():                         if (!green.isSet()) {
//           print(f'car {number} waits')                 console.log(`car ${number} waits`);
//       event.wait()                                     green.wait();

import { setTimeout as sleep } from 'node:timers/promises';
import { Event, Thread, Value } from 'threadwork/threading';

const green = new Event();
const over = new Event();
const passed = Value('i', 0);

function light() {
  while (!over.isSet()) {
    console.log('light: red');
    green.clear();
    if (over.wait(0.4)) break; // a wait with a time-out is also a sleep that can be cut short
    console.log('light: GREEN');
    green.set();
    over.wait(0.2);
  }
}

async function car(number) {
  await sleep(number * 50);
  if (green.isSet()) {
    console.log(`car ${number} drives through`);
  } else {
    console.log(`car ${number} waits at the red light`);
    green.wait(); // costs no processor time
    console.log(`car ${number} goes on`);
  }
  passed.add(1);
}

const lights = new Thread({ target: light, name: 'light' });
const cars = Array.from({ length: 20 }, (_, i) => new Thread({ target: car, args: [i + 1] }));
lights.start();
for (const each of cars) each.start();
for (const each of cars) each.join();
over.set();
lights.join();
console.log(`${passed.value} cars have passed`);
