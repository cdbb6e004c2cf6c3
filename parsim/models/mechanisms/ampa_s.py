"""AMPA_S: point process.

a synapse that saturates: transmitter for a fixed time, over many connections with two states (NEURON Book, Example 10.6)

Made by parsim from ampa_s.mod. Do not edit: it is written anew when the text changes.
"""

# mypy: ignore-errors
# ruff: noqa

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.jit import kernel
from parsim.kernels.maths import exp
from parsim.models.mechanism import Mechanism
from parsim.models.params import Param, Variable
from parsim.shard.events.queue import connection_move


class Kept(NamedTuple):
    """Of each instance."""

    Ron: Floats
    Roff: Floats
    Rtau: Floats
    Rinf: Floats
    synon: Floats


class Shared(NamedTuple):
    """Of all instances."""

    celsius: float
    Cdur: float
    Alpha: float
    Beta: float
    Erev: float


@kernel
def initial(kept, shared, tree, volts, runs, t, dt):
    """States at the start."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            Alpha = shared.Alpha
            Beta = shared.Beta
            Rtau = 1.0 / (Alpha + Beta)
            Rinf = Alpha / (Alpha + Beta)
            kept.Ron[here] = 0.0
            kept.Roff[here] = 0.0
            kept.synon[here] = 0.0
            kept.Rtau[here] = Rtau
            kept.Rinf[here] = Rinf


@kernel
def state(kept, shared, tree, volts, runs, t, dt):
    """States a step on, at the voltage of its end."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            Ron = kept.Ron[here]
            synon = kept.synon[here]
            Rinf = kept.Rinf[here]
            Rtau = kept.Rtau[here]
            Roff = kept.Roff[here]
            Beta = shared.Beta
            Ron_2 = Ron + (1.0 - exp(-(dt / Rtau))) * (synon * Rinf - Ron)
            Roff_2 = Roff - (1.0 - exp(-(dt * Beta))) * Roff
            kept.Ron[here] = Ron_2
            kept.Roff[here] = Roff_2


@kernel
def current(kept, shared, tree, volts, runs, t, dt, d, rhs):
    """Conductance to the diagonal, what is left of the current to the right side, uS and nA."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            Ron = kept.Ron[here]
            Roff = kept.Roff[here]
            Erev = shared.Erev
            g = Ron + Roff
            i_at_0 = -(g * Erev)
            d[at] += g
            rhs[at] -= i_at_0


@kernel
def observe(kept, shared, tree, volts, runs, t, dt, out):
    """Rows of `out`: g, i."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            Ron = kept.Ron[here]
            Roff = kept.Roff[here]
            v = volts[at]
            Erev = shared.Erev
            g = Ron + Roff
            i = g * (v - Erev)
            out[0, here] = g
            out[1, here] = i


@kernel
def receive(kept, shared, tree, volts, here, at, c, e, q):
    """An event at an instance; c[e.row] holds weight, on, r0, t0."""
    weight = c[e.row, 0] if e.row >= 0 else e.weight
    on = c[e.row, 1] if e.row >= 0 else 0.0
    r0 = c[e.row, 2] if e.row >= 0 else 0.0
    t0 = c[e.row, 3] if e.row >= 0 else 0.0
    synon = kept.synon[here]
    Beta = shared.Beta
    Ron = kept.Ron[here]
    Roff = kept.Roff[here]
    Cdur = shared.Cdur
    Rinf = kept.Rinf[here]
    Rtau = kept.Rtau[here]
    if e.flag == 0.0:
        if on == 0.0:
            synon = synon + weight
            r0 = r0 * exp(-(Beta * (e.t - t0)))
            Ron = Ron + r0
            Roff = Roff - r0
            t0 = e.t
            on = 1.0
            connection_move(q, e, e.t + Cdur)
        else:
            connection_move(q, e, e.t + Cdur)
    if e.flag == 1.0:
        synon = synon - weight
        r0 = weight * Rinf + (r0 - weight * Rinf) * exp(-(e.t - t0) / Rtau)
        Ron = Ron - r0
        Roff = Roff + r0
        t0 = e.t
        on = 0.0
    kept.synon[here] = synon
    kept.Ron[here] = Ron
    kept.Roff[here] = Roff
    if e.row >= 0:
        c[e.row, 1] = on
        c[e.row, 2] = r0
        c[e.row, 3] = t0


mechanism = Mechanism(
    name="AMPA_S",
    kind="point",
    kept=Kept,
    shared=Shared,
    globals=(
        Param("Cdur", 1.0, "ms"),
        Param("Alpha", 1.1, "/ms"),
        Param("Beta", 0.19, "/ms"),
        Param("Erev", 0.0, "mV"),
    ),
    states=(Variable("Ron", "uS"), Variable("Roff", "uS")),
    observed=(Variable("g", "uS"), Variable("i", "nA")),
    arguments=("weight", "on", "r0", "t0"),
    about="a synapse that saturates: transmitter for a fixed time, over many connections with two states (NEURON Book, Example 10.6)",
    kernels={"initial": initial, "state": state, "current": current, "observe": observe, "receive": receive},
)
