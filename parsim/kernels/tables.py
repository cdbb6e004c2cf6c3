"""Values at equal distances, read between them by a straight line."""

import numpy as np

from parsim.jit import inlined


@inlined
def looked_up(tables, row, last, position):
    """A row of `tables` at a position in [0, last], in units of the distance; outside, its first or last value."""
    x = position if position > 0.0 else 0.0
    x = x if x < last else last
    k = np.uint64(x if x < last - 1.0 else last - 1.0)
    below = tables[row, k]
    return below + (x - np.float64(k)) * (tables[row, k + np.uint64(1)] - below)
