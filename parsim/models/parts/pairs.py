"""Synapses whose weights learn from pairs of spikes, as a part of their bound: which pairs count, each model says."""

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import inlined, kernel_over, within
from parsim.kernels.rows import at_row
from parsim.models.params import Variable
from parsim.models.parts.plastic import (
    ALPHA,
    DELAY,
    K_PLUS,
    LAMBDA,
    MU_MINUS,
    MU_PLUS,
    ROW_TRACE,
    SOURCE_TRACE,
    TAU_PLUS,
    W_MAX,
    WEIGHT,
    depressed,
    facilitated,
    leave,
    leave_trace,
    new_memo,
    same_signs,
)
from parsim.models.synapse_model import SynapseModel


class Traced(NamedTuple):
    """Of connections to which all spikes of their source count."""

    weight: Floats
    Kplus: Floats


class Untraced(NamedTuple):
    """Of those to which its last alone does."""

    weight: Floats


class Params(NamedTuple):
    Wmax: Floats
    per_Wmax: Floats
    up: Floats
    down: Floats
    mu_plus: Floats
    mu_minus: Floats
    rate: Floats  # 1 / tau_plus
    memo: Floats


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Steps and the rate at which the trace decays."""
    own = (p.Wmax, 1.0 / p.Wmax, p.lambda_, p.alpha * p.lambda_, p.mu_plus, p.mu_minus, 1.0 / p.tau_plus)
    return Params(*own, new_memo())


@inlined
def strengthen(s, p, r, trace):
    """The target has fired, at a trace of the source."""
    bound = at_row(p.Wmax, r), at_row(p.per_Wmax, r)
    s.weight[r] = facilitated(s.weight[r], bound, at_row(p.up, r), at_row(p.mu_plus, r), trace)


@inlined
def weaken(s, p, r, trace):
    """The source has fired, at a trace of the target; returns the weight, which is then sent."""
    bound = at_row(p.Wmax, r), at_row(p.per_Wmax, r)
    w = depressed(s.weight[r], bound, at_row(p.down, r), at_row(p.mu_minus, r), trace)
    s.weight[r] = w
    return w


@cache
def transmitting_by(trace_of: Callable[..., float], by_row: bool) -> Callable[..., float]:
    """What is done when the source fires, where `trace_of(target)` weakens a connection, which has a trace
    of the source of its own, or not.
    """
    trace_of = within(trace_of)

    def transmit(s, p, r, spike, target):
        return weaken(s, p, r, trace_of(target))

    def transmit_and_leave(s, p, r, spike, target):
        w = weaken(s, p, r, trace_of(target))
        leave_trace(s, p.rate, p.memo, r, spike)
        return w

    return kernel_over(transmit_and_leave if by_row else transmit)


def pair_synapse(
    name: str,
    hear: Callable[..., None],
    trace_of: Callable[..., float],
    *,
    trace: Variable | None,
    about: str,
    equations: str,
    source: str,
) -> SynapseModel:
    """The model in which `hear` lets a spike of the target strengthen a connection, and one of the source weakens it by
    `trace_of(target)`; `trace` is that of the source's spikes, where more than its last count.
    """
    params = (WEIGHT, DELAY, TAU_PLUS, LAMBDA, ALPHA, MU_PLUS, MU_MINUS, W_MAX)
    return SynapseModel(
        name,
        params=(*params, K_PLUS) if trace else params,
        state=Traced if trace else Untraced,
        recordables=(Variable("weight", initial="weight"), *((trace,) if trace else ())),
        prepare=prepare,
        transmit=transmitting_by(trace_of, trace is ROW_TRACE),
        leave=leave if trace is SOURCE_TRACE else None,
        history=True,
        hear=hear,
        check=same_signs,
        sign="Wmax",
        about=about,
        equations=equations,
        source=source,
    )
