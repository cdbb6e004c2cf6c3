"""Cells with voltage-gated channels, each integrated with substeps that suit its own state.

A gate obeys x' = a(V) (1 - x) - b(V) x and the voltage C V' = I - G V, so second derivatives cost little
more than the first: the same exponentials serve both. Runge-Kutta methods with two derivatives (Chan
and Tsai 2010, Numerical Algorithms 53) then need two stages for order 4 and three for order 5.

All cells of a block take the whole interval in one step of order 4, which is enough for a cell at
rest. It comes with an estimate of its error; cells for which that is too large, those in a spike, are
gathered and go through the interval again in substeps of order 5, each with a step size of its own. What
a cell does is decided by its own numbers alone. Both loops run over cells and vectorize.
"""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined, kernel, scratch, shared
from parsim.kernels import elementary
from parsim.kernels.blocks import BLOCK
from parsim.kernels.maths import exp
from parsim.models.base import Param
from parsim.models.parts.columns import (
    CURRENT,
    E_EX,
    E_IN,
    E_K,
    E_L,
    E_NA,
    ERROR,
    EX,
    EX_RISE,
    FH,
    FIFTH_EX,
    FIFTH_IN,
    FM,
    FN,
    FP,
    FV,
    G_K,
    G_L,
    G_NA,
    GAP_0,
    GAP_1,
    GAP_2,
    GAP_3,
    GAP_G,
    GATED,
    GH,
    GH_2,
    GM,
    GM_2,
    GN,
    GN_2,
    GP,
    GP_2,
    GV,
    GV_2,
    H_NEXT,
    HALF_EX,
    HALF_IN,
    I_E,
    IN,
    IN_RISE,
    M_NEXT,
    N_NEXT,
    NEXT,
    P_NEXT,
    PER_C,
    PLACES,
    QUARTER_EX,
    QUARTER_IN,
    RATE_EX,
    RATE_IN,
    SPACE,
    SUBSTEP,
    THRESHOLD,
    TIME,
    TOLERANCE,
    V_BEFORE,
    V_NEXT,
    Constants,
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
)  # fmt: skip
from parsim.shard.gap import SLOPE_END, SLOPE_START, V_END, V_START
from parsim.shard.outbox import emit

GATE_SCALE = 100.0  # mV that an error of 1 in a gate counts for
QUIET = 0.1  # the step of order 4 is held to this part of the tolerance
SMALLEST = 2.0**-13  # of an interval: a substep that is accepted whatever its error


@inlined
def linoid(y, e):
    """y / (e^y - 1) and its derivative, also at y = 0, given e = e^y."""
    near = abs(y) < 0.005  # where the first three terms are exact to 1e-12
    inverse = 1.0 / (1.0 if near else e - 1.0)
    value = y * inverse
    slope = inverse * ((1.0 - y) - value)
    value = 1.0 + y * (y * (1.0 / 12.0) - 0.5) if near else value
    return value, (y * (1.0 / 6.0) - 0.5 if near else slope)


@inlined
def derivatives(w, j, rates, v, m, h, n, i, di, g, dg):
    """First and second derivatives of voltage and gates, with sodium current m^3 h and potassium current n^4.

    `rates` are opening and closing rate of each gate, each followed by its derivative by V. What else
    enters C dV/dt is i - g V; `di` and `dg` are its derivatives in time.
    """
    am, dam, bm, dbm, ah, dah, bh, dbh, an, dan, bn, dbn = rates
    sm, sh, sn = am + bm, ah + bh, an + bn
    fm, fh, fn = am - sm * m, ah - sh * h, an - sn * n

    m2, n3 = m * m, (n * n) * n
    to_na, to_k = w[E_NA + j] - v, w[E_K + j] - v
    g_na, g_k = w[G_NA + j] * ((m2 * m) * h), w[G_K + j] * (n3 * n)
    g = w[G_L + j] + g
    fv = w[PER_C + j] * (((i + w[G_L + j] * w[E_L + j]) - g * v) + (g_na * to_na + g_k * to_k))

    d_na = w[G_NA + j] * (m2 * ((3.0 * fm) * h + m * fh))
    d_k = w[G_K + j] * (4.0 * (n3 * fn))
    gv = w[PER_C + j] * (((di - dg * v) - (g + (g_na + g_k)) * fv) + (d_na * to_na + d_k * to_k))
    gm = (dam - (dam + dbm) * m) * fv - sm * fm
    gh = (dah - (dah + dbh) * h) * fv - sh * fh
    gn = (dan - (dan + dbn) * n) * fv - sn * fn
    return fv, fm, fh, fn, gv, gm, gh, gn


# A stage is two loops: one takes exponentials, the other does the rest. In one loop the processor would wait
# for each result in turn: 5.8 ns a cell in place of 8.2 for the rates of hh_cond_exp_traub.


