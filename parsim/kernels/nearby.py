"""Which of the pairs that are near each other are connected: a coin for each, and the targets of a source in order."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.jit import PACKED, inlined, lean_kernel, pack, widest
from parsim.kernels.wiring import WIRING
from parsim.rng import exponential, uniform

_WORD, _ONE, _NONE = np.uint64(64), np.uint64(1), np.uint64(0)
_MANTISSA_BITS, _BIAS = np.uint64(52), np.uint64(1023)
_BLOCK = np.uint64(16)  # words of which one byte says whether any has a mark

Words = NDArray[np.uint64]


class Marks(NamedTuple):
    """A set of numbers: a bit for each, and for each block of words whether it has any."""

    word: Words
    block: NDArray[np.uint8]


ASCENDS = Marks(np.empty(0, np.uint64), np.empty(0, np.uint8))  # of what is in order already


def no_marks(n: int) -> Marks:
    """None of the numbers below n."""
    blocks = n // int(_WORD * _BLOCK) + 1
    return Marks(np.zeros(blocks * int(_BLOCK), np.uint64), np.zeros(blocks, np.uint8))


@lean_kernel
def join(key, gids, places, own, begin, end, behind, number, chance, room, marks, out):
    """Of the pairs of sources from `begin` to `end` those that are connected: the numbers of their targets, ascending.

    `behind[s]` says how many pairs there are up to and with source s, and then how many connections it has. A pair is
    one with probability `chance`, [pair] or one for all; with none given all are. Its coin is a function of both ends
    alone. `own[s]` is the number of the source itself among the targets where it may not meet itself, else -1. There
    is `room` for the coins of a source, the gids that they are of and a byte for each; in `out` for all
    pairs and one more. Targets that ascend already need no marks. Returns how many connections there are.
    """
    widest()
    coin, gid, lucky = room
    first, found = 0, 0
    for s in range(begin, end):
        n, before, itself = behind[s] - first, found, own[s]
        if chance.size > 0:
            for i in range(np.uint64(n)):
                gid[i] = gids[np.uint64(number[np.uint64(first) + i])]
            toss(key, gid, places[s], n, coin)
            these = number[first : first + n]
            if chance.size == 1:
                for i in range(np.uint64(n)):
                    lucky[i] = (coin[i] < chance[0]) & (these[i] != itself)
            else:
                p = chance[first : first + n]
                for i in range(np.uint64(n)):
                    lucky[i] = (coin[i] < p[i]) & (these[i] != itself)
            found = those_of(lucky, these, found, out)
        else:
            for i in range(first, first + n):
                out[found] = number[i]
                found += number[i] != itself
        if marks.word.size > 0:
            in_order(marks, before, found, out)
        behind[s], first = found - before, first + n
    return found


@inlined
def those_of(lucky, these, found, out):
    """Those that are lucky to `out` from `found` on; returns how many are there then."""
    at, n = np.uint64(found), np.uint64(these.size)
    whole = n - n % PACKED
    for i in range(np.uint64(0), whole, PACKED):
        at = pack(these, i, lucky, out, at)
    for i in range(whole, n):
        out[at] = these[i]
        at += np.uint64(lucky[i])
    return np.int64(at)


@lean_kernel
def choose(key, gids, own, behind, number, weight, degree, repeat, coin, out):
    """`degree` partners for each cell, of those up to and with `behind[s]`: the first cell with too few of them, or -1.

    With a `weight` each is chosen in proportion to it. What a cell has been offered is put in another order. There is
    room for the coins of a cell.
    """
    seed, serial = key
    first = 0
    for s in range(behind.size):
        last, n = behind[s], behind[s] - first
        if weight.size > 0 or own[s] >= 0:
            n = offered(own[s], first, last, number, weight)
        if n < (min(degree, 1) if repeat else degree):
            return s
        these, chosen = number[first : first + n], out[s * degree : (s + 1) * degree]
        if weight.size == 0:
            toss_in_turn(key, gids[s], coin)
            if repeat:
                for d in range(degree):
                    chosen[d] = these[int(coin[d] * n)]
            else:
                for d in range(degree):
                    at = d + int(coin[d] * (n - d))
                    these[d], these[at] = these[at], these[d]
                    chosen[d] = these[d]
        elif repeat:
            _by_weight(seed, serial, gids[s], these, weight[first : first + n], chosen)
        else:
            _least_waiting(seed, serial, gids[s], these, weight[first : first + n], chosen)
        first = last
    return -1


@inlined
def offered(own, first, last, number, weight):
    """How many are left without the cell itself and those of no weight; these are moved together."""
    to = first
    for i in range(first, last):
        wanted = (number[i] != own) & (weight.size == 0 or weight[i] > 0.0)
        number[to] = number[i]
        if weight.size > 0:
            weight[to] = weight[i]
        to += wanted
    return to - first


@lean_kernel
def _by_weight(seed, serial, gid, these, weight, chosen):
    """Each with a probability in proportion to its weight."""
    for i in range(1, weight.size):
        weight[i] += weight[i - 1]
    for d in range(chosen.size):
        wanted = uniform(seed, serial, gid, d, WIRING) * weight[weight.size - 1]
        low, high = 0, weight.size - 1
        while low < high:
            middle = (low + high) // 2
            if weight[middle] > wanted:
                high = middle
            else:
                low = middle + 1
        chosen[d] = these[low]


@lean_kernel
def _least_waiting(seed, serial, gid, these, weight, chosen):
    """Different ones, one after another in proportion to the weights of those that are left.

    These come in the order of exponential times at rates of their weights (Efraimidis and Spirakis 2006).
    """
    found = 0
    for i in range(these.size):
        time = exponential(uniform(seed, serial, gid, these[i], WIRING)) / weight[i]
        if found == chosen.size and (found == 0 or time >= weight[found - 1]):
            continue
        at = min(found, chosen.size - 1)  # weights up to this place are read no more, and hold times
        while at > 0 and weight[at - 1] > time:
            weight[at], chosen[at] = weight[at - 1], chosen[at - 1]
            at -= 1
        weight[at], chosen[at] = time, these[i]
        found = min(found + 1, chosen.size)


@lean_kernel
def toss(key, gid, place, n, coin):
    """The coins of a source, at this place, with n targets."""
    widest()
    seed, serial = key
    for i in range(np.uint64(n)):
        coin[i] = uniform(seed, serial, gid[i], place, WIRING)


@lean_kernel
def toss_in_turn(key, gid, coin):
    """The coins of a cell for all that it draws."""
    widest()
    seed, serial = key
    for d in range(np.uint64(coin.size)):
        coin[d] = uniform(seed, serial, gid, d, WIRING)


@inlined
def in_order(marks, begin, end, numbers):
    """Different numbers from `begin` to `end` in ascending order; sorting would take four times as long."""
    for i in range(begin, end):
        mark(marks, np.uint64(numbers[i]))
    unmark(marks, begin, numbers)


@inlined
def mark(marks, number):
    """One more of the numbers."""
    marks.word[number // _WORD] |= _ONE << (number % _WORD)
    marks.block[number // (_WORD * _BLOCK)] = 1


@inlined
def unmark(marks, begin, numbers):
    """All in ascending order, from `begin` on, and none are left; returns where they end."""
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
    return np.int64(to)


@inlined
def lowest(bits):
    """The place of the lowest bit: the exponent of the double that it is."""
    bit = bits & (~bits + _ONE)
    return (np.float64(bit).view(np.uint64) >> _MANTISSA_BITS) - _BIAS
