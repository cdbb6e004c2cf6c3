"""Spike-timing dependent plasticity of all pairs whose steps hang on the weight by an exponential, or not at all."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.maths import exp_alone
from parsim.kernels.rows import at_row
from parsim.models.params import Param, Variable
from parsim.models.parts.plastic import (
    ALPHA,
    DELAY,
    K_PLUS,
    LAMBDA,
    SOURCE_TRACE,
    TAU_PLUS,
    leave,
    left_of_all,
    new_memo,
    same_signs,
)
from parsim.models.synapse_model import SynapseModel


class State(NamedTuple):
    weight: Floats
    Kplus: Floats


class Params(NamedTuple):
    Wmax: Floats
    up: Floats
    down: Floats
    lost: Floats
    mu_plus: Floats
    mu_minus: Floats
    rate: Floats  # 1 / tau_plus
    memo: Floats


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Steps and the rate at which the trace decays."""
    steps = (p.Wmax, p.lambda_, p.lambda_ * p.alpha, p.lambda_ * p.beta, p.mu_plus, p.mu_minus)
    return Params(*steps, 1.0 / p.tau_plus, new_memo())


@kernel
def hear(s, p, r, echo):
    """The target has fired: what its source has left of its trace strengthens the connection."""
    trace = left_of_all(s, p, r, echo)
    step = at_row(p.up, r) * exp_alone(at_row(p.mu_plus, r) * s.weight[r]) * trace - at_row(p.lost, r)
    s.weight[r] = max(min(s.weight[r] + step, at_row(p.Wmax, r)), 0.0)


@kernel
def transmit(s, p, r, spike, target):
    """The source has fired: the target's trace weakens the connection, whose weight is then sent."""
    step = at_row(p.down, r) * exp_alone(at_row(p.mu_minus, r) * s.weight[r]) * target.minus
    w = max(s.weight[r] - (step + at_row(p.lost, r)), 0.0)
    s.weight[r] = w
    return w


jonke_synapse = SynapseModel(
    "jonke_synapse",
    params=(
        Param(
            "weight",
            1.0,
            "",
            "at the beginning; added at the target: pA, nS or mV, as its model says",
            at_least=0.0,
        ),
        DELAY,
        TAU_PLUS,
        LAMBDA,
        ALPHA,
        Param("beta", 0.0, "", "what each spike of either side takes, in parts of lambda", at_least=0.0),
        Param("mu_plus", 0.0, "", "how facilitation hangs on the weight"),
        Param("mu_minus", 0.0, "", "how depression hangs on it"),
        Param("Wmax", 100.0, "", "the weight that is not exceeded", above=0.0),
        K_PLUS,
    ),
    state=State,
    recordables=(Variable("weight", initial="weight"), SOURCE_TRACE),
    prepare=prepare,
    transmit=transmit,
    leave=leave,
    history=True,
    hear=hear,
    check=same_signs,
    sign="Wmax",
    about="Spike-timing dependent plasticity whose steps hang on the weight by an exponential, or not at all.",
    equations="""
        target fires, back at t:  w += lambda (e^(mu_plus w) K+(t) - beta), between 0 and Wmax
        source fires at t:        w -= lambda (alpha e^(mu_minus w) K-(t) + beta), at least 0; then w is sent
        K+ and K- as in stdp_synapse
    """,
    source="Nessler et al. 2013, PLoS Comput Biol 9:e1003037; Jonke et al. 2017, J Neurosci 37:8511; NEST's "
    "jonke_synapse",
)
