"""A synapse of the toy wing: what it brings wears off with use and recovers, and each use is remembered."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

import parsim as ps
from parsim.arrays import Floats, Ints


class State(NamedTuple):
    left: Floats  # what of the weight is left after the last spike
    last: Floats  # when that was, ms
    uses: Ints


class Params(NamedTuple):
    weight: Floats
    use: Floats
    rate: Floats  # 1/tau


def prepare(p: SimpleNamespace, clock):
    return Params(np.asarray(p.weight), np.asarray(p.use), np.asarray(1.0 / p.tau))


@ps.kernel
def transmit(s, p, r, spike):
    """What is left recovers linearly since the last spike; a spike brings the part `use` of it."""
    left = min(1.0, s.left[r] + (spike.time - s.last[r]) * ps.at_row(p.rate, r))
    brought = ps.at_row(p.use, r) * left
    s.left[r] = left - brought
    s.last[r] = spike.time
    s.uses[r] += 1
    return ps.at_row(p.weight, r) * brought


wearing = ps.SynapseModel(
    "wearing",
    params=(
        ps.Param("weight", 1.0, "", "what a fresh connection would bring if all was used"),
        ps.Param("delay", 1.0, "ms", at_least=0.0),
        ps.Param("use", 0.5, "", "the part that a spike uses", above=0.0, at_most=1.0),
        ps.Param("tau", 20.0, "ms", "in which all recovers", above=0.0),
    ),
    state=State,
    recordables=(ps.Variable("left", initial=1.0), ps.Variable("last", "ms", initial=-1e9)),
    prepare=prepare,
    transmit=transmit,
)
