"""Plasticity of inhibition that keeps its targets at a rate."""

from dataclasses import replace
from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.rows import at_row
from parsim.models.params import Param, Variable
from parsim.models.parts.plastic import (
    DELAY,
    K_PLUS,
    SOURCE_TRACE,
    leave,
    left_of_all,
    lowered,
    new_memo,
    raised,
    same_signs,
)
from parsim.models.synapse_model import SynapseModel


class State(NamedTuple):
    weight: Floats
    Kplus: Floats


class Params(NamedTuple):
    Wmax: Floats
    eta: Floats
    down: Floats
    rate: Floats  # 1 / tau
    memo: Floats


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Steps and the rate at which the trace decays."""
    own = (p.Wmax, p.eta, p.alpha * p.eta, 1.0 / p.tau)
    return Params(*own, new_memo())


@kernel
def hear(s, p, r, echo):
    """The target has fired: what its source has left of its trace strengthens the connection."""
    trace = left_of_all(s, p, r, echo)
    s.weight[r] = raised(s.weight[r], at_row(p.Wmax, r), at_row(p.eta, r) * trace)


@kernel
def transmit(s, p, r, spike, target):
    """The source has fired: the target's trace strengthens the connection, too, and each spike weakens it."""
    w = raised(s.weight[r], at_row(p.Wmax, r), at_row(p.eta, r) * target.minus)
    w = lowered(w, at_row(p.Wmax, r), at_row(p.down, r))
    s.weight[r] = w
    return w


vogels_sprekeler_synapse = SynapseModel(
    "vogels_sprekeler_synapse",
    params=(
        Param("weight", 0.5, "", "at the beginning; added at the target: pA, nS or mV, as its model says"),
        DELAY,
        Param(
            "tau",
            20.0,
            "ms",
            "of the source's trace; the target's tau_minus should be as long",
            above=0.0,
        ),
        Param("eta", 0.001, "", "step of a weight", at_least=0.0),
        Param(
            "alpha",
            0.12,
            "",
            "depression at each spike; 2 rate tau for a target's rate",
            at_least=0.0,
        ),
        Param("Wmax", 1.0, "", "the weight that is not exceeded, of the same sign"),
        K_PLUS,
    ),
    state=State,
    recordables=(
        Variable("weight", initial="weight"),
        replace(SOURCE_TRACE, reads=("tau",)),
    ),
    prepare=prepare,
    transmit=transmit,
    leave=leave,
    history=True,
    hear=hear,
    check=same_signs,
    sign="Wmax",
    about="Plasticity of inhibitory connections, symmetric in time, that keeps targets at a rate.",
    equations="""
        target fires, back at t:  |w| += eta K+(t), at most |Wmax|
        source fires at t:        |w| += eta K-(t), at most |Wmax|; |w| -= alpha eta, at least 0; then w is sent
        K+ and K- as in stdp_synapse, with tau in place of tau_plus
    """,
    source="Vogels et al. 2011, Science 334:1569; NEST's vogels_sprekeler_synapse",
)
