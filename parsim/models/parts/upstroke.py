"""How an adaptive exponential cell goes through a step alone: in parts, through upstrokes and spikes.

In an upstroke V grows without bounds in finite time, but y = exp(-(V - V_th)/Delta_T) falls almost in a straight line:

    C dy/dt = -g_L - y I(V)/Delta_T,   I(V) all currents but the exponential one.

So y crosses y(V_peak) at a time that is found to rounding. There V is reset and w raised, and the rest of the step
follows, with further spikes if it comes to that.
"""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel, shared
from parsim.kernels import elementary
from parsim.kernels.maths import exp, log
from parsim.kernels.roots import illinois
from parsim.models.parts.leaky import refractory_steps
from parsim.shard.outbox import emit

STEEP = 0.06  # growth of the exponential current in a step from which a cell is in an upstroke
NEAR_POLE = 5e-4  # of y: from there to the end of a spike in one part
MOST_SPIKES = 1000  # in one step


class Alone(NamedTuple):
    """What a cell needs that goes through a step in parts."""

    C_m: Floats
    g_L: Floats
    E_L: Floats
    E_ex: Floats
    E_in: Floats
    tau_ex: Floats
    tau_in: Floats
    V_th: Floats
    Delta_T: Floats
    V_peak: Floats
    V_steep: Floats
    a: Floats
    tau_w: Floats
    I_e: Floats
    V_reset: Floats
    b: Floats
    refractory: Ints
    dt: Floats  # one element


def alone_params(p: SimpleNamespace, clock: Clock) -> Alone:
    """The parameters as they are, and where upstrokes begin and end."""
    return Alone(
        p.C_m, p.g_L, p.E_L, p.E_ex, p.E_in, p.tau_syn_ex, p.tau_syn_in, p.V_th, p.Delta_T, spike_end(p),
        steep_from(p, clock), p.a, p.tau_w, p.I_e, p.V_reset, p.b, refractory_steps(p.t_ref, clock),
        np.array([clock.dt]),
    )  # fmt: skip


def spike_end(p: SimpleNamespace) -> Floats:
    """The potential at which a spike ends: V_peak, or a sharp threshold."""
    return np.where(p.Delta_T > 0.0, p.V_peak, p.V_th)


def steep_from(p: SimpleNamespace, clock: Clock) -> Floats:
    """The potential from which the exponential current grows by more than the factor exp(STEEP) in a step."""
    growth = np.maximum(clock.dt * p.g_L / p.C_m, 1e-300)
    return np.minimum(spike_end(p), p.V_th + p.Delta_T * elementary.log(STEEP / growth))


class Cell(NamedTuple):
    """One cell's parameters, with all constant currents in `current`."""

    c: float
    g_l: float
    e_l: float
    e_ex: float
    e_in: float
    tau_ex: float
    tau_in: float
    v_th: float
    delta: float
    v_peak: float
    v_steep: float
    a: float
    tau_w: float
    current: float


class Open(NamedTuple):
    """Both conductances (nS) and how fast they rise (nS/ms)."""

    ex: float
    ex_rise: float
    in_: float
    in_rise: float


class Lines(NamedTuple):
    """Both conductances over a part of a step: their means, and what they are above them at its start."""

    ex: float
    ex_fall: float
    in_: float
    in_fall: float


@kernel
def ahead(cell, g, t):
    """Conductances over a time t and after it.

    Over it they are straight lines with the right means and first moments: the fourth order depends on no more.
    """
    decay_ex, zeroth, first, second = moments(t / cell.tau_ex)
    ex, ex_first = zeroth * g.ex + t * first * g.ex_rise, first * g.ex + t * second * g.ex_rise
    decay_in, zeroth, first, second = moments(t / cell.tau_in)
    in_, in_first = zeroth * g.in_ + t * first * g.in_rise, first * g.in_ + t * second * g.in_rise
    after = Open(
        decay_ex * (g.ex + t * g.ex_rise), decay_ex * g.ex_rise,
        decay_in * (g.in_ + t * g.in_rise), decay_in * g.in_rise,
    )  # fmt: skip
    return Lines(ex, 3.0 * ex - 6.0 * ex_first, in_, 3.0 * in_ - 6.0 * in_first), after


