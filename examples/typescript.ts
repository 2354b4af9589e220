// TypeScript, run by tsx: node --import tsx examples/typescript.ts
// A queue knows what is in it; enums and interfaces of this file are there in the threads, too.

import { Queue } from 'threadwork/queue';
import { Thread } from 'threadwork/threading';

interface Order {
  id: number;
  items: readonly number[];
}

interface Invoice {
  id: number;
  total: number;
}

enum Tax {
  Reduced = 7,
  Full = 19,
}

function invoice(orders: Queue<Order>, invoices: Queue<Invoice>, tax: Tax): void {
  for (const { id, items } of orders) {
    const net = items.reduce((a, b) => a + b, 0);
    invoices.put({ id, total: net * (1 + tax / 100) } satisfies Invoice);
  }
}

const orders = new Queue<Order>();
const invoices = new Queue<Invoice>();
const clerks = [1, 2].map(() => new Thread<typeof invoice>({ target: invoice, args: [orders, invoices, Tax.Full] }));
for (const clerk of clerks) clerk.start();

for (let id = 1; id <= 5; id++) orders.put({ id, items: [id * 10, id * 20] });
orders.shutdown();
for (const clerk of clerks) clerk.join();
invoices.shutdown();

for (const { id, total } of [...invoices].sort((a, b) => a.id - b.id)) console.log(`order ${id}: ${total.toFixed(2)}`);
