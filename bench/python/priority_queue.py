"""Seconds of one put and one get of a queue that holds N items: priority_queue.py numbers|jobs N"""
import queue
import sys
from time import perf_counter

ROUNDS = 5_000

if __name__ == '__main__':
    kind, size = sys.argv[1], int(sys.argv[2])
    items = queue.PriorityQueue()
    make = (lambda n: n) if kind == 'numbers' else (lambda n: (n, n, {'name': 'job'}))
    for i in range(size):
        items.put(make((i * 7919) % size))
    step = 0
    for _ in sys.stdin:
        start = perf_counter()
        for i in range(ROUNDS):
            step = (step + 7919) % size
            items.put(make(step))
            items.get()
        print((perf_counter() - start) / ROUNDS, flush=True)
