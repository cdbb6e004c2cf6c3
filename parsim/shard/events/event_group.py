"""This rank's cells of one event-driven model."""

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Gids, Ints, picked
from parsim.clock import Clock, Grid, Span, heard_by, time_of
from parsim.errors import SimulationError
from parsim.jit import DONE, FAILED, ROOM, Op, opened
from parsim.kernels.order import take
from parsim.shard.events import event_loop
from parsim.shard.events.arrivals import Arrivals
from parsim.shard.events.queue import RESERVE, Queue, make_queue
from parsim.shard.events.waiting import (
    Movable,
    Waiting,
    movable,
    over_others,
    refill,
    restore_queue,
    save_queue,
    waiting,
    with_room,
)
from parsim.shard.group import AbstractGroup
from parsim.shard.mailbox import Box, Mailbox
from parsim.shard.outbox import outbox, wider
from parsim.shard.saved import AbstractSaved, AbstractSaving
from parsim.shard.stages import Stages, Watch

_NO_CURRENT = np.zeros((1, 0))


def go_on(at, first, stop, origin):
    """Cells go on with the first arrival after the span's beginning; those in islands have theirs elsewhere.

    What cells that move by steps have fired is known at the end of its step: had it come before, it comes then.
    """
    box_at, queue_at, islanded_at = opened(at)
    events, q, (islanded,) = opened(box_at).events, opened(queue_at), opened(islanded_at)
    q.now[0] = first
    after, begin = heard_by(q.grid, first, origin), time_of(q.grid, origin)
    for i in range(q.next.size):
        at, end = events.start[i], events.start[i + 1]
        late = at
        while late < end and events.time[late] < begin - q.grid.near:
            events.time[late] = begin
            late += 1
        while at < end and events.time[at] <= after:
            at += 1
        q.next[i] = end if islanded[i] else at
    return DONE


def expect_nothing(at, first, stop, origin):
    """No arrival is left."""
    box_at, queue_at = opened(at)
    q = opened(queue_at)
    q.now[0] = first
    opened(box_at).events.start[:] = 0
    q.next[:] = 0
    return DONE


@cache
def receiving(receive: Callable[..., None], alone: bool) -> Callable[..., int]:
    """An op that moves all cells by a model's kernel, through what happens up to `near` ms after step `stop`."""
    loop = event_loop.cell_loop(receive, alone)

    def op(at, first, stop, origin):
        state, params, connections, box_at, queue_at, done, near = opened(at)
        q, end = opened(queue_at), opened(queue_at).at.size
        until = time_of(q.grid, stop) + near
        events = opened(box_at).events
        done[0] = loop(opened(state), opened(params), opened(connections), events, q, until, done[0], end)
        if done[0] < end:
            return ROOM
        done[0] = 0
        return DONE if q.wrong[0] == 0 else FAILED

    return op


def next_own(at, first, stop, origin):
    """The step in which the next event of their own comes at any of the cells, if that is the first."""
    queue_at, following = opened(at)
    q = opened(queue_at)
    following[0] = min(following[0], event_loop.step_before(q.grid, event_loop.earliest(q)))
    return DONE


