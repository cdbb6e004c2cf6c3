"""The stages of Runge-Kutta methods with two derivatives: one of order 4 over an interval, one of order 5 in substeps.

Two stages give order 4 and three order 5 (Chan and Tsai 2010, Numerical Algorithms 53). `slopes` and `driven` are
formulas of a model: derivatives of voltage and gates, and what else enters the voltage; `cell` is its layout.
"""

import numpy as np

from parsim.jit import inlined
from parsim.kernels.maths import exp_of_small
from parsim.models.parts import driving
from parsim.models.parts.columns import (
    AT_FIRST,
    AT_SECOND,
    AT_THIRD,
    BEND,
    ERROR,
    NEXT,
    NOW,
    ROW,
    SUBSTEP,
    TIME,
    TOLERANCE,
    VARIABLE,
    V,
)  # fmt: skip

GATE_SCALE = 100.0  # mV that an error of 1 in a gate counts for
SMALLEST = 2.0**-13  # of an interval: a substep that is accepted whatever its error

# A stage is two loops: one takes exponentials, the other does the rest. In one loop the processor would wait
# for each result in turn: 5.8 ns a cell in place of 8.2 for the rates of hh_cond_exp_traub.


@inlined
def fourth_root(x):
    """x^(1/4) in single precision: enough to choose a substep by, and 3 % less time for COBAHH than in double."""
    return np.float64(np.sqrt(np.sqrt(np.float32(x))))


@inlined
def first_stage(slopes, driven, w, j, at):
    """Keep the derivatives at the start of a step; `at` is its time in the interval."""
    i, di, g, dg = driven(w, j, driving.NO_TIME, 0.0, at)
    slopes(w, j, NOW, AT_FIRST, i, di, g, dg)


@inlined
def to_second_stage(cell, w, j, h):
    """The state a time h later, to second order."""
    b = 0.5 * h
    for x in range(V, cell.rates, VARIABLE):
        w[x + NEXT + j] = w[x + j] + h * (w[x + AT_FIRST + j] + b * w[x + AT_FIRST + BEND + j])


@inlined
def finish_order_4(cell, slopes, driven, w, j, h):
    """The second stage is half-way; the error is the difference to a method of order 3."""
    a, b, c = 0.5 * h, 0.25 * h, h * (1.0 / 6.0)
    i, di, g, dg = driven(w, j, driving.HALF, a, a)
    slopes(w, j, NEXT, AT_THIRD, i, di, g, dg)
    for x in range(V, cell.rates, VARIABLE):
        first, last = w[x + AT_FIRST + BEND + j], w[x + AT_THIRD + BEND + j]
        w[x + NEXT + j] = w[x + j] + h * (w[x + AT_FIRST + j] + c * (first + 2.0 * last))
        w[x + AT_THIRD + j] = (w[x + AT_THIRD + j] - w[x + AT_FIRST + j]) - b * (first + last)
    w[ERROR + j] = h * weighed(cell, w, j, AT_THIRD)


@inlined
def weighed(cell, w, j, errors):
    """The errors of voltage and gates in one number, mV. Those of gates are added by twos."""
    first, two = V + VARIABLE, VARIABLE + VARIABLE
    alone = first + (cell.rates - first) // two * two  # the last one, where their number is odd
    gates = 0.0
    for x in range(first, alone, two):
        gates += abs(w[x + errors + j]) + abs(w[x + VARIABLE + errors + j])
    for x in range(alone, cell.rates, VARIABLE):
        gates += abs(w[x + errors + j])
    return abs(w[V + errors + j]) + GATE_SCALE * gates


@inlined
def choose_substep(cell, w, j, interval):
    """No substep goes beyond the interval, and no sliver is left of it; who is lost goes to its end at once.

    What a substep leaves of a synapse is exact to rounding where it is at least e^-4; below e^-20 it is e^-20.
    """
    rest = interval - w[TIME + j]
    h = w[SUBSTEP + j]
    h = rest if (h >= rest - 1e-9 * interval) | (w[V + j] != w[V + j]) else h
    w[SUBSTEP + j] = h
    for r in range(np.uint64(0), cell.synapses - cell.rates, ROW):
        fortieth = exp_of_small((-1.0 / 40.0) * h * w[cell.rates + r + j])
        twentieth = fortieth * fortieth
        tenth = twentieth * twentieth
        w[cell.fifths + r + j] = tenth * tenth


@inlined
def second_stage(cell, slopes, driven, w, j):
    """Two fifths of the way; leads to the third stage, at the end and of order 3."""
    h = w[SUBSTEP + j]
    t = 0.4 * h
    i, di, g, dg = driven(w, j, driving.TWO_FIFTHS, t, w[TIME + j] + t)
    slopes(w, j, NEXT, AT_SECOND, i, di, g, dg)
    a, b = -0.25 * h, 0.75 * h
    for x in range(V, cell.rates, VARIABLE):
        bends = a * w[x + AT_FIRST + BEND + j] + b * w[x + AT_SECOND + BEND + j]
        w[x + NEXT + j] = w[x + j] + h * (w[x + AT_FIRST + j] + bends)


@inlined
def finish_order_5(cell, slopes, driven, decayed, w, j, interval):
    """Go on if the estimated error is within tolerance, and choose the next substep by it."""
    h, t = w[SUBSTEP + j], w[TIME + j]
    i, di, g, dg = driven(w, j, driving.SUBSTEP, h, t + h)
    slopes(w, j, NEXT, AT_THIRD, i, di, g, dg)

    # The slope at the end against the integral of the second derivative.
    c, d = h * (1.0 / 36.0), h * (1.0 / 72.0)
    for x in range(V, cell.rates, VARIABLE):
        first, second = w[x + AT_FIRST + BEND + j], w[x + AT_SECOND + BEND + j]
        last = w[x + AT_THIRD + BEND + j]
        w[x + NEXT + j] = w[x + j] + h * (
            w[x + AT_FIRST + j] + d * ((9.0 * first + 25.0 * second) + 2.0 * last)
        )
        w[x + AT_THIRD + j] = (w[x + AT_THIRD + j] - w[x + AT_FIRST + j]) - c * (
            (3.0 * first + 25.0 * second) + 8.0 * last
        )
    error = h * weighed(cell, w, j, AT_THIRD)
    good = (error <= w[TOLERANCE + j]) | (h <= SMALLEST * interval) | (w[V + j] != w[V + j])

    for x in range(V, cell.rates, VARIABLE):
        w[x + j] = w[x + NEXT + j] if good else w[x + j]
    decayed(w, j, driving.SUBSTEP, good, h if good else 0.0)
    end = interval if h >= interval - t else t + h
    w[TIME + j] = end if good else t

    least = 1e-3 * w[TOLERANCE + j]  # the substep grows threefold at most
    factor = 0.9 * fourth_root(w[TOLERANCE + j] / (least if error < least else error))
    factor = factor if factor > 0.2 else 0.2  # also when the error is no number
    h = h * (factor if factor < 3.0 else 3.0)
    w[SUBSTEP + j] = h if h > SMALLEST * interval else SMALLEST * interval
