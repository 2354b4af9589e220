# The Python half of shared-memory.mjs: python3 shared_memory.py NAME

import struct
import sys
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import ShareableList, SharedMemory


def attach(name):
    """Opens a block of another program, and leaves it to that one to remove it."""
    if sys.version_info >= (3, 13):
        return SharedMemory(name, track=False)
    block = SharedMemory(name)
    resource_tracker.unregister(block._name, 'shared_memory')
    return block


block = attach(sys.argv[1])
*numbers, _ = struct.unpack_from('5d', block.buf)
struct.pack_into('d', block.buf, 4 * 8, sum(numbers))
print(f'Python read {numbers} and wrote their sum behind them', flush=True)
block.close()

planets = ShareableList(['Mercury', 'Venus', 'Earth', 3, None, True])
print(planets.shm.name, flush=True)
sys.stdin.readline()
print('Python sees', list(planets))
planets.shm.close()
planets.shm.unlink()
