"""Pools of two workers. One round for each line of input, answered with the seconds of one task (or item)."""

import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import Pool


def same(x):
    return x


def length_of(data):
    return len(data)


def submit_all(executor, count, function=same, item=1):
    begin = time.perf_counter()
    for future in [executor.submit(function, item) for _ in range(count)]:
        future.result()
    return (time.perf_counter() - begin) / count


def apply_async_all(pool, count):
    begin = time.perf_counter()
    for result in [pool.apply_async(same, (1,)) for _ in range(count)]:
        result.get()
    return (time.perf_counter() - begin) / count


def apply_each(pool, count):
    begin = time.perf_counter()
    for _ in range(count):
        pool.apply(same, (1,))
    return (time.perf_counter() - begin) / count


def map_million(pool):
    items = range(1_000_000)
    begin = time.perf_counter()
    pool.map(same, items)
    return (time.perf_counter() - begin) / len(items)


def rounds(measure):
    for _ in sys.stdin:
        print(measure(), flush=True)


def main(what, count):
    if what == 'threads':
        with ThreadPoolExecutor(2) as executor:
            rounds(lambda: submit_all(executor, count))
    elif what == 'processes':
        with ProcessPoolExecutor(2) as executor:
            rounds(lambda: submit_all(executor, count))
    elif what == 'megabyte':
        data = bytes(1 << 20)
        with ProcessPoolExecutor(2) as executor:
            rounds(lambda: submit_all(executor, count, length_of, data))
    else:
        measure = {'apply_async': apply_async_all, 'apply': apply_each, 'map': lambda pool, _: map_million(pool)}[what]
        with Pool(2) as pool:
            rounds(lambda: measure(pool, count))


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]))
