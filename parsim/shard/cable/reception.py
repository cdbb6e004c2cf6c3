"""What reaches the point processes of a group of cable cells: events by slot, self-events, what connections keep.

A slot is port * cells + cell, as in a mailbox; a port is one instance of a mechanism that receives. Events are received
before the step within whose first half, or the half before, they come, or at their time (`parting`). So those of the
last half step, or on the last step, to which cells are moved are not received yet: they wait in the queue.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Gids, Ints
from parsim.clock import Grid, heard_by
from parsim.jit import DONE, Block, Op, opened
from parsim.shard.cable.block import CableBlock
from parsim.shard.cable.entries import AT_ONCE, ConnectionState, Entries, hand_over
from parsim.shard.events.queue import RESERVE, SENT, Queue, make_queue
from parsim.shard.events.waiting import (
    Movable,
    Waiting,
    movable,
    over_others,
    put_events,
    refill,
    waiting,
    with_room,
)
from parsim.shard.outbox import outbox
from parsim.shard.saved import AbstractSaved, AbstractSaving
from parsim.shard.stages import Stages

_NONE: Ints = np.zeros(0, np.int64)


def go_on(at, first, stop, origin):
    """Slots go on with the first arrival later than step `first`: what came before was received, or waits."""
    box_at, queue_at = opened(at)
    box, q = opened(box_at), opened(queue_at)
    events, after = box.events, heard_by(box.grid, first, origin)
    for i in range(q.next.size):
        k = events.start[i]
        while k < events.start[i + 1] and events.time[k] <= after:
            k += 1
        q.next[i] = k
    return DONE


class Reception:
    """Queue and connections of the cells of a group; `entries` are (mechanism, row, node) of each port, and how many
    numbers a connection keeps; what it has brought last stands behind these; last, whether some mechanism looks at all
    connections of an instance. Events are received before the step of which they come in the first half, or the half
    before; `exact`, at their time.
    """

    def __init__(
        self,
        entries: tuple[list[tuple[int, int, int]], int, bool],
        seed: int,
        grid: Grid,
        exact: bool = False,
    ) -> None:
        self.ports, self.width = np.array(entries[0], np.int64), entries[1]
        self.seed, self.grid, self.looks = seed, grid, entries[2]
        self.ahead = grid.near if exact else 0.5 * grid.dt
        # Port and cell of each connection, where some look at them.
        self._onto: Ints = np.zeros((0, 2), np.int64)
        self.least_room: Callable[[], int] = lambda: RESERVE  # that is free when cells move
        self.cells = self.rows = 0
        self.connections: Floats = np.zeros((0, self.width + 1))
        self.queue: Queue = make_queue(np.empty(0, np.int64), 0, seed, grid, outbox(2 * RESERVE))

    def fit(self, gids: Gids, rows: int) -> None:
        """Hold so many cells and connections; what waits stays so."""
        old, before = self.queue, self.cells
        every = np.arange(len(self.ports))[:, None]
        slots = (every * gids.size + np.arange(before)).ravel()
        held, events = movable(old), waiting(old)
        own = rows if self.keeps else 0
        new = make_queue(np.tile(gids, len(self.ports)), own, self.seed, self.grid, old.out)
        self.queue = refill(new, slots, held, events)
        added = np.zeros((rows - self.rows, self.width + 1))
        added[:, [0, -1]] = np.nan  # the weight is not known before the first event
        self.connections = np.concatenate([self.connections, added])
        self.cells, self.rows = gids.size, rows

    def add_rows(self, slots: NDArray[np.int32], gids: Gids) -> None:
        """Connections behind those that are here, by slot."""
        if self.looks:
            onto = np.stack(np.divmod(slots.astype(np.int64), max(gids.size, 1)), axis=1)
            self._onto = np.concatenate([self._onto, onto])
        self.fit(gids, self.rows + slots.size)

    def _connections(self) -> ConnectionState:
        """What connections keep, and which are those of a slot."""
        if not self.looks:
            return ConnectionState(self.connections, _NONE, _NONE)
        slot = self._onto @ np.array([self.cells, 1])
        row = np.argsort(slot, kind="stable")
        start = np.searchsorted(slot[row], np.arange(len(self.ports) * self.cells + 1))
        return ConnectionState(self.connections, start, row)

    @property
    def keeps(self) -> bool:
        """Is more kept of a connection than its weight?"""
        return self.width > 1

    def lose_rows(self, new: Ints, forget: NDArray[np.bool_]) -> None:
        """Connections have other numbers; those that are gone one below 0; some slots `forget` them."""
        keep, old = new >= 0, self.queue
        self._onto = self._onto[keep] if self.looks else self._onto
        self.rows, self.connections = int(keep.sum()), self.connections[keep]
        own = self.rows if self.keeps else 0
        fresh = make_queue(old.gids, own, self.seed, self.grid, old.out)
        self.queue = over_others(old, fresh, new, keep, forget)

    def entries(self, first: int, lanes: int) -> Entries:
        """Those of a block of `lanes` cells from `first` on."""
        seat, row, node = np.ascontiguousarray(self.ports.T)
        return Entries(seat, row, node, self.cells, first, lanes, np.full(1 + seat.size, -np.inf), self.ahead)

    def make_room(self) -> None:
        """So that a slot can send, or all of a block can by themselves."""
        self.queue = with_room(self.queue, max(RESERVE, AT_ONCE * self.queue.gids.size))

    def make_room_for(self, n: int) -> None:
        """For `n` events, and what may come by itself."""
        self.queue = with_room(self.queue, n + self.least_room())

    def push(self, events: Waiting) -> None:
        """Events that come soon, with room left for what may come by itself."""
        self.make_room_for(events.time.size)
        self.queue = put_events(self.queue, np.arange(self.queue.gids.size), events)

    def take_sent(self, block: CableBlock, first: int) -> None:
        """What the mechanisms of a block have sent at the start; its cells stand from `first` on."""
        self.make_room()
        entries = self.entries(first, block.lanes)
        for seat, sent in zip(block.senders, block.sent, strict=True):
            hand_over(entries, self.queue, seat, sent)

    # ---- as ops ----------------------------------------------------------------------------------

    def begin_ops(self, stages: Stages) -> None:
        """Blocks that the other ops share."""
        self.blocks = {
            "queue": stages.follow(lambda: self.queue), "rows": stages.follow(self._connections)
        }  # fmt: skip

    def gather_ops(self, stages: Stages, box: Block) -> None:
        """Lay out the finding of what is to be received."""
        stages.begin.append(Op(go_on, box, self.blocks["queue"]))

    # ---- a checkpoint ----------------------------------------------------------------------------

    def save(self, saving: AbstractSaving) -> None:
        """Collective: what waits at the cells, and what connections keep."""
        q, n = self.queue, self.cells
        held, events = movable(q), waiting(q)
        cells = np.arange(q.gids.size) % max(n, 1)
        row = saving.names_of(held.row, cells)
        columns = {name: self._by_cell(column) for name, column in held._replace(row=row)._asdict().items()}
        saving.put_cells("queue", columns)
        slot = events.slot
        loose = {name: getattr(events, name) for name in ("time", "source", "weight", "flag")}
        loose["row"] = saving.names_of(events.row, slot % max(n, 1))
        loose["order"] = np.where(events.source == SENT, events.order, -1)
        loose["port"] = slot // max(n, 1)
        saving.put_loose("waiting", slot % max(n, 1), loose)
        saving.put_rows("rows", {str(k): column for k, column in enumerate(self.connections.T)})

    def _by_cell(self, column: Any) -> Any:
        return np.ascontiguousarray(column.reshape(len(self.ports), self.cells).T)

    def restore(self, saved: AbstractSaved) -> None:
        """The reverse of `save`."""
        n, ports = self.cells, len(self.ports)
        slots = np.arange(n * ports)
        fresh = make_queue(self.queue.gids, self.queue.own.size, self.seed, self.grid, outbox(2 * RESERVE))
        by_cell = Movable(
            np.empty((n, ports)),
            np.full((n, ports), -1),
            np.empty((n, ports)),
            np.empty((n, ports), np.int64),
        )
        for cells, columns in saved.cells("queue"):
            for name, column in by_cell._asdict().items():
                column[cells] = columns[name]
        flat: Any = [column.T.ravel() for column in by_cell]
        held = Movable(*flat)
        row = saved.rows_of(held.row, slots % max(n, 1)).astype(np.int64)
        q = refill(fresh, slots, held._replace(row=row))
        for cell, e in saved.loose("waiting"):
            row = saved.rows_of(e["row"], cell).astype(np.int64)
            order = np.where(e["source"] == SENT, e["order"], row)
            at = cell + e["port"] * n
            q = put_events(q, slots, Waiting(at, e["time"], e["source"], order, row, e["weight"], e["flag"]))
        self.queue = q
        saved.take_rows("rows", {str(k): column for k, column in enumerate(self.connections.T)})
