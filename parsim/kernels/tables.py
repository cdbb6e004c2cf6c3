"""Values at equal distances, read between them by a straight line."""

import numpy as np

from parsim.jit import inlined, kernel


@inlined
def looked_up(tables, row, last, position):
    """A row of `tables` at a position in [0, last], in units of the distance; outside, its first or last value."""
    x = position if position > 0.0 else 0.0
    x = x if x < last else last
    k = np.uint64(x if x < last - 1.0 else last - 1.0)
    below = tables[row, k]
    return below + (x - np.float64(k)) * (tables[row, k + np.uint64(1)] - below)


@kernel
def fill_rises(tables):
    """Of each even column the differences to the next point, into the column behind it."""
    for point in range(tables.shape[0] - 1):
        for column in range(0, tables.shape[1], 2):
            tables[point, column + 1] = tables[point + 1, column] - tables[point, column]
