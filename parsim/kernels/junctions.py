"""Sums over gap junctions: waveforms gathered, added up cell by cell, and turned into polynomials.

A row of waveforms holds six numbers for each step, voltages at its start, middle and end in mV and
slopes there in mV/ms, one step after another, so that a sum runs along rows and vectorizes.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from parsim.jit import kernel, kernel_over, scratch, within

WIDTH = 6  # numbers that give a waveform in a step
_ONE, _EIGHT = np.uint64(1), np.uint64(8)
_TILE = 8  # cells: their share of a step's waveforms is one cache line


@kernel
def pack(wave, cells, steps, first, rows):
    """Waveforms [step, 6, cell] of some cells, to `rows[first + c]`."""
    for begin in range(0, cells.size, _TILE):
        end = min(begin + _TILE, cells.size)
        for k in range(steps):
            for j in range(6):
                for c in range(begin, end):
                    rows[first[c], 6 * k + j] = wave[k, j, cells[c]]


_PIECE = 96  # numbers of a sum that are added up at a time


@kernel
def add_up(start, at, weight, rows, width, sums):
    """`sums[c]` becomes the sum of weight times `rows[at : at + width]` over the junctions [start[c], start[c + 1]).

    Eight junctions in one visit of the sum, one after another, at unsigned places of one long row, and to memory of
    which the compiler knows that it overlaps with nothing: with 60 junctions a cell and 12 numbers 0.19 ns a product.
    It is 0.25 from rows of a table straight to `sums`, 0.35 one by one.
    """
    total, most = scratch(_PIECE), np.uint64(_PIECE)
    for c in range(np.uint64(start.size - 1)):
        for begin in range(np.uint64(0), np.uint64(width), most):
            n = min(most, np.uint64(width) - begin)
            for x in range(n):
                total[x] = 0.0
            j, end = start[c], start[c + _ONE]
            while j + _EIGHT <= end:
                k, w = at[j : j + _EIGHT], weight[j : j + _EIGHT]
                a, b, d, e = k[0] + begin, k[1] + begin, k[2] + begin, k[3] + begin
                f, g, h, i = k[4] + begin, k[5] + begin, k[6] + begin, k[7] + begin
                p, q, r, s = w[0], w[1], w[2], w[3]
                t, u, v, y = w[4], w[5], w[6], w[7]
                for x in range(n):
                    first = (((total[x] + p * rows[a + x]) + q * rows[b + x]) + r * rows[d + x]) + s * rows[
                        e + x
                    ]
                    total[x] = (((first + t * rows[f + x]) + u * rows[g + x]) + v * rows[h + x]) + y * rows[
                        i + x
                    ]
                j += _EIGHT
            while j < end:
                a, p = at[j] + begin, weight[j]
                for x in range(n):
                    total[x] = total[x] + p * rows[a + x]
                j += _ONE
            for x in range(n):
                sums[c, begin + x] = total[x]


_STEP = 1e-3  # mV, for the slope of a current of the voltage across a junction


@cache
def add_nonlinear(gating: Callable[[float], float]) -> Callable[..., None]:
    """The kernel that adds currents of junctions that are not linear, w gating(dv) dv, from the waveforms as they are.

    add(start, slot, side, weight, rows, steps, sums) adds those of cell c to `sums[c]`. As the cell takes weight times
    its own voltage off again, that is added. A junction conducts from its first side to its second, dv is the first's
    voltage less the second's, and `side` is 1 where the cell is the second.
    """
    gating = within(gating)

    def add(start, slot, side, weight, rows, steps, sums):
        for c in range(start.size - 1):
            for row in range(start[c], start[c + 1]):
                w, sign, of = weight[row], side[row], slot[row]
                for k in range(steps):
                    for j in range(3):
                        v, slope = 6 * k + j, 6 * k + 3 + j
                        dv = sign * (rows[of, v] - rows[c, v])
                        above, below = dv + _STEP, dv - _STEP
                        rise = (gating(above) * above - gating(below) * below) / (above - below)
                        sums[c, v] += w * (sign * (gating(dv) * dv) + rows[c, v])
                        sums[c, slope] += w * (rise * (rows[of, slope] - rows[c, slope]) + rows[c, slope])

    return kernel_over(add)


@kernel
def greatest_change(before, after, g, steps):
    """How far the mean voltage of a cell's partners, weighted by conductance, has moved; and of which cell, or -1."""
    worst, which = 0.0, -1
    for c in range(g.size):
        least = 0.0
        for k in range(steps):
            for j in range(3):
                change = abs(after[c, 6 * k + j] - before[c, 6 * k + j])
                least = change if change > least or change != change else least
        if g[c] > 0.0 and not least / g[c] <= worst:
            worst, which = (least / g[c] if least == least else np.inf), c
    return worst, which


