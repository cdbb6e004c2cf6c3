"""Exp2Syn: point process.

a synapse whose conductance rises and decays, with the weight as its peak

Made by parsim from exp2syn.mod. Do not edit: it is written anew when the text changes.
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
    e: Floats
    factor: Floats


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
            holds = tau1 / tau2 > 0.9999
            tau1_2 = 0.9999 * tau2
            tau1_3 = tau1_2 if holds else tau1
            holds_2 = tau1_3 / tau2 < 1e-09
            tau1_4 = tau2 * 1e-09
            tau1_5 = tau1_4 if holds_2 else tau1_3
            tp = tau1_5 * tau2 / (tau2 - tau1_5) * log(tau2 / tau1_5)
            factor = 1.0 / (exp(-tp / tau2) - exp(-tp / tau1_5))
            kept.A[here] = 0.0
            kept.B[here] = 0.0
            kept.tau1[here] = tau1_5
            kept.factor[here] = factor


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
    """An event at an instance; c[e.row] holds weight."""
    weight = c[e.row, 0] if e.row >= 0 else e.weight
    A = kept.A[here]
    factor = kept.factor[here]
    B = kept.B[here]
    A = A + weight * factor
    B = B + weight * factor
    kept.A[here] = A
    kept.B[here] = B


mechanism = Mechanism(
    name="Exp2Syn",
    kind="point",
    kept=Kept,
    shared=Shared,
    params=(
        Param("tau1", 0.1, "ms", at_least=1e-09, at_most=1000000000.0),
        Param("tau2", 10.0, "ms", at_least=1e-09, at_most=1000000000.0),
        Param("e", 0.0, "mV"),
    ),
    states=(Variable("A", "uS"), Variable("B", "uS")),
    observed=(Variable("g", "uS"), Variable("i", "nA")),
    arguments=("weight",),
    about="a synapse whose conductance rises and decays, with the weight as its peak",
    kernels={"initial": initial, "state": state, "current": current, "observe": observe, "receive": receive},
)
