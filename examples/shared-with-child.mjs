// A Value and an Array in shared memory: what the child writes, the parent sees.
//
//   from multiprocessing import Process, Value, Array
//   def f(n, a):
//       n.value = 3.1415927
//       for i in range(len(a)):
//           a[i] = -a[i]
//   num = Value('d', 0.0); arr = Array('i', range(10))
//   p = Process(target=f, args=(num, arr)); p.start(); p.join()
//   print(num.value); print(arr[:])

import * as multiprocessing from 'threadwork/multiprocessing';

function f(n, a, copy) {
  n.value = Math.PI;
  for (let i = 0; i < a.length; i++) a[i] = -a[i];
  copy.push('seen by the child only'); // plain data is copied, as in Python
}

const number = multiprocessing.Value('d', 0);
const array = multiprocessing.Array('i', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
const plain = ['of the parent'];

const child = new multiprocessing.Process({ target: f, args: [number, array, plain] });
child.start();
child.join();

console.log('Value: ', number.value);
console.log('Array: ', array.join(' '));
console.log('An Array is a real typed array:', array.getObj() instanceof Int32Array, '- its sum is', sum(array));
console.log('Plain: ', plain);

function sum(numbers) {
  return numbers.reduce((a, b) => a + b, 0);
}
