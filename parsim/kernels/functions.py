"""Further functions as mechanisms use them, made of `maths`: they vectorize, with the same bits on every machine."""

import numpy as np

from parsim.jit import inlined
from parsim.kernels.maths import exp, expm1, log, sine

_TURN = 0.15915494309189535  # 1 / (2 pi)
_LOG10_E = 0.4342944819032518
_PI = 3.141592653589793


@inlined
def power(x: float, y: float) -> float:
    """x to the y; of a negative x for whole y alone, else NaN. Relative error |y log x| 1e-16."""
    value = exp(y * log(abs(x)))
    whole = y == np.floor(y)
    odd = whole & (y * 0.5 != np.floor(y * 0.5))
    signed = -value if odd else value
    negative = signed if whole else np.nan
    at_zero = 0.0 if y > 0.0 else np.inf
    of_negative = negative if x < 0.0 else value
    value = at_zero if x == 0.0 else of_negative
    return 1.0 if y == 0.0 else value


@inlined
def sin(x: float) -> float:
    """The sine; its error is that of x / (2 pi), 1e-16 |x|."""
    return sine(x * _TURN)


@inlined
def cos(x: float) -> float:
    """The cosine, with the same error."""
    return sine(x * _TURN + 0.25)


@inlined
def tan(x: float) -> float:
    """The tangent."""
    return sin(x) / cos(x)


@inlined
def sinh(x: float) -> float:
    """The hyperbolic sine, accurate also near 0."""
    e = expm1(abs(x))
    value = 0.5 * (e + e / (e + 1.0))
    value = value if e < 1e300 else np.inf
    return -value if x < 0.0 else value


@inlined
def cosh(x: float) -> float:
    """The hyperbolic cosine."""
    return 0.5 * (exp(x) + exp(-x))


@inlined
def tanh(x: float) -> float:
    """The hyperbolic tangent, accurate also near 0."""
    e = expm1(-2.0 * abs(x))
    value = -e / (e + 2.0)
    return -value if x < 0.0 else value


@inlined
def log10(x: float) -> float:
    """The logarithm to the base 10."""
    return log(x) * _LOG10_E


@inlined
def fmod(x: float, y: float) -> float:
    """What is left of x when y is taken away a whole number of times; it has the sign of x."""
    return x - y * np.trunc(x / y)


@inlined
def atan(x: float) -> float:
    """The arc tangent, within 3e-16: what is left of the nearest multiple of pi/8 by its series, |d| <= tan(pi/16)."""
    a = abs(x)
    b = 1.0 / a if a > 1.0 else a
    slope = 1.0 if b > 0.6681786379192989 else 0.41421356237309503  # of pi/4 or pi/8
    angle = 0.7853981633974483 if b > 0.6681786379192989 else 0.39269908169872414
    near_0 = b < 0.198912367379658
    slope, angle = 0.0 if near_0 else slope, 0.0 if near_0 else angle
    d = (b - slope) / (1.0 + slope * b)
    z = d * d
    s = 1.0 / 17.0 - z * (1.0 / 19.0 - z * (1.0 / 21.0 - z * (1.0 / 23.0)))
    s = 1.0 / 9.0 - z * (1.0 / 11.0 - z * (1.0 / 13.0 - z * (1.0 / 15.0 - z * s)))
    s = d - d * z * (1.0 / 3.0 - z * (1.0 / 5.0 - z * (1.0 / 7.0 - z * s))) + angle
    s = 0.5 * _PI - s if a > 1.0 else s
    return -s if x < 0.0 else s
