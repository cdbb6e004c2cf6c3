"""Leaky integrate-and-fire with exponential currents, and a time without spikes that outlasts the held membrane."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.blocks import BLOCK
from parsim.models.base import CellModel, Param, Variable
from parsim.models.checks import reads
from parsim.models.parts.exponential_currents import Membrane, next_v, under_currents
from parsim.models.parts.leaky import CURRENTS, MEMBRANE, SYNAPSES, below_threshold, refractory_steps
from parsim.shard.outbox import emit


class State(NamedTuple):
    V_m: Floats
    I_syn_ex: Floats
    I_syn_in: Floats
    free: Ints  # first step in which V_m moves
    able: Ints  # first step that may end with a spike


class Params(NamedTuple):
    membrane: Membrane
    V_th: Floats
    V_reset: Floats
    held: Ints
    silent: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Propagators of one step."""
    held, silent = refractory_steps(p.t_ref_abs, clock), refractory_steps(p.t_ref_tot, clock)
    return Params(under_currents(p, clock), p.V_th, p.V_reset, held, silent)


@reads("V_th", "V_reset", "t_ref_abs", "t_ref_tot")
def check(p: SimpleNamespace) -> str | None:
    """The membrane is not held longer than spikes are held back."""
    wrong = np.atleast_1d(p.t_ref_abs > p.t_ref_tot)
    if not wrong.any():
        return below_threshold(p)
    at = int(np.argmax(wrong))
    held, silent = (np.broadcast_to(x, wrong.shape)[at] for x in (p.t_ref_abs, p.t_ref_tot))
    return f"t_ref_abs is {held:g} ms and t_ref_tot is {silent:g} ms; t_ref_abs must be at most t_ref_tot."


@kernel
def advance(s, p, inputs, span, out):
    """Exact integration; a held membrane stays where it is while its currents move on."""
    rows, m = inputs.current.shape[0], p.membrane
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            ex = inputs.spikes[k - span.origin, 0]
            in_ = inputs.spikes[k - span.origin, 1]
            current = inputs.current[(k - span.origin) % rows]

            for i in range(begin, end):
                v = next_v(m, i, s.V_m[i], s.I_syn_ex[i], s.I_syn_in[i], current[i])
                s.V_m[i] = v if k >= s.free[i] else s.V_m[i]
                s.I_syn_ex[i] = m.decay_ex[i] * s.I_syn_ex[i] + ex[i]
                s.I_syn_in[i] = m.decay_in[i] * s.I_syn_in[i] + in_[i]

            for i in range(begin, end):
                if (s.V_m[i] >= p.V_th[i]) & (k >= s.able[i]):
                    s.V_m[i] = p.V_reset[i]
                    s.free[i], s.able[i] = k + 1 + p.held[i], k + 1 + p.silent[i]
                    emit(out, i, k + 1)


iaf_psc_exp_htum = CellModel(
    "iaf_psc_exp_htum",
    params=(
        *(param for param in MEMBRANE if param.name != "t_ref"),
        Param("t_ref_abs", 2.0, "ms", "how long V_m is held after a spike", at_least=0.0),
        Param("t_ref_tot", 2.0, "ms", "how long there is no further spike; at least t_ref_abs", at_least=0.0),
        *SYNAPSES,
    ),
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential", initial="E_L"),
        *CURRENTS,
    ),
    prepare=prepare,
    advance=advance,
    check=check,
    about="Leaky integrate-and-fire with exponential currents and a refractory period in two parts.",
    equations="""\
dV_m/dt = -(V_m - E_L)/tau_m + (I_syn_ex + I_syn_in + I_e + I_stim)/C_m
dI_syn_X/dt = -I_syn_X/tau_syn_X; a spike of weight w adds w pA: w > 0 to I_syn_ex, w <= 0 to I_syn_in
V_m >= V_th at a step's end, t_ref_tot after the spike before: a spike; V_m := V_reset, held for t_ref_abs
(a multimeter of NEST shows V_m - E_L)""",
    source="Tsodyks, Uziel and Markram (2000), Journal of Neuroscience 20, RC50; NEST's iaf_psc_exp_htum",
)
