"""Seconds for each item from those that put to those that get:
queue_throughput.py threading|multiprocessing integers|objects|strings|buffers ITEMS [PRODUCERS CONSUMERS MAXSIZE]"""
import multiprocessing
import queue
import sys
import threading
from time import perf_counter

MAKERS = {
    'integers': lambda: lambda i: i,
    'objects': lambda: lambda i: {'id': i, 'name': 'item', 'args': [1, 2, 3]},
    'strings': lambda text='x' * 1000: lambda i: text,
    'buffers': lambda data=bytes(2 ** 20): lambda i: data,
}


def produce(orders, items, kind):
    make = MAKERS[kind]()
    while count := orders.get():
        for i in range(count):
            items.put(make(i))


def consume(orders, items, done):
    while count := orders.get():
        for _ in range(count):
            items.get()
        done.put(count)


if __name__ == '__main__':
    module, kind, total = sys.argv[1], sys.argv[2], int(sys.argv[3])
    producers, consumers, maxsize = map(int, sys.argv[4:] or (1, 1, 0))
    if module == 'multiprocessing':
        Queue, Party = multiprocessing.Queue, multiprocessing.Process
    else:
        Queue, Party = queue.Queue, threading.Thread
    items, done = Queue(maxsize), Queue()
    putting = [Queue() for _ in range(producers)]
    getting = [Queue() for _ in range(consumers)] if consumers > 1 else []
    for orders in putting:
        Party(target=produce, args=(orders, items, kind), daemon=True).start()
    for orders in getting:
        Party(target=consume, args=(orders, items, done), daemon=True).start()
    for _ in sys.stdin:
        start = perf_counter()
        for orders in putting:
            orders.put(total // producers)
        for orders in getting:
            orders.put(total // consumers)
        for _ in getting:
            done.get()
        if not getting:
            for _ in range(total):
                items.get()
        print((perf_counter() - start) / total, flush=True)
