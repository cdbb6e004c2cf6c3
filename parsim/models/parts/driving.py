"""What enters the voltage of cells with channels beside these: synapses of a kind, and gap junctions.

A kind of synapses is three small functions of a column of the work space. `driven(w, j, since, t, at)` is what enters
C dV/dt = I - G V + ... a time t after the synapses' rows, and its derivatives: I, I', G, G'; `at` is the time in the
interval. `decayed(w, j, since, moves, t)` moves the rows that time on, if `moves`. `arrive(w, spikes, begin, n)` adds
the spikes of a step. What is left of a synapse is known for few times alone: `left` says for which.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from parsim.jit import inlined, kernel
from parsim.models.parts.columns import CURRENT, GAP_0, GAP_1, GAP_2, GAP_3, GAP_G, ROW, Layout

NOTHING = -0.0  # what a sum begins with: to add it changes no bit, so the compiler leaves it out
FIRST = np.uint64(0)

# The time since a synapse's row, of an interval or of a substep.
NO_TIME, HALF, INTERVAL, TWO_FIFTHS, SUBSTEP = range(5)


class Synapses(NamedTuple):
    """The kind of synapses of a model."""

    driven: Callable[..., Any]
    decayed: Callable[..., Any]
    arrive: Callable[..., Any]


@inlined
def left(cell, w, j, r, since):
    """What a time `since` leaves of what decays with the rate whose row is the r-th."""
    if since == HALF:
        return w[cell.halves + r + j]
    if since == INTERVAL:
        return w[cell.halves + r + j] * w[cell.halves + r + j]
    if since == TWO_FIFTHS:
        return w[cell.fifths + r + j] * w[cell.fifths + r + j]
    if since == SUBSTEP:
        fifth = w[cell.fifths + r + j]
        return fifth * ((fifth * fifth) * (fifth * fifth))
    return 1.0


def conductances(cell: Layout, reversal: np.uint64, signs: tuple[float, ...]) -> Synapses:
    """Exponential conductances, one for each port; reversal potentials stand from row `reversal` on.

    `signs` is -1 for ports whose weights are below 0. A spike adds its weight.
    """
    rows = np.uint64(len(signs)) * ROW

    @inlined
    def driven(w, j, since, t, at):
        i, di, g, lost = NOTHING, NOTHING, NOTHING, NOTHING
        for r in range(FIRST, rows, ROW):
            here = left(cell, w, j, r, since) * w[cell.synapses + r + j]
            loses = w[cell.rates + r + j] * here
            i += w[reversal + r + j] * here
            di += w[reversal + r + j] * loses
            g += here
            lost += loses
        return w[CURRENT + j] + i, -di, g, -lost

    @inlined
    def decayed(w, j, since, moves, t):
        for r in range(FIRST, rows, ROW):
            rest = left(cell, w, j, r, since)
            w[cell.synapses + r + j] *= rest if moves else 1.0

    @kernel
    def arrive(w, spikes, begin, n):
        for port in range(len(signs)):
            row, sign, arrived = cell.synapses + np.uint64(port) * ROW, signs[port], spikes[port]
            for j in range(n):
                w[row + j] += sign * arrived[begin + j]

    return Synapses(driven, decayed, arrive)


def beta_conductances(
    cell: Layout, reversal: np.uint64, shape: np.uint64, signs: tuple[float, ...]
) -> Synapses:
    """Conductances with a rise and a decay, one for each port: g' = x - g/tau_decay, x' = -x/tau_rise.

    Rows of synapses are all g, then all x; those of rates 1/tau_decay of all, then 1/tau_rise. From row `shape` on
    stand 1/(1/tau_rise - 1/tau_decay) of each, and then what a weight of 1 adds to x. `signs` is -1 for ports whose
    weights are below 0.
    """
    rows = np.uint64(len(signs)) * ROW

    @inlined
    def later(w, j, r, since):
        rest, rest_x = left(cell, w, j, r, since), left(cell, w, j, rows + r, since)
        x = w[cell.synapses + rows + r + j]
        return rest * w[cell.synapses + r + j] + ((rest - rest_x) * w[shape + r + j]) * x, rest_x * x

    @inlined
    def driven(w, j, since, t, at):
        i, di, g, dg = NOTHING, NOTHING, NOTHING, NOTHING
        for r in range(FIRST, rows, ROW):
            here, x = later(w, j, r, since)
            rises = x - w[cell.rates + r + j] * here
            i += w[reversal + r + j] * here
            di += w[reversal + r + j] * rises
            g += here
            dg += rises
        return w[CURRENT + j] + i, di, g, dg

    @inlined
    def decayed(w, j, since, moves, t):
        for r in range(FIRST, rows, ROW):
            here, x = later(w, j, r, since)
            w[cell.synapses + r + j] = here if moves else w[cell.synapses + r + j]
            w[cell.synapses + rows + r + j] = x if moves else w[cell.synapses + rows + r + j]

    @kernel
    def arrive(w, spikes, begin, n):
        for port in range(len(signs)):
            r, sign, arrived = np.uint64(port) * ROW, signs[port], spikes[port]
            for j in range(n):
                w[cell.synapses + rows + r + j] += w[shape + rows + r + j] * (sign * arrived[begin + j])

    return Synapses(driven, decayed, arrive)


def alpha_currents(cell: Layout, ports: int) -> Synapses:
    """Alpha-shaped currents, one for each port: all currents, then how fast each rises but for its decay.

    A spike adds to the rise so that the current will peak at the spike's weight.
    """
    rows = np.uint64(ports) * ROW

    @inlined
    def driven(w, j, since, t, at):
        i, di = NOTHING, NOTHING
        for r in range(FIRST, rows, ROW):
            rest = left(cell, w, j, r, since)
            rise = rest * w[cell.synapses + rows + r + j]
            here = rest * w[cell.synapses + r + j] + t * rise
            i += here
            di += rise - w[cell.rates + r + j] * here
        return w[CURRENT + j] + i, di, 0.0, 0.0

    @inlined
    def decayed(w, j, since, moves, t):
        for r in range(FIRST, rows, ROW):
            rest = left(cell, w, j, r, since)
            rest = rest if moves else 1.0
            rise = w[cell.synapses + rows + r + j]
            w[cell.synapses + r + j] = rest * (w[cell.synapses + r + j] + t * rise)
            w[cell.synapses + rows + r + j] = rest * rise

    @kernel
    def arrive(w, spikes, begin, n):
        for port in range(ports):
            r, arrived = np.uint64(port) * ROW, spikes[port]
            for j in range(n):
                w[cell.synapses + rows + r + j] += (np.e * w[cell.rates + r + j]) * arrived[begin + j]

    return Synapses(driven, decayed, arrive)


def with_junctions(driven: Callable[..., Any]) -> Callable[..., Any]:
    """Beside these, what gap junctions bring: a cubic polynomial in the time `at`, and their conductance."""

    @inlined
    def joined(w, j, since, t, at):
        i, di, g, dg = driven(w, j, since, t, at)
        brought = w[GAP_0 + j] + at * (w[GAP_1 + j] + at * (w[GAP_2 + j] + at * w[GAP_3 + j]))
        rises = w[GAP_1 + j] + at * (2.0 * w[GAP_2 + j] + at * (3.0 * w[GAP_3 + j]))
        return i + brought, di + rises, g + w[GAP_G + j], dg

    return joined
