"""Seconds of one operation: sync.py threading|multiprocessing contended2|contended8|event|condition

contendedN: one locked increment, N parties at it. event, condition: there and back.
"""
import multiprocessing
import sys
import threading
from time import perf_counter

TURNS = 40_000
TRIPS = 2_000


def increment(lock, counter, gate, turns):
    while True:
        gate.wait()
        for _ in range(turns):
            with lock:
                counter[0] += 1
        gate.wait()


def answer(ping, pong):
    while True:
        ping.wait()
        ping.clear()
        pong.set()


def volley(condition, token):
    while True:
        with condition:
            while token[0] != 1:
                condition.wait()
            token[0] = 0
            condition.notify()


def contended(module, start, make_array, parties):
    lock, counter, gate = module.Lock(), make_array(), module.Barrier(parties + 1)
    for _ in range(parties):
        start(increment, lock, counter, gate, TURNS // parties)

    def measure():
        gate.wait()
        began = perf_counter()
        gate.wait()
        return (perf_counter() - began) / TURNS

    return measure


def events(module, start):
    ping, pong = module.Event(), module.Event()
    start(answer, ping, pong)

    def measure():
        began = perf_counter()
        for _ in range(TRIPS):
            ping.set()
            pong.wait()
            pong.clear()
        return (perf_counter() - began) / TRIPS

    return measure


def conditions(module, start, make_array):
    condition, token = module.Condition(module.Lock()), make_array()
    start(volley, condition, token)

    def measure():
        began = perf_counter()
        for _ in range(TRIPS):
            with condition:
                token[0] = 1
                condition.notify()
                while token[0] != 0:
                    condition.wait()
        return (perf_counter() - began) / TRIPS

    return measure


if __name__ == '__main__':
    if sys.argv[1] == 'threading':
        module, party, make_array = threading, threading.Thread, lambda: [0]
    else:
        module, party = multiprocessing, multiprocessing.Process
        make_array = lambda: multiprocessing.RawArray('i', 1)

    def start(target, *args):
        party(target=target, args=args, daemon=True).start()

    kind = sys.argv[2]
    if kind.startswith('contended'):
        measure = contended(module, start, make_array, int(kind[len('contended'):]))
    elif kind == 'event':
        measure = events(module, start)
    else:
        measure = conditions(module, start, make_array)
    for _ in sys.stdin:
        print(measure(), flush=True)
