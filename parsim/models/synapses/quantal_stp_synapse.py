"""Short-term plasticity of release sites, each of which has a vesicle or none."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.maths import exp_alone
from parsim.kernels.rows import at_row
from parsim.models.params import Param, Variable
from parsim.models.parts.plastic import WEIGHT
from parsim.models.parts.release import DELAY, TAU_FAC, TAU_REC, U, decay
from parsim.models.synapse_model import SynapseModel
from parsim.shard.rows.passing import MOST_DRAWS, draw

MOST_SITES = MOST_DRAWS // 2


class State(NamedTuple):
    a: Floats
    u: Floats


class Params(NamedTuple):
    weight: Floats
    n: Floats
    U: Floats
    tau_rec: Floats
    tau_fac: Floats


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """As said."""
    return Params(*(getattr(p, name) for name in Params._fields))


@kernel
def transmit(s, p, r, spike):
    """Empty sites recover one by one; then each that is ready releases by chance."""
    n, ready, u = np.int64(at_row(p.n, r)), np.int64(s.a[r]), s.u[r]
    if spike.has_fired:
        passed, first_use = spike.time - spike.last, at_row(p.U, r)
        stays_empty = exp_alone(-passed / at_row(p.tau_rec, r))
        for k in range(n - ready):
            ready += 1 if draw(spike, r, k) >= stays_empty else 0
        u = first_use + u * (1.0 - first_use) * decay(passed, at_row(p.tau_fac, r))
        s.u[r] = u
    released = 0
    for k in range(ready):
        released += 1 if draw(spike, r, n + k) < u else 0
    s.a[r] = ready - released
    return released * at_row(p.weight, r) if released > 0 else np.nan


def check(p: SimpleNamespace) -> str | None:
    """Sites are whole; as in NEST more may be ready at first than there are, which then are used up."""
    n, a = np.broadcast_arrays(np.ravel(p.n), np.ravel(p.a))
    if (wrong := (n != np.rint(n)) | (a != np.rint(a))).any():
        at = int(np.argmax(wrong))
        return f"n is {n[at]:g} and a {a[at]:g}; these are whole numbers of sites."
    return None


quantal_stp_synapse = SynapseModel(
    "quantal_stp_synapse",
    params=(
        WEIGHT,
        DELAY,
        U,
        TAU_REC,
        TAU_FAC,
        Param("n", 1.0, "", "release sites", at_least=1.0, at_most=float(MOST_SITES)),
        Param("a", "n", "", "those that are ready at the beginning", at_least=0.0, at_most=float(MOST_SITES)),
        Param("u", "U", "", "probability that a site releases at the first spike", at_least=0.0, at_most=1.0),
    ),
    state=State,
    recordables=(
        Variable("a", "", "sites that are ready after the last spike", initial="a"),
        Variable("u", "", "probability with which each released", initial="u"),
    ),
    prepare=prepare,
    transmit=transmit,
    check=check,
    about="Short-term plasticity by chance: release sites that are ready or empty.",
    equations="""
        at a spike, D after the last:  each empty site is ready again with probability 1 - e^(-D/tau_rec)
                                       u = U + u (1 - U) e^(-D/tau_fac), each ready site releases with probability u
        weight * (number that released) is sent, nothing if none did; the first spike finds a and u as they were said
        tau_fac 0: u = U
    """,
    source="Fuhrmann et al. 2002, J Neurophysiol 87:140; Loebel et al. 2009, Front Comput Neurosci 3:27; NEST's "
    "quantal_stp_synapse",
)
