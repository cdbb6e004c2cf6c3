"""GradSyn: point process.

graded transmission: a conductance as the cube of calcium in another cell (NEURON Book, Example 10.1)

Made by parsim from gradsyn.mod. Do not edit: it is written anew when the text changes.
"""

# mypy: ignore-errors
# ruff: noqa

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.jit import kernel
from parsim.models.mechanism import Mechanism
from parsim.models.params import Param, Variable


class Kept(NamedTuple):
    """Of each instance."""

    e: Floats
    k: Floats
    capre: Floats


class Shared(NamedTuple):
    """Of all instances."""

    celsius: float


@kernel
def current(kept, shared, tree, volts, runs, t, dt, d, rhs):
    """Conductance to the diagonal, what is left of the current to the right side, uS and nA."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            k = kept.k[here]
            capre = kept.capre[here]
            e_2 = kept.e[here]
            g = k * (capre * capre * capre)
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
            k = kept.k[here]
            capre = kept.capre[here]
            v = volts[at]
            e_2 = kept.e[here]
            g = k * (capre * capre * capre)
            i = g * (v - e_2)
            out[0, here] = g
            out[1, here] = i


mechanism = Mechanism(
    name="GradSyn",
    kind="point",
    kept=Kept,
    shared=Shared,
    params=(Param("e", 0.0, "mV"), Param("k", 0.02, "uS/mM3")),
    observed=(Variable("g", "uS"), Variable("i", "nA")),
    pointers=(Variable("capre", "mM"),),
    about="graded transmission: a conductance as the cube of calcium in another cell (NEURON Book, Example 10.1)",
    kernels={"current": current, "observe": observe},
)
