"""Adaptive exponential cells with any number of conductances, each with a rise and a decay of its own.

    g' = x - g/tau_decay,   x' = -x/tau_rise,   a spike of weight w: x += w gain, so that g peaks at w

Whatever a conductance does within a step, V feels to fourth order its mean and its first moment alone: so conductances
are straight lines with these, as in `upstroke`, and are added up before the membrane is moved. Their number costs no
more than adding them up. A cell for which the step is too long takes it in parts, alone.
"""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined, kernel
from parsim.kernels import elementary
from parsim.kernels.blocks import BLOCK
from parsim.kernels.maths import exp
from parsim.models.base import Variable
from parsim.models.parts.adaptive import Around, around, near_exp, w_held
from parsim.models.parts.conductance import NODES, WEIGHTS
from parsim.models.parts.firing import peak_gain
from parsim.models.parts.propagators import alpha_propagators
from parsim.models.parts.upstroke import Alone, Lines, alone_params, alone_with, moments, runge_kutta

STIFF = 0.1  # decay of V and w in a step from which a cell is taken alone: the method's error is x^5/120
MOST_ERROR = 1e-5  # mV that a step may be wrong by where conductances bend or V moves far
ALIKE = 1e-3  # rates that differ by less, times the time, are taken as one, halfway; the error is the square of it


CONDUCTANCE = (
    Variable("g", "nS", "conductance of the receptor"),
    Variable("dg", "nS/ms", "how fast it rises, but for its decay"),
)


class State(NamedTuple):
    V_m: Floats
    w: Floats
    g: Floats  # [receptor, cell]
    dg: Floats  # x of the equations above
    free: Ints  # first step that is not refractory
    apart: Ints  # 1 while the cell goes through a step alone


class Courses(NamedTuple):
    """What each receptor's conductance does in a step, of g, and of x: arrays [receptor, cell]."""

    decay: Floats  # of g
    grown: Floats  # g of x
    decay_x: Floats
    gain: Floats  # x of a weight
    mean: Floats
    mean_x: Floats
    fall: Floats  # how much the line is above the mean at the start of the step
    fall_x: Floats
    bend: Floats  # how far the course leaves the line
    bend_x: Floats
    E_rev: Floats


class Opened(NamedTuple):
    """The conductances of a cell, for `upstroke`: as two, one towards the highest E_rev and one towards the lowest."""

    g: Floats  # [receptor, cell]
    x: Floats
    rate: Floats  # 1/tau_decay
    rate_x: Floats
    high: Floats  # the part of a conductance that is taken to be towards the highest E_rev
    i: int
    since: float  # the start of the step, ms


class Params(NamedTuple):
    """What the kernels need of cells."""

    courses: Courses
    around: Around
    alone: Alone
    leak: Floats  # pA for each mV
    I_e: Floats
    rate: Floats
    rate_x: Floats
    high: Floats


def prepared(p: SimpleNamespace, clock: Clock, tau_rise: Floats, tau_decay: Floats, E_rev: Floats) -> Params:
    """Of receptors with these time constants and reversal potentials, arrays [receptor, cell]."""
    highest = E_rev.max(axis=0)
    lowest = np.minimum(E_rev.min(axis=0), highest - 1.0)
    fastest = np.minimum(tau_rise, tau_decay).min(axis=0)
    as_two = SimpleNamespace(**vars(p), E_ex=highest, E_in=lowest, tau_syn_ex=fastest, tau_syn_in=fastest)
    return Params(
        courses(tau_rise, tau_decay, E_rev, clock.dt), around(p, clock), alone_params(as_two, clock),
        p.g_L + 0.0, p.I_e, 1.0 / tau_decay, 1.0 / tau_rise, (E_rev - lowest) / (highest - lowest),
    )  # fmt: skip