@kernel
def moments(x):
    """exp(-x), and the integrals over s in [0, 1] of exp(-x s), s exp(-x s) and s^2 exp(-x s)."""
    last = exp(-x)
    if x < 0.02:  # to 1e-11
        zeroth = 1.0 - x * (0.5 - x * (1.0 / 6.0 - x * (1.0 / 24.0 - x * (1.0 / 120.0))))
        first = 0.5 - x * (1.0 / 3.0 - x * (0.125 - x * (1.0 / 30.0 - x * (1.0 / 144.0))))
        second = 1.0 / 3.0 - x * (0.25 - x * (0.1 - x * (1.0 / 36.0 - x * (1.0 / 168.0))))
    else:
        zeroth = (1.0 - last) / x
        first = (zeroth - last) / x
        second = (2.0 * first - last) / x
    return last, zeroth, first, second


@kernel
def into_membrane(cell, v, w, ex, in_):
    """All currents but the exponential one, pA."""
    return cell.g_l * (cell.e_l - v) + ex * (cell.e_ex - v) + in_ * (cell.e_in - v) + (cell.current - w)


@kernel
def potential(cell, y):
    """V of y, not above V_peak; y may be negative where a part of a step goes past the end of a spike."""
    return min(cell.v_th - cell.delta * log(max(y, 1e-300)), cell.v_peak)


@kernel
def slopes(cell, steep, x, w, ex, in_):
    """Derivatives of x, which is y in an upstroke and V otherwise, and of w."""
    v = potential(cell, x) if steep else x
    current = into_membrane(cell, v, w, ex, in_)
    if steep:
        dx = -(cell.g_l + x * current / cell.delta) / cell.c
    elif cell.delta > 0.0:
        dx = (current + cell.g_l * cell.delta * exp((v - cell.v_th) / cell.delta)) / cell.c
    else:
        dx = current / cell.c
    return dx, (cell.a * (v - cell.e_l) - w) / cell.tau_w


@kernel
def runge_kutta(cell, steep, x, w, c, t):
    """x and w after a time t over which conductances are the lines c, by one classical step."""
    x1, w1 = slopes(cell, steep, x, w, c.ex + c.ex_fall, c.in_ + c.in_fall)
    x2, w2 = slopes(cell, steep, x + 0.5 * t * x1, w + 0.5 * t * w1, c.ex, c.in_)
    x3, w3 = slopes(cell, steep, x + 0.5 * t * x2, w + 0.5 * t * w2, c.ex, c.in_)
    x4, w4 = slopes(cell, steep, x + t * x3, w + t * w3, c.ex - c.ex_fall, c.in_ - c.in_fall)
    x_next, w_next = x + t / 6.0 * (x1 + x4 + 2.0 * (x2 + x3)), w + t / 6.0 * (w1 + w4 + 2.0 * (w2 + w3))
    if steep:
        w_next = beside_pole(cell, x, x_next, w, w_next, t)
    return x_next, w_next


@kernel
def beside_pole(cell, y, y_next, w, w_next, t):
    """w after a time t in which y falls to y_next: `w_next` without what Simpson's rule misses of log y.

    That is, of a straight line; where y falls to less than a fifth, V is taken from that line altogether.
    """
    ratio = max(y_next / y, 1e-300)
    if ratio > 0.98:
        return w_next
    mean_log = ratio * log(ratio) / (ratio - 1.0) - 1.0
    if ratio > 0.2:
        simpson = (4.0 * log(0.5 * (1.0 + ratio)) + log(ratio)) / 6.0
        return w_next - t / cell.tau_w * cell.a * cell.delta * (mean_log - simpson)
    goal = cell.a * (cell.v_th - cell.delta * (log(y) + mean_log) - cell.e_l)
    return goal + (w - goal) * exp(-t / cell.tau_w)


@kernel
def present(g):
    """Both conductances, and how fast they rise together."""
    return g.ex, g.in_, abs(g.ex_rise) + abs(g.in_rise)


