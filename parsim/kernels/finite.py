"""Is everything still a number?"""

from parsim.jit import kernel


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
