/** `Value` and `Array` of a server: no memory is shared and no type is enforced, as in Python. */

import { IndexError } from '../../errors.ts';
import { describe } from '../../sync/timeout.ts';
import type { Methods } from '../call.ts';
import { listMethods } from './list.ts';

export interface ManagedValue {
  readonly typecode: string;
  value: unknown;
}

export const valueMethods: Methods<ManagedValue> = {
  get: (cell) => cell.value,
  set(cell, _call, value) {
    cell.value = value;
  },
};

const { get, at, length, slice, values } = listMethods;

export const arrayMethods: Methods<unknown[]> = {
  get,
  at,
  length,
  slice,
  values,
  set(array, _call, index, value) {
    if (!Number.isInteger(index) || index < 0 || index >= array.length) {
      throw new IndexError(`ArrayProxy: index ${describe(index)} is out of range: the array has ${array.length} items`);
    }
    array[index as number] = value;
  },
};
