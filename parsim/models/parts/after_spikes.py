"""What a cell's own spikes leave behind: sums of exponentials, of which each cell has a list of its own.

A spike adds q to each element, which then decays with tau. Cells have up to MOST elements of a kind; loops go over as
many as the cell with most of them has.
"""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined
from parsim.kernels import elementary
from parsim.models.base import Param, Variable

MOST = 10


class Elements(NamedTuple):
    """Of one kind; arrays [element, cell]."""

    decay: Floats  # over one step
    gain: Floats  # by each spike
    used: Ints  # one element: how many rows some cell uses


def element_params(kind: str, unit: str, what: str) -> tuple[Param, Param]:
    """The parameters tau_KIND and q_KIND."""
    return (
        Param(f"tau_{kind}", (), "ms", f"time constants of {what}", kind="train"),
        Param(f"q_{kind}", (), unit, f"what a spike adds to each of {what}", kind="train"),
    )


def element_states(kind: str, unit: str, what: str) -> tuple[Variable, ...]:
    """The states KIND_1, KIND_2 and so on, which are rows of the field KIND."""
    return tuple(Variable(f"{kind}_{r + 1}", unit, f"{what}, element {r + 1}", of=kind) for r in range(MOST))


def rows_of_lists(lists: list[Floats], rest: float) -> Floats:
    """Lists of all cells as an array [element, cell]; `rest` stands where a list has ended."""
    held = np.full((MOST, len(lists)), rest)
    for i, one in enumerate(lists):
        held[: one.size, i] = one
    return held


def elements(p: SimpleNamespace, kind: str, clock: Clock) -> Elements:
    """Of the parameters tau_KIND and q_KIND."""
    tau = getattr(p, f"tau_{kind}")
    decay = elementary.exp(-clock.dt / rows_of_lists(tau, 1.0))
    used = max((one.size for one in tau), default=0)
    return Elements(decay, rows_of_lists(getattr(p, f"q_{kind}"), 0.0), np.array([used], np.int64))


def wrong_lists(p: SimpleNamespace, kind: str) -> str | None:
    """A sentence where lists do not fit together."""
    names = f"tau_{kind}", f"q_{kind}"
    for tau, q in zip(getattr(p, names[0]), getattr(p, names[1]), strict=True):
        if tau.size != q.size:
            return f"{names[0]} has {tau.size} elements and {names[1]} has {q.size}; they need as many."
        if tau.size > MOST:
            return f"{names[0]} has {tau.size} elements; a cell can have up to {MOST}."
        if (tau <= 0.0).any():
            return f"{names[0]} has {tau[tau <= 0.0][0]:g} ms; time constants above 0 are needed."
    return None


@inlined
def add_gains(held, q, i, times):
    """A cell has fired so many times."""
    for r in range(q.used[0]):
        held[r, i] += times * q.gain[r, i]
