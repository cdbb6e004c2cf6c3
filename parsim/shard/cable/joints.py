"""Where the cells of a block are joined by gap junctions: what a step takes from partners, and shows to them.

A junction's conductance is part of the diagonal at its node, for it does not change. So a step is as implicit in the
cell's own voltage as for any other current, and takes from partners one number: their sum at the step's end by backward
Euler, in its middle by the trapezoidal rule. A waveform within a step is a straight line, which both are exact for.
"""

from typing import NamedTuple

from parsim.arrays import Floats, Ints
from parsim.jit import kernel
from parsim.shard.coupled.gap import SLOPE_END, SLOPE_MIDDLE, SLOPE_START, V_END, V_MIDDLE, V_START


class Joints(NamedTuple):
    """`drive` and `wave` as in `Gap`, of which row 0 is step `first`; columns are by node of `nodes`, then by cell."""

    drive: Floats
    wave: Floats
    first: int
    nodes: Ints
    cells: int


@kernel
def bring(joints, matrix, volts, step, cell, lanes):
    """Into the right side what partners add up to; voltages at the start of the step to the waveforms."""
    add_partners(joints, matrix, step, cell, lanes)
    row, wave = step - joints.first, joints.wave
    for r in range(joints.nodes.size):
        i, a = r * joints.cells + cell, joints.nodes[r] * lanes
        for j in range(lanes):
            wave[row, V_START, i + j] = volts[a + j]


@kernel
def add_partners(joints, matrix, step, cell, lanes):
    """Into the right side what partners add up to, pA to nA."""
    row, drive = step - joints.first, joints.drive
    at_end = 1.0 if matrix.before.size == 0 else 0.0
    for r in range(joints.nodes.size):
        i, a = r * joints.cells + cell, joints.nodes[r] * lanes
        for j in range(lanes):
            rest = drive[row, 5, i + j] + drive[row, 6, i + j] + drive[row, 7, i + j]
            matrix.rhs[a + j] += 1e-3 * (drive[row, 4, i + j] + at_end * rest)


@kernel
def note(joints, volts, step, cell, lanes, dt):
    """The waveforms of the step that was taken."""
    row, wave = step - joints.first, joints.wave
    for r in range(joints.nodes.size):
        i, a = r * joints.cells + cell, joints.nodes[r] * lanes
        for j in range(lanes):
            before, now = wave[row, V_START, i + j], volts[a + j]
            slope = (now - before) / dt
            wave[row, V_MIDDLE, i + j], wave[row, V_END, i + j] = 0.5 * (before + now), now
            wave[row, SLOPE_START, i + j] = slope
            wave[row, SLOPE_MIDDLE, i + j] = slope
            wave[row, SLOPE_END, i + j] = slope
