"""The cells of a group in a window: their state is kept, they are moved, they go back and are moved again."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Ints
from parsim.clock import Span
from parsim.jit import DONE, Block, Op, inner, opened
from parsim.shard.coupled.gap import Gap, Joined
from parsim.shard.coupled.window import FIRST
from parsim.shard.inputs import Inputs
from parsim.shard.mailbox import page_at
from parsim.shard.outbox import Outbox
from parsim.shard.stages import Stages


class SweptColumns(NamedTuple):
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
    waves_at, cells, columns, voltages_at = opened(at)
    wave, voltages = opened(waves_at).wave, opened(voltages_at)
    for k in range(wave.shape[0]):
        for c in range(cells.size):
            i = columns[c]
            voltage = voltages[i // voltages[0].size][cells[c]]
            for j in range(3):
                wave[k, j, i], wave[k, 3 + j, i] = voltage, 0.0
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


class SweptState:
    """What is kept of the state of a group, for the ranges of cells that are swept."""

    def __init__(self, group: Any, swept: list[tuple[int, int]]) -> None:
        self.group, self.swept = group, np.array(swept, np.int64).reshape(-1, 2)
        self._columns: SweptColumns | None = None
        self._held: Any = None  # the state whose columns these are

    def columns(self) -> SweptColumns:
        """Those of the state as it is held now."""
        held, out = self._columns, self.group.out
        if held is None or self._held is not self.group.state or held.out is not out:
            now = tuple(column.view(np.int64) for column in self.group.arrays().values())
            kept = tuple(column.copy() for column in now)
            held = self._columns = SweptColumns(now, kept, self.swept, out, np.zeros(3, np.int64))
            self._held = self.group.state
        return held


def ranges(n: int, block: int, joined: Ints) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Blocks of n cells, those with joined ones and the others; blocks that follow each other as one."""
    swept: list[tuple[int, int]] = []
    rest: list[tuple[int, int]] = []
    has_joined = np.zeros(-(-n // block), bool)
    has_joined[joined // block] = True
    for b, is_joined in enumerate(has_joined):
        runs = swept if is_joined else rest
        begin, end = b * block, min((b + 1) * block, n)
        if runs and runs[-1][1] == begin:
            begin = runs.pop()[0]
        runs.append((begin, end))
    return swept, rest


def sweep_ops(
    group: Any, stages: Stages, joined: Joined, waves: Block, move: Callable[[int, int], Op]
) -> dict[str, list[Op]]:
    """The ops of a window that move cells whose state is columns; `move(begin, end)` moves a range of them."""
    swept, rest = ranges(group.gids.size, group.block, joined.cells)
    kept = SweptState(group, swept)
    columns = stages.follow(kept.columns)
    names = list(group.model.membranes.values())
    voltages = stages.follow(lambda: tuple(group.arrays()[name] for name in names))
    return {
        "keep": [Op(keep, columns)],
        "back": [Op(go_back, columns)],
        "stand_still": [Op(stand_still, waves, joined.cells, joined.columns, voltages)],
        "sweep": [move(begin, end) for begin, end in swept],
        "rest": [move(begin, end) for begin, end in rest],
        "whole": [move(0, group.gids.size)],
    }
