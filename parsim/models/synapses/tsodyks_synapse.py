"""Short-term depression and facilitation, for targets with exponential currents."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.maths import exp_alone
from parsim.kernels.rows import at_row
from parsim.models.checks import reads
from parsim.models.params import Param, Variable
from parsim.models.parts.plastic import WEIGHT
from parsim.models.parts.release import DELAY, TAU_FAC, TAU_REC, U, decay
from parsim.models.synapse_model import SynapseModel


class State(NamedTuple):
    x: Floats
    y: Floats
    u: Floats


class Params(NamedTuple):
    weight: Floats
    U: Floats
    tau_psc: Floats
    tau_rec: Floats
    tau_fac: Floats


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """As said."""
    return Params(*(getattr(p, name) for name in Params._fields))


@kernel
def transmit(s, p, r, spike):
    """Since its last spike resources have recovered; the part u of those that are there is released."""
    passed, tau_psc, tau_rec = spike.time - spike.last, at_row(p.tau_psc, r), at_row(p.tau_rec, r)
    inactivates, recovers = exp_alone(-passed / tau_psc), exp_alone(-passed / tau_rec) - 1.0
    comes_back = 1.0 - inactivates * (1.0 + passed / tau_psc)
    if tau_psc != tau_rec:
        comes_back = (recovers * tau_rec - (inactivates - 1.0) * tau_psc) / (tau_psc - tau_rec)
    inactive = 1.0 - s.x[r] - s.y[r]
    u = s.u[r] * decay(passed, at_row(p.tau_fac, r))
    x = s.x[r] + comes_back * s.y[r] - recovers * inactive
    y = s.y[r] * inactivates
    u += at_row(p.U, r) * (1.0 - u)
    released = u * x
    s.x[r], s.y[r], s.u[r] = x - released, y + released, u
    return at_row(p.weight, r) * released


@reads("x", "y")
def check(p: SimpleNamespace) -> str | None:
    """All resources together are 1."""
    x, y = np.broadcast_arrays(np.ravel(p.x), np.ravel(p.y))
    if (wrong := x + y > 1.0).any():
        at = int(np.argmax(wrong))
        return f"x is {x[at]:g} and y {y[at]:g}; these parts of all resources are at most 1 together."
    return None


tsodyks_synapse = SynapseModel(
    "tsodyks_synapse",
    params=(
        WEIGHT,
        DELAY,
        U,
        Param("tau_psc", 3.0, "ms", "in which what is active inactivates: tau_syn of the target", above=0.0),
        TAU_REC,
        TAU_FAC,
        Param(
            "x", 1.0, "", "part of resources that are recovered, at the beginning", at_least=0.0, at_most=1.0
        ),
        Param("y", 0.0, "", "part that are active", at_least=0.0, at_most=1.0),
        Param("u", 0.0, "", "part of x that was released last", at_least=0.0, at_most=1.0),
    ),
    state=State,
    recordables=(
        Variable("x", "", "part of resources that are recovered, just after a spike", initial="x"),
        Variable("y", "", "part that are active", initial="y"),
        Variable("u", "", "part of x that was released last", initial="u"),
    ),
    prepare=prepare,
    transmit=transmit,
    check=check,
    about="Short-term depression and facilitation, for targets whose currents decay with tau_psc.",
    equations="""
        between spikes:  x' = z/tau_rec,  y' = -y/tau_psc,  z' = y/tau_psc - z/tau_rec,  u' = -u/tau_fac,  z = 1 - x - y
        at a spike:      u += U (1 - u);  released = u x;  x -= released;  y += released;  weight * released is sent
        tau_fac 0: u = U
    """,
    source="Tsodyks, Uziel & Markram 2000, J Neurosci 20:RC50; NEST's tsodyks_synapse, which divides by "
    "tau_psc - tau_rec also where that is 0",
)
