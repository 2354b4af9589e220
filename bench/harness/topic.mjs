// One topic, for run.mjs: prints its table and sends its rows. Its module exports `rows`, a list or a function that
// makes one, and perhaps a `title`.
import { printTable } from './table.mjs';

const file = process.argv[2];
const topic = await import(new URL(`../${file}`, import.meta.url));
const title = topic.title ?? file;
const rows = await (typeof topic.rows === 'function' ? topic.rows() : topic.rows);
if (Array.isArray(rows) && rows.length > 0) {
  printTable(title, rows);
  await new Promise((resolve) => process.send?.({ title, rows }, resolve));
}
process.exit();
