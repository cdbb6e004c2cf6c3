"""Cells with voltage-gated channels, each integrated with substeps that suit its own state.

All cells of a block take the whole interval in one step of order 4, which is enough for a cell at
rest. It comes with an estimate of its error; cells for which that is too large, those in a spike, are
gathered and go through the interval again in substeps of order 5, each with a step size of its own. What
a cell does is decided by its own numbers alone. Both loops run over cells and vectorize.
"""

import numpy as np

from parsim.jit import kernel, scratch, shared
from parsim.kernels.blocks import BLOCK
from parsim.models.parts.columns import (
    CURRENT,
    ERROR,
    FV,
    GAP_0,
    GAP_1,
    GAP_2,
    GAP_3,
    GAP_G,
    GATED,
    H_NEXT,
    HALF_EX,
    HALF_IN,
    I_E,
    M_NEXT,
    N_NEXT,
    NEXT,
    P_NEXT,
    PLACES,
    QUARTER_EX,
    QUARTER_IN,
    SPACE,
    SUBSTEP,
    THRESHOLD,
    TIME,
    TOLERANCE,
    V_BEFORE,
    V_NEXT,
    H,
    M,
    N,
    P,
    V,
    empty,
    load,
    load_constants,
    move_column,
    store,
    whole_vectors,
)  # fmt: skip
from parsim.models.parts.driving import decayed
from parsim.models.parts.two_derivatives import (
    choose_substep,
    finish_order_4,
    finish_order_5,
    first_stage,
    second_stage,
    to_second_stage,
)  # fmt: skip
from parsim.shard.gap import SLOPE_END, SLOPE_START, V_END, V_START
from parsim.shard.outbox import emit

QUIET = 0.1  # the step of order 4 is held to this part of the tolerance


@kernel
def gather(w, few, place, n, interval):
    """Copy the cells for which one step was too coarse; each begins with a substep that its error suggests."""
    busy = np.uint64(0)
    for j in range(n):
        wanted = QUIET * w[TOLERANCE + j]
        if not w[ERROR + j] <= wanted:
            place[busy] = j
            move_column(w, j, few, busy)
            part = np.sqrt(np.sqrt(wanted / w[ERROR + j]))
            part = part if part < 0.5 else 0.5
            few[TIME + busy] = 0.0
            few[SUBSTEP + busy] = interval * (part if part > 0.0625 else 0.0625)
            busy += np.uint64(1)
    return busy


@kernel
def scatter(w, few, place, busy, interval):
    """Put back the cells that have come through, and close the gaps; how many are left.

    That is done when half of them have: moving a cell costs as much as a substep of three idle ones,
    which change nothing.
    """
    left = np.uint64(0)
    for j in range(busy):
        left += np.uint64(1) if few[TIME + j] < interval else np.uint64(0)
    if np.uint64(2) * left > busy:
        return busy

    j = np.uint64(0)
    while j < busy:
        if few[TIME + j] < interval:
            j += np.uint64(1)
        else:
            for r in range(5):
                w[NEXT[r] + place[j]] = few[GATED[r] + j]
            busy -= np.uint64(1)
            if j < busy:
                place[j] = place[busy]
                move_column(few, busy, few, j)
                few[TIME + j], few[SUBSTEP + j] = few[TIME + busy], few[SUBSTEP + busy]
    return busy


@shared
def try_order_4(exponentials, slopes, driven, w, n, interval):
    """One step over the whole interval, for all."""
    for j in range(n):
        exponentials(w, j, w[V + j])
    for j in range(n):
        first_stage(slopes, driven, w, j, 0.0)
        to_second_stage(w, j, 0.5 * interval)
    for j in range(n):
        exponentials(w, j, w[V_NEXT + j])
    for j in range(n):
        finish_order_4(slopes, driven, w, j, interval)


@shared
def try_order_5(exponentials, slopes, driven, w, n, interval):
    """A substep for each."""
    for j in range(n):
        choose_substep(w, j, interval)
        exponentials(w, j, w[V + j])
    for j in range(n):
        first_stage(slopes, driven, w, j, w[TIME + j])
        to_second_stage(w, j, 0.4 * w[SUBSTEP + j])
    for j in range(n):
        exponentials(w, j, w[V_NEXT + j])
    for j in range(n):
        second_stage(slopes, driven, w, j)
    for j in range(n):
        exponentials(w, j, w[V_NEXT + j])
    for j in range(n):
        finish_order_5(slopes, driven, w, j, interval)


