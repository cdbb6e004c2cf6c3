"""A membrane of a generalized leaky cell (GLIF) under alpha-shaped currents, integrated exactly."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import inlined
from parsim.kernels import elementary
from parsim.models.parts.propagators import alpha_propagators


class AlphaCourses(NamedTuple):
    """Of currents over one step, [receptor, cell]."""

    v_from_d: Floats
    v_from_i: Floats
    decay: Floats
    i_from_d: Floats
    rise: Floats  # e / tau for a weight of 1 pA that peaks at 1 pA


def courses(p: SimpleNamespace, tau: Floats, peak: Floats | float, clock: Clock) -> AlphaCourses:
    """Of these time constants; a weight of 1 pA peaks at so much."""
    h = clock.dt
    by = np.array([alpha_propagators(one, p.C_m / p.g, p.C_m, h) for one in tau])
    decay = elementary.exp(-h / tau)
    return AlphaCourses(by[:, 0], by[:, 1], decay, h * decay, peak * (np.e / tau))


def pushing(p: SimpleNamespace, clock: Clock) -> Floats:
    """What 1 pA adds in one step, mV."""
    return -elementary.expm1(-clock.dt * p.g / p.C_m) / p.g


@inlined
def leak(s, p, current, before, k, begin, end):
    """The membrane without synapses; V before it, [place]. What synapses add is still to come."""
    q = p.glif
    for i in range(begin, end):
        v = s.V_m[i]
        before[i - begin] = v
        pushed = p.gain[i] * (current[i] + s.ASCurrents_sum[i])
        s.V_m[i] = q.E_L[i] + (q.decay_m[i] * (v - q.E_L[i]) + pushed)
        s.I_syn[i] = 0.0 if k >= s.free[i] else s.I_syn[i]


@inlined
def shove(s, now, rising, c, spikes, r, k, begin, end):
    """What the current of receptor r adds to the membrane; then the current a step later."""
    v_from_i, v_from_d = c.v_from_i[r], c.v_from_d[r]
    decay, i_from_d, rise = c.decay[r], c.i_from_d[r], c.rise[r]
    for i in range(begin, end):
        s.V_m[i] += v_from_d[i] * rising[i] + v_from_i[i] * now[i]
        s.I_syn[i] += now[i] if k >= s.free[i] else 0.0
        now[i] = i_from_d[i] * rising[i] + decay[i] * now[i]
        rising[i] = decay[i] * rising[i] + rise[i] * spikes[i]
