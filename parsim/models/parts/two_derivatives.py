"""The stages of Runge-Kutta methods with two derivatives: one of order 4 over an interval, one of order 5 in substeps.

Two stages give order 4 and three order 5 (Chan and Tsai 2010, Numerical Algorithms 53). `slopes` and `driven` are
formulas of a model: derivatives of voltage and gates, and what else enters the voltage.
"""

import numpy as np

from parsim.jit import inlined
from parsim.kernels.maths import exp
from parsim.models.parts.columns import (
    ERROR,
    FH,
    FIFTH_EX,
    FIFTH_IN,
    FM,
    FN,
    FP,
    FV,
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
    M_NEXT,
    N_NEXT,
    P_NEXT,
    RATE_EX,
    RATE_IN,
    SUBSTEP,
    TIME,
    TOLERANCE,
    V_NEXT,
    H,
    M,
    N,
    P,
    V,
)  # fmt: skip
from parsim.models.parts.driving import decayed

GATE_SCALE = 100.0  # mV that an error of 1 in a gate counts for
SMALLEST = 2.0**-13  # of an interval: a substep that is accepted whatever its error

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
