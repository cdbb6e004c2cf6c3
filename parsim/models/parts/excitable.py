"""Cells with voltage-gated channels, each integrated with substeps that suit its own state.

All cells of a block take the whole interval in one step of order 4, which is enough for a cell at
rest. It comes with an estimate of its error; cells for which that is too large, those in a spike, are
gathered and go through the interval again in substeps of order 5, each with a step size of its own. What
a cell does is decided by its own numbers alone. Both loops run over cells and vectorize.

A model gives its `Formulas`, with as many gates and synapses as it has; `excitable` makes its kernels.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from parsim.jit import kernel, scratch, shared, widest
from parsim.kernels.blocks import BLOCK
from parsim.models.parts.columns import (
    AT_FIRST,
    BEND,
    CURRENT,
    ERROR,
    GAP_0,
    GAP_1,
    GAP_2,
    GAP_3,
    GAP_G,
    I_E,
    NEXT,
    NOW,
    PLACES,
    ROW,
    SUBSTEP,
    THRESHOLD,
    TIME,
    TOLERANCE,
    V_BEFORE,
    VARIABLE,
    Layout,
    V,
    empty,
    load,
    load_states,
    move_column,
    share_constants,
    store_states,
    whole_vectors,
)  # fmt: skip
from parsim.models.parts.driving import INTERVAL, NO_TIME, Synapses, with_junctions
from parsim.models.parts.two_derivatives import (
    choose_substep,
    finish_order_4,
    finish_order_5,
    first_stage,
    fourth_root,
    second_stage,
    to_second_stage,
)  # fmt: skip
from parsim.shard.coupled.gap import SLOPE_END, SLOPE_START, V_END, V_START
from parsim.shard.outbox import emit

QUIET = 0.1  # the step of order 4 is held to this part of the tolerance


class Formulas(NamedTuple):
    """What a model is made of, all of it small functions that are inlined; `w` is the work space, `j` a place in it.

    `states(s)` are its arrays, [cell]: voltage and gates, and those of its synapses, in the order of their rows.
    `exponentials(w, j, v)` puts those that its rates are made of into rows, so that they are taken in a loop of
    their own. `slopes(w, j, now, at, i, di, g, dg)` reads each variable x at `w[x + now + j]` and puts its first
    and second derivative at `w[x + at + j]` and `w[x + at + BEND + j]`; what channels and leak do not bring is
    I - G V, where `i`, `g` and their derivatives in time are given. `voltage(w, j, now, i, g)` is that of the voltage
    alone, in the same bits; it finds no exponentials.
    """

    cell: Layout
    states: Callable[..., Any]
    exponentials: Callable[..., Any]
    slopes: Callable[..., Any]
    voltage: Callable[..., Any]
    synapses: Synapses


def excitable(model: Formulas) -> tuple[Callable[..., None], Callable[..., None]]:
    """`advance` and `coupled` of a model.

    A spike is told at the end of the step in which the voltage begins to fall, if that is above threshold.
    """
    cell, states, exponentials, slopes, voltage, (driven, decayed, arrive) = model
    joined, space = with_junctions(driven), int(cell.end)

    @kernel
    def advance(s, p, inputs, span, out):
        widest()
        w, few, place = scratch(space), scratch(space), scratch(PLACES).view(np.uint64)
        empty(w, cell, min(BLOCK, span.end - span.begin))
        empty(few, cell, min(BLOCK, span.end - span.begin))
        current_rows = inputs.current.shape[0]
        for begin in range(span.begin, span.end, BLOCK):
            n = min(begin + BLOCK, span.end) - begin
            come_in(cell, states(s), p, w, begin, n, 2)
            alike = share_constants(cell, w, few, n)
            for k in range(span.first, span.stop):
                start_step(w, inputs.current[(k - span.origin) % current_rows], begin, n)
                through(cell, exponentials, slopes, driven, decayed, w, few, place, n, alike, p.dt[0])
                arrive(w, inputs.spikes[k - span.origin], begin, n)
                fire(w, s.free, p.refractory, begin, n, k, out)
            store_states(cell, states(s), w, begin, n)

    @kernel
    def coupled(s, p, inputs, gap, span, out):
        """Half a step at a time, with the polynomials that its junctions bring."""
        widest()
        w, few, place = scratch(space), scratch(space), scratch(PLACES).view(np.uint64)
        empty(w, cell, min(BLOCK, span.end - span.begin))
        empty(few, cell, min(BLOCK, span.end - span.begin))
        current_rows, half = inputs.current.shape[0], 0.5 * p.dt[0]
        for begin in range(span.begin, span.end, BLOCK):
            n = min(begin + BLOCK, span.end) - begin
            come_in(cell, states(s), p, w, begin, n, 1)
            alike = share_constants(cell, w, few, n)
            for j in range(n):
                w[GAP_G + j] = gap.g[begin + j]

            for k in range(span.first, span.stop):
                start_step(w, inputs.current[(k - span.origin) % current_rows], begin, n)
                drive, wave = gap.drive[k - gap.first], gap.wave[k - gap.first]
                for which in range(2):
                    bring(w, drive[4 * which : 4 * which + 4], 1.0 / half, begin, n)
                    note(w, V, wave[V_START + which], begin, n)
                    through(cell, exponentials, slopes, joined, decayed, w, few, place, n, alike, half)
                    note(w, V + AT_FIRST, wave[SLOPE_START + which], begin, n)
                for j in range(n):
                    i, _, g, _ = joined(w, j, NO_TIME, 0.0, half)
                    w[V + AT_FIRST + j] = voltage(w, j, NOW, i, g)
                note(w, V, wave[V_END], begin, n)
                note(w, V + AT_FIRST, wave[SLOPE_END], begin, n)
                arrive(w, inputs.spikes[k - span.origin], begin, n)
                fire(w, s.free, p.refractory, begin, n, k, out)
            store_states(cell, states(s), w, begin, n)

    return advance, coupled


@shared
def come_in(cell, states, p, w, begin, n, quarters):
    """Copy the cells from `begin` on into the work space; half an interval is so many quarters of a step."""
    load((p.I_e, p.threshold, p.tolerance), I_E, w, begin, n)
    load(p.rates, cell.rates, w, begin, n)
    load(p.constants, cell.constants, w, begin, n)
    load(p.quarters, cell.quarters, w, begin, n)
    load_states(cell, states, w, begin, n)
    for r in range(np.uint64(0), cell.synapses - cell.rates, ROW):
        for j in range(n):
            quarter = w[cell.quarters + r + j]
            w[cell.halves + r + j] = quarter * quarter if quarters == 2 else quarter


@kernel
def gather(cell, w, few, place, n, alike, interval):
    """Copy the cells for which one step was too coarse, first stage and all; each begins with a substep that its error
    suggests.
    """
    busy = np.uint64(0)
    for j in range(n):
        wanted = QUIET * w[TOLERANCE + j]
        if not w[ERROR + j] <= wanted:
            place[busy] = j
            move_column(cell, w, j, few, busy, alike)
            for x in range(V + AT_FIRST, cell.rates, VARIABLE):
                few[x + busy], few[x + BEND + busy] = w[x + j], w[x + BEND + j]
            part = fourth_root(wanted / w[ERROR + j])
            part = part if part < 0.5 else 0.5
            few[TIME + busy] = 0.0
            few[SUBSTEP + busy] = interval * (part if part > 0.0625 else 0.0625)
            busy += np.uint64(1)
    return busy


@kernel
def scatter(cell, w, few, place, busy, alike, interval):
    """Put back the cells that have come through, and close the gaps; how many are left.

    That is done when it spares a vector: idle cells, which change nothing, cost nothing in one that is taken anyway.
    """
    left = np.uint64(0)
    for j in range(busy):
        left += np.uint64(1) if few[TIME + j] < interval else np.uint64(0)
    if whole_vectors(left) == whole_vectors(busy):
        return busy

    j = np.uint64(0)
    while j < busy:
        if few[TIME + j] < interval:
            j += np.uint64(1)
        else:
            for x in range(V, cell.rates, VARIABLE):
                w[x + NEXT + place[j]] = few[x + j]
            busy -= np.uint64(1)
            if j < busy:
                place[j] = place[busy]
                move_column(cell, few, busy, few, j, alike)
                few[TIME + j], few[SUBSTEP + j] = few[TIME + busy], few[SUBSTEP + busy]
    return busy


@shared
def try_order_4(cell, exponentials, slopes, driven, w, n, interval):
    """One step over the whole interval, for all."""
    for j in range(n):
        exponentials(w, j, w[V + j])
    for j in range(n):
        first_stage(slopes, driven, w, j, 0.0)
        to_second_stage(cell, w, j, 0.5 * interval)
    for j in range(n):
        exponentials(w, j, w[V + NEXT + j])
    for j in range(n):
        finish_order_4(cell, slopes, driven, w, j, interval)


@shared
def try_order_5(cell, exponentials, slopes, driven, decayed, w, n, begun, interval):
    """A substep for each; those that have not begun know their first stage."""
    first = n if begun else np.uint64(0)
    for j in range(first):
        exponentials(w, j, w[V + j])
    for j in range(first):
        first_stage(slopes, driven, w, j, w[TIME + j])
    for j in range(n):
        choose_substep(cell, w, j, interval)
        to_second_stage(cell, w, j, 0.4 * w[SUBSTEP + j])
        exponentials(w, j, w[V + NEXT + j])
    for j in range(n):
        second_stage(cell, slopes, driven, w, j)
    for j in range(n):
        exponentials(w, j, w[V + NEXT + j])
    for j in range(n):
        finish_order_5(cell, slopes, driven, decayed, w, j, interval)


@shared
def through(cell, exponentials, slopes, driven, decayed, w, few, place, n, alike, interval):
    """Move n cells through an interval, synapses included, each to its tolerance."""
    try_order_4(cell, exponentials, slopes, driven, w, whole_vectors(n), interval)
    busy, begun = gather(cell, w, few, place, n, alike, interval), False
    while busy > 0:
        try_order_5(cell, exponentials, slopes, driven, decayed, few, whole_vectors(busy), begun, interval)
        busy, begun = scatter(cell, w, few, place, busy, alike, interval), True

    for x in range(V, cell.rates, VARIABLE):
        for j in range(n):
            w[x + j] = w[x + NEXT + j]
    for j in range(n):
        decayed(w, j, INTERVAL, True, interval)


@kernel
def bring(w, polynomial, per_half, begin, n):
    """The polynomial of half a step, whose argument goes from 0 to 1, as one in ms."""
    second, third = per_half * per_half, per_half * per_half * per_half
    for j in range(n):
        w[GAP_0 + j] = polynomial[0, begin + j]
        w[GAP_1 + j] = polynomial[1, begin + j] * per_half
        w[GAP_2 + j] = polynomial[2, begin + j] * second
        w[GAP_3 + j] = polynomial[3, begin + j] * third


@kernel
def note(w, row, into, begin, n):
    """A row of the work space, for the partners."""
    for j in range(n):
        into[begin + j] = w[row + j]


@kernel
def start_step(w, current, begin, n):
    """Add up constant currents; remember the voltage."""
    for j in range(n):
        w[CURRENT + j] = w[I_E + j] + current[begin + j]
        w[V_BEFORE + j] = w[V + j]


@kernel
def fire(w, free, refractory, begin, n, k, out):
    """A cell fires in the step in which its voltage begins to fall, if that is above threshold."""
    for j in range(n):
        v = w[V + j]
        if v >= w[THRESHOLD + j] and v < w[V_BEFORE + j] and k >= free[begin + j]:
            free[begin + j] = k + 1 + refractory[begin + j]
            emit(out, begin + j, k + 1)
