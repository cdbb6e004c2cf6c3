"""Short-term depression and facilitation, whatever the target."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.maths import exp_alone
from parsim.kernels.rows import at_row
from parsim.models.params import Param, Variable
from parsim.models.parts.plastic import WEIGHT
from parsim.models.parts.release import DELAY, TAU_FAC, TAU_REC, U, decay
from parsim.models.synapse_model import SynapseModel


class State(NamedTuple):
    x: Floats
    u: Floats


class Params(NamedTuple):
    weight: Floats
    U: Floats
    tau_rec: Floats
    tau_fac: Floats


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """As said."""
    return Params(*(getattr(p, name) for name in Params._fields))


@kernel
def transmit(s, p, r, spike):
    """After the first spike: what the last has used recovers, and facilitation decays."""
    x, u = s.x[r], s.u[r]
    if spike.has_fired:
        passed, first_use = spike.time - spike.last, at_row(p.U, r)
        x = 1.0 + (x - x * u - 1.0) * exp_alone(-passed / at_row(p.tau_rec, r))
        u = first_use + u * (1.0 - first_use) * decay(passed, at_row(p.tau_fac, r))
        s.x[r], s.u[r] = x, u
    return x * u * at_row(p.weight, r)


tsodyks2_synapse = SynapseModel(
    "tsodyks2_synapse",
    params=(
        WEIGHT,
        DELAY,
        U,
        TAU_REC,
        TAU_FAC,
        Param("x", 1.0, "", "part of resources that are there at the beginning", at_least=0.0, at_most=1.0),
        Param("u", "U", "", "part of them that the first spike uses", at_least=0.0, at_most=1.0),
    ),
    state=State,
    recordables=(
        Variable("x", "", "part of resources that were there at the last spike", initial="x"),
        Variable("u", "", "part of them that it used", initial="u"),
    ),
    prepare=prepare,
    transmit=transmit,
    about="Short-term depression and facilitation, whatever the target's currents are.",
    equations="""
        at a spike, D after the last:  x = 1 + (x - x u - 1) e^(-D/tau_rec);  u = U + u (1 - U) e^(-D/tau_fac)
        x u weight is sent; the first spike finds x and u as they were said
        tau_fac 0: u = U
    """,
    source="Fuhrmann et al. 2002, J Neurophysiol 87:140; Maass & Markram 2002, Neural Netw 15:155; NEST's "
    "tsodyks2_synapse",
)
