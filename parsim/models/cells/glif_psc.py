"""Generalized leaky integrate-and-fire (GLIF) with alpha-shaped currents of any number of receptors."""

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
    params=(Param("tau_syn", 2.0, "ms", "rise time of the receptor's current", above=0.0),),
    states=(
        Variable("I_alpha", "pA", "current of the receptor"),
        Variable("dI_alpha", "pA/ms", "how fast it rises, but for its decay"),
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
    I_alpha: Floats  # [receptor, cell]
    dI_alpha: Floats
    free: Ints  # first step that is not refractory


class Params(NamedTuple):
    glif: Glif
    gain: Floats  # what 1 pA adds in one step, mV
    courses: AlphaCourses


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Propagators of one step."""
    return Params(glif(p, p.g, clock), pushing(p, clock), courses(p, of_receptors(p, "tau_syn"), 1.0, clock))


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
            for r in range(s.I_alpha.shape[0]):
                spikes = inputs.spikes[k - span.origin, r]
                shove(s, s.I_alpha[r], s.dI_alpha[r], p.courses, spikes, r, k, begin, end)

            fire(s, p.glif, before, current, k, begin, end, out)


glif_psc = glif_cell(
    "glif_psc",
    "g",
    RECEPTOR,
    (Variable("I_syn", "pA", "current of all synapses at the beginning of the step"),),
    """\
C_m dV_m/dt = -g (V_m - E_L) + sum of ASCurrents_j + sum over receptors of I_R + I_stim
I_R(t) = sum over spikes of w e/tau_syn_R t exp(-t/tau_syn_R)    (a weight of w pA peaks at w pA, of either sign)""",
    "fast=dict(tau_syn=2.0), slow=dict(tau_syn=50.0)",
    state=State,
    prepare=prepare,
    advance=advance,
    about="Generalized leaky integrate-and-fire (GLIF) with alpha-shaped currents of any number of receptors.",
)
