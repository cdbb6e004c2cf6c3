"""How many cells a kernel moves through an interval before it turns to the next ones."""

import numpy as np

# The state and parameters of a block stay in the first-level cache over all steps of an interval:
# iaf_psc_alpha with 12,500 cells took 4.3 ns a cell-step in blocks of 64 to 256, 6.5 ns without.
# Unsigned like a span's cells, for mixing signs would make the index a float.
BLOCK = np.uint64(128)
