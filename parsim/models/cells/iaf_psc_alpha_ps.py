"""Leaky integrate-and-fire with alpha-shaped currents that hears and fires between the steps, integrated exactly."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock, heard_by, last_time_of, step_of, time_of
from parsim.jit import inlined, kernel
from parsim.kernels import elementary
from parsim.kernels.blocks import BLOCK
from parsim.kernels.maths import exp
from parsim.kernels.roots import illinois
from parsim.models.base import CellModel, Variable
from parsim.models.parts.in_pieces import fire, first_event, step_in_pieces
from parsim.models.parts.leaky import (
    CURRENTS,
    MEMBRANE,
    SYNAPSES,
    V_MIN,
    below_threshold,
    exact_refractory_steps,
    membrane,
)
from parsim.models.parts.propagators import alpha_propagators


class State(NamedTuple):
    V_m: Floats
    I_syn_ex: Floats
    I_syn_in: Floats
    dI_ex: Floats  # pA/ms
    dI_in: Floats
    free: Ints  # the cell is refractory until `free_offset` ms before this step
    free_offset: Floats


class Whole(NamedTuple):
    """Propagators of a whole step, which most steps are; of the membrane `leaks` is 1 - e^(-h/tau_m).

    What a step changes is added to V: over many short steps V = decay V + ... would lose digits.
    """

    leaks: Floats
    gain: Floats
    decay_ex: Floats
    decay_in: Floats
    v_from_i_ex: Floats
    v_from_i_in: Floats
    v_from_d_ex: Floats
    v_from_d_in: Floats


RECIPROCAL = np.array([0.0, *(1.0 / np.arange(1, 15))])


class Params(NamedTuple):
    """`into_i` and `into_d` are what a spike of 1 pA adds to a current and to its derivative."""

    h: Floats  # [1]
    leak: Floats  # 1/ms
    fall_ex: Floats
    fall_in: Floats
    per_pA: Floats  # mV/ms
    E_L: Floats
    V_th: Floats
    V_reset: Floats
    V_min: Floats
    I_e: Floats
    into_i: Floats
    into_d_ex: Floats
    into_d_in: Floats
    refractory: Ints
    whole: Whole


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """A spike of w pA adds e w / tau to the derivative of the current, which then peaks at w."""
    rise_ex, rise_in = np.e / p.tau_syn_ex, np.e / p.tau_syn_in
    return prepare_currents(p, clock, np.zeros(p.C_m.size), rise_ex, rise_in)


def prepare_currents(
    p: SimpleNamespace, clock: Clock, into_i: Floats, into_d_ex: Floats, into_d_in: Floats
) -> Params:
    """What the kernel needs, for a current whose rise is given by what a spike adds."""
    h, refractory = clock.dt, exact_refractory_steps(p.t_ref, clock)
    leaks, gain = -elementary.expm1(-h / p.tau_m), membrane(p, clock)[1]
    v_from_d_ex, v_from_i_ex = alpha_propagators(p.tau_syn_ex, p.tau_m, p.C_m, h)
    v_from_d_in, v_from_i_in = alpha_propagators(p.tau_syn_in, p.tau_m, p.C_m, h)
    whole = Whole(
        leaks, gain, elementary.exp(-h / p.tau_syn_ex), elementary.exp(-h / p.tau_syn_in),
        v_from_i_ex, v_from_i_in, v_from_d_ex, v_from_d_in,
    )  # fmt: skip
    return Params(
        np.full(1, h), 1.0 / p.tau_m, 1.0 / p.tau_syn_ex, 1.0 / p.tau_syn_in, 1.0 / p.C_m,
        p.E_L, p.V_th, p.V_reset, p.V_min, p.I_e,
        into_i, into_d_ex, into_d_in, refractory, whole,
    )  # fmt: skip


@inlined
def first_integral(u):
    """The integral over s in [0, 1] of e^(-u s); as a series (to u^12) where the closed form would lose digits."""
    if abs(u) > 0.5:
        return (1.0 - exp(-u)) / u
    total = 1.0
    for j in range(12, 0, -1):
        total = 1.0 - total * u * RECIPROCAL[j + 1]
    return total


@inlined
def second_integral(u):
    """The integral over s in [0, 1] of s e^(-u s), likewise: terms (-u)^j / (j! (j + 2))."""
    if abs(u) > 0.5:
        return (1.0 - (1.0 + u) * exp(-u)) / (u * u)
    total = RECIPROCAL[14]
    for j in range(12, 0, -1):
        total = RECIPROCAL[j + 1] - total * u * RECIPROCAL[j]
    return total


class PreciseCell(NamedTuple):
    """What a membrane's course between two events hangs on; a bundle of numbers is quickly handed on."""

    leak: float  # 1/ms
    fall_ex: float
    fall_in: float
    per_pA: float  # mV/ms
    asymptote: float  # what V, relative to E_L, would come to without synaptic currents
    i_ex: float
    d_ex: float
    i_in: float
    d_in: float


