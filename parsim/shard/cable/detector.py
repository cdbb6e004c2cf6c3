"""Spikes of a block of cells: the voltage of one node of each rises above a threshold."""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.clock import Grid
from parsim.jit import kernel
from parsim.shard.outbox import Outbox, appended, emit_at

LATE = 1e-10  # ms: how long after the step that begins above its threshold a source of NEURON fires


class Detector(NamedTuple):
    """Where a block looks for spikes: `first` is the compartment of the first lane, `before` [lane] holds voltages at
    the start of a step. Without lanes nothing is looked for.
    """

    first: int
    threshold: float
    before: Floats


NONE = Detector(0, 0.0, np.zeros(0))


@kernel
def remember(detector, v):
    """Voltages at the start of a step."""
    a = np.uint64(detector.first)
    for j in range(detector.before.size):
        detector.before[j] = v[a + np.uint64(j)]


@kernel
def nothing(detector, v, step, grid, out, cell):
    """Cells without a detector."""


@kernel
def interpolated(detector, v, step, grid, out, cell):
    """A spike is where a straight line between the voltages of two steps meets the threshold."""
    a = np.uint64(detector.first)
    for j in range(detector.before.size):
        was, now = detector.before[j], v[a + np.uint64(j)]
        if now > detector.threshold and was <= detector.threshold:
            left = (now - detector.threshold) / (now - was)  # the part of the step that is left
            emit_at(out, cell + j, step + 1, left * grid.dt)


@kernel
def at_step(detector, v, step, grid, out, cell):
    """A spike is 1e-10 ms after the first step that ends above the threshold, as NEURON has it."""
    a = np.uint64(detector.first)
    for j in range(detector.before.size):
        if v[a + np.uint64(j)] > detector.threshold and detector.before[j] <= detector.threshold:
            emit_at(out, cell + j, step + 1, -LATE)


def fired_at_start(out: Outbox, detector: Detector, v: Floats, begun: tuple[int, int], grid: Grid) -> Outbox:
    """The outbox with spikes of lanes that are above the threshold as they begin; a source of NEURON fires then, too.

    `begun` are the cell of the first lane, and the step.
    """
    first, step = begun
    cells = first + np.flatnonzero(v[detector.first :][: detector.before.size] > detector.threshold)
    return appended(out, cells, np.full(cells.size, step + 1), np.full(cells.size, grid.dt - LATE))