@kernel
def part_of(cell, steep, v, w, ex, in_, rising, dt):
    """How long the next part of a step may be."""
    fastest = 4.0 * max(1.0 / cell.tau_ex, 1.0 / cell.tau_in, 1.0 / cell.tau_w)
    conductance = cell.g_l + abs(ex) + abs(in_)
    rise = np.sqrt(5.0 * rising / cell.c)  # what rises that fast gets strong within the part
    fastest = max(fastest, 5.0 * conductance / cell.c, rise, 4.0 / dt)
    if cell.delta > 0.0:
        speed = abs(into_membrane(cell, v, w, ex, in_)) / cell.c
        if not steep:
            speed += cell.g_l * cell.delta * exp((v - cell.v_th) / cell.delta) / cell.c
        fastest = max(fastest, 4.0 * speed / cell.delta)
    # However strong conductances are, V must not decay by more than a half, where the method is still right.
    least = dt / 1024.0
    least = (
        least
        if least * max(rise, 2.0 * conductance / cell.c) < 1.0
        else 1.0 / max(rise, 2.0 * conductance / cell.c)
    )
    return max(1.0 / fastest, least)


@kernel
def beyond_peak(c, t):
    """How far x, moved for a time t, is above the peak."""
    cell, steep, x, w, g, x_peak = c
    return runge_kutta(cell, steep, x, w, ahead(cell, g, t)[0], t)[0] - x_peak


@shared
def until_peak(ahead, beyond_peak, cell, steep, x, w, g, t, x_peak):
    """The time in (0, t] at which x, moved for it, is x_peak, and w then."""
    c, at_start = (cell, steep, x, w, g, x_peak), x - x_peak
    at_end = beyond_peak(c, t)
    t = illinois(beyond_peak, c, 0.0, at_start, t, at_end, 1e-12 * t, 1e-14 * abs(at_start))
    return t, runge_kutta(cell, steep, x, w, ahead(cell, g, t)[0], t)[1]


@kernel
def alone(s, p, i, k, current, g, out):
    """Cell i, whose conductances are `Open`, goes through step k in parts."""
    alone_with(present, ahead, beyond_peak, s, p, i, k, current, g, out)


@shared
def alone_with(present, ahead, beyond_peak, s, p, i, k, current, g, out):
    """Cell i goes through step k in parts, and fires when, and as often as, V reaches V_peak.

    `present(g)` says how strong both conductances are and how fast they rise, `ahead(cell, g, t)` what they are over a
    time and after it; `beyond_peak` calls it.
    """
    cell = Cell(
        p.C_m[i], p.g_L[i], p.E_L[i], p.E_ex[i], p.E_in[i], p.tau_ex[i], p.tau_in[i], p.V_th[i], p.Delta_T[i],
        p.V_peak[i], p.V_steep[i], p.a[i], p.tau_w[i], p.I_e[i] + current,
    )  # fmt: skip
    dt = p.dt[0]
    v, w, left, spikes = s.V_m[i], s.w[i], dt, 0
    while True:
        if v >= cell.v_peak:
            emit(out, i, k + 1)
            spikes += 1
            v, w = p.V_reset[i], w + p.b[i]
            if p.refractory[i] > 0:
                s.free[i] = k + 1 + p.refractory[i]
                goal = cell.a * (v - cell.e_l)
                w = goal + (w - goal) * exp(-left / cell.tau_w)
                break
        if not left > 0.0:
            break
        if spikes > MOST_SPIKES or not abs(v) < 1e300:
            v = np.nan  # the engine says that this cell's state is no number
            break

        steep = cell.delta > 0.0 and v > cell.v_steep
        x = exp((cell.v_th - v) / cell.delta) if steep else v
        x_peak = exp((cell.v_th - cell.v_peak) / cell.delta) if steep else cell.v_peak
        ex, in_, rising = present(g)
        part = part_of(cell, steep, v, w, ex, in_, rising, dt)
        if steep and x > NEAR_POLE:
            fall = -slopes(cell, steep, x, w, ex, in_)[0]
            part = min(part, 0.75 * x / fall) if fall > 0.0 else part
        part = min(left, part)
        c, after = ahead(cell, g, part)
        x_next, w_next = runge_kutta(cell, steep, x, w, c, part)
        if x_next <= x_peak if steep else x_next >= x_peak:
            part, w = until_peak(ahead, beyond_peak, cell, steep, x, w, g, part, x_peak)
            v, after = cell.v_peak, ahead(cell, g, part)[1]
        else:
            v, w = potential(cell, x_next) if steep else x_next, w_next
        g = after
        left -= part
    s.V_m[i] = v
    s.w[i] = w
