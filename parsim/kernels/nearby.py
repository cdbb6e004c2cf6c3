"""Which of the pairs that are near each other are connected: a coin for each, and the targets of a source in order."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.jit import inlined, lean_kernel
from parsim.kernels.wiring import WIRING
from parsim.rng import uniform

_WORD, _ONE, _NONE = np.uint64(64), np.uint64(1), np.uint64(0)
_MANTISSA_BITS, _BIAS = np.uint64(52), np.uint64(1023)
_BLOCK = np.uint64(16)  # words of which one byte says whether any has a mark

Words = NDArray[np.uint64]


class Marks(NamedTuple):
    """A set of numbers: a bit for each, and for each block of words whether it has any."""

    word: Words
    block: NDArray[np.uint8]


def no_marks(n: int) -> Marks:
    """None of the numbers below n."""
    blocks = n // int(_WORD * _BLOCK) + 1
    return Marks(np.zeros(blocks * int(_BLOCK), np.uint64), np.zeros(blocks, np.uint8))


@lean_kernel
def join(key, gids, places, own, begin, end, behind, number, chance, room, marks, out):
    """Of the pairs of sources from `begin` to `end` those that are connected: the numbers of their targets, ascending.

    `behind[s]` says how many pairs there are up to and with source s, and then how many connections. A pair is one
    with probability `chance`, [pair] or one for all; with none given all are. Its coin is a function of both ends
    alone. `own[s]` is the number of the source itself among the targets where it may not meet itself, else -1. There
    is `room` for the coins of a source, and the gids that they are of.
    """
    each = np.uint64(0 if chance.size == 1 else 1)
    coin, gid = room
    first, found = 0, 0
    for s in range(begin, end):
        n, before, itself = behind[s] - first, found, own[s]
        if chance.size > 0:
            for i in range(np.uint64(n)):
                gid[i] = gids[np.uint64(number[np.uint64(first) + i])]
            toss(key, gid, places[s], n, coin)
            at = np.uint64(found)
            for i in range(np.uint64(n)):
                target, p = number[np.uint64(first) + i], chance[(np.uint64(first) + i) * each]
                out[at] = target
                at += np.uint64((coin[i] < p) & (target != itself))
            found = np.int64(at)
        else:
            for i in range(first, first + n):
                out[found] = number[i]
                found += number[i] != itself
        in_order(marks, before, found, out)
        behind[s], first = found, first + n
    return found


@lean_kernel
def toss(key, gid, place, n, coin):
    """The coins of a source, at this place, with n targets."""
    seed, serial = key
    for i in range(np.uint64(n)):
        coin[i] = uniform(seed, serial, gid[i], place, WIRING)


@inlined
def in_order(marks, begin, end, numbers):
    """Different numbers from `begin` to `end` in ascending order; sorting would take four times as long."""
    for i in range(begin, end):
        at = np.uint64(numbers[i])
        marks.word[at // _WORD] |= _ONE << (at % _WORD)
        marks.block[at // (_WORD * _BLOCK)] = 1
    to = np.uint64(begin)
    for b in range(np.uint64(marks.block.size)):
        if marks.block[b] == 0:
            continue
        marks.block[b] = 0
        for w in range(b * _BLOCK, (b + _ONE) * _BLOCK):
            bits = marks.word[w]
            marks.word[w] = _NONE
            while bits != _NONE:
                numbers[to] = w * _WORD + lowest(bits)
                bits &= bits - _ONE
                to += _ONE


@inlined
def lowest(bits):
    """The place of the lowest bit: the exponent of the double that it is."""
    bit = bits & (~bits + _ONE)
    return (np.float64(bit).view(np.uint64) >> _MANTISSA_BITS) - _BIAS
