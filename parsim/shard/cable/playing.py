"""Parameters of mechanisms that follow given values in time: played into the block before kernels read them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Grid, time_of
from parsim.jit import DONE, Op, inlined, opened

START, CURRENTS, STATES = 0.0, 0.5, 1.0  # of a step, where kernels read


class Wave(NamedTuple):
    """Values at ascending times, ms: straight lines between them or, with `steps`, each until the next."""

    times: Floats
    values: Floats
    steps: bool

    def at(self, t: float) -> float:
        """The value at a time."""
        return float(value_at(self.times, self.values, self.steps, t))


class Played(NamedTuple):
    """A parameter of a mechanism: of each instance which of `waves` it follows, -1 for none."""

    name: str
    which: Ints
    waves: tuple[Wave, ...]


@inlined
def value_at(times, values, steps, t):
    """Before the first time the first value, after the last the last."""
    low, high = 0, times.size  # how many times are before t; with `steps`, not after it
    while low < high:
        middle = (low + high) // 2
        if times[middle] < t or (steps and times[middle] == t):
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return values[0]
    if steps or low == times.size:
        return values[low - 1]
    part = (t - times[low - 1]) / (times[low] - times[low - 1])
    return values[low - 1] + part * (values[low] - values[low - 1])


@inlined
def _put(wave, rows, lanes, array, t):
    x = value_at(wave.times, wave.values, wave.steps, t)
    for row in rows:
        for lane in range(lanes):
            array[row * lanes + lane] = x


def playing(at, first, stop, origin):
    """Values at `part` of a step."""
    wave, rows, lanes, array, part, grid = opened(at)
    _put(wave, rows, lanes, array, time_of(grid, first) + part * grid.dt)
    return DONE


def playing_apart(at, first, stop, origin):
    """The same in a part of a step, `span`: when it begins, and how long it is."""
    wave, rows, lanes, array, part, span = opened(at)
    _put(wave, rows, lanes, array, span[0] + part * span[1])
    return DONE


def play_ops(block: Any, part: float, grid: Grid) -> list[Op]:
    """What brings all that is played in a block to `part` of a step.

    Steps change with the step that begins within half a step of them, as events are received: so not before states.
    """
    return [Op(playing, *given, part, grid) for given in _played(block, part)]


def play_apart_ops(block: Any, part: float, span: Floats) -> list[Op]:
    """The same in a block whose cell is moved in parts of a step."""
    return [Op(playing_apart, *given, part, span) for given in _played(block, part)]


def _played(block: Any, part: float) -> list[tuple[Any, ...]]:
    return [
        (wave, np.flatnonzero(one.which == k), block.lanes, getattr(block.kept(at), one.name))
        for at, p in enumerate(block.planted)
        for one in p.played
        for k, wave in enumerate(one.waves)
        if not (wave.steps and part == STATES)
    ]


def taken_rows(played: Sequence[Played], taken: Sequence[int]) -> tuple[Played, ...]:
    """The same, of instances that are there several times or not at all."""
    return tuple(one._replace(which=one.which[np.array(taken, np.int64)]) for one in played)
