"""IClamp: point process.

a current from outside that is switched on and off once

Made by parsim from iclamp.mod. Do not edit: it is written anew when the text changes.
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

    delay: Floats
    dur: Floats
    amp: Floats


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
            del_2 = kept.delay[here]
            dur = kept.dur[here]
            amp = kept.amp[here]
            holds = (t < del_2 + dur) & (t >= del_2)
            i = amp if holds else 0.0
            rest = -i
            rhs[at] -= rest


@kernel
def observe(kept, shared, tree, volts, runs, t, dt, out):
    """Rows of `out`: i."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            del_2 = kept.delay[here]
            dur = kept.dur[here]
            amp = kept.amp[here]
            holds = (t < del_2 + dur) & (t >= del_2)
            i = amp if holds else 0.0
            out[0, here] = i


mechanism = Mechanism(
    name="IClamp",
    kind="point",
    kept=Kept,
    shared=Shared,
    params=(
        Param("delay", 0.0, "ms"),
        Param("dur", 0.0, "ms", at_least=0.0, at_most=1000000000.0),
        Param("amp", 0.0, "nA"),
    ),
    observed=(Variable("i", "nA"),),
    about="a current from outside that is switched on and off once",
    kernels={"current": current, "observe": observe},
)
