"""Random numbers without a generator: each is a function of (seed, serial, gid, draw, lane).

One block of Philox 4x32-10 (Salmon et al. 2011) has the key (seed, serial) and the counter
(draw low, gid, lane, draw high) in words of 32 bits; its four words make two doubles in [0, 1).
`seed`, `serial`, `gid` and `lane` are whole numbers in [0, 2^32), `draw` in [0, 2^63): the serial
names a statement of the network, the lane one of its uses, the draw counts within it. No state is
kept, so none is saved, passed on or exhausted, and no number depends on a rank or on what was
drawn before.

The stored values in the tests hold on every machine: the distributions use only operations that
IEEE 754 rounds correctly, in a stated order, hence the logarithm written out below.
"""

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.jit import inlined, kernel

Word = int | np.uint64

# Words of 32 bits are kept in uint64: products never overflow, so plain Python agrees with the
# compiled code, and 32 x 32 -> 64 is one vector instruction. All constants are typed, because
# numba makes a float64 of uint64 and int64.
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)


@inlined
def _round(
    a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64, k: np.uint64, m: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    # Masked where they enter a product only: the vector product ignores the upper halves anyway.
    p, q = _MULTIPLIER_0 * (a & _LOW), _MULTIPLIER_1 * (c & _LOW)
    return (q >> _HALF) ^ b ^ k, q, (p >> _HALF) ^ d ^ m, p


@inlined
def philox(
    c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """One block: four random words of 32 bits (as uint64) of a counter and a key of such words."""
    a, b, c, d = np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3)
    k, m = np.uint64(k0) & _LOW, np.uint64(k1) & _LOW
    for _ in range(10):
        a, b, c, d = _round(a, b, c, d, k, m)
        k, m = (k + _WEYL_0) & _LOW, (m + _WEYL_1) & _LOW
    return a & _LOW, b & _LOW, c & _LOW, d & _LOW


_TOP_21 = np.uint64(0xFFFFF800)
_HIGH_PART = np.uint64(0x4530000000000000)  # or-ed to a word w: the bits of 2^84 + w 2^32
_LOW_PART = np.uint64(0x4330000000000000)  # or-ed to a word w: the bits of 2^52 + w


@inlined
def _double(high: np.uint64, low: np.uint64) -> float:
    """The upper 53 of the 64 bits of two words, times 2^-53; every operation here is exact.

    As a conversion of an integer this costs twice as much: AVX2 has no instruction for it.
    """
    upper = np.uint64(high | _HIGH_PART).view(np.float64) - (2.0**84 + 2.0**52)
    return (upper + np.uint64((low & _TOP_21) | _LOW_PART).view(np.float64)) * 2.0**-64


@inlined
def uniforms(seed: int, serial: int, gid: int, draw: int, lane: int) -> tuple[float, float]:
    """The two doubles in [0, 1) of block `draw`: multiples of 2^-53, each from two of its words."""
    block = np.uint64(draw)
    a, b, c, d = philox(block, gid, lane, block >> _HALF, seed, serial)
    return _double(a, b), _double(c, d)


@inlined
def uniforms_of_two(
    seed: int, serial: int, gid: int, other_gid: int, draw: int, lane: int, other_lane: int
) -> tuple[float, float, float, float]:
    """`uniforms` of (gid, lane) and of (other_gid, other_lane).

    Two blocks turn by turn keep the processor's multipliers busy: 1.25 ns a double instead of 1.65
    in a loop over gids and lanes.
    """
    block = np.uint64(draw)
    a, b, c, d = block, np.uint64(gid), np.uint64(lane), block >> _HALF
    e, f, g, h = block, np.uint64(other_gid), np.uint64(other_lane), block >> _HALF
    k, m = np.uint64(seed) & _LOW, np.uint64(serial) & _LOW
    for _ in range(10):
        a, b, c, d = _round(a, b, c, d, k, m)
        e, f, g, h = _round(e, f, g, h, k, m)
        k, m = (k + _WEYL_0) & _LOW, (m + _WEYL_1) & _LOW
    first, second = _double(a & _LOW, b & _LOW), _double(c & _LOW, d & _LOW)
    return first, second, _double(e & _LOW, f & _LOW), _double(g & _LOW, h & _LOW)


@inlined
def uniform(seed: int, serial: int, gid: int, draw: int, lane: int) -> float:
    """The first double in [0, 1) of block `draw`."""
    return uniforms(seed, serial, gid, draw, lane)[0]


@inlined
def exponential(u: float) -> float:
    """An exponential variate of mean 1 from a uniform in [0, 1): at most 36.8."""
    return -log(1.0 - u)


@kernel
def normal(u: float) -> float:
    """A standard normal variate from a uniform in [0, 1): at most 8.3 in magnitude.

    The inverse of the cumulative distribution at the midpoint of [u, u + 2^-53), hence symmetric
    and finite; algorithm AS 241, PPND16 (Wichura 1988), relative error about 1e-16.
    """
    q = (u - 0.5) + 2.0**-54  # exact
    if abs(q) <= 0.425:
        return q * _central(0.180625 - q * q)
    r = np.sqrt(-log(0.5 - abs(q)))
    z = _tail(r - 1.6) if r <= 5.0 else _far_tail(r - 5.0)
    return z if q > 0.0 else -z


@inlined
def _central(r: float) -> float:
    top = 2509.0809287301226727 * r + 33430.575583588128105
    top = (top * r + 67265.770927008700853) * r + 45921.953931549871457
    top = (top * r + 13731.693765509461125) * r + 1971.5909503065514427
    top = (top * r + 133.14166789178437745) * r + 3.387132872796366608
    low = 5226.495278852854561 * r + 28729.085735721942674
    low = (low * r + 39307.89580009271061) * r + 21213.794301586595867
    low = (low * r + 5394.1960214247511077) * r + 687.1870074920579083
    low = (low * r + 42.313330701600911252) * r + 1.0
    return top / low


@kernel
def _tail(r: float) -> float:
    top = 7.7454501427834140764e-4 * r + 0.0227238449892691845833
    top = (top * r + 0.24178072517745061177) * r + 1.27045825245236838258
    top = (top * r + 3.64784832476320460504) * r + 5.7694972214606914055
    top = (top * r + 4.6303378461565452959) * r + 1.42343711074968357734
    low = 1.05075007164441684324e-9 * r + 5.475938084995344946e-4
    low = (low * r + 0.0151986665636164571966) * r + 0.14810397642748007459
    low = (low * r + 0.68976733498510000455) * r + 1.6763848301838038494
    low = (low * r + 2.05319162663775882187) * r + 1.0
    return top / low


@kernel
def _far_tail(r: float) -> float:
    top = 2.01033439929228813265e-7 * r + 2.71155556874348757815e-5
    top = (top * r + 0.0012426609473880784386) * r + 0.026532189526576123093
    top = (top * r + 0.29656057182850489123) * r + 1.7848265399172913358
    top = (top * r + 5.4637849111641143699) * r + 6.6579046435011037772
    low = 2.04426310338993978564e-15 * r + 1.4215117583164458887e-7
    low = (low * r + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4
    low = (low * r + 0.0148753612908506148525) * r + 0.13692988092273580531
    low = (low * r + 0.59983220655588793769) * r + 1.0
    return top / low


_ROOT_HALF = np.uint64(0x3FE6A09E00000000)  # the bits of a double just below sqrt(1/2)
_TO_ONE = np.uint64(0x3FF0000000000000 - 0x3FE6A09E00000000)
_MANTISSA = np.uint64(0x000FFFFFFFFFFFFF)
_MANTISSA_BITS = np.uint64(52)
_AS_DOUBLE = np.uint64(0x4330000000000000)  # the bits of 2^52; or-ed to k < 2^52, those of 2^52 + k


@inlined
def log(x: float) -> float:
    """The natural logarithm: within one unit in the last place, without a branch.

    x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); with s = f / (2 + f), log(1 + f) is
    2 artanh(s), a polynomial in s^2 (the coefficients are those of fdlibm's `log`).
    """
    inside = x if (x > 0.0) & (x < np.inf) else 1.0
    tiny = inside < 2.0**-1022
    bits = np.float64(inside * 2.0**54 if tiny else inside).view(np.uint64) + _TO_ONE
    k: float = np.uint64((bits >> _MANTISSA_BITS) | _AS_DOUBLE).view(np.float64) - (2.0**52 + 1023.0)
    k = k - 54.0 if tiny else k
    f = np.uint64((bits & _MANTISSA) + _ROOT_HALF).view(np.float64) - 1.0

    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = 1.818357216161805012e-01 + w * 1.479819860511658591e-01
    odd = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * odd))
    square = 0.5 * f * f
    value: float = s * (square + (odd + even)) + k * 1.90821492927058770002e-10 - square + f
    value = value + k * 6.93147180369123816490e-01  # ln 2 in two parts; this product is exact

    value = value if x > 0.0 else (-np.inf if x == 0.0 else np.nan)
    return value if x < np.inf else x


