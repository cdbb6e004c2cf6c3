"""Is everything still a number, or between two?"""

import numpy as np

from parsim.jit import kernel, widest


@kernel
def first_not_finite(values):
    """The index of the first NaN or infinity, or -1."""
    bad = 0
    for i in range(values.size):
        bad += values[i] - values[i] != 0.0  # vectorizes; an early exit would not
    if bad > 0:
        for i in range(values.size):
            if values[i] - values[i] != 0.0:
                return i
    return -1


@kernel
def all_within(values, least, most):
    """Is each from `least` to `most`? What is no number is not."""
    widest()
    others = 0
    for i in range(np.uint64(values.size)):
        others += 0 if (values[i] >= least) & (values[i] <= most) else 1
    return others == 0
