"""Leaky integrator with exponential currents that fires at an adaptive threshold and is not reset."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.blocks import BLOCK
from parsim.models.base import CellModel
from parsim.models.parts.adaptive_threshold import (
    RECORDABLES,
    Threshold,
    fall,
    fire_and_raise,
    params_with,
    threshold,
)
from parsim.models.parts.exponential_currents import Membrane, next_v, under_currents


class State(NamedTuple):
    V_m: Floats
    I_syn_ex: Floats
    I_syn_in: Floats
    V_th: Floats
    V_th_alpha_1: Floats
    V_th_alpha_2: Floats
    free: Ints  # first step that is not refractory


class Params(NamedTuple):
    membrane: Membrane
    threshold: Threshold


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Propagators of one step."""
    return Params(under_currents(p, clock), threshold(p, clock))


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

            for i in range(begin, end):
                s.V_m[i] = next_v(m, i, s.V_m[i], s.I_syn_ex[i], s.I_syn_in[i], current[i])
                s.I_syn_ex[i] = m.decay_ex[i] * s.I_syn_ex[i] + ex[i]
                s.I_syn_in[i] = m.decay_in[i] * s.I_syn_in[i] + in_[i]

            fall(s, p.threshold, begin, end)
            fire_and_raise(s, p.threshold, k, begin, end, out)


mat2_psc_exp = CellModel(
    "mat2_psc_exp",
    params=params_with(100.0, 5.0, -51.0, 37.0, 2.0),
    state=State,
    recordables=RECORDABLES,
    prepare=prepare,
    advance=advance,
    about="Leaky integrator with exponential currents that fires at an adaptive threshold and is not reset.",
    equations="""\
dV_m/dt = -(V_m - E_L)/tau_m + (I_syn_ex + I_syn_in + I_e + I_stim)/C_m
dI_syn_X/dt = -I_syn_X/tau_syn_X; a spike of weight w adds w pA: w > 0 to I_syn_ex, w <= 0 to I_syn_in
V_th = omega + V_th_alpha_1 + V_th_alpha_2;   dV_th_alpha_j/dt = -V_th_alpha_j/tau_j
V_m >= V_th at a step's end, t_ref after the spike before: a spike; V_th_alpha_j gains alpha_j, and V_m goes on""",
    source="Kobayashi, Tsubo and Shinomoto (2009), Frontiers in Computational Neuroscience 3; NEST's mat2_psc_exp",
)
