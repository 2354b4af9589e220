# The other half of python-peer.mjs, which starts it: python3 python_peer.py ADDRESS, with the key on its stdin
#
# It uses nothing but Python's standard library; connections are those of multiprocessing.

import json
import statistics
import sys
from multiprocessing import resource_tracker
from multiprocessing.connection import Client, Listener
from multiprocessing.shared_memory import SharedMemory


def answer_questions(address, key):
    """As a client: answers what is asked, with Python's own functions."""
    with Client(address, authkey=key) as connection:
        while True:
            question = json.loads(connection.recv_bytes())
            if question is None:
                return
            if 'square' in question:
                connection.send_bytes(json.dumps({'squared': square(**question)}).encode())
                continue
            result = getattr(statistics, question['function'])(question['data'])
            connection.send_bytes(json.dumps(result).encode())


def attach(name):
    """Opens a block of another program, and leaves it to that one to remove it."""
    if sys.version_info >= (3, 13):
        return SharedMemory(name, track=False)
    block = SharedMemory(name)
    resource_tracker.unregister(block._name, 'shared_memory')
    return block


def square(square, count):
    """Squares the numbers in a block of shared memory, where they are."""
    block = attach(square)
    numbers = block.buf[: count * 8].cast('d')
    for i in range(count):
        numbers[i] *= numbers[i]
    numbers.release()
    block.close()
    return count


def receive_bytes(key):
    """As a listener: takes a large message and says what is in it."""
    with Listener(('127.0.0.1', 0), authkey=key) as listener:
        print(json.dumps(listener.address), flush=True)
        with listener.accept() as connection:
            data = connection.recv_bytes()
            connection.send_bytes(json.dumps({'bytes': len(data), 'sum': sum(data)}).encode())


if __name__ == '__main__':
    address, key = sys.argv[1], bytes.fromhex(sys.stdin.readline())
    answer_questions(address, key)
    receive_bytes(key)