def courses(tau_rise: Floats, tau_decay: Floats, E_rev: Floats, h: float) -> Courses:
    """Moments over a step of exp(-t/tau_decay), and of its convolution with exp(-t/tau_rise)."""

    def at(t: float) -> tuple[Floats, Floats]:
        return elementary.exp(-t / tau_decay), alpha_propagators(
            tau_rise, tau_decay, np.ones_like(tau_rise), t
        )[1]

    sums = np.zeros((3, 2, *tau_rise.shape))
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        # Legendre's polynomials of degree 0 to 2 on [0, 1], each times what makes it a coefficient.
        degrees = np.array([1.0, -3.0 * (2.0 * node - 1.0), 5.0 * (6.0 * node * (node - 1.0) + 1.0)])
        sums += weight * degrees[:, None, None, None] * np.array(at(h * node))
    decay, grown = at(h)
    (mean, mean_x), (fall, fall_x), (bend, bend_x) = sums
    return Courses(
        decay, grown, elementary.exp(-h / tau_rise), peak_gain(1.0 / tau_decay, 1.0 / tau_rise),
        mean, mean_x, fall, fall_x, np.abs(bend), np.abs(bend_x), E_rev,
    )  # fmt: skip


@kernel
def add_up(s, c, begin, end, total, reversed_, total_fall, reversed_fall, bend):
    """Lines of all conductances of a block's cells, and of these times E_rev; how far V leaves what lines do, mV nS."""
    for j in range(end - begin):
        total[j], reversed_[j], total_fall[j], reversed_fall[j], bend[j] = 0.0, 0.0, 0.0, 0.0, 0.0
    for r in range(s.g.shape[0]):
        g, x, e_rev = s.g[r], s.dg[r], c.E_rev[r]
        mean, mean_x, fall, fall_x, bent, bent_x = (
            c.mean[r], c.mean_x[r], c.fall[r], c.fall_x[r], c.bend[r], c.bend_x[r],
        )  # fmt: skip
        for i in range(begin, end):
            j = i - begin
            now, falls = mean[i] * g[i] + mean_x[i] * x[i], fall[i] * g[i] + fall_x[i] * x[i]
            total[j] += now
            reversed_[j] += e_rev[i] * now
            total_fall[j] += falls
            reversed_fall[j] += e_rev[i] * falls
            bend[j] += (bent[i] * abs(g[i]) + bent_x[i] * abs(x[i])) * abs(e_rev[i] - s.V_m[i])


@inlined
def stage(q, leak, i, v, w, grown, total, reversed_, force):
    """What V and w gain in a step at these slopes."""
    pushed = leak * (q.E_L[i] - v) + (reversed_ - total * v) + (force - w)
    return q.gain[i] * pushed + grown, q.rate_w[i] * (q.a[i] * (v - q.E_L[i]) - w)


@kernel
def go_along(s, p, current, k, begin, end, total, reversed_, total_fall, reversed_fall, bend):
    """A block's cells take step k by the classical Runge-Kutta method, but for those that must take it alone."""
    q = p.around
    for i in range(begin, end):
        v, w, j = s.V_m[i], s.w[i], i - begin
        force, leak, per_delta = p.I_e[i] + current[i], p.leak[i], q.per_delta[i]
        g, f, dg, df = total[j], reversed_[j], total_fall[j], reversed_fall[j]

        grown = q.growth[i] * exp((v - q.V_th[i]) * per_delta)
        v1, w1 = stage(q, leak, i, v, w, grown, g + dg, f + df, force)
        x2 = 0.5 * v1 * per_delta
        grown_2 = grown * near_exp(x2)
        v2, w2 = stage(q, leak, i, v + 0.5 * v1, w + 0.5 * w1, grown_2, g, f, force)
        grown_3 = grown_2 * near_exp(0.5 * (v2 - v1) * per_delta)
        v3, w3 = stage(q, leak, i, v + 0.5 * v2, w + 0.5 * w2, grown_3, g, f, force)
        x4 = (v3 - 0.5 * v2) * per_delta
        v4, w4 = stage(q, leak, i, v + v3, w + w3, grown_3 * near_exp(x4), g - dg, f - df, force)
        v_next = v + (1.0 / 6.0) * (v1 + v4 + 2.0 * (v2 + v3))
        w_next = w + (1.0 / 6.0) * (w1 + w4 + 2.0 * (w2 + w3))

        far, bent = max(abs(x2), abs(x4)), q.gain[i] * bend[j]
        lost, turned = q.gain[i] * (leak + abs(g) + abs(dg)) + q.rate_w[i], q.gain[i] * abs(dg)
        error = grown * ((1.0 / 2880.0) * (far * far) * (far * far) + (bent * per_delta) * (bent * per_delta))
        good = (
            (v < q.V_steep[i]) & (v_next < q.V_steep[i]) & (lost < STIFF) & (far < 1.0)
            & (error < MOST_ERROR) & (bent * turned < 15.0 * MOST_ERROR)
        )  # fmt: skip
        free = k >= s.free[i]
        s.V_m[i] = (v_next if good else v) if free else q.V_reset[i]
        s.w[i] = (w_next if good else w) if free else w_held(q, i, w)
        s.apart[i] = (0 if good else 1) if free else 0


