"""ExpSyn: point process.

a synapse whose conductance jumps and decays

Made by parsim from expsyn.mod. Do not edit: it is written anew when the text changes.
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


class Kept(NamedTuple):
    """Of each instance."""

    g: Floats
    tau: Floats
    e: Floats


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
            kept.g[here] = 0.0


@kernel
def state(kept, shared, tree, volts, runs, t, dt):
    """States a step on, at the voltage of its end."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            g = kept.g[here]
            tau = kept.tau[here]
            g_2 = g - (1.0 - exp(-(dt / tau))) * g
            kept.g[here] = g_2


@kernel
def current(kept, shared, tree, volts, runs, t, dt, d, rhs):
    """Conductance to the diagonal, what is left of the current to the right side, uS and nA."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            g = kept.g[here]
            e_2 = kept.e[here]
            i_at_0 = -(g * e_2)
            d[at] += g
            rhs[at] -= i_at_0


@kernel
def observe(kept, shared, tree, volts, runs, t, dt, out):
    """Rows of `out`: i."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            g = kept.g[here]
            v = volts[at]
            e_2 = kept.e[here]
            i = g * (v - e_2)
            out[0, here] = i


@kernel
def receive(kept, shared, tree, volts, here, at, c, e, q):
    """An event at an instance; c[e.row] holds weight."""
    weight = c[e.row, 0] if e.row >= 0 else e.weight
    g = kept.g[here]
    g = g + weight
    kept.g[here] = g


mechanism = Mechanism(
    name="ExpSyn",
    kind="point",
    kept=Kept,
    shared=Shared,
    params=(Param("tau", 0.1, "ms", at_least=1e-09, at_most=1000000000.0), Param("e", 0.0, "mV")),
    states=(Variable("g", "uS"),),
    observed=(Variable("i", "nA"),),
    arguments=("weight",),
    about="a synapse whose conductance jumps and decays",
    kernels={"initial": initial, "state": state, "current": current, "observe": observe, "receive": receive},
)
