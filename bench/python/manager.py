"""Seconds of one call to a dictionary of a manager: manager.py COUNT [set]"""
import multiprocessing
import sys
from time import perf_counter

if __name__ == '__main__':
    count, writes = int(sys.argv[1]), len(sys.argv) > 2
    shared = multiprocessing.Manager().dict(key=1)
    for _ in sys.stdin:
        start = perf_counter()
        if writes:
            for i in range(count):
                shared['key'] = i
        else:
            for _ in range(count):
                shared.get('key')
        print((perf_counter() - start) / count, flush=True)
