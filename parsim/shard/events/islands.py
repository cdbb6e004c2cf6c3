"""This rank's islands: event-driven cells that reach each other within a step, whatever their models."""

from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints, picked
from parsim.clock import Grid
from parsim.jit import Block, addresses
from parsim.shard.events.event_group import EventGroup, refuse_mistake, what_is_wrong
from parsim.shard.events.event_loop import AT_ONCE, call_loop
from parsim.shard.events.island_loop import Island, IslandRows, OutsideArrivals, make_island, tell
from parsim.shard.events.queue import RESERVE, Queue, make_queue
from parsim.shard.events.waiting import movable, refill, waiting, with_room
from parsim.shard.group import AbstractGroup
from parsim.shard.outbox import outbox, wider
from parsim.shard.rows.listening import Listening


class SubstepConnections(NamedTuple):
    """Connections that take less than a step: gids, delay in ms, weight, and row in the target's group."""

    source: Gids
    target: Gids
    delay: Floats
    weight: Floats
    row: Ints


class Islands:
    """The cells of this rank's islands in the order (island, gid), and what waits at them.

    `groups` are those of the models that have cells in islands on any rank.
    """

    def __init__(
        self, groups: list[EventGroup], islands: list[Gids], short: SubstepConnections, seed: int, grid: Grid
    ) -> None:
        self.groups, self.seed, self.grid = groups, seed, grid
        self.gids: Gids = np.concatenate([np.empty(0, np.int64), *(np.sort(gids) for gids in islands)])
        first = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(gids) for gids in islands])])
        which, cell = self._where()
        self.island: Island = make_island(first.astype(np.int64), which, cell)
        self.links = self._link(short)
        self.slots = [self._slots(g) for g in range(len(groups))]  # of each group's cells
        base = np.concatenate([np.zeros(1, np.int64), np.cumsum([g.queue.own.size for g in groups])])
        self.out = outbox(RESERVE)
        queue = make_queue(self.gids, int(base[-1]), seed, grid, self.out)
        queue.base[:] = base[which]
        self.queue: Queue = self._move_in(queue)
        self.arrivals = no_arrivals(self.gids.size, 0)
        self._stuck = -1
        self.listening = Listening(lambda: self, [], lambda group, step: None)

    def _where(self) -> tuple[Ints, Ints]:
        """Of each slot: which group it belongs to, and its index there."""
        which, cell = np.full(self.gids.size, -1), np.zeros(self.gids.size, np.int64)
        for g, group in enumerate(self.groups):
            here = np.isin(self.gids, group.gids)
            which[here] = g
            cell[here] = np.searchsorted(group.gids, self.gids[here])
        return which, cell

    def _slots(self, which: int) -> Ints:
        """The slot of each cell of a group; -1 for those that stand alone."""
        here = np.flatnonzero(self.island.which == which)
        slots = np.full(self.groups[which].gids.size, -1)
        slots[self.island.cell[here]] = here
        return slots

    def _link(self, short: SubstepConnections) -> IslandRows:
        """Connections by (slot of the source, group and row of the target)."""
        order = np.argsort(self.gids)
        source, target = (
            order[np.searchsorted(self.gids[order], gids)] for gids in (short.source, short.target)
        )
        by = np.lexsort((short.row, self.island.which[target], source))
        counts = np.bincount(source, minlength=self.gids.size)
        start = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]).astype(np.int64)
        return IslandRows(start, target[by], short.delay[by], short.weight[by], short.row[by])

    def _move_in(self, queue: Queue) -> Queue:
        """Bring along what waits at the cells in their groups."""
        for g, group in enumerate(self.groups):
            slots = np.flatnonzero(self.island.which == g)
            group.islanded[self.island.cell[slots]] = True
            group.any_islanded = bool(group.islanded.any())
            group.spikes_are_kept_at_once()
            held, events = group.take(self.island.cell[slots])
            queue = refill(queue, slots, held, events)
        return queue

    def disband(self) -> None:
        """Give what waits back to the cells' groups, before islands are formed anew."""
        held, events = movable(self.queue), waiting(self.queue)
        for g, group in enumerate(self.groups):
            slots = np.flatnonzero(self.island.which == g)
            place = np.full(self.gids.size, -1)
            place[slots] = np.arange(slots.size)
            mine = picked(events, place[events.slot] >= 0)
            mine = mine._replace(slot=place[mine.slot])
            cells = self.island.cell[slots]
            group.queue = refill(group.queue, cells, picked(held, slots), mine)
            group.islanded[cells] = group.any_islanded = False
            group.spikes_are_kept_at_once()

    def start(self, now: int) -> None:
        """Start the cells that are new, at step `now`."""
        for g, group in enumerate(self.groups):
            slots = np.flatnonzero((self.island.which == g) & np.isin(self.island.cell, group.new))
            group.new = group.new[~group.islanded[group.new]]
            self._call(group.model.start, g, slots, now)

    def changed(self, group: AbstractGroup, cells: Ints, now: int) -> None:
        """Something of these cells of a group was changed; those that stand alone are not looked at."""
        if group not in self.groups:
            return
        g = self.groups.index(group)
        slots = np.flatnonzero((self.island.which == g) & np.isin(self.island.cell, cells))
        self._call(group.model.changed, g, slots, now)

    def _call(self, function: Any, which: int, slots: Ints, now: int) -> None:
        """Call a model's `start` or `changed` for some slots of one group."""
        if slots.size == 0:
            return
        group, loop, done, t = self.groups[which], call_loop(function), 0, self.grid.time(now)
        self.queue.now[0] = now
        while done < slots.size:
            self._make_room()
            done = loop(group.state, group.params, self.queue, t, self.island.cell[slots], slots, done)
        self.island.now[0] = t
        with self.listening.before_a_run(int(self.out.count[0] - self.island.told[0]), now):
            while not self._tell():
                self.queue = with_room(self.queue, 2 * self.queue.pool.time.size)
                self.listening.make_room(now)
        refuse_mistake(self.mistake())

    def hold_arrivals(self, room: int) -> None:
        """Make room for so many arrivals in an interval."""
        self.arrivals = no_arrivals(self.gids.size, room)._replace(start=self.arrivals.start)

    def _tell(self) -> bool:
        listeners = self.listening.ops(lambda source: Block(source()))
        return tell(self.island, self.links, addresses(listeners), self.arrivals, self.queue, 0)  # type: ignore[no-any-return]

    def make_room(self, at: int, step: int) -> None:
        """For the island `at`: for another call of a receiving kernel, or for all that one spike brings.

        All spikes up to `step` have been delivered.
        """
        self._make_room()
        self.listening.make_room(step)
        if at == self._stuck:
            self.queue = with_room(self.queue, 2 * self.queue.pool.time.size)
        self._stuck = at

    def _make_room(self) -> None:
        self.out = wider(self.out, RESERVE)
        self.queue = with_room(self.queue._replace(out=self.out), RESERVE)

    def mistake(self) -> str | None:
        """What went wrong, if anything; of a loop without delay, all its cells."""
        at = int(self.queue.wrong[1])
        name = self.groups[self.island.which[at]].model.name if self.gids.size else ""
        said = what_is_wrong(self.queue, name)
        if said is None or self.queue.wrong[0] != 7:
            return said
        busy = (self.island.instant == self.queue.wrong_at[0]) & (self.island.repeats > AT_ONCE // 2)
        gids = ", ".join(map(str, self.gids[busy][:10])) + (", ..." if busy.sum() > 10 else "")
        return f"{said} Look for a loop of connections without delay among gids {gids}, and give one of them a delay."


def no_arrivals(slots: int, room: int) -> OutsideArrivals:
    """Nothing arrives at so many slots; room for so many arrivals."""
    ints = [np.empty(room, np.int64) for _ in range(2)]
    return OutsideArrivals(np.zeros(slots + 1, np.int64), np.empty(room), np.empty(room), *ints)
