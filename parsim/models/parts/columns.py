"""The work space of cells that are integrated with steps of their own: one column of numbers for each.

All numbers of a block of cells stand in one array, row after row, and a row holds one number of each cell:
`w[V + j]` is the voltage of the cell at place j. The rows are a known distance apart, so the compiler sees that they do
not overlap; between thirty arrays it would have to check, and gives up. What all models have stands in front; a
`Layout` says where a model's own rows are, of which there may be any number.
"""

from typing import Any, NamedTuple

import numpy as np

from parsim.jit import VECTOR, inlined, kernel
from parsim.kernels.blocks import BLOCK

ROW = BLOCK + np.uint64(8)  # rows 1,024 bytes apart would meet in the same few lines of the cache
PLACES = int(BLOCK)  # cells in a work space
(
    # What the cell is given in this interval: current, and the polynomial of what its gap junctions bring.
    CURRENT, GAP_0, GAP_1, GAP_2, GAP_3, GAP_G,
    # Constants of all models.
    I_E, THRESHOLD, TOLERANCE,
    # How far it has come through the interval, and its next substep; the estimated error of a step.
    TIME, SUBSTEP, ERROR,
    # The voltage before the step; where it is now.
    V_BEFORE, V,
) = (np.uint64(row) * ROW for row in range(14))  # fmt: skip

# A variable has eight rows. The voltage is the first one, and the gates follow.
VARIABLE = np.uint64(8) * ROW
# Where it is; where it is at a stage of a step, or would be at its end; its derivatives at three stages, ...
NOW, NEXT, AT_FIRST, AT_SECOND, AT_THIRD = (np.uint64(row) * ROW for row in (0, 1, 2, 4, 6))
BEND = ROW  # ... x' and, a row further, x''


class Layout(NamedTuple):
    """Where the rows of a model begin."""

    rates: np.uint64  # of synapses: 1/tau; after the variables
    synapses: np.uint64  # their state
    constants: np.uint64
    quarters: np.uint64  # decay with each rate over a quarter of a step,
    halves: np.uint64  # over half of an interval,
    fifths: np.uint64  # and over a fifth of a substep
    exponentials: np.uint64
    end: np.uint64


def layout(gates: int, rates: int, synapses: int, constants: int, exponentials: int) -> Layout:
    """The rows of a model with so many gates, time constants of synapses, numbers that these keep, and so on."""
    sizes = (8 * (1 + gates), rates, synapses, constants, rates, rates, rates, exponentials)
    return Layout(*(V + np.uint64(sum(sizes[: i + 1])) * ROW for i in range(len(sizes))))


def rows(first: np.uint64, n: int) -> tuple[np.uint64, ...]:
    """The n rows from `first` on."""
    return tuple(first + np.uint64(i) * ROW for i in range(n))


def named(kind: Any, first: np.uint64) -> Any:
    """The rows from `first` on by the names of a bundle: `w[ROWS.g_Na + j]`."""
    return kind(*rows(first, len(kind._fields)))


def gates(n: int) -> tuple[np.uint64, ...]:
    """Where n gates are."""
    return tuple(V + np.uint64(1 + i) * VARIABLE for i in range(n))


@inlined
def whole_vectors(n):
    """Places for n cells: an idle one costs nothing, where the rest of a vector would be done one by one."""
    return (n + VECTOR - np.uint64(1)) & ~(VECTOR - np.uint64(1))


@kernel
def empty(w, cell, n):
    """An empty work space for n cells; places are filled up to whole vectors with what has no bearing on them."""
    for row in range(CURRENT, cell.end, ROW):
        for j in range(whole_vectors(n)):
            w[row + j] = 0.0


@kernel
def load(arrays, row, w, begin, n):
    """Copy n cells from `begin` on out of arrays into the rows from `row` on."""
    for r in range(len(arrays)):
        array = arrays[r]
        for j in range(n):
            w[row + j] = array[begin + j]
        row += ROW


@kernel
def load_states(cell, states, w, begin, n):
    """Copy variables and synapses of n cells from `begin` on into their rows."""
    row = V
    for r in range(len(states)):
        array = states[r]
        for j in range(n):
            w[row + j] = array[begin + j]
        row = after(cell, row)


@kernel
def store_states(cell, states, w, begin, n):
    """Copy their rows back into the arrays."""
    row = V
    for r in range(len(states)):
        array = states[r]
        for j in range(n):
            array[begin + j] = w[row + j]
        row = after(cell, row)


@inlined
def after(cell, row):
    """The row of the state that follows: variables have several rows each, synapses one."""
    if row + VARIABLE < cell.rates:
        return row + VARIABLE
    return row + ROW if row >= cell.synapses else cell.synapses


@inlined
def constant_rows(cell):
    """Where the rows of constants that a step reads begin and end."""
    return (TOLERANCE, TIME), (cell.rates, cell.synapses), (cell.constants, cell.quarters)


@kernel
def share_constants(cell, w, other, n):
    """If n cells have the same constants to the last bit, give them to n places of another work space; do they?"""
    bits = w.view(np.int64)
    differing = np.int64(0)
    for first, end in constant_rows(cell):
        for row in range(first, end, ROW):
            for j in range(n):
                differing |= bits[row + j] ^ bits[row]
    if differing != 0:
        return False

    for first, end in constant_rows(cell):
        for row in range(first, end, ROW):
            for j in range(n):
                other[row + j] = w[row]
    return True


@kernel
def move_column(cell, source, i, target, j, alike):
    """Copy state and input of the cell at place i to place j, of the same work space or another.

    Its constants too, unless those of all cells are alike: that spares half of the rows.
    """
    for row in range(CURRENT, I_E, ROW):
        target[row + j] = source[row + i]
    for row in range(V, cell.rates, VARIABLE):
        target[row + j] = source[row + i]
    for row in range(cell.synapses, cell.constants, ROW):
        target[row + j] = source[row + i]
    if not alike:
        for first, end in constant_rows(cell):
            for row in range(first, end, ROW):
                target[row + j] = source[row + i]
