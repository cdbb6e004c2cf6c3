"""How many numbers the compiler takes at a time: loops over a few cells are filled up to that."""

import numpy as np
from numba.core.registry import cpu_target

_FEATURES = cpu_target.target_context.codegen().magic_tuple()[2].split(",")
VECTOR = np.uint64(8 if "+avx512f" in _FEATURES else 4)  # doubles in a register; no result depends on it
