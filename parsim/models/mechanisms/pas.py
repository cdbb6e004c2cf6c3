"""pas: density mechanism.

passive membrane

Made by parsim from pas.mod. Do not edit: it is written anew when the text changes.
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

    g: Floats
    e: Floats


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
            g = kept.g[here]
            e_2 = kept.e[here]
            i_at_0 = -(g * e_2)
            patch = tree.patch[at]
            d[at] += patch * g
            rhs[at] -= patch * i_at_0


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


mechanism = Mechanism(
    name="pas",
    kind="density",
    kept=Kept,
    shared=Shared,
    params=(Param("g", 0.001, "S/cm2", at_least=0.0, at_most=1000000000.0), Param("e", -70.0, "mV")),
    observed=(Variable("i", "mA/cm2"),),
    constant=True,
    about="passive membrane",
    kernels={"current": current, "observe": observe},
)
