"""A group of which cells are joined by gap junctions: what is swept, and its ops in a window."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Span
from parsim.jit import DONE, Block, Op, inner, opened
from parsim.kernels import junctions as kernels
from parsim.shard.clocked_group import ClockedGroup
from parsim.shard.gap import COEFFICIENTS, NODES, SLOPE_START, Gap
from parsim.shard.inputs import Inputs
from parsim.shard.junctions import Junctions
from parsim.shard.mailbox import page_at
from parsim.shard.outbox import Outbox
from parsim.shard.stages import Stages
from parsim.shard.window import FIRST, PULL, STRONGEST, SWEEP, TURN

PROBE = 1e-3  # mV by which partners are raised to see how closely cells follow them


class Waves(NamedTuple):
    """What joined cells read and write; row k of `drive` and `wave` is step k + FIRST of the window. As `Gap`."""

    g: Floats
    drive: Floats
    wave: Floats


class Columns(NamedTuple):
    """The state of a group before a sweep, column by column as words, for the ranges that are swept."""

    now: Any
    kept: Any
    swept: Ints  # [range, 2]
    out: Outbox
    sent: Ints  # spikes, and the first one lost


def keep(at, first, stop, origin):
    """Remember the state."""
    (columns_at,) = opened(at)
    c = opened(columns_at)
    for k in range(len(c.now)):
        now, kept = c.now[k], c.kept[k]
        for r in range(c.swept.shape[0]):
            for j in range(c.swept[r, 0], c.swept[r, 1]):
                kept[j] = now[j]
    c.sent[0], c.sent[1], c.sent[2] = c.out.count[0], c.out.lost[0], c.out.lost[1]
    return DONE


def go_back(at, first, stop, origin):
    """Be again as when last kept."""
    (columns_at,) = opened(at)
    c = opened(columns_at)
    for k in range(len(c.now)):
        now, kept = c.now[k], c.kept[k]
        for r in range(c.swept.shape[0]):
            for j in range(c.swept[r, 0], c.swept[r, 1]):
                now[j] = kept[j]
    c.out.count[0], c.out.lost[0], c.out.lost[1] = c.sent[0], c.sent[1], c.sent[2]
    return DONE


def stand_still(at, first, stop, origin):
    """A first guess from nothing: all voltages stay."""
    waves_at, cells, voltage_at = opened(at)
    wave, (voltage,) = opened(waves_at).wave, opened(voltage_at)
    for k in range(wave.shape[0]):
        for c in range(cells.size):
            i = cells[c]
            for j in range(3):
                wave[k, j, i], wave[k, 3 + j, i] = voltage[i], 0.0
    return DONE


def go_on(at, first, stop, origin):
    """A first guess: what partners add up to goes on as it did at the end of the window before."""
    waves_at, sums_at, cells, places = opened(at)
    s = opened(sums_at)
    last, steps = first - s.words[FIRST] - 1, stop - first
    kernels.extrapolate(opened(waves_at).drive, last, cells, places, steps, s.dt, s.sums[s.words[TURN]])
    return DONE


def to_polynomials(at, first, stop, origin):
    """What partners add up to, for the cells to read."""
    waves_at, sums_at, cells, places = opened(at)
    s = opened(sums_at)
    sums, drive = s.sums[s.words[TURN]], opened(waves_at).drive
    order = s.order if s.reals[PULL] <= STRONGEST else 1
    kernels.to_polynomials(sums, s.owed, places, cells, stop - first, s.dt, order, drive)
    return DONE


def pack(at, first, stop, origin):
    """Waveforms to their rows, all that these hold."""
    waves_at, sums_at, cells, places = opened(at)
    s = opened(sums_at)
    kernels.pack(opened(waves_at).wave, cells, s.steps, places, s.rows)
    return DONE


def probe(at, first, stop, origin):
    """How much faster V rises in the first step when all partners are raised: PULL is the most, g dt / C.

    Called before the sweep without and the one with, and after.
    """
    waves_at, sums_at, cells, places, slopes = opened(at)
    s, waves = opened(sums_at), opened(waves_at)
    turn, wave, drive = s.words[SWEEP], waves.wave, waves.drive
    for c in range(cells.size):
        i = cells[c]
        if turn == 1:
            slopes[c] = wave[0, SLOPE_START, i]
            drive[0, 0, i] += PROBE * s.g[places[c]]
            drive[0, 4, i] += PROBE * s.g[places[c]]
        elif turn == 2:
            faster = abs(wave[0, SLOPE_START, i] - slopes[c]) / PROBE
            s.reals[PULL] = max(s.reals[PULL], faster * s.dt)
    return DONE


@cache
def moving(coupled: Callable[..., None]) -> Callable[..., int]:
    """An op that moves a range of cells by a model's `coupled` kernel."""
    coupled = inner(coupled)

    def op(at, first, stop, origin):
        state, params, box_at, out_at, waves_at, words, begin, end = opened(at)
        box, waves = opened(box_at), opened(waves_at)
        k = page_at(box, origin)
        inputs = Inputs(box.ring[k : k + box.interval], box.current, box.gids, box.seed, box.grid, box.events)
        gap = Gap(waves.g, waves.drive, waves.wave, words[FIRST])
        span = Span(first, stop, origin, begin, end)
        coupled(opened(state), opened(params), inputs, gap, span, opened(out_at))
        return DONE

    return op


