"""The complementary error function, by plain arithmetic: the same bits with the compiler off."""

import numpy as np

from parsim.jit import kernel
from parsim.kernels.maths import exp

_SERIES, _FRACTION = 40, 120  # terms: enough on either side of 1.5
_ROOT_PI = 1.7724538509055159


@kernel
def erfc(x):
    """2/sqrt(pi) times the integral of exp(-t^2) from x on, to 3e-14 of it.

    Near 0 the series of the rest is taken, whose terms are all positive, and far out a continued fraction.
    """
    far = abs(x)
    tail = exp(-far * far)
    if far < 1.5:
        term = total = far
        for n in range(1, _SERIES):
            term *= 2.0 * far * far / (2.0 * n + 1.0)
            total += term
        above = 1.0 - 2.0 / _ROOT_PI * tail * total
    else:
        below = far
        for n in range(_FRACTION, 0, -1):
            below = far + 0.5 * n / below
        above = tail / (_ROOT_PI * below)
    return above if x >= 0.0 else 2.0 - above


SQRT_HALF = np.sqrt(0.5)
