"""The work space of cells that are integrated with steps of their own: one column of numbers for each.

All numbers of a block of cells stand in one array, row after row, and a row holds one number of each
cell: `w[V + j]` is the voltage of the cell at place j. The rows are a known distance apart, so the
compiler sees that they do not overlap; between thirty arrays it would have to check, and gives up.
"""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.jit import VECTOR, inlined, kernel
from parsim.kernels.blocks import BLOCK

ROW = BLOCK + np.uint64(8)  # rows 1,024 bytes apart would meet in the same few lines of the cache
(
    # Where the cell is: voltage, gates (a model with three leaves the fourth at 0), synapses.
    V, M, H, N, P, EX, EX_RISE, IN, IN_RISE,
    # What it is given in this interval: current, and the polynomial of what its gap junctions bring.
    CURRENT, GAP_0, GAP_1, GAP_2, GAP_3, GAP_G,
    # Its constants, in the order of `Constants`.
    PER_C, G_NA, G_K, G_KV3, G_L, E_NA, E_K, E_L, V_T, E_EX, E_IN, RATE_EX, RATE_IN, QUARTER_EX, QUARTER_IN,
    I_E, THRESHOLD, TOLERANCE,
    # How far it has come through the interval, and its next substep.
    TIME, SUBSTEP,
    # Where it is at a stage of a step, or would be at its end; the estimated error of that.
    V_NEXT, M_NEXT, H_NEXT, N_NEXT, P_NEXT, ERROR,
    # Its exponentials; derivatives at the first stage, first and second; second ones at the second stage.
    E_0, E_1, E_2, E_3, E_4, E_5, E_6, E_7,
    FV, FM, FH, FN, FP, GV, GM, GH, GN, GP, GV_2, GM_2, GH_2, GN_2, GP_2,
    # Decay of synapses over a fifth of a substep.
    FIFTH_EX, FIFTH_IN,
    # For the interval and the step: decay of synapses in half of the one, voltage before the other.
    HALF_EX, HALF_IN, V_BEFORE,
    END,
) = (np.uint64(row) * ROW for row in range(70))  # fmt: skip

SPACE, PLACES = int(END), int(BLOCK)  # numbers of a work space, and of cells in it
GATED = (V, M, H, N, P)
NEXT = (V_NEXT, M_NEXT, H_NEXT, N_NEXT, P_NEXT)


class Constants(NamedTuple):
    """What formulas need of a cell; those that a model does not have are 0."""

    per_C: Floats  # 1/C_m
    g_Na: Floats
    g_K: Floats
    g_Kv3: Floats
    g_L: Floats
    E_Na: Floats
    E_K: Floats
    E_L: Floats
    V_T: Floats
    E_ex: Floats
    E_in: Floats
    rate_ex: Floats  # 1/tau_syn_ex
    rate_in: Floats
    quarter_ex: Floats  # decay of excitation over a quarter of a step
    quarter_in: Floats
    I_e: Floats
    threshold: Floats
    tolerance: Floats  # of the estimated error of a substep, mV


@inlined
def whole_vectors(n):
    """Places for n cells: an idle one costs nothing, where the rest of a vector would be done one by one."""
    return (n + VECTOR - np.uint64(1)) & ~(VECTOR - np.uint64(1))


@kernel
def empty(w, n):
    """An empty work space for n cells; places are filled up to whole vectors with what has no bearing on them."""
    for row in range(V, END, ROW):
        for j in range(whole_vectors(n)):
            w[row + j] = 0.0


@kernel
def load(arrays, rows, w, begin, n):
    """Copy n cells from `begin` on out of the arrays into their rows."""
    for r in range(len(rows)):
        array, row = arrays[r], rows[r]
        for j in range(n):
            w[row + j] = array[begin + j]


@kernel
def load_constants(constants, w, begin, n):
    """Copy the constants of n cells from `begin` on."""
    row = PER_C
    for r in range(len(constants)):
        array = constants[r]
        for j in range(n):
            w[row + j] = array[begin + j]
        row += ROW


@kernel
def store(arrays, rows, w, begin, n):
    """Copy the rows of n cells back into the arrays."""
    for r in range(len(rows)):
        array, row = arrays[r], rows[r]
        for j in range(n):
            array[begin + j] = w[row + j]


@kernel
def move_column(source, i, target, j):
    """Copy state, input and constants of the cell at place i to place j, of the same work space or another."""
    for row in range(V, TIME, ROW):
        target[row + j] = source[row + i]
