"""As `mat2_psc_exp`, with a threshold that also follows how V has changed."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.blocks import BLOCK
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.adaptive_threshold import (
    RECORDABLES,
    Threshold,
    fall,
    fire_and_raise,
    params_with,
    threshold,
)
from parsim.models.parts.exponential_currents import Membrane, next_v, under_currents
from parsim.models.parts.propagators import propagator


class State(NamedTuple):
    V_m: Floats
    I_syn_ex: Floats
    I_syn_in: Floats
    V_th: Floats
    V_th_alpha_1: Floats
    V_th_alpha_2: Floats
    V_th_v: Floats
    dV_th_v: Floats  # x of the equations, mV/ms
    free: Ints  # first step that is not refractory


class Row(NamedTuple):
    """What one variable has after a step of a current, synaptic currents, V, x and V_th_v at its start."""

    current: Floats
    ex: Floats
    in_: Floats
    v: Floats
    x: Floats
    own: Floats


class Params(NamedTuple):
    membrane: Membrane
    threshold: Threshold
    I_e: Floats
    of_x: Row
    of_v: Row  # V_th_v


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Propagators of one step."""
    a = np.zeros((6, 6, p.C_m.size))
    current, ex, in_, v, x, own = range(6)
    a[v, [current, ex, in_]] = 1.0 / p.C_m
    a[v, v], a[ex, ex], a[in_, in_] = -1.0 / p.tau_m, -1.0 / p.tau_syn_ex, -1.0 / p.tau_syn_in
    a[x] = p.beta * a[v]
    a[x, x] = a[own, own] = -1.0 / p.tau_v
    a[own, x] = 1.0
    step = propagator(a, clock.dt)
    return Params(
        under_currents(p, clock), threshold(p, clock), p.I_e,
        Row(*(np.ascontiguousarray(column) for column in step[x])),
        Row(*(np.ascontiguousarray(column) for column in step[own])),
    )  # fmt: skip


@kernel
def follow(s, p, current, begin, end):
    """The part of a threshold that follows V, after a step; V and currents are those at its start."""
    a, b = p.of_x, p.of_v
    for i in range(begin, end):
        force, v = p.I_e[i] + current[i], s.V_m[i] - p.membrane.E_L[i]
        ex, in_, x = s.I_syn_ex[i], s.I_syn_in[i], s.dV_th_v[i]
        s.dV_th_v[i] = (
            a.current[i] * force + (a.ex[i] * ex + a.in_[i] * in_) + (a.v[i] * v + a.x[i] * x)
        )  # fmt: skip
        s.V_th_v[i] = (
            b.current[i] * force + (b.ex[i] * ex + b.in_[i] * in_) + (b.v[i] * v + b.x[i] * x)
        ) + b.own[i] * s.V_th_v[i]  # fmt: skip


@kernel
def advance(s, p, inputs, span, out):
    """Exact integration, through spikes and refractory periods."""
    rows, m = inputs.current.shape[0], p.membrane
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            ex = inputs.spikes[k - span.origin, 0]
            in_ = inputs.spikes[k - span.origin, 1]
            current = inputs.current[(k - span.origin) % rows]

            follow(s, p, current, begin, end)
            for i in range(begin, end):
                s.V_m[i] = next_v(m, i, s.V_m[i], s.I_syn_ex[i], s.I_syn_in[i], current[i])
                s.I_syn_ex[i] = m.decay_ex[i] * s.I_syn_ex[i] + ex[i]
                s.I_syn_in[i] = m.decay_in[i] * s.I_syn_in[i] + in_[i]

            fall(s, p.threshold, begin, end)
            for i in range(begin, end):
                s.V_th[i] += s.V_th_v[i]
            fire_and_raise(s, p.threshold, k, begin, end, out)


amat2_psc_exp = CellModel(
    "amat2_psc_exp",
    params=(
        *params_with(200.0, 10.0, -65.0, 10.0, 0.0),
        Param("beta", 0.0, "1/ms", "how strongly the threshold follows changes of V_m"),
        Param("tau_v", 5.0, "ms", "time constant with which it follows", above=0.0),
    ),
    state=State,
    recordables=(
        *RECORDABLES,
        Variable("V_th_v", "mV", "the part of the threshold that follows V_m"),
    ),
    prepare=prepare,
    advance=advance,
    about="Leaky integrator with exponential currents and an adaptive threshold that also follows V; it is not reset.",
    equations="""\
dV_m/dt = -(V_m - E_L)/tau_m + (I_syn_ex + I_syn_in + I_e + I_stim)/C_m
dI_syn_X/dt = -I_syn_X/tau_syn_X; a spike of weight w adds w pA: w > 0 to I_syn_ex, w <= 0 to I_syn_in
V_th = omega + V_th_alpha_1 + V_th_alpha_2 + V_th_v;   dV_th_alpha_j/dt = -V_th_alpha_j/tau_j
dV_th_v/dt = -V_th_v/tau_v + x,   dx/dt = -x/tau_v + beta dV_m/dt
V_m >= V_th at a step's end, t_ref after the spike before: a spike; V_th_alpha_j gains alpha_j, and V_m goes on""",
    source="Yamauchi, Kim and Shinomoto (2011), Frontiers in Computational Neuroscience 5; NEST's amat2_psc_exp",
)
