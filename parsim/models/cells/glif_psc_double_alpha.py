"""Generalized leaky integrate-and-fire (GLIF) with currents of any number of receptors, each fast and slow at once."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.blocks import BLOCK
from parsim.models.base import Param, Variable
from parsim.models.parts.glif import Glif, after_currents, fire, glif, glif_cell
from parsim.models.parts.glif_currents import AlphaCourses, courses, leak, pushing, shove
from parsim.models.ports import PerReceptor, of_receptors

RECEPTOR = PerReceptor(
    params=(
        Param("tau_syn_fast", 2.0, "ms", "rise time of the fast part of the receptor's current", above=0.0),
        Param("tau_syn_slow", 6.0, "ms", "rise time of the slow part", above=0.0),
        Param("amp_slow", 0.3, "", "peak of the slow part, where that of the fast one is 1", above=0.0),
    ),
    states=(
        Variable("I_fast", "pA", "fast part of the receptor's current"),
        Variable("dI_fast", "pA/ms", "how fast it rises, but for its decay"),
        Variable("I_slow", "pA", "slow part of the receptor's current"),
        Variable("dI_slow", "pA/ms", "how fast it rises, but for its decay"),
    ),
)


class State(NamedTuple):
    V_m: Floats
    I_syn: Floats
    I: Floats  # noqa: E741, for this is what it is called
    threshold: Floats
    threshold_spike: Floats
    threshold_voltage: Floats
    ASCurrents_sum: Floats
    ASCurrents: Floats  # [element, cell]
    I_fast: Floats  # [receptor, cell]
    dI_fast: Floats
    I_slow: Floats
    dI_slow: Floats
    free: Ints  # first step that is not refractory


class Params(NamedTuple):
    glif: Glif
    gain: Floats  # what 1 pA adds in one step, mV
    fast: AlphaCourses
    slow: AlphaCourses


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Propagators of one step."""
    fast = courses(p, of_receptors(p, "tau_syn_fast"), 1.0, clock)
    slow = courses(p, of_receptors(p, "tau_syn_slow"), of_receptors(p, "amp_slow"), clock)
    return Params(glif(p, p.g, clock), pushing(p, clock), fast, slow)


@kernel
def advance(s, p, inputs, span, out):
    """Exact integration; of a refractory cell the currents of synapses alone go on."""
    rows, before = inputs.current.shape[0], np.empty(BLOCK)
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            current = inputs.current[(k - span.origin) % rows]
            after_currents(s, p.glif, k, begin, end)
            leak(s, p, current, before, k, begin, end)
            for r in range(s.I_fast.shape[0]):
                spikes = inputs.spikes[k - span.origin, r]
                shove(s, s.I_fast[r], s.dI_fast[r], p.fast, spikes, r, k, begin, end)
                shove(s, s.I_slow[r], s.dI_slow[r], p.slow, spikes, r, k, begin, end)

            fire(s, p.glif, before, current, k, begin, end, out)


glif_psc_double_alpha = glif_cell(
    "glif_psc_double_alpha",
    "g",
    RECEPTOR,
    (Variable("I_syn", "pA", "current of all synapses at the beginning of the step"),),
    """\
C_m dV_m/dt = -g (V_m - E_L) + sum of ASCurrents_j + sum over receptors of (I_fast_R + I_slow_R) + I_stim
I_X_R(t) = sum over spikes of a_X w e/tau_syn_X_R t exp(-t/tau_syn_X_R), a_fast = 1, a_slow = amp_slow_R""",
    "exc=dict(tau_syn_fast=2.0, tau_syn_slow=6.0, amp_slow=0.3)",
    state=State,
    prepare=prepare,
    advance=advance,
    about="Generalized leaky integrate-and-fire (GLIF) with currents that have a fast and a slow alpha-shaped part.",
)
