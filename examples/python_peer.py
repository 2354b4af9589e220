# The other half of python-peer.mjs, which starts it: python3 python_peer.py ADDRESS, with the key on its stdin
#
# It uses nothing but Python's standard library; connections are those of multiprocessing.

import json
import statistics
import sys
from multiprocessing.connection import Client, Listener


def answer_questions(address, key):
    """As a client: answers what is asked, with Python's own functions."""
    with Client(address, authkey=key) as connection:
        while True:
            question = json.loads(connection.recv_bytes())
            if question is None:
                return
            result = getattr(statistics, question['function'])(question['data'])
            connection.send_bytes(json.dumps(result).encode())


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
