"""What a small network comes to with the compiler off: read from the input of this process, told by its output."""

import pickle
import sys

from parsim.testing.laws import few

if __name__ == "__main__":
    sys.stdout.buffer.write(pickle.dumps(few(pickle.load(sys.stdin.buffer))))
