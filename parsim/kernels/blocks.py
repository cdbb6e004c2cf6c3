"""How many cells a kernel moves through an interval before it turns to the next ones, and what these may share."""

import numpy as np

from parsim.arrays import Floats
from parsim.jit import inlined

# The state and parameters of a block stay in the first-level cache over all steps of an interval:
# iaf_psc_alpha with 12,500 cells took 4.3 ns a cell-step in blocks of 64 to 256, 6.5 ns without.
# Unsigned like a span's cells, for mixing signs would make the index a float.
BLOCK = np.uint64(128)


def shared_in_blocks(column: Floats) -> Floats:
    """A column [cell], or no more than a block of it where all cells have the same to the last bit.

    Where an interval is a step, all columns of a large group go through the caches at each step: a cell of iaf_psc_exp
    took 3.8 ns with ten of a hundred thousand numbers, 2 with ten of a block.
    """
    bits = column.view(np.int64)
    return column[: int(BLOCK)].copy() if column.size > BLOCK and (bits == bits[0]).all() else column


@inlined
def before(column, begin):
    """What is to be taken off the number of a cell to find it in a column that may be `shared_in_blocks`; `begin` is
    where the cell's block begins.
    """
    return np.uint64(0) if column.size > BLOCK else begin
