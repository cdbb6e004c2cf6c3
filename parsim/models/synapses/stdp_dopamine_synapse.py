"""Spike-timing dependent plasticity by dopamine, which turns a trace of pairs of spikes into weight."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import inlined, kernel
from parsim.kernels.maths import exp_alone, expm1_one
from parsim.kernels.rows import at_row, shared_at
from parsim.models.checks import reads
from parsim.models.params import Param, Variable
from parsim.models.parts.plastic import DELAY, K_PLUS, SOURCE_TRACE, TAU_PLUS, WEIGHT, leave_trace, new_memo
from parsim.models.synapse_model import SynapseModel


class State(NamedTuple):
    weight: Floats
    Kplus: Floats
    c: Floats
    n: Floats
    updated: Floats


class Params(NamedTuple):
    A_plus: Floats
    A_minus: Floats
    rate_plus: Floats
    tau_c: Floats
    rate_c: Floats
    rate_n: Floats
    b: Floats
    Wmin: Floats
    Wmax: Floats
    memo: Floats


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Rates in place of most time constants."""
    rates = 1.0 / p.tau_plus, p.tau_c, 1.0 / p.tau_c, 1.0 / p.tau_n
    return Params(p.A_plus, p.A_minus, *rates, p.b, p.Wmin, p.Wmax, new_memo())


@inlined
def advance(s, p, r, time, since):
    """Bring weight and traces to a time from the last at which something happened, or `since` if nothing did."""
    passed = time - (s.updated[r] if s.updated[r] >= 0.0 else since)
    c, n, rate_c, rate_n = s.c[r], s.n[r], at_row(p.rate_c, r), at_row(p.rate_n, r)
    both = rate_c + rate_n
    gained = at_row(p.b, r) * at_row(p.tau_c, r) * expm1_one(-passed * rate_c) - n / both * expm1_one(
        -passed * both
    )
    s.weight[r] = min(max(s.weight[r] + c * gained, at_row(p.Wmin, r)), at_row(p.Wmax, r))
    s.c[r] = c * exp_alone(-passed * rate_c)
    s.n[r] = n * exp_alone(-passed * rate_n)
    s.updated[r] = time


@kernel
def dose(s, p, r, dose):
    """There is more dopamine."""
    advance(s, p, r, dose.time, dose.last)
    s.n[r] += at_row(p.rate_n, r)


@kernel
def hear(s, p, r, echo):
    """The target has fired: what its source has left of its trace makes the connection eligible to get stronger."""
    advance(s, p, r, echo.time, echo.last)
    trace = s.Kplus[shared_at(echo, r)]
    s.c[r] += at_row(p.A_plus, r) * trace * exp_alone((echo.last - echo.time) * at_row(p.rate_plus, r))


@kernel
def transmit(s, p, r, spike, target):
    """The source has fired: the target's trace makes the connection eligible to get weaker; it brings its weight."""
    advance(s, p, r, spike.time, spike.last)
    s.c[r] -= at_row(p.A_minus, r) * target.minus
    return s.weight[r]


@kernel
def leave(s, p, r, spike):
    """The source's trace after its spike."""
    leave_trace(s, p.rate_plus, p.memo, r, spike)


@reads("weight", "Wmin", "Wmax")
def check(p: SimpleNamespace) -> str | None:
    """A weight is between its bounds, which have one sign, for it chooses the receptor."""
    w, low, high = np.broadcast_arrays(np.ravel(p.weight), np.ravel(p.Wmin), np.ravel(p.Wmax))
    wrong = (w < low) | (w > high) | ((low < 0.0) & (high > 0.0))
    if not wrong.any():
        return None
    at = int(np.argmax(wrong))
    return (
        f"weight is {w[at]:g}, Wmin {low[at]:g} and Wmax {high[at]:g}. The weight must be between these two, and "
        "none of them have the opposite sign of the other: give bounds about the weight, on one side of 0."
    )


stdp_dopamine_synapse = SynapseModel(
    "stdp_dopamine_synapse",
    params=(
        WEIGHT,
        DELAY,
        TAU_PLUS,
        Param("A_plus", 1.0, "", "step of the trace c when the target follows the source"),
        Param("A_minus", 1.5, "", "step back when the source follows the target"),
        Param("tau_c", 1_000.0, "ms", "of the trace that pairs of spikes leave", above=0.0),
        Param("tau_n", 200.0, "ms", "of the trace of dopamine", above=0.0),
        Param("b", 0.0, "1/ms", "dopamine at which the weight stays"),
        Param("Wmin", 0.0, "", "the weight that it does not fall below"),
        Param("Wmax", 200.0, "", "the weight that is not exceeded, not of the opposite sign"),
        K_PLUS,
        Param("c", 0.0, "", "trace of pairs of spikes at the beginning"),
        Param("n", 0.0, "1/ms", "trace of dopamine at the beginning"),
    ),
    state=State,
    recordables=(
        Variable("weight", initial="weight"),
        SOURCE_TRACE,
        Variable(
            "c",
            "",
            "trace of pairs of spikes at the last spike of source, target or transmitter",
            initial="c",
        ),
        Variable("n", "1/ms", "trace of dopamine at that time", initial="n"),
        Variable("updated", "ms", "that time, -1 before the first", initial=-1.0),
    ),
    prepare=prepare,
    transmit=transmit,
    leave=leave,
    history=True,
    hear=hear,
    dose=dose,
    check=check,
    sign="Wmax",
    about="Spike-timing dependent plasticity that dopamine lets happen, the spikes of a volume transmitter (`vt=`).",
    equations="""
        dw/dt = c (n - b), brought into [Wmin, Wmax] at each spike of source, target and transmitter
        dc/dt = -c/tau_c, dn/dt = -n/tau_n
        target fires, back at t:           c += A_plus K+(t)
        source fires at t:                 c -= A_minus K-(t); w is sent
        the transmitter is felt at t:      n += 1/tau_n
        K+ and K- as in stdp_synapse
    """,
    source="Izhikevich 2007, Cereb Cortex 17:2443; Potjans et al. 2010, Front Comput Neurosci 4:141; NEST's "
    "stdp_dopamine_synapse",
)
