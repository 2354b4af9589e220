// The Mandelbrot set, row by row, by the processes of a Pool. The picture is an Array in shared memory: the workers write
// into it, and nothing but a row's number goes through the pool.
//
//   pixels = RawArray('B', WIDTH * HEIGHT)           const pixels = RawArray('B', WIDTH * HEIGHT);
//   with Pool() as pool:                             const pool = new Pool();
//       pool.map(draw, range(HEIGHT))                pool.map(draw, rows);

import { Pool, RawArray } from 'threadwork/multiprocessing';

const WIDTH = 76;
const HEIGHT = 28;
const DEPTH = 2_000;

/** How long the point of a pixel stays near: 0 to 255. */
function shade(column, row) {
  const x = (column / WIDTH) * 3.1 - 2.2;
  const y = (row / (HEIGHT - 1)) * 2.4 - 1.2;
  let [re, im, turns] = [0, 0, 0];
  while (turns < DEPTH && re * re + im * im < 4) {
    [re, im] = [re * re - im * im + x, 2 * re * im + y];
    turns++;
  }
  return Math.round((255 * Math.log(turns)) / Math.log(DEPTH));
}

const pixels = RawArray('B', WIDTH * HEIGHT);

function draw(row) {
  for (let column = 0; column < WIDTH; column++) pixels[row * WIDTH + column] = shade(column, row);
}

const pool = new Pool();
const rows = Array.from({ length: HEIGHT }, (_, row) => row);
pool.map(draw, rows, 1); // one row at a time: those in the middle take far longer
pool.close();
pool.join();

const SHADES = ' .:-=+*#%@';
for (const row of rows) {
  const line = pixels.slice(row * WIDTH, (row + 1) * WIDTH);
  console.log(
    Array.from(line, (each) => SHADES[Math.floor((each / 256) * SHADES.length)])
      .join('')
      .trimEnd(),
  );
}
const same = pixels.every((pixel, i) => pixel === shade(i % WIDTH, Math.floor(i / WIDTH)));
if (!same) throw new Error('a pixel is not what one process makes of it');
console.log(`${WIDTH} × ${HEIGHT} pixels, each as one process would draw it.`);
