"""Seconds of one round trip: round_trip.py threading|pipe (two queue.Queue, or a multiprocessing.Pipe)"""
import multiprocessing
import queue
import sys
import threading
from time import perf_counter

TRIPS = 2_000


def echo_queues(there, back):
    while True:
        back.put(there.get())


def echo_pipe(connection):
    while True:
        connection.send(connection.recv())


def measure(send, receive):
    start = perf_counter()
    for i in range(TRIPS):
        send(i)
        receive()
    return (perf_counter() - start) / TRIPS


if __name__ == '__main__':
    if sys.argv[1] == 'threading':
        there, back = queue.Queue(), queue.Queue()
        threading.Thread(target=echo_queues, args=(there, back), daemon=True).start()
        send, receive = there.put, back.get
    else:
        ours, theirs = multiprocessing.Pipe()
        multiprocessing.Process(target=echo_pipe, args=(theirs,), daemon=True).start()
        send, receive = ours.send, ours.recv
    for _ in sys.stdin:
        print(measure(send, receive), flush=True)
