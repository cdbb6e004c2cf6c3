"""Plasticity by triplets of spikes."""

from dataclasses import replace
from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import inlined, kernel
from parsim.kernels.maths import exp_alone
from parsim.kernels.rows import at_row, shared_at
from parsim.models.params import Param, Variable
from parsim.models.parts.plastic import (
    DELAY,
    K_PLUS,
    SOURCE_TRACE,
    W_MAX,
    WEIGHT,
    exp_again,
    leave_trace,
    lowered,
    new_memo,
    raised,
    same_signs,
)
from parsim.models.synapse_model import SynapseModel

SLOW = ("tau_plus_triplet",)


class State(NamedTuple):
    weight: Floats
    Kplus: Floats
    Kplus_triplet: Floats


class Params(NamedTuple):
    Wmax: Floats
    Aplus: Floats
    Aminus: Floats
    Aplus_triplet: Floats
    Aminus_triplet: Floats
    rate: Floats  # 1 / tau_plus
    rate_triplet: Floats
    memo: Floats
    memo_triplet: Floats


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Rates at which traces decay."""
    steps = (p.Wmax, p.Aplus, p.Aminus, p.Aplus_triplet, p.Aminus_triplet)
    own = (*steps, 1.0 / p.tau_plus, 1.0 / p.tau_plus_triplet)
    return Params(*own, new_memo(), new_memo())


@kernel
def hear(s, p, r, echo):
    """The target has fired: its source's trace strengthens the connection, more so after spikes of the target."""
    trace = s.Kplus[shared_at(echo, r)] * exp_alone((echo.last - echo.time) * at_row(p.rate, r))
    step = at_row(p.Aplus, r) + at_row(p.Aplus_triplet, r) * echo.triplet
    s.weight[r] = raised(s.weight[r], at_row(p.Wmax, r), trace * step)


@inlined
def left_of_slow(s, p, r, spike):
    """What all spikes of the source before this one have left of its slow trace."""
    left = exp_again(p.memo_triplet, (spike.last - spike.time) * at_row(p.rate_triplet, r))
    return s.Kplus_triplet[shared_at(spike, r)] * left


@kernel
def transmit(s, p, r, spike, target):
    """The source has fired: the target's trace weakens the connection, more so after spikes of the source."""
    step = at_row(p.Aminus, r) + at_row(p.Aminus_triplet, r) * left_of_slow(s, p, r, spike)
    w = lowered(s.weight[r], at_row(p.Wmax, r), target.minus * step)
    s.weight[r] = w
    return w


@kernel
def leave(s, p, r, spike):
    """The source's traces after its spike."""
    leave_trace(s, p.rate, p.memo, r, spike)
    s.Kplus_triplet[shared_at(spike, r)] = left_of_slow(s, p, r, spike) + 1.0


stdp_triplet_synapse = SynapseModel(
    "stdp_triplet_synapse",
    params=(
        WEIGHT,
        DELAY,
        Param("tau_plus", 16.8, "ms", "of the fast trace of the source's spikes", above=0.0),
        Param("tau_plus_triplet", 101.0, "ms", "of the slow one", above=0.0),
        Param("Aplus", 5e-10, "", "facilitation by a pair of spikes", at_least=0.0),
        Param("Aminus", 7e-3, "", "depression by a pair", at_least=0.0),
        Param("Aplus_triplet", 6.2e-3, "", "facilitation by a triplet", at_least=0.0),
        Param("Aminus_triplet", 2.3e-4, "", "depression by a triplet", at_least=0.0),
        W_MAX,
        K_PLUS,
        Param("Kplus_triplet", 0.0, "", "slow trace of the source's spikes at the beginning", at_least=0.0),
    ),
    state=State,
    recordables=(
        Variable("weight", initial="weight"),
        replace(SOURCE_TRACE, text="fast trace of the source's spikes just after its last"),
        replace(SOURCE_TRACE, name="Kplus_triplet", text="the slow one", initial="Kplus_triplet", reads=SLOW),
    ),
    prepare=prepare,
    transmit=transmit,
    leave=leave,
    history=True,
    hear=hear,
    check=same_signs,
    sign="Wmax",
    about="Plasticity by pairs and triplets of spikes, all of which count.",
    equations="""
        target fires, back at t:  |w| += K+(t) (Aplus + Aplus_triplet k-(t)), at most |Wmax|
        source fires at t:        |w| -= K-(t) (Aminus + Aminus_triplet k+(t)), at least 0; then w is sent
        K+, K- as in stdp_synapse; k+, k- are slow traces, with tau_plus_triplet and the target's tau_minus_triplet,
        as they are just before the spike
    """,
    source="Pfister & Gerstner 2006, J Neurosci 26:9673; NEST's stdp_triplet_synapse",
)