@inlined
def first_stage(slopes, driven, w, j, at):
    """Keep the derivatives at the start of a step; `at` is its time in the interval."""
    i, di, g, dg = driven(w, j, 1.0, 1.0, 0.0, at)
    fv, fm, fh, fn, fp, gv, gm, gh, gn, gp = slopes(
        w, j, w[V + j], w[M + j], w[H + j], w[N + j], w[P + j], i, di, g, dg
    )
    w[FV + j], w[FM + j], w[FH + j], w[FN + j], w[FP + j] = fv, fm, fh, fn, fp
    w[GV + j], w[GM + j], w[GH + j], w[GN + j], w[GP + j] = gv, gm, gh, gn, gp


@inlined
def to_second_stage(w, j, h):
    """The state a time h later, to second order."""
    b = 0.5 * h
    w[V_NEXT + j] = w[V + j] + h * (w[FV + j] + b * w[GV + j])
    w[M_NEXT + j] = w[M + j] + h * (w[FM + j] + b * w[GM + j])
    w[H_NEXT + j] = w[H + j] + h * (w[FH + j] + b * w[GH + j])
    w[N_NEXT + j] = w[N + j] + h * (w[FN + j] + b * w[GN + j])
    w[P_NEXT + j] = w[P + j] + h * (w[FP + j] + b * w[GP + j])


@inlined
def finish_order_4(slopes, driven, w, j, h):
    """The second stage is half-way; the error is the difference to a method of order 3."""
    a, b, c = 0.5 * h, 0.25 * h, h * (1.0 / 6.0)
    i, di, g, dg = driven(w, j, w[HALF_EX + j], w[HALF_IN + j], a, a)
    fv, fm, fh, fn, fp, gv, gm, gh, gn, gp = slopes(
        w, j, w[V_NEXT + j], w[M_NEXT + j], w[H_NEXT + j], w[N_NEXT + j], w[P_NEXT + j], i, di, g, dg
    )
    w[V_NEXT + j] = w[V + j] + h * (w[FV + j] + c * (w[GV + j] + 2.0 * gv))
    w[M_NEXT + j] = w[M + j] + h * (w[FM + j] + c * (w[GM + j] + 2.0 * gm))
    w[H_NEXT + j] = w[H + j] + h * (w[FH + j] + c * (w[GH + j] + 2.0 * gh))
    w[N_NEXT + j] = w[N + j] + h * (w[FN + j] + c * (w[GN + j] + 2.0 * gn))
    w[P_NEXT + j] = w[P + j] + h * (w[FP + j] + c * (w[GP + j] + 2.0 * gp))
    w[ERROR + j] = h * weighed(
        (fv - w[FV + j]) - b * (w[GV + j] + gv),
        (fm - w[FM + j]) - b * (w[GM + j] + gm),
        (fh - w[FH + j]) - b * (w[GH + j] + gh),
        (fn - w[FN + j]) - b * (w[GN + j] + gn),
        (fp - w[FP + j]) - b * (w[GP + j] + gp),
    )


@inlined
def weighed(v, m, h, n, p):
    """The errors of voltage and gates in one number, mV."""
    return abs(v) + GATE_SCALE * ((abs(m) + abs(h)) + (abs(n) + abs(p)))


@inlined
def choose_substep(w, j, interval):
    """No substep goes beyond the interval, and no sliver is left of it; who is lost goes to its end at once."""
    rest = interval - w[TIME + j]
    h = w[SUBSTEP + j]
    h = rest if (h >= rest - 1e-9 * interval) | (w[V + j] != w[V + j]) else h
    w[SUBSTEP + j] = h
    w[FIFTH_EX + j] = exp(-0.2 * h * w[RATE_EX + j])
    w[FIFTH_IN + j] = exp(-0.2 * h * w[RATE_IN + j])


@inlined
def second_stage(slopes, driven, w, j):
    """Two fifths of the way; leads to the third stage, at the end and of order 3."""
    h = w[SUBSTEP + j]
    t = 0.4 * h
    i, di, g, dg = driven(
        w, j, w[FIFTH_EX + j] * w[FIFTH_EX + j], w[FIFTH_IN + j] * w[FIFTH_IN + j], t, w[TIME + j] + t
    )
    _, _, _, _, _, gv, gm, gh, gn, gp = slopes(
        w, j, w[V_NEXT + j], w[M_NEXT + j], w[H_NEXT + j], w[N_NEXT + j], w[P_NEXT + j], i, di, g, dg
    )
    w[GV_2 + j], w[GM_2 + j], w[GH_2 + j], w[GN_2 + j], w[GP_2 + j] = gv, gm, gh, gn, gp
    a, b = -0.25 * h, 0.75 * h
    w[V_NEXT + j] = w[V + j] + h * (w[FV + j] + (a * w[GV + j] + b * gv))
    w[M_NEXT + j] = w[M + j] + h * (w[FM + j] + (a * w[GM + j] + b * gm))
    w[H_NEXT + j] = w[H + j] + h * (w[FH + j] + (a * w[GH + j] + b * gh))
    w[N_NEXT + j] = w[N + j] + h * (w[FN + j] + (a * w[GN + j] + b * gn))
    w[P_NEXT + j] = w[P + j] + h * (w[FP + j] + (a * w[GP + j] + b * gp))