@kernel
def present(o):
    """Both conductances of a cell at this time, and how fast they rise together."""
    high, low, rising = 0.0, 0.0, 0.0
    for r in range(o.g.shape[0]):
        g, x = later(o.g[r, o.i], o.x[r, o.i], o.rate[r, o.i], o.rate_x[r, o.i], o.since)
        high += o.high[r, o.i] * g
        low += (1.0 - o.high[r, o.i]) * g
        rising += abs(x)
    return high, low, rising


@kernel
def ahead(cell, o, t):
    """Both over a time t, as straight lines, and the cell after it."""
    high, high_fall, low, low_fall = 0.0, 0.0, 0.0, 0.0
    for r in range(o.g.shape[0]):
        a, b = o.rate[r, o.i], o.rate_x[r, o.i]
        g, x = later(o.g[r, o.i], o.x[r, o.i], a, b, o.since)
        (_, mean, first, _), (mean_x, first_x) = moments(a * t), moments_of_both(a, b, t)
        zeroth, moment = mean * g + mean_x * x, first * g + first_x * x
        part = o.high[r, o.i]
        high += part * zeroth
        high_fall += part * (3.0 * zeroth - 6.0 * moment)
        low += (1.0 - part) * zeroth
        low_fall += (1.0 - part) * (3.0 * zeroth - 6.0 * moment)
    after = Opened(o.g, o.x, o.rate, o.rate_x, o.high, o.i, o.since + t)
    return Lines(high, high_fall, low, low_fall), after


@kernel
def beyond_peak(c, t):
    """As `upstroke.beyond_peak`."""
    cell, steep, x, w, o, x_peak = c
    return runge_kutta(cell, steep, x, w, ahead(cell, o, t)[0], t)[0] - x_peak


@kernel
def later(g, x, a, b, t):
    """g and x after a time t."""
    left, left_x = exp(-a * t), exp(-b * t)
    apart = (b - a) * t
    grown = (left - left_x) / (b - a) if abs(apart) > ALIKE else t * exp(-0.5 * (a + b) * t)
    return left * g + grown * x, left_x * x


@kernel
def moments_of_both(a, b, t):
    """The mean over a time t, and the first moment, of the convolution of exp(-a t) and exp(-b t)."""
    if abs(b - a) * t > ALIKE:
        _, mean, first, _ = moments(a * t)
        _, mean_b, first_b, _ = moments(b * t)
        return (mean - mean_b) / (b - a), (first - first_b) / (b - a)
    _, _, first, second = moments(0.5 * (a + b) * t)
    return t * first, t * second


@kernel
def advance(s, p, inputs, span, out):
    """One step for all cells; those for which it is too long then take it again, alone."""
    rows, c = inputs.current.shape[0], p.courses
    total, reversed_, total_fall, reversed_fall = (
        np.empty(BLOCK),
        np.empty(BLOCK),
        np.empty(BLOCK),
        np.empty(BLOCK),
    )
    bend = np.empty(BLOCK)
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            current = inputs.current[(k - span.origin) % rows]
            add_up(s, c, begin, end, total, reversed_, total_fall, reversed_fall, bend)
            go_along(s, p, current, k, begin, end, total, reversed_, total_fall, reversed_fall, bend)
            for i in range(begin, end):
                if s.apart[i] > 0:
                    o = Opened(s.g, s.dg, p.rate, p.rate_x, p.high, i, 0.0)
                    alone_with(present, ahead, beyond_peak, s, p.alone, i, k, current[i], o, out)

            for r in range(s.g.shape[0]):
                arrived, g, x = inputs.spikes[k - span.origin, r], s.g[r], s.dg[r]
                decay, grown, decay_x, gain = c.decay[r], c.grown[r], c.decay_x[r], c.gain[r]
                for i in range(begin, end):
                    g[i] = decay[i] * g[i] + grown[i] * x[i]
                    x[i] = decay_x[i] * x[i] + gain[i] * arrived[i]
