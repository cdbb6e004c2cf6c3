"""SEClamp: point process.

a voltage clamp by one electrode with a series resistance, three levels one after another

Made by parsim from seclamp.mod. Do not edit: it is written anew when the text changes.
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

    rs: Floats
    dur1: Floats
    amp1: Floats
    dur2: Floats
    amp2: Floats
    dur3: Floats
    amp3: Floats


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
            dur1 = kept.dur1[here]
            amp1 = kept.amp1[here]
            dur2 = kept.dur2[here]
            amp2 = kept.amp2[here]
            dur3 = kept.dur3[here]
            amp3 = kept.amp3[here]
            rs = kept.rs[here]
            holds = t < dur1
            holds_2 = t < dur1 + dur2
            holds_3 = t < dur1 + dur2 + dur3
            on = 1.0 if holds_3 else 0.0
            vc = amp3 if holds_3 else 0.0
            on_2 = 1.0 if holds_2 else on
            vc_2 = amp2 if holds_2 else vc
            on_3 = 1.0 if holds else on_2
            vc_3 = amp1 if holds else vc_2
            d_i = -on_3 / rs
            i_at_0 = on_3 * vc_3 / rs
            slope = -d_i
            rest = -i_at_0
            d[at] += slope
            rhs[at] -= rest


@kernel
def observe(kept, shared, tree, volts, runs, t, dt, out):
    """Rows of `out`: vc, i."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            dur1 = kept.dur1[here]
            amp1 = kept.amp1[here]
            dur2 = kept.dur2[here]
            amp2 = kept.amp2[here]
            dur3 = kept.dur3[here]
            amp3 = kept.amp3[here]
            v = volts[at]
            rs = kept.rs[here]
            holds = t < dur1
            holds_2 = t < dur1 + dur2
            holds_3 = t < dur1 + dur2 + dur3
            on = 1.0 if holds_3 else 0.0
            vc = amp3 if holds_3 else 0.0
            on_2 = 1.0 if holds_2 else on
            vc_2 = amp2 if holds_2 else vc
            on_3 = 1.0 if holds else on_2
            vc_3 = amp1 if holds else vc_2
            i = on_3 * (vc_3 - v) / rs
            out[0, here] = vc_3
            out[1, here] = i


mechanism = Mechanism(
    name="SEClamp",
    kind="point",
    kept=Kept,
    shared=Shared,
    params=(
        Param("rs", 1.0, "MOhm", at_least=1e-09, at_most=1000000000.0),
        Param("dur1", 0.0, "ms", at_least=0.0, at_most=1000000000.0),
        Param("amp1", 0.0, "mV"),
        Param("dur2", 0.0, "ms", at_least=0.0, at_most=1000000000.0),
        Param("amp2", 0.0, "mV"),
        Param("dur3", 0.0, "ms", at_least=0.0, at_most=1000000000.0),
        Param("amp3", 0.0, "mV"),
    ),
    observed=(Variable("vc", "mV"), Variable("i", "nA")),
    about="a voltage clamp by one electrode with a series resistance, three levels one after another",
    kernels={"current": current, "observe": observe},
)
