import { Thread } from 'threadwork/threading';
import { nothing } from './nothing.mjs';

const start = performance.now();
const thread = new Thread({ target: nothing });
thread.start();
thread.join();
console.log((performance.now() - start) / 1000);
