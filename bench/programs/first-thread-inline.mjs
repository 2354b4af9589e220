import { Thread } from 'threadwork/threading';

const start = performance.now();
const thread = new Thread({ target: () => {} });
thread.start();
thread.join();
console.log((performance.now() - start) / 1000);