@kernel
def uniform_array(seed: int, serial: int, gids: Ints, draws: Ints, lane: int) -> Floats:
    """`uniform` of gids[i] and draws[i] for every i."""
    out = np.empty(gids.size)
    for i in range(gids.size):
        out[i] = uniform(seed, serial, gids[i], draws[i], lane)
    return out


@kernel
def exponential_array(seed: int, serial: int, gids: Ints, draws: Ints, lane: int) -> Floats:
    """`exponential(uniform)` of gids[i] and draws[i] for every i."""
    out = uniform_array(seed, serial, gids, draws, lane)
    for i in range(out.size):
        out[i] = exponential(out[i])
    return out


@kernel
def normal_array(seed: int, serial: int, gids: Ints, draws: Ints, lane: int) -> Floats:
    """`normal(uniform)` of gids[i] and draws[i] for every i.

    Most are calculated as if all were near 0, without a branch; those that are not, one in seven, by themselves.
    """
    out = uniform_array(seed, serial, gids, draws, lane)
    far, n = np.empty(out.size + 1, np.int64), 0
    for i in range(out.size):
        far[n] = i
        n += int(abs((out[i] - 0.5) + 2.0**-54) > 0.425)
    values = np.empty(n)
    for k in range(n):
        values[k] = normal(out[far[k]])
    for i in range(out.size):
        q = (out[i] - 0.5) + 2.0**-54
        out[i] = q * _central(0.180625 - q * q)
    for k in range(n):
        out[far[k]] = values[k]
    return out
