"""Gap: point process.

half of a gap junction: a current from a voltage elsewhere (NEURON Book, Example 10.2)

Made by parsim from gap.mod. Do not edit: it is written anew when the text changes.
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

    r: Floats
    vgap: Floats


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
            vgap = kept.vgap[here]
            r_2 = kept.r[here]
            d_i = 1.0 / r_2
            i_at_0 = -vgap / r_2
            d[at] += d_i
            rhs[at] -= i_at_0


@kernel
def observe(kept, shared, tree, volts, runs, t, dt, out):
    """Rows of `out`: i."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            v = volts[at]
            vgap = kept.vgap[here]
            r_2 = kept.r[here]
            i = (v - vgap) / r_2
            out[0, here] = i


mechanism = Mechanism(
    name="Gap",
    kind="point",
    kept=Kept,
    shared=Shared,
    params=(Param("r", 10000000000.0, "MOhm", at_least=1e-09, at_most=1000000000000.0),),
    observed=(Variable("i", "nA"),),
    pointers=(Variable("vgap", "mV"),),
    about="half of a gap junction: a current from a voltage elsewhere (NEURON Book, Example 10.2)",
    kernels={"current": current, "observe": observe},
)