@inlined
def finish_order_5(slopes, driven, w, j, interval):
    """Go on if the estimated error is within tolerance, and choose the next substep by it."""
    h, t = w[SUBSTEP + j], w[TIME + j]
    ex, in_ = w[FIFTH_EX + j], w[FIFTH_IN + j]
    ex, in_ = ex * ((ex * ex) * (ex * ex)), in_ * ((in_ * in_) * (in_ * in_))
    i, di, g, dg = driven(w, j, ex, in_, h, t + h)
    fv, fm, fh, fn, fp, gv, gm, gh, gn, gp = slopes(
        w, j, w[V_NEXT + j], w[M_NEXT + j], w[H_NEXT + j], w[N_NEXT + j], w[P_NEXT + j], i, di, g, dg
    )

    # The slope at the end against the integral of the second derivative.
    c = h * (1.0 / 36.0)
    error = h * weighed(
        (fv - w[FV + j]) - c * ((3.0 * w[GV + j] + 25.0 * w[GV_2 + j]) + 8.0 * gv),
        (fm - w[FM + j]) - c * ((3.0 * w[GM + j] + 25.0 * w[GM_2 + j]) + 8.0 * gm),
        (fh - w[FH + j]) - c * ((3.0 * w[GH + j] + 25.0 * w[GH_2 + j]) + 8.0 * gh),
        (fn - w[FN + j]) - c * ((3.0 * w[GN + j] + 25.0 * w[GN_2 + j]) + 8.0 * gn),
        (fp - w[FP + j]) - c * ((3.0 * w[GP + j] + 25.0 * w[GP_2 + j]) + 8.0 * gp),
    )
    good = (error <= w[TOLERANCE + j]) | (h <= SMALLEST * interval) | (w[V + j] != w[V + j])

    c = h * (1.0 / 72.0)
    v = w[V + j] + h * (w[FV + j] + c * ((9.0 * w[GV + j] + 25.0 * w[GV_2 + j]) + 2.0 * gv))
    m = w[M + j] + h * (w[FM + j] + c * ((9.0 * w[GM + j] + 25.0 * w[GM_2 + j]) + 2.0 * gm))
    hh = w[H + j] + h * (w[FH + j] + c * ((9.0 * w[GH + j] + 25.0 * w[GH_2 + j]) + 2.0 * gh))
    n = w[N + j] + h * (w[FN + j] + c * ((9.0 * w[GN + j] + 25.0 * w[GN_2 + j]) + 2.0 * gn))
    p = w[P + j] + h * (w[FP + j] + c * ((9.0 * w[GP + j] + 25.0 * w[GP_2 + j]) + 2.0 * gp))
    w[V + j] = v if good else w[V + j]
    w[M + j] = m if good else w[M + j]
    w[H + j] = hh if good else w[H + j]
    w[N + j] = n if good else w[N + j]
    w[P + j] = p if good else w[P + j]
    decayed(w, j, ex if good else 1.0, in_ if good else 1.0, h if good else 0.0)
    end = interval if h >= interval - t else t + h
    w[TIME + j] = end if good else t

    factor = 0.9 * np.sqrt(np.sqrt(w[TOLERANCE + j] / (1e-300 if error < 1e-300 else error)))
    factor = factor if factor > 0.2 else 0.2  # also when the error is no number
    h = h * (factor if factor < 3.0 else 3.0)
    w[SUBSTEP + j] = h if h > SMALLEST * interval else SMALLEST * interval


@inlined
def decayed(w, j, ex, in_, t):
    """Synapses a time t on; conductances have no rise."""
    w[EX + j] = ex * (w[EX + j] + t * w[EX_RISE + j])
    w[IN + j] = in_ * (w[IN + j] + t * w[IN_RISE + j])
    w[EX_RISE + j] = ex * w[EX_RISE + j]
    w[IN_RISE + j] = in_ * w[IN_RISE + j]


