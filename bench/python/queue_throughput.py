"""Seconds for each item from a thread or process that puts to one that gets:
queue_throughput.py threading|multiprocessing integers|objects"""
import multiprocessing
import queue
import sys
import threading
from time import perf_counter

ITEMS = 20_000


def produce(orders, items, kind):
    while orders.get():
        if kind == 'integers':
            for i in range(ITEMS):
                items.put(i)
        else:
            for i in range(ITEMS):
                items.put({'id': i, 'name': 'item', 'args': [1, 2, 3]})


def measure(orders, items):
    start = perf_counter()
    orders.put(True)
    for _ in range(ITEMS):
        items.get()
    return (perf_counter() - start) / ITEMS


if __name__ == '__main__':
    _, module, kind = sys.argv
    if module == 'multiprocessing':
        Queue, Party = multiprocessing.Queue, multiprocessing.Process
    else:
        Queue, Party = queue.Queue, threading.Thread
    orders, items = Queue(), Queue()
    Party(target=produce, args=(orders, items, kind), daemon=True).start()
    for _ in sys.stdin:
        print(measure(orders, items), flush=True)
