"""What hears each spike of an island as it leaves: histories of targets, and rows of less than a step that remember.

Elsewhere both wait for the end of the interval; within an island, what a row brings may arrive before that.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import numpy as np

from parsim.clock import time_of
from parsim.jit import DONE, ROOM, Block, Op, inner, kernel_over, opened
from parsim.kernels.rows import of_row, shared_in
from parsim.kernels.sources import number_of
from parsim.shard.events.island_loop import bring
from parsim.shard.group import AbstractGroup
from parsim.shard.rows.early import noted_early
from parsim.shard.rows.history import has_room, keep_spike
from parsim.shard.rows.noting import room_in_notes
from parsim.shard.rows.passing import leaving_to_all, passing
from parsim.shard.rows.table import Table
from parsim.shard.rows.transmitting import cell_of, rows_of, spike_of


def keep_at_once(at, slot, number, first):
    """Keep spike `number` of the outbox, of the cell of a slot, if that is one of the group's."""
    which, history_at, isle_at, queue_at = opened(at)
    h, isle, q = opened(history_at), opened(isle_at), opened(queue_at)
    if isle.which[slot] != which:
        return DONE
    if not has_room(h, isle.cell[slot]):
        return ROOM
    keep_spike(h, isle.cell[slot], time_of(q.grid, q.out.step[number]) - q.out.offset[number])
    return DONE


@cache
def _passing_on(
    transmit: Callable[..., float], hear: Any, history: bool, dose: Any, leave: Any, notes: int
) -> Callable[..., int]:
    """The loop over the rows of a source: what each brings waits at its target. ROOM where there is none for all."""
    transmitted, leave_to_all = passing(transmit, hear, history, dose, leave), leaving_to_all(leave)
    has_room_for_notes = room_in_notes(notes)

    def loop(walk, state, params, history, slots, isle, arrivals, q, slot, number, first):
        k, d = number_of(walk.sources, q.gids[slot]), shared_in(walk.delay)
        begin, end = rows_of(walk, k)
        n = np.int64(end - begin)
        if n == 0:
            return DONE
        if q.pool.free[1] < n or not has_room_for_notes(params, n):
            return ROOM
        step, offset = q.out.step[number], q.out.offset[number]
        time = time_of(q.grid, step) - offset
        spike = spike_of(walk, k, begin, q.gids[slot], time, step, offset)
        for r in range(begin, end):
            takes, cell = np.float64(of_row(walk.delay, d, r)), cell_of(walk, r)
            brought = transmitted(state, params, history, r, spike, cell, takes)
            if brought == brought:
                weight, row = 1.0 if walk.counts else brought, walk.base + np.int64(r)
                bring(isle, arrivals, q, first, slots[cell], isle.now[0] + takes, q.gids[slot], row, weight)
        leave_to_all(state, params, begin, spike)
        walk.last[k] = time
        walk.fired[k] += 1
        return DONE

    return kernel_over(loop)


@cache
def passing_on(
    transmit: Callable[..., float], hear: Any, history: bool, dose: Any, leave: Any, notes: int
) -> Callable[..., int]:
    """An op that takes spike `number` of the outbox, of the cell of a slot, through the rows of a table."""
    loop = inner(_passing_on(transmit, hear, history, dose, leave, notes))

    def op(at, slot, number, first):
        walk_at, state, params, history, slots_at, isle_at, arrivals_at, queue_at = opened(at)
        (slots,) = opened(slots_at)
        return loop(
            opened(walk_at), opened(state), opened(params), opened(history), slots, opened(isle_at),
            opened(arrivals_at), opened(queue_at), slot, number, first,
        )  # fmt: skip

    return op


class Listening:
    """Who listens to a rank's islands; `catch_up(group, step)` lets rows onto a group hear what is back by a step.

    `recorded`: does some recording ask for what goes over connections?
    """

    def __init__(
        self, islands: Callable[[], Any], tables: list[Table], catch_up: Callable[[AbstractGroup, int], None],
        recorded: bool = False,
    ) -> None:  # fmt: skip
        self.islands, self.catch_up, self.recorded = islands, catch_up, recorded
        self.tables = [t for t in tables if t.short and t.transmission is not None and t.slot.size]

    def ops(self, follow: Callable[[Callable[[], Any]], Block]) -> list[Op]:
        """Those who listen, on blocks that `follow` what Python holds."""
        of, groups, listeners = self.islands, self.islands().groups, []
        island, queue = follow(lambda: of().island), follow(lambda: of().queue)
        arrivals = follow(lambda: of().arrivals)
        for which, group in enumerate(groups):
            if group.history is not None:
                listeners.append(Op(keep_at_once, which, follow(group.history_bundle), island, queue))
        for table in self.tables:
            rows = table.transmission
            assert rows is not None
            which = groups.index(table.group)
            slots = follow(lambda which=which: (of().slots[which],))  # type: ignore[misc]
            act = passing_on(*rows.kernels(), len(rows.notes))
            listeners.append(Op(act, *rows.blocks(follow, table), slots, island, arrivals, queue))
        return listeners

    def before_a_run(self, spikes: int, step: int) -> AbstractContextManager[None]:
        """Meanwhile it is noted what rows bring for so many spikes at a step, where no op of a run does."""
        if not (self.recorded and spikes):
            return nullcontext()
        unheard = [table for table in self.tables if table.transmission and not table.transmission.notes]
        return noted_early(unheard, spikes, step)

    def make_room(self, step: int) -> None:
        """For another spike in each history, and for what it brings over rows that are noted."""
        for group in self.islands().groups:
            if (kept := group.history) is not None and kept.is_full():
                kept.make_room(group.grid.time(step), lambda group=group: self.catch_up(group, step))  # type: ignore[misc]
        for table in self.tables:
            assert table.transmission is not None
            for make_room in table.transmission.note_rooms:
                make_room()
