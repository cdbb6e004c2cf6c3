"""GSyn: point process.

a synapse with use-dependent enhancement, each connection for itself (NEURON Book, Example 10.5)

Made by parsim from gsyn.mod. Do not edit: it is written anew when the text changes.
"""

# mypy: ignore-errors
# ruff: noqa

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.jit import kernel
from parsim.kernels.maths import exp, log
from parsim.models.mechanism import Mechanism
from parsim.models.params import Param, Variable


class Kept(NamedTuple):
    """Of each instance."""

    A: Floats
    B: Floats
    tau1: Floats
    tau2: Floats
    Gtau1: Floats
    Gtau2: Floats
    Ginc: Floats
    e: Floats
    factor: Floats
    Gfactor: Floats


class Shared(NamedTuple):
    """Of all instances."""

    celsius: float


@kernel
def initial(kept, shared, tree, volts, runs, t, dt):
    """States at the start."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            tau1 = kept.tau1[here]
            tau2 = kept.tau2[here]
            Gtau1 = kept.Gtau1[here]
            Gtau2 = kept.Gtau2[here]
            tp = tau1 * tau2 / (tau2 - tau1) * log(tau2 / tau1)
            peak = 1.0 / (exp(-tp / tau2) - exp(-tp / tau1))
            tp_2 = Gtau1 * Gtau2 / (Gtau2 - Gtau1) * log(Gtau2 / Gtau1)
            peak_2 = 1.0 / (exp(-tp_2 / Gtau2) - exp(-tp_2 / Gtau1))
            kept.A[here] = 0.0
            kept.B[here] = 0.0
            kept.factor[here] = peak
            kept.Gfactor[here] = peak_2


@kernel
def state(kept, shared, tree, volts, runs, t, dt):
    """States a step on, at the voltage of its end."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            A = kept.A[here]
            tau1 = kept.tau1[here]
            B = kept.B[here]
            tau2 = kept.tau2[here]
            A_2 = A - (1.0 - exp(-(dt / tau1))) * A
            B_2 = B - (1.0 - exp(-(dt / tau2))) * B
            kept.A[here] = A_2
            kept.B[here] = B_2


@kernel
def current(kept, shared, tree, volts, runs, t, dt, d, rhs):
    """Conductance to the diagonal, what is left of the current to the right side, uS and nA."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            B = kept.B[here]
            A = kept.A[here]
            e_2 = kept.e[here]
            g = B - A
            i_at_0 = -(g * e_2)
            d[at] += g
            rhs[at] -= i_at_0


@kernel
def observe(kept, shared, tree, volts, runs, t, dt, out):
    """Rows of `out`: g, i."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            B = kept.B[here]
            A = kept.A[here]
            v = volts[at]
            e_2 = kept.e[here]
            g = B - A
            i = g * (v - e_2)
            out[0, here] = g
            out[1, here] = i


@kernel
def receive(kept, shared, tree, volts, here, at, c, e, q):
    """An event at an instance; c[e.row] holds weight, w, G1, G2, t0."""
    weight = c[e.row, 0] if e.row >= 0 else e.weight
    w = c[e.row, 1] if e.row >= 0 else 0.0
    G1 = c[e.row, 2] if e.row >= 0 else 0.0
    G2 = c[e.row, 3] if e.row >= 0 else 0.0
    t0 = c[e.row, 4] if e.row >= 0 else 0.0
    Gtau1 = kept.Gtau1[here]
    Gtau2 = kept.Gtau2[here]
    Ginc = kept.Ginc[here]
    Gfactor = kept.Gfactor[here]
    A = kept.A[here]
    factor = kept.factor[here]
    B = kept.B[here]
    G1 = G1 * exp(-(e.t - t0) / Gtau1)
    G2 = G2 * exp(-(e.t - t0) / Gtau2)
    G1 = G1 + Ginc * Gfactor
    G2 = G2 + Ginc * Gfactor
    t0 = e.t
    w = weight * (1.0 + G2 - G1)
    A = A + w * factor
    B = B + w * factor
    kept.A[here] = A
    kept.B[here] = B
    if e.row >= 0:
        c[e.row, 1] = w
        c[e.row, 2] = G1
        c[e.row, 3] = G2
        c[e.row, 4] = t0


mechanism = Mechanism(
    name="GSyn",
    kind="point",
    kept=Kept,
    shared=Shared,
    params=(
        Param("tau1", 1.0, "ms", at_least=1e-09, at_most=1000000000.0),
        Param("tau2", 1.05, "ms", at_least=1e-09, at_most=1000000000.0),
        Param("Gtau1", 20.0, "ms", at_least=1e-09, at_most=1000000000.0),
        Param("Gtau2", 21.0, "ms", at_least=1e-09, at_most=1000000000.0),
        Param("Ginc", 1.0, ""),
        Param("e", 0.0, "mV"),
    ),
    states=(Variable("A", "uS"), Variable("B", "uS")),
    observed=(Variable("g", "uS"), Variable("i", "nA")),
    arguments=("weight", "w", "G1", "G2", "t0"),
    about="a synapse with use-dependent enhancement, each connection for itself (NEURON Book, Example 10.5)",
    kernels={"initial": initial, "state": state, "current": current, "observe": observe, "receive": receive},
)