@kernel
def go_half_way(before, after):
    """New sums become the means of themselves and the old ones."""
    for c in range(after.shape[0]):
        for x in range(after.shape[1]):
            after[c, x] = 0.5 * (before[c, x] + after[c, x])


@kernel
def to_polynomials(sums, owed, at, cells, steps, dt, order, drive):
    """Rows of node values `sums[at[c]]` to two polynomials a step, drive[step, 8, cells[c]], one for each half.

    Order 3 meets voltages and slopes at the ends of a half, order 1 the voltages. The charge `owed[at[c]]` is
    spread evenly over all steps.
    """
    half, cubic, per_window = 0.5 * dt, order == 3, 1.0 / (steps * dt)
    for begin in range(0, cells.size, _TILE):
        end = min(begin + _TILE, cells.size)
        for k in range(steps):
            for j in range(2):
                for c in range(begin, end):
                    row, i = sums[at[c]], cells[c]
                    value, up = row[6 * k + j], row[6 * k + j + 1] - row[6 * k + j]
                    p, q = half * row[6 * k + 3 + j], half * row[6 * k + 4 + j]
                    drive[k, 4 * j, i] = value + per_window * owed[at[c]]
                    drive[k, 4 * j + 1, i] = p if cubic else up
                    drive[k, 4 * j + 2, i] = 3.0 * up - 2.0 * p - q if cubic else 0.0
                    drive[k, 4 * j + 3, i] = p + q - 2.0 * up if cubic else 0.0


@kernel
def missed(before, after, steps, dt, order, owed):
    """The charge (pA ms) in the polynomials of node values `after` beyond that in those of `before`."""
    half, cubic = 0.5 * dt, order == 3
    for c in range(owed.size):
        old, new = before[c], after[c]
        charge = 0.0
        for k in range(steps):
            for j in range(2):
                v, slope = 6 * k + j, 6 * k + 3 + j
                ends = (new[v] - old[v]) + (new[v + 1] - old[v + 1])
                curvature = (new[slope] - old[slope]) - (new[slope + 1] - old[slope + 1])
                charge += half * (0.5 * ends + (half * curvature / 12.0 if cubic else 0.0))
        owed[c] = charge


_NEAR = 2  # steps: in longer windows a straight line is the better guess, for spikes bend sharply


@kernel
def extrapolate(drive, last, cells, at, steps, dt, sums):
    """Node values beyond step `last` of `drive`: value, slope and, not far, curvature at its end go on."""
    for c in range(cells.size):
        i, row = cells[c], sums[at[c]]
        d = drive[last, :, i]
        value = d[4] + (d[5] + (d[6] + d[7]))
        rise = d[5] + (2.0 * d[6] + 3.0 * d[7])
        bend = d[6] + 3.0 * d[7] if steps <= _NEAR else 0.0
        for k in range(steps):
            for j in range(3):
                t = 2.0 * k + j  # in half steps
                row[6 * k + j] = value + t * (rise + t * bend)
                row[6 * k + 3 + j] = (rise + 2.0 * t * bend) / (0.5 * dt)