class CoupledCells:
    """The cells of a group in a network with junctions between cells of its model.

    `cells` are the local indices of joined ones, `places` where these are in `Junctions`. Blocks of cells with joined
    ones are `swept`; the `rest` are moved once.
    """

    def __init__(self, group: ClockedGroup, junctions: Junctions, steps: int) -> None:
        self.group, self.junctions = group, junctions
        self.cells: Ints = np.flatnonzero(np.isin(group.gids, junctions.gids, assume_unique=True))
        self.places: Ints = np.searchsorted(junctions.gids, group.gids[self.cells])
        self.swept: list[tuple[int, int]] = []
        self.rest: list[tuple[int, int]] = []
        self._find_ranges()
        self._columns: Columns | None = None
        self._held: Any = None  # the state whose columns these are
        self.make_room(steps)

    def _find_ranges(self) -> None:
        n, block = self.group.gids.size, ClockedGroup.block
        joined = np.zeros(-(-n // block), bool)
        joined[self.cells // block] = True
        for b, is_joined in enumerate(joined):
            runs = self.swept if is_joined else self.rest
            begin, end = b * block, min((b + 1) * block, n)
            if runs and runs[-1][1] == begin:
                begin = runs.pop()[0]
            runs.append((begin, end))

    def make_room(self, steps: int) -> None:
        """For waveforms of windows of so many steps."""
        n = self.group.gids.size
        g = np.zeros(n)
        g[self.cells] = self.junctions.g[self.places]
        self.group.gap = Gap(g, np.zeros((steps, COEFFICIENTS, n)), np.zeros((steps, NODES, n)), 0)

    @property
    def gap(self) -> Gap:
        """What the cells read and write."""
        assert self.group.gap is not None
        return self.group.gap

    def _waves(self) -> Waves:
        return Waves(self.gap.g, self.gap.drive, self.gap.wave)

    def _state(self) -> Columns:
        """The columns of the state as it is held now."""
        held, out = self._columns, self.group.out
        if held is None or self._held is not self.group.state or held.out is not out:
            state = self.group.state
            now = tuple(column.view(np.int64) for column in self.group.arrays().values())
            kept = tuple(column.copy() for column in now)
            swept = np.array(self.swept, np.int64).reshape(-1, 2)
            held = self._columns = Columns(now, kept, swept, out, np.zeros(3, np.int64))
            self._held = state
        return held

    def ops(self, stages: Stages, sums: Block, words: Ints) -> dict[str, list[Op]]:
        """The ops of a window, by the names that `Window` has for them."""
        group = self.group
        waves, columns = stages.follow(self._waves), stages.follow(self._state)
        voltage = stages.follow(lambda: (group.arrays()[group.model.voltage],))
        held = [group.blocks[name] for name in ("state", "params", "box", "out")]
        cells = (self.cells, self.places)

        def moved(ranges: list[tuple[int, int]]) -> list[Op]:
            act = moving(group.model.coupled)
            return [Op(act, *held, waves, words, np.uint64(b), np.uint64(e)) for b, e in ranges]

        return {
            "keep": [Op(keep, columns)],
            "back": [Op(go_back, columns)],
            "stand_still": [Op(stand_still, waves, self.cells, voltage)],
            "probe": [Op(probe, waves, sums, *cells, np.zeros(self.cells.size))],
            "go_on": [Op(go_on, waves, sums, *cells)],
            "to_polynomials": [Op(to_polynomials, waves, sums, *cells)],
            "pack": [Op(pack, waves, sums, *cells)],
            "sweep": moved(self.swept),
            "rest": moved(self.rest),
            "whole": moved([(0, group.gids.size)]),
        }