@kernel
def voltage_after(c, v, x):
    """V relative to E_L, x ms after it was v, with nothing arriving in between."""
    u = x * c.leak
    leaks = u * first_integral(u)  # 1 - e^(-u)
    u_ex, u_in = x * (c.fall_ex - c.leak), x * (c.fall_in - c.leak)
    synaptic = c.i_ex * first_integral(u_ex) + c.i_in * first_integral(u_in)
    if c.d_ex != 0.0 or c.d_in != 0.0:
        synaptic += x * (c.d_ex * second_integral(u_ex) + c.d_in * second_integral(u_in))
    return v + (leaks * (c.asymptote - v) + exp(-u) * x * c.per_pA * synaptic)


@kernel
def above_threshold(c, x):
    """How far V is above the threshold at the time x."""
    cell, v, threshold = c
    return voltage_after(cell, v, x) - threshold


@kernel
def crossing(cell, v, x, after, threshold):
    """When V reaches the threshold between 0, where it is v, and x, where it is `after`."""
    return illinois(
        above_threshold, (cell, v, threshold), 0.0, v - threshold, x, after - threshold, 0.0, 1e-14
    )


@inlined
def piece(s, p, i, k, begin, end, held, current, out):
    """From `begin` to `end` of step k, in ms from its start, with nothing arriving; is the cell refractory now?"""
    x = end - begin
    c = cell_of(s, p, i, current)
    synapses_on(s, p, i, x)
    if not held:
        v = s.V_m[i] - p.E_L[i]
        after = voltage_after(c, v, x)
        s.V_m[i] = max(after + p.E_L[i], p.V_min[i])
        if s.V_m[i] >= p.V_th[i]:
            at = begin + crossing(c, v, x, after, p.V_th[i] - p.E_L[i])
            fire(s, p, i, k, max(p.h[0] - at, 0.0), out)
            held = True
    return held


@inlined
def cell_of(s, p, i, current):
    """The course of a cell's membrane from now on."""
    return PreciseCell(
        p.leak[i], p.fall_ex[i], p.fall_in[i], p.per_pA[i], current * p.per_pA[i] / p.leak[i],
        s.I_syn_ex[i], s.dI_ex[i], s.I_syn_in[i], s.dI_in[i],
    )  # fmt: skip


@inlined
def synapses_on(s, p, i, x):
    """Synaptic currents after x ms."""
    i_ex, d_ex, i_in, d_in = s.I_syn_ex[i], s.dI_ex[i], s.I_syn_in[i], s.dI_in[i]
    decay_ex, decay_in = exp(-x * p.fall_ex[i]), exp(-x * p.fall_in[i])
    s.I_syn_ex[i], s.dI_ex[i] = decay_ex * (i_ex + x * d_ex), decay_ex * d_ex
    s.I_syn_in[i], s.dI_in[i] = decay_in * (i_in + x * d_in), decay_in * d_in


@inlined
def receive(s, p, i, k, at, weight, held):
    """A spike arrives."""
    if weight > 0.0:
        s.I_syn_ex[i] += p.into_i[i] * weight
        s.dI_ex[i] += p.into_d_ex[i] * weight
    else:
        s.I_syn_in[i] += p.into_i[i] * weight
        s.dI_in[i] += p.into_d_in[i] * weight


@inlined
def release(s, p, i):
    """The membrane is free."""


