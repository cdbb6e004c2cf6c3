"""What plastic synapses share: parameters, and steps of a weight that stays between 0 and its bound."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from parsim.arrays import Floats
from parsim.jit import inlined, kernel
from parsim.kernels.maths import exp_alone, power
from parsim.kernels.rows import at_row, shared_at
from parsim.models.checks import reads
from parsim.models.params import Param, Variable

WEIGHT = Param("weight", 1.0, "", "at the beginning; added at the target: pA, nS or mV, as its model says")
DELAY = Param(
    "delay", 1.0, "ms", "from spike to arrival, and of the target's spikes on their way back", at_least=0.0
)
LAMBDA = Param("lambda_", 0.01, "", "step of a weight; NEST's lambda", at_least=0.0)
ALPHA = Param("alpha", 1.0, "", "depression in parts of facilitation", at_least=0.0)
MU_PLUS = Param(
    "mu_plus", 1.0, "", "how facilitation hangs on the weight: 0 not at all, 1 linearly", at_least=0.0
)
MU_MINUS = Param("mu_minus", 1.0, "", "how depression hangs on it", at_least=0.0)
TAU_PLUS = Param("tau_plus", 20.0, "ms", "of the trace of the source's spikes", above=0.0)
W_MAX = Param("Wmax", 100.0, "", "the weight that is not exceeded, of the same sign")
K_PLUS = Param("Kplus", 0.0, "", "trace of the source's spikes at the beginning", at_least=0.0)
ROW_TRACE = Variable("Kplus", "", "trace of the source's spikes just after its last", initial="Kplus")
SOURCE_TRACE = replace(ROW_TRACE, per="source", reads=("tau_plus",))


@reads("weight", "Wmax")
def same_signs(p: SimpleNamespace) -> str | None:
    """A weight and its bound have the same sign."""
    weight, bound = np.broadcast_arrays(np.ravel(p.weight), np.ravel(p.Wmax))
    wrong = (weight != 0.0) & (np.sign(weight) != np.sign(bound)) | (bound == 0.0)
    if not wrong.any():
        return None
    at = int(np.argmax(wrong))
    return (
        f"weight is {weight[at]:g} and Wmax {bound[at]:g}. They must have the same sign, and Wmax not be 0: give Wmax "
        "with the sign of the weight."
    )


def new_memo() -> Floats:
    """For `exp_again`: of e^0."""
    return np.array([0.0, 1.0])


@inlined
def to_power(x, mu):
    """x^mu of x in [0, 1]; the exponents 0 and 1 are the most common ones."""
    if mu == 1.0 or mu == 0.0:
        return x if mu == 1.0 else 1.0
    return power(x, mu)


@inlined
def exp_again(memo, x):
    """e^x, where it was asked last for the same x, as by all rows of a source that share a time constant."""
    if memo[0] != x:
        memo[0], memo[1] = x, exp_alone(x)
    return memo[1]


@inlined
def leave_trace(s, rate, memo, r, spike):
    """A spike adds 1 to its source's trace, which decays."""
    at = shared_at(spike, r)
    s.Kplus[at] = s.Kplus[at] * exp_again(memo, (spike.last - spike.time) * at_row(rate, r)) + 1.0


@kernel
def leave(s, p, r, spike):
    """The source's trace after its spike."""
    leave_trace(s, p.rate, p.memo, r, spike)


@inlined
def left_of_last(p, r, echo):
    """What the last spike of the source has left when one of the target is back."""
    return exp_alone((echo.last - echo.time) * at_row(p.rate, r))


@inlined
def left_of_all(s, p, r, echo):
    """What all of its spikes have."""
    return s.Kplus[shared_at(echo, r)] * left_of_last(p, r, echo)


@inlined
def facilitated(w, bound, step, mu, trace):
    """A weight after a step towards its bound, (Wmax, 1 / Wmax), which it does not pass."""
    part = w * bound[1]
    part = part + step * to_power(max(1.0 - part, 0.0), mu) * trace
    return part * bound[0] if part < 1.0 else bound[0]


@inlined
def depressed(w, bound, step, mu, trace):
    """A weight after a step towards 0, which it does not pass."""
    part = w * bound[1]
    part = part - step * to_power(max(part, 0.0), mu) * trace
    return part * bound[0] if part > 0.0 else 0.0


@inlined
def raised(w, w_max, by):
    """A weight after a step of a given size away from 0, up to its bound."""
    return np.copysign(min(abs(w) + by, abs(w_max)), w_max)


@inlined
def lowered(w, w_max, by):
    """A weight after a step of a given size towards 0."""
    return np.copysign(max(abs(w) - by, 0.0), w_max)