class EventGroup(AbstractGroup):
    """Cells of one event-driven model, and what waits at them.

    Cells that belong to an island have their events in the queue of the islands; here nothing waits
    at them, and `advance` passes them by. The outbox is as large as it has to be.
    """

    clocked: ClassVar[bool] = False
    delays_in_steps: ClassVar[bool] = False
    block: ClassVar[int | None] = None

    def __init__(self, model: Any, seed: int, grid: Grid) -> None:
        super().__init__(model, seed, grid)
        self.inbox: Arrivals = Arrivals(Mailbox(len(model.ports)), grid, model.told_apart)
        self.connections = self._with_ports(model.new_connections(0))
        self.rows = 0
        self.row_sources: Gids = np.empty(0, np.int64)  # of each connection, where cells stand in islands
        self.new: Ints = np.empty(0, np.int64)  # cells that have not been started
        self.islanded, self.any_islanded = np.empty(0, bool), False
        self.out = outbox(RESERVE)
        self.queue: Queue = make_queue(self.gids, 0, seed, grid, self.out)

    # ---- what is held ----------------------------------------------------------------------------

    def make_place(self, before: int) -> None:
        """New cells are to be started, and nothing waits at them."""
        new = np.arange(before, self.gids.size)
        self.new = np.concatenate([self.new, new])
        self.islanded = np.concatenate([self.islanded, np.zeros(new.size, bool)])
        self._fit(self.rows)

    def derived(self, values: SimpleNamespace, clock: Clock) -> Any:
        """What the kernels need of values; they know no clock."""
        return self.model.prepare(values)

    def hold(self, params: Any) -> None:
        """Take what was derived."""
        self.params = params

    def add_rows(self, slots: NDArray[np.int32]) -> None:
        """Connections behind those that are here."""
        if self.model.has_connection_events:
            self._fit(self.rows + slots.size)
        else:
            self.rows += slots.size
            self.connections = self._with_ports(self.connections)

    def lose_rows(self, new: Ints, now: int) -> None:
        """Events that wait or are on their way come over other connections, or over none; no cell is in an island.

        Where connections have a state, what came over one goes with it: there is none left by which to hear it.
        """
        keep, own = new >= 0, self.model.has_connection_events
        forget = np.full(self.gids.size, own)
        new, self.rows = self.inbox.renumber(new, now, forget), int(keep.sum())
        queue = make_queue(self.gids, self.rows if own else 0, self.seed, self.grid, self.out)
        self.queue = over_others(self.queue, queue, new, keep, forget)
        left = {name: column[keep] for name, column in self.kept_of_rows.items()}
        self.connections = self._with_ports(self.connections._replace(**left))

    def lay_out(self, now: int, interval: int, longest: int) -> None:
        """Fit the inbox to intervals from `now` on."""
        self.inbox.lay_out(self.gids.size, now, interval, longest)

    def _fit(self, rows: int) -> None:
        """Fit queue and connection state to the cells and to `rows` connections; what waits stays so."""
        old = self.queue
        held, events, before = movable(old), waiting(old), np.arange(old.gids.size)
        own = rows if self.model.has_connection_events else 0
        self.queue = refill(make_queue(self.gids, own, self.seed, self.grid, old.out), before, held, events)
        added = self.model.new_connections(rows - self.rows)
        grown = (np.concatenate(p) for p in zip(self.connections, added, strict=True))
        self.connections = self._with_ports(type(added)(*grown))
        self.rows = rows

    def _with_ports(self, connections: Any) -> Any:
        """Connection states in which a model that tells receptors apart finds the port of each row."""
        return connections._replace(port=self.inbox.port) if self.model.told_apart > 1 else connections

    @property
    def kept_of_rows(self) -> dict[str, Any]:
        """What connections remember, by name."""
        return {name: column for name, column in self.connections._asdict().items() if name != "port"}

    def spikes_are_kept_at_once(self) -> None:
        """Those of cells in islands, from now on."""
        if self.history is not None:
            self.history.at_once[:] = self.islanded

    def take(self, cells: Ints) -> tuple[Movable, Waiting]:
        """Take out what waits at some cells, with slots that count from the first of `cells`."""
        held, events = movable(self.queue), waiting(self.queue)
        place = np.full(self.gids.size, -1)
        place[cells] = np.arange(cells.size)
        mine = place[events.slot] >= 0
        rest, gone = picked(events, ~mine), picked(events, mine)
        keep = np.flatnonzero(place < 0)
        renumbered = np.cumsum(place < 0) - 1
        queue = make_queue(self.gids, self.queue.own.size, self.seed, self.grid, self.queue.out)
        self.queue = refill(queue, keep, picked(held, keep), rest._replace(slot=renumbered[rest.slot]))
        return picked(held, cells), gone._replace(slot=place[gone.slot])

    # ---- a checkpoint ----------------------------------------------------------------------------

    def save(self, saving: AbstractSaving) -> None:
        """Collective: what waits at the cells or is on its way, and what connections remember; none is in an island."""
        save_queue(self.queue, saving)
        if self.model.has_connection_events:
            saving.put_rows("rows", self.kept_of_rows)
        super().save(saving)

    def restore(self, saved: AbstractSaved) -> None:
        """The reverse of `save`; cells that were saved have been started."""
        self.out, self.new = outbox(RESERVE), self.new[:0]
        queue = make_queue(self.gids, self.queue.own.size, self.seed, self.grid, self.out)
        self.queue = restore_queue(queue, saved)
        if self.model.has_connection_events:
            saved.take_rows("rows", self.kept_of_rows)
        super().restore(saved)

    # ---- how it moves ----------------------------------------------------------------------------

    def start(self, now: int) -> None:
        """Start the cells that are new and stand alone, at step `now`."""
        alone = self.new[~self.islanded[self.new]]
        self.new = self.new[self.islanded[self.new]]
        self._call(self.model.start, alone, now)

    def changed(self, cells: Ints, now: int) -> None:
        """Something of these cells was changed, after `catch_up`."""
        self._call(self.model.changed, cells[~self.islanded[cells]], now)

    def begin_ops(self, stages: Stages) -> None:
        """Lay out what comes before stimuli drive, and the looks that are taken at the end."""
        self.blocks = {
            "state": stages.follow(lambda: self.state),
            "params": stages.follow(lambda: self.params),
            "connections": stages.follow(lambda: self.connections),
            "box": stages.follow(self._box),
            "queue": stages.follow(lambda: self.queue),
            "out": stages.follow(lambda: self.out),
        }
        self.check_ops(stages)
        self.inbox.begin_ops(stages)

    def _box(self) -> Box:
        box, more = self.mailbox, (_NO_CURRENT, self.gids, self.seed, self.grid, self.inbox.gathered)
        return Box(box.cube, box.ring, box.anchor, box.interval, *more)

    def gather_ops(self, stages: Stages) -> None:
        """Lay out the putting in order of what arrives."""
        box, queue = self.blocks["box"], self.blocks["queue"]
        self.inbox.gather_ops(stages, box)
        stages.begin.append(Op(go_on, box, queue, stages.follow(lambda: (self.islanded,))))
        stages.start.append(Op(expect_nothing, box, queue))

    def move_ops(self, stages: Stages, begin: int, end: int, watches: list[Watch]) -> None:
        """All groups of the kind are moved together."""

    def move_op(self, stages: Stages, near: float) -> Op:
        """What moves all cells up to `near` ms after a step."""
        names = ("state", "params", "connections", "box", "queue")
        held = (self.blocks[name] for name in names)

        def make_room() -> None:
            self._make_room()
            stages.refresh()

        act = receiving(self.model.receive, self.model.alone)
        return Op(act, *held, np.zeros(1, np.int64), near, make_room=make_room)

    def end_ops(self, stages: Stages) -> None:
        """Lay out what follows the exchange at an interval's edge."""
        self.inbox.clear_ops(stages, self.blocks["box"], self.blocks["out"])

    def next_ops(self, stages: Stages) -> None:
        """Lay out the look for what happens next."""
        stages.next_event.append(Op(next_own, self.blocks["queue"], stages.next))
        self.inbox.next_ops(stages)

    def catch_up(self, cells: Ints, now: int) -> None:
        """Bring the states of these cells to step `now`, up to which they have been moved."""
        event_loop.catch_up_loop(self.model.catch_up)(self.state, self.params, self.grid.time(now), cells)

    def _call(self, function: Any, cells: Ints, now: int) -> None:
        """Call a model's `start` or `changed` for cells that stand alone."""
        loop, done = event_loop.call_loop(function), 0
        self.queue.now[0] = now
        while cells.size and done < cells.size:
            self._make_room()
            done = loop(self.state, self.params, self.queue, self.grid.time(now), cells, cells, done)
        refuse_mistake(self.mistake())

    def driven_by(self, into: str) -> None:
        """Stimuli will bring "spikes"; no event-driven model takes a current."""
        self.mailbox.driven = True

    def drive(self, model: Any, params: Any, rows: Any, span: Span, key: Any) -> None:
        """Take what a stimulus brings in the steps of the span."""
        self.mailbox.drive(model, params, rows, span, key)

    def _make_room(self) -> None:
        self.out = wider(self.out, RESERVE)
        if self.queue.out is not self.out:
            self.queue = self.queue._replace(out=self.out)
        self.queue = with_room(self.queue, RESERVE)

    # ---- what can be seen ------------------------------------------------------------------------

    def sample(self, name: str, cells: Ints, now: int, into: Floats) -> None:
        """A trace, or a state as it was after the last event, of cells that have been moved up to step `now`."""
        for trace in self.model.traces:
            if trace.name == name:
                loop = event_loop.trace_loop(trace.at)
                loop(self.state, self.params, self.grid.time(now), cells, into)
                return
        take(self.arrays()[name], cells, into)

    def finite_states(self) -> list[str]:
        """Those that are shown; others may say "never"."""
        return [v.name for v in self.model.recordables]

    def mistake(self) -> str | None:
        """What a kernel of the model has done wrong, if anything."""
        return what_is_wrong(self.queue, self.model.name)


def refuse_mistake(said: str | None) -> None:
    """An error that says what a kernel has done wrong."""
    if said is not None:
        raise SimulationError(said)


_WRONG = {
    1: "called net_send with a delay that is negative or no number",
    2: "called net_move or connection_move with a time that has passed or is no number",
    3: "called net_event with a time that has passed or is no number",
    4: "called connection_move for an event that came over no connection, or has no connection state",
    5: f"sent more than {RESERVE} events in one call",
    6: "called net_send with a flag below 1",
    7: f"has more than {event_loop.AT_ONCE:,} self-events or spikes at one instant, and time does not go on",
}


def what_is_wrong(q: Queue, model: str) -> str | None:
    """The first mistake in words, if there was one."""
    if q.wrong[0] == 0:
        return None
    at = int(q.wrong[1])
    return f"gid {q.gids[at]} ({model}) at t = {float(q.wrong_at[0]):.10g} ms {_WRONG[int(q.wrong[0])]}."
