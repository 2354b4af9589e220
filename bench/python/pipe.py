"""Seconds of one round trip, or for each message one way: pipe.py trip|integers|objects|strings|buffers COUNT"""
import multiprocessing
import sys
from time import perf_counter

MAKERS = {
    'integers': lambda i: i,
    'objects': lambda i: {'id': i, 'name': 'item', 'args': [1, 2, 3]},
    'strings': lambda i, text='x' * 1000: text,
    'buffers': lambda i, data=bytes(2 ** 20): data,
}


def echo(connection):
    while True:
        connection.send(connection.recv())


def produce(connection, kind):
    make = MAKERS[kind]
    while True:
        for i in range(connection.recv()):
            connection.send_bytes(make(i)) if kind == 'buffers' else connection.send(make(i))


def trips(connection, count):
    for i in range(count):
        connection.send(i)
        connection.recv()


def messages(connection, kind, count):
    connection.send(count)
    for _ in range(count):
        connection.recv_bytes() if kind == 'buffers' else connection.recv()


if __name__ == '__main__':
    what, count = sys.argv[1], int(sys.argv[2])
    ours, theirs = multiprocessing.Pipe()
    target, args = (echo, (theirs,)) if what == 'trip' else (produce, (theirs, what))
    multiprocessing.Process(target=target, args=args, daemon=True).start()
    for _ in sys.stdin:
        start = perf_counter()
        trips(ours, count) if what == 'trip' else messages(ours, what, count)
        print((perf_counter() - start) / count, flush=True)
