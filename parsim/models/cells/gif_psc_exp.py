"""Generalized integrate-and-fire with exponential synaptic currents."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined, kernel, shared
from parsim.kernels import elementary
from parsim.kernels.blocks import BLOCK
from parsim.models.base import Variable
from parsim.models.parts.gif import Escape, adapt, escape, fire_by_chance, gif_cell
from parsim.models.parts.leaky import SYNAPSES, membrane, refractory_steps
from parsim.models.parts.propagators import alpha_propagators


class State(NamedTuple):
    V_m: Floats
    I_syn: Floats  # [current, cell]
    I_stc: Floats
    E_sfa: Floats
    stc: Floats  # [element, cell]
    sfa: Floats
    free: Ints  # first step that is not refractory


class Params(NamedTuple):
    escape: Escape
    E_L: Floats
    decay: Floats  # of the membrane over one step
    drive: Floats  # what I_e adds in one step, mV
    gain: Floats  # what 1 pA adds in one step, mV
    v_from: Floats  # [current, cell]
    decay_syn: Floats
    V_reset: Floats
    refractory: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Propagators of one step."""
    return under_currents(p, clock, np.array([p.tau_syn_ex, p.tau_syn_in]))


def under_currents(p: SimpleNamespace, clock: Clock, tau_syn: Floats) -> Params:
    """Of any number of currents, [current, cell]."""
    tau_m = p.C_m / p.g_L
    decay, gain = membrane(SimpleNamespace(**vars(p), tau_m=tau_m), clock)
    v_from = np.stack([alpha_propagators(tau, tau_m, p.C_m, clock.dt)[1] for tau in tau_syn])
    return Params(
        escape(p, clock), p.E_L, decay, gain * p.I_e, gain, v_from, elementary.exp(-clock.dt / tau_syn), p.V_reset,
        refractory_steps(p.t_ref, clock),
    )  # fmt: skip


@shared
def move(push, s, p, inputs, span, out):
    """Exact integration; a refractory membrane stays at V_reset.

    `push(syn, p, r, spikes, pushed, begin, end)` takes current r through a step and adds what it does to the membrane.
    """
    rows, pushed = inputs.current.shape[0], np.empty(BLOCK)
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            current = inputs.current[(k - span.origin) % rows]
            adapt(s, p.escape, begin, end)
            pushed[:] = 0.0
            for r in range(s.I_syn.shape[0]):
                push(s.I_syn[r], p, r, inputs.spikes[k - span.origin, r], pushed, begin, end)

            for i in range(begin, end):
                leaked = p.decay[i] * (s.V_m[i] - p.E_L[i])
                leaked += p.drive[i] + p.gain[i] * (current[i] - s.I_stc[i])
                s.V_m[i] = p.E_L[i] + (leaked + pushed[i - begin]) if k >= s.free[i] else p.V_reset[i]

            fire_by_chance(s, p.escape, p.refractory, inputs, k, begin, end, out)


@inlined
def push(syn, p, r, spikes, pushed, begin, end):
    """A current acts with its value at the end of the step."""
    v_from, decay = p.v_from[r], p.decay_syn[r]
    for i in range(begin, end):
        syn[i] = decay[i] * syn[i] + spikes[i]
        pushed[i - begin] += v_from[i] * syn[i]


@kernel
def advance(s, p, inputs, span, out):
    """As `move`."""
    move(push, s, p, inputs, span, out)


gif_psc_exp = gif_cell(
    "gif_psc_exp",
    SYNAPSES,
    (
        Variable("I_syn_ex", "pA", "excitatory synaptic current", of="I_syn"),
        Variable("I_syn_in", "pA", "inhibitory synaptic current", of="I_syn"),
    ),
    """\
C_m dV_m/dt = -g_L (V_m - E_L) - I_stc + I_syn_ex + I_syn_in + I_e + I_stim
dI_syn_X/dt = -I_syn_X/tau_syn_X; a spike of weight w adds w pA: w > 0 to I_syn_ex, w <= 0 to I_syn_in
(currents act on V_m in a step with their values at its end, as in NEST)""",
    state=State,
    prepare=prepare,
    advance=advance,
    about="Generalized integrate-and-fire: exponential currents, currents of spikes, a threshold that moves.",
)
