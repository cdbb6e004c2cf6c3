"""The blocks of a group in a window: what they are is kept, they are moved, they go back and are moved again."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Ints
from parsim.clock import last_time_of
from parsim.jit import DONE, FAILED, ROOM, Block, Op, addresses, opened
from parsim.shard.cable.block_ops import take_steps
from parsim.shard.cable.block_steps import Around
from parsim.shard.cable.entries import AT_ONCE, keep_rest
from parsim.shard.cable.reception import go_on
from parsim.shard.coupled.gap import V_START, Joined
from parsim.shard.events.queue import RESERVE
from parsim.shard.events.waiting import with_room
from parsim.shard.stages import Stages, in_turn

NO_ROOM = -2
NEEDS_ROOM = (
    "point processes of {}, whose cells are joined by gap junctions, have sent so many events within an interval that "
    "there was no room. Look for one that sends to itself without end."
)
MARGIN = 64 * RESERVE  # events that point processes may send to themselves within an interval


class Columns(NamedTuple):
    """Arrays as words, and as they were when last kept."""

    now: Any
    kept: Any


def keep(at, first, stop, origin):
    """Remember them."""
    (columns_at,) = opened(at)
    c = opened(columns_at)
    for k in range(len(c.now)):
        now, kept = c.now[k], c.kept[k]
        for j in range(now.size):
            kept[j] = now[j]
    return DONE


def go_back(at, first, stop, origin):
    """Be again as when last kept."""
    (columns_at,) = opened(at)
    c = opened(columns_at)
    for k in range(len(c.now)):
        now, kept = c.now[k], c.kept[k]
        for j in range(now.size):
            now[j] = kept[j]
    return DONE


def stand_still(at, first, stop, origin):
    """A first guess from nothing: all voltages stay."""
    waves_at, volts_at, nodes, cells, cell, lanes = opened(at)
    wave, (volts,) = opened(waves_at).wave, opened(volts_at)
    for r in range(nodes.size):
        for j in range(lanes):
            i, v = r * cells + cell + j, volts[nodes[r] * lanes + j]
            for k in range(wave.shape[0]):
                for x in range(3):
                    wave[k, V_START + x, i], wave[k, 3 + x, i] = v, 0.0
    return DONE


def moving(at, first, stop, origin):
    """Steps of a block that hears nothing, unless something went wrong in it before."""
    ops, wrong = opened(at)
    if wrong[0] == -1:
        take_steps(ops, first, stop, origin)
    return DONE


def hearing(at, first, stop, origin):
    """The same of a block to whose mechanisms events come; `room` has seen to it that they have room to wait."""
    ops, wrong, grid, entries, box, queue = opened(at)
    entries.next[:] = -np.inf
    if wrong[0] == -1:
        status = take_steps(ops, first, stop, origin)
        if status == ROOM or (
            status == DONE
            and not keep_rest(entries, opened(box).events, opened(queue), last_time_of(grid, stop))
        ):
            wrong[0] = NO_ROOM
    return DONE


def room(at, first, stop, origin):
    """Is there room for all that may have to wait in an interval? Between sweeps there can be made none."""
    box, queue, least = opened(at)
    events, q = opened(box).events, opened(queue)
    return DONE if q.pool.free[1] >= events.start[events.start.size - 1] + least else ROOM


def look(at, first, stop, origin):
    """Has a block gone wrong?"""
    wrong, queue = opened(at)
    return DONE if wrong[0] == -1 and opened(queue).wrong[0] == 0 else FAILED


def look_at(at, first, stop, origin):
    """The same of one to which no events come."""
    (wrong,) = opened(at)
    return DONE if wrong[0] == -1 else FAILED


class Kept:
    """Room to keep some arrays, which `find` gives as they are held now."""

    def __init__(self, find: Callable[[], list[Any]]) -> None:
        self._find = find
        self._where: list[tuple[int, int]] = []
        self._columns = Columns((), ())

    def columns(self) -> Columns:
        """Those arrays, as words."""
        held = self._find()
        where = [(array.ctypes.data, array.size) for array in held]
        if where != self._where:
            now = tuple(array.reshape(-1).view(np.int64) for array in held)
            self._where, self._columns = where, Columns(now, tuple(column.copy() for column in now))
        return self._columns


class BlockSweeps:
    """Lays out the ops of a window for the blocks of a group, of which `joined` are sites."""

    def __init__(self, group: Any, stages: Stages, joined: Joined, waves: Block, words: Ints) -> None:
        self.group, self.stages, self.waves, self.words = group, stages, waves, words
        self.nodes = joined.spots
        here = set((joined.cells // group.block).tolist())
        self.swept = [k for k in range(len(group.held)) if k in here]
        self.rest = [k for k in range(len(group.held)) if k not in here]

    def ops(self) -> dict[str, list[Op]]:
        """By the names that `Window` has for them."""
        group = self.group
        self._see_to_room()
        kept = [Kept(self._shared), *(Kept(partial(self._of_block, k)) for k in self.swept)]
        columns = [self.stages.follow(one.columns) for one in kept]
        back = [Op(go_back, one) for one in columns]
        if group.reception is not None:
            back.append(Op(go_on, group.blocks["box"], group.reception.blocks["queue"]))
        return {
            "keep": [Op(keep, one) for one in columns],
            "back": [in_turn(back)],
            "stand_still": [self._stand_still(k) for k in self.swept],
            "sweep": [self._move(k) for k in self.swept],
            "rest": [self._move(k) for k in self.rest],
            "whole": [in_turn([self._move(k) for k in range(len(group.held))])],
        }

    def _shared(self) -> list[Any]:
        """What is held by the group: what it has fired, what waits at its cells. Next arrivals are found anew."""
        out, heard = self.group.out, self.group.reception
        held = [out.count, out.lost]
        if heard is not None:
            q = heard.queue
            named = ("at", "row", "weight", "root", "sent", "own", "node", "wrong", "wrong_at")
            held += [heard.connections, *(getattr(q, name) for name in named), *q.pool]
        return held

    def _of_block(self, k: int) -> list[Any]:
        block = self.group.held[k]
        matrix = block.bundles.matrix
        return [*(array for _, array in block.named_arrays()), matrix.d, matrix.rhs, self.group.wrong[k]]

    def _stand_still(self, k: int) -> Op:
        group, block = self.group, self.group.held[k]
        volts = self.stages.follow(lambda: (group.held[k].volts,))
        return Op(stand_still, self.waves, volts, self.nodes, group.gids.size, k * group.block, block.lanes)

    def _move(self, k: int) -> Op:
        group, block = self.group, self.group.held[k]
        heard, wrong = group.heard(k), group.wrong[k]
        joined = (self.waves, self.words, self.nodes, group.gids.size)
        around = Around(group.blocks["out"], k * group.block, wrong, heard, joined)
        steps = block.acts.step(around, group.split)
        found = addresses(steps)
        if heard is None:
            return Op(moving, found, wrong, parts=steps)
        reaches = group.grid, heard.entries, heard.box, heard.queue
        return Op(hearing, found, wrong, *reaches, parts=steps)

    def _see_to_room(self) -> None:
        """Events have room to wait before an interval begins; what has gone wrong is seen at its end."""
        group, heard = self.group, self.group.reception
        if heard is None:
            self.stages.collect += [Op(look_at, wrong) for wrong in group.wrong]
            return
        at_once = 2 * AT_ONCE * heard.queue.gids.size if any(block.senders for block in group.held) else 0

        def least() -> int:
            return int(group.inbox.gathered.start[-1]) + MARGIN + at_once

        def make_room() -> None:
            heard.queue = with_room(heard.queue, least())
            self.stages.refresh()

        queue, heard.least_room = heard.blocks["queue"], least
        self.stages.begin.append(Op(room, group.blocks["box"], queue, MARGIN + at_once, make_room=make_room))
        self.stages.collect += [Op(look, wrong, queue) for wrong in group.wrong]


def sweep_ops(group: Any, stages: Stages, joined: Joined, waves: Block, words: Ints) -> dict[str, list[Op]]:
    """The ops of a window for the blocks of a group, which are told where they are joined."""
    by_spot = group.gap.g.reshape(joined.spots.size, group.gids.size)
    for k, block in enumerate(group.held):
        first = k * group.block
        block.join(joined.spots, by_spot[:, first : first + block.lanes])
    return BlockSweeps(group, stages, joined, waves, words).ops()
