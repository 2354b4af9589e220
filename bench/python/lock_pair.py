"""Seconds of one acquire() + release() of a free lock: lock_pair.py threading|multiprocessing"""
import multiprocessing
import sys
import threading
from time import perf_counter

TURNS = 100_000

lock = multiprocessing.Lock() if sys.argv[1] == 'multiprocessing' else threading.Lock()


def measure():
    acquire, release = lock.acquire, lock.release
    start = perf_counter()
    for _ in range(TURNS):
        acquire()
        release()
    return (perf_counter() - start) / TURNS


for _ in sys.stdin:
    print(measure(), flush=True)
