"""AlphaSynapse: point process.

one alpha function of conductance, at a time that is given

Made by parsim from alphasynapse.mod. Do not edit: it is written anew when the text changes.
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

    onset: Floats
    tau: Floats
    gmax: Floats
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
            gmax = kept.gmax[here]
            onset = kept.onset[here]
            tau = kept.tau[here]
            e_2 = kept.e[here]
            x = (t - onset) / tau
            holds = (x < 0.0) | (x > 10.0)
            alpha = x * exp(1.0 - x)
            alpha_2 = 0.0 if holds else alpha
            g = gmax * alpha_2
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
            gmax = kept.gmax[here]
            onset = kept.onset[here]
            tau = kept.tau[here]
            v = volts[at]
            e_2 = kept.e[here]
            x = (t - onset) / tau
            holds = (x < 0.0) | (x > 10.0)
            alpha = x * exp(1.0 - x)
            alpha_2 = 0.0 if holds else alpha
            g = gmax * alpha_2
            i = g * (v - e_2)
            out[0, here] = g
            out[1, here] = i


mechanism = Mechanism(
    name="AlphaSynapse",
    kind="point",
    kept=Kept,
    shared=Shared,
    params=(
        Param("onset", 0.0, "ms"),
        Param("tau", 0.1, "ms", at_least=0.001, at_most=1000000.0),
        Param("gmax", 0.0, "uS", at_least=0.0, at_most=1000000000.0),
        Param("e", 0.0, "mV"),
    ),
    observed=(Variable("g", "uS"), Variable("i", "nA")),
    about="one alpha function of conductance, at a time that is given",
    kernels={"current": current, "observe": observe},
)
