"""A leaky membrane under exponential synaptic currents over one step, integrated exactly."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import inlined
from parsim.kernels import elementary
from parsim.models.parts.leaky import membrane
from parsim.models.parts.propagators import alpha_propagators


class Membrane(NamedTuple):
    """Propagators of one step."""

    E_L: Floats
    decay: Floats
    drive: Floats  # what I_e adds in one step, mV
    gain: Floats  # what 1 pA adds in one step, mV
    v_from_ex: Floats
    v_from_in: Floats
    decay_ex: Floats
    decay_in: Floats


def under_currents(p: SimpleNamespace, clock: Clock) -> Membrane:
    """Of a membrane with E_L, tau_m, C_m, I_e, under currents with tau_syn_ex, tau_syn_in."""
    decay, gain = membrane(p, clock)
    return Membrane(
        p.E_L, decay, gain * p.I_e, gain,
        alpha_propagators(p.tau_syn_ex, p.tau_m, p.C_m, clock.dt)[1],
        alpha_propagators(p.tau_syn_in, p.tau_m, p.C_m, clock.dt)[1],
        elementary.exp(-clock.dt / p.tau_syn_ex), elementary.exp(-clock.dt / p.tau_syn_in),
    )  # fmt: skip


@inlined
def next_v(m, i, v, ex, in_, current):
    """V of cell i after a step."""
    return m.E_L[i] + (
        m.decay[i] * (v - m.E_L[i]) + (m.drive[i] + m.gain[i] * current)
        + (m.v_from_ex[i] * ex + m.v_from_in[i] * in_)
    )  # fmt: skip