@inlined
def conductances(w, j, ex, in_, t, at):
    """What enters dV/dt = (I - G V + ...)/C with exponential conductances, and its derivatives: I, I', G, G'.

    `ex` and `in_` are the decays of the synapses over the time t since their rows; `at` is the time in
    the interval.
    """
    g_ex, g_in = ex * w[EX + j], in_ * w[IN + j]
    lost_ex, lost_in = w[RATE_EX + j] * g_ex, w[RATE_IN + j] * g_in
    return (
        w[CURRENT + j] + (w[E_EX + j] * g_ex + w[E_IN + j] * g_in),
        -(w[E_EX + j] * lost_ex + w[E_IN + j] * lost_in),
        g_ex + g_in,
        -(lost_ex + lost_in),
    )


@inlined
def alpha_currents(w, j, ex, in_, t, at):
    """The same with alpha-shaped currents."""
    rise_ex, rise_in = ex * w[EX_RISE + j], in_ * w[IN_RISE + j]
    i_ex, i_in = ex * w[EX + j] + t * rise_ex, in_ * w[IN + j] + t * rise_in
    return (
        w[CURRENT + j] + (i_ex + i_in),
        (rise_ex - w[RATE_EX + j] * i_ex) + (rise_in - w[RATE_IN + j] * i_in),
        0.0,
        0.0,
    )


@inlined
def joined(w, j, at, i, di, g, dg):
    """Beside these, what gap junctions bring: a cubic polynomial in the time `at`, and their conductance."""
    brought = w[GAP_0 + j] + at * (w[GAP_1 + j] + at * (w[GAP_2 + j] + at * w[GAP_3 + j]))
    rises = w[GAP_1 + j] + at * (2.0 * w[GAP_2 + j] + at * (3.0 * w[GAP_3 + j]))
    return i + brought, di + rises, g + w[GAP_G + j], dg


@inlined
def conductances_and_junctions(w, j, ex, in_, t, at):
    """`conductances` of cells with gap junctions."""
    i, di, g, dg = conductances(w, j, ex, in_, t, at)
    return joined(w, j, at, i, di, g, dg)


@inlined
def alpha_currents_and_junctions(w, j, ex, in_, t, at):
    """`alpha_currents` of cells with gap junctions."""
    i, di, g, dg = alpha_currents(w, j, ex, in_, t, at)
    return joined(w, j, at, i, di, g, dg)


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
def settle(w, few, place, busy, interval):
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
    try_order_4(exponentials, slopes, driven, w, n, interval)
    busy = gather(w, few, place, n, interval)
    while busy > 0:
        # Whole vectors: an idle place costs nothing, a rest would be done one by one.
        places = (busy + np.uint64(3)) & ~np.uint64(3)
        try_order_5(exponentials, slopes, driven, few, places, interval)
        busy = settle(w, few, place, busy, interval)

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
            for j in range(n):
                exponentials(w, j, w[V + j])
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


@kernel
def arrive_as_conductances(w, spikes, p, begin, n):
    """A spike adds its weight to a conductance; inhibitory weights are negative."""
    ex, in_ = spikes[0], spikes[1]
    for j in range(n):
        w[EX + j] += ex[begin + j]
        w[IN + j] -= in_[begin + j]


@kernel
def arrive_as_alpha_currents(w, spikes, p, begin, n):
    """A spike adds to the rise of a current so that this will peak at the spike's weight."""
    ex, in_ = spikes[0], spikes[1]
    for j in range(n):
        w[EX_RISE + j] += (np.e * w[RATE_EX + j]) * ex[begin + j]
        w[IN_RISE + j] += (np.e * w[RATE_IN + j]) * in_[begin + j]


MEMBRANE = (
    Param("t_ref", 2.0, "ms", "time after a spike in which no other is told", at_least=0.0),
    Param("I_e", 0.0, "pA", "constant input current"),
)


def tolerance(default: float) -> Param:
    """The parameter that bounds the estimated error of each substep."""
    return Param("tolerance", default, "mV", "largest estimated error of a substep", above=0.0)


class Params(NamedTuple):
    constants: Constants
    refractory: Ints
    dt: Floats  # [1]


def parameters(p: SimpleNamespace, clock: Clock, g_K: Floats, threshold: Floats) -> Params:
    """What `advanced` needs; constants that the model does not have are 0."""
    absent, quarter = np.zeros_like(p.C_m), -0.25 * clock.dt
    known = vars(p) | dict(
        per_C=1.0 / p.C_m, g_K=g_K, rate_ex=1.0 / p.tau_syn_ex, rate_in=1.0 / p.tau_syn_in,
        quarter_ex=elementary.exp(quarter / p.tau_syn_ex),
        quarter_in=elementary.exp(quarter / p.tau_syn_in), threshold=threshold,
    )  # fmt: skip
    constants = Constants(**{name: known.get(name, absent) for name in Constants._fields})
    return Params(constants, clock.at_least(p.t_ref, "t_ref"), np.array([clock.dt]))