@shared
def through(exponentials, slopes, driven, w, few, place, n, interval):
    """Move n cells through an interval, synapses included, each to its tolerance."""
    try_order_4(exponentials, slopes, driven, w, whole_vectors(n), interval)
    busy = gather(w, few, place, n, interval)
    while busy > 0:
        try_order_5(exponentials, slopes, driven, few, whole_vectors(busy), interval)
        busy = scatter(w, few, place, busy, interval)

    for j in range(n):
        w[V + j] = w[V_NEXT + j]
        w[M + j] = w[M_NEXT + j]
        w[H + j] = w[H_NEXT + j]
        w[N + j] = w[N_NEXT + j]
        w[P + j] = w[P_NEXT + j]
        ex, in_ = w[HALF_EX + j], w[HALF_IN + j]
        decayed(w, j, ex * ex, in_ * in_, interval)


@shared
def advanced(exponentials, slopes, driven, arrive, arrays, rows, s, p, inputs, span, out):
    """`advance` of a model: `slopes` and `driven` are its formulas, `arrive` adds spikes to its synapses.

    `arrays` are those of its state, and `rows` where they stand in the work space.
    """
    w, few, place = scratch(SPACE), scratch(SPACE), scratch(PLACES).view(np.uint64)
    empty(w, min(BLOCK, span.end - span.begin))
    empty(few, min(BLOCK, span.end - span.begin))
    current_rows = inputs.current.shape[0]
    for begin in range(span.begin, span.end, BLOCK):
        n = min(begin + BLOCK, span.end) - begin
        load_constants(p.constants, w, begin, n)
        load(arrays, rows, w, begin, n)
        for j in range(n):
            w[HALF_EX + j] = w[QUARTER_EX + j] * w[QUARTER_EX + j]
            w[HALF_IN + j] = w[QUARTER_IN + j] * w[QUARTER_IN + j]

        for k in range(span.first, span.stop):
            start_step(w, inputs.current[(k - span.origin) % current_rows], begin, n)
            through(exponentials, slopes, driven, w, few, place, n, p.dt[0])
            arrive(w, inputs.spikes[k - span.origin], p, begin, n)
            fire(w, s.free, p.refractory, begin, n, k, out)
        store(arrays, rows, w, begin, n)


@shared
def advanced_coupled(exponentials, slopes, driven, arrive, arrays, rows, s, p, inputs, gap, span, out):
    """`coupled` of a model, as `advanced`: half a step at a time, with the polynomials that its junctions bring."""
    w, few, place = scratch(SPACE), scratch(SPACE), scratch(PLACES).view(np.uint64)
    empty(w, min(BLOCK, span.end - span.begin))
    empty(few, min(BLOCK, span.end - span.begin))
    current_rows, half = inputs.current.shape[0], 0.5 * p.dt[0]
    for begin in range(span.begin, span.end, BLOCK):
        n = min(begin + BLOCK, span.end) - begin
        load_constants(p.constants, w, begin, n)
        load(arrays, rows, w, begin, n)
        for j in range(n):
            w[HALF_EX + j] = w[QUARTER_EX + j]  # half of the half
            w[HALF_IN + j] = w[QUARTER_IN + j]
            w[GAP_G + j] = gap.g[begin + j]

        for k in range(span.first, span.stop):
            start_step(w, inputs.current[(k - span.origin) % current_rows], begin, n)
            drive, wave = gap.drive[k - gap.first], gap.wave[k - gap.first]
            for which in range(2):
                bring(w, drive[4 * which : 4 * which + 4], 1.0 / half, begin, n)
                note(w, V, wave[V_START + which], begin, n)
                through(exponentials, slopes, driven, w, few, place, n, half)
                note(w, FV, wave[SLOPE_START + which], begin, n)
            # The first derivative of voltage is made of gates and voltage alone: no rates, so no exponentials.
            for j in range(n):
                i, di, g, dg = driven(w, j, 1.0, 1.0, 0.0, half)
                w[FV + j] = slopes(w, j, w[V + j], w[M + j], w[H + j], w[N + j], w[P + j], i, di, g, dg)[0]
            note(w, V, wave[V_END], begin, n)
            note(w, FV, wave[SLOPE_END], begin, n)
            arrive(w, inputs.spikes[k - span.origin], p, begin, n)
            fire(w, s.free, p.refractory, begin, n, k, out)
        store(arrays, rows, w, begin, n)


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
