"""Seconds of one start() + join(): start_join.py threading|spawn|forkserver"""
import multiprocessing
import sys
import threading
from time import perf_counter


def nothing():
    pass


def measure(Party, turns):
    start = perf_counter()
    for _ in range(turns):
        party = Party(target=nothing)
        party.start()
        party.join()
    return (perf_counter() - start) / turns


if __name__ == '__main__':
    method = sys.argv[1]
    Party = threading.Thread if method == 'threading' else multiprocessing.get_context(method).Process
    for _ in sys.stdin:
        print(measure(Party, 200 if method == 'threading' else 1), flush=True)
