"""Seconds of one greenlet: greenlets.py await|joinall|map"""
import sys
from time import perf_counter

import gevent
from gevent.pool import Pool

TOGETHER = 1_000
ROUNDS = 20


def work(n):
    return n


def one_by_one():
    for i in range(ROUNDS * TOGETHER):
        gevent.spawn(work, i).get()


def together():
    for _ in range(ROUNDS):
        gevent.joinall([gevent.spawn(work, i) for i in range(TOGETHER)])


def pooled():
    pool = Pool(10)
    for _ in range(ROUNDS):
        pool.map(work, range(TOGETHER))


if __name__ == '__main__':
    measure = {'await': one_by_one, 'joinall': together, 'map': pooled}[sys.argv[1]]
    for _ in sys.stdin:
        start = perf_counter()
        measure()
        print((perf_counter() - start) / (ROUNDS * TOGETHER), flush=True)