@kernel
def advance(s, p, inputs, span, out):
    """Every cell goes through a step whole; then those to whom something happened in it, again and in pieces.

    What is called here with bundles is inlined: handing them over takes 300 ns, a whole step 6.
    """
    events, grid, rows, w = inputs.events, inputs.grid, inputs.current.shape[0], p.whole
    heard, h = heard_by(grid, span.first, span.origin), p.h[0]
    size = np.int64(BLOCK)
    v, i_ex, d_ex, i_in, d_in = np.empty(size), np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    event, due = np.empty(size, np.int64), np.empty(size, np.int64)
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for i in range(begin, end):
            e, last = first_event(events, i, heard), events.start[i + 1]
            event[i - begin] = e
            due[i - begin] = max(step_of(grid, events.time[e]) - 1, span.first) if e < last else span.stop

        for k in range(span.first, span.stop):
            current = inputs.current[(k - span.origin) % rows]
            for i in range(begin, end):
                j = i - begin
                v[j], i_ex[j], d_ex[j] = s.V_m[i], s.I_syn_ex[i], s.dI_ex[i]
                i_in[j], d_in[j] = s.I_syn_in[i], s.dI_in[i]
                after = w.leaks[i] * (p.E_L[i] - v[j]) + w.gain[i] * (current[i] + p.I_e[i])
                after += w.v_from_i_ex[i] * i_ex[j] + w.v_from_i_in[i] * i_in[j]
                after += w.v_from_d_ex[i] * d_ex[j] + w.v_from_d_in[i] * d_in[j]
                after = v[j] + after
                after = after if after > p.V_min[i] else p.V_min[i]
                s.V_m[i] = after if s.free[i] <= k else v[j]
                s.I_syn_ex[i], s.dI_ex[i] = w.decay_ex[i] * (i_ex[j] + h * d_ex[j]), w.decay_ex[i] * d_ex[j]
                s.I_syn_in[i], s.dI_in[i] = w.decay_in[i] * (i_in[j] + h * d_in[j]), w.decay_in[i] * d_in[j]

            for i in range(begin, end):
                j = i - begin
                if s.free[i] == k + 1 or max(v[j], s.V_m[i]) >= p.V_th[i] or due[j] == k:
                    e, last = event[j], events.start[i + 1]
                    ends = time_of(grid, k + 1)
                    arrives = due[j] == k and events.time[e] < ends
                    if s.free[i] == k + 1 or max(v[j], s.V_m[i]) >= p.V_th[i] or arrives:
                        s.V_m[i], s.I_syn_ex[i], s.dI_ex[i] = v[j], i_ex[j], d_ex[j]
                        s.I_syn_in[i], s.dI_in[i] = i_in[j], d_in[j]
                        driven = current[i] + p.I_e[i]
                        e = step_in_pieces(piece, receive, release, s, p, i, k, e, events, grid, driven, out)
                    while e < last and events.time[e] <= last_time_of(grid, k + 1):
                        receive(s, p, i, k, h, events.weight[e], False)
                        e += 1
                    event[j] = e
                    due[j] = step_of(grid, events.time[e]) - 1 if e < last else span.stop


RECORDABLES = (
    Variable("V_m", "mV", "membrane potential", initial="E_L"),
    *CURRENTS,
)
SPIKE = """\
V_m >= V_th: a spike at the time of the crossing; V_m := V_reset, held for t_ref from then (at least one step)
arrivals act at their exact times; only crossings that last until the next arrival or step are seen"""

iaf_psc_alpha_ps = CellModel(
    "iaf_psc_alpha_ps",
    params=(*MEMBRANE, V_MIN, *SYNAPSES),
    state=State,
    recordables=RECORDABLES,
    prepare=prepare,
    advance=advance,
    check=below_threshold,
    precise=True,
    about="Leaky integrate-and-fire with alpha-shaped synaptic currents and spikes at exact times.",
    equations=f"""\
dV_m/dt = -(V_m - E_L)/tau_m + (I_syn_ex + I_syn_in + I_e + I_stim)/C_m
I_syn_X(t) = sum over spikes of w e/tau_X t exp(-t/tau_X)        (a weight of w pA peaks at w pA)
{SPIKE}""",
    source="Morrison et al. (2007), Neural Computation 19; NEST's iaf_psc_alpha_ps",
)
