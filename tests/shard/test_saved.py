"""What a group saves can be restored where cells stand in another order, and rows have other numbers."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import parsim as ps
from parsim.arrays import Ints
from parsim.clock import Clock
from parsim.shard.clocked_group import ClockedGroup
from parsim.shard.events.arrivals import Arrivals
from parsim.shard.events.event_group import EventGroup
from parsim.shard.events.queue import CONNECTION, MOVED, SENT, make_queue
from parsim.shard.events.waiting import Movable, Waiting, movable, refill, restore_queue, save_queue, waiting
from parsim.shard.mailbox import Mailbox
from parsim.shard.outbox import outbox
from parsim.shard.saved import AbstractSaved, AbstractSaving
from tests.shard.test_event_loop import SYNAPSE

CLOCK = Clock(0.1)
ROWS = 10  # named from the last one on, which is how they are numbered where they are restored


class Saving(AbstractSaving):
    """Keeps copies of what is put."""

    def __init__(self, now: int) -> None:
        self.now, self.parts = now, {}

    def put_cells(self, part: str, columns: dict[str, Any]) -> None:
        self._keep(part, {name: np.array(column) for name, column in columns.items()})

    def put_loose(self, part: str, cells: Ints, columns: dict[str, Any]) -> None:
        self._keep(
            part, {"cell": cells.copy()} | {name: np.array(column) for name, column in columns.items()}
        )

    def put_rows(self, part: str, columns: dict[str, Any]) -> None:
        self._keep(part, {name: column[::-1].copy() for name, column in columns.items()})

    def names_of(self, rows: Any, cells: Ints) -> Ints:
        assert np.shape(rows) == cells.shape
        return np.where(rows < 0, -1, ROWS - 1 - rows)

    def _keep(self, part: str, columns: dict[str, Any]) -> None:
        assert part not in self.parts
        self.parts[part] = columns


class Saved(AbstractSaved):
    """Gives it back to cells that stand in the reverse order, in two blocks."""

    def __init__(self, saving: Saving, cells: int) -> None:
        self.now, self.parts, self.n = saving.now, saving.parts, cells

    def cells(self, part: str) -> Iterator[tuple[Ints, dict[str, Any]]]:
        for here in np.array_split(np.arange(self.n), 2):
            yield self.n - 1 - here, {name: column[here] for name, column in self.parts[part].items()}

    def loose(self, part: str) -> Iterator[tuple[Ints, dict[str, Any]]]:
        columns = self.parts[part]
        for here in np.array_split(np.arange(columns["cell"].size), 2):
            block = {name: column[here] for name, column in columns.items() if name != "cell"}
            yield self.n - 1 - columns["cell"][here], block

    def take_rows(self, part: str, columns: dict[str, Any]) -> None:
        for name, column in columns.items():
            column[:] = self.parts[part][name]

    def rows_of(self, names: Any, cells: Ints) -> Ints:
        assert np.shape(names) == cells.shape
        return np.asarray(names)


def ahead(box: Mailbox, now: int, steps: int) -> np.ndarray:
    """What arrives in the next steps, [step, port, cell]."""
    return np.array([box.cube[(step - box.anchor) % len(box.cube)] for step in range(now, now + steps)])


@pytest.mark.parametrize("now", [10, 11, 13])
def test_sums_on_their_way_are_restored_from_the_present_step_on(now):
    """Steps of the interval that have passed are not saved; cell 0 here is cell 2 there."""
    old, new = Mailbox(2), Mailbox(2)
    old.lay_out(3, 2, 4, 9)  # intervals begin at 2, 6, 10
    old.cube[:] = np.random.default_rng(1).normal(size=old.cube.shape)
    expected = ahead(old, now, 10 + len(old.cube) - now)

    new.lay_out(3, 0, 4, 9)
    new.cube[:] = 5.0  # what was there goes
    new.begin_at(10)
    new.put_columns(np.array([2, 1, 0]), old.columns(now), now)

    assert np.array_equal(ahead(new, now, len(expected)), expected[:, :, ::-1])
    assert not ahead(new, 10, now - 10).any()
    saving = Saving(now)
    old.save(saving)
    assert not saving.parts  # all is columns


def flight(arrivals: Arrivals, now: int) -> list[tuple[float, int, float, int]]:
    return sorted(zip(*(column.tolist() for column in arrivals.pending(now)), strict=True))


def test_events_on_their_way_are_restored_with_their_rows_once_they_are_to_come():
    old, new = (Arrivals(Mailbox(1), CLOCK.for_kernels) for _ in range(2))
    for arrivals in (old, new):
        arrivals.lay_out(3, 0, 5, 20)
    time, cell = np.array([0.31, 0.75, 1.22, 1.22]), np.array([0, 1, 2, 0])
    old.put(time, cell, np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 4, -1, 9], np.int32))
    new.put(time, cell, np.ones(4), np.zeros(4, np.int32))  # what was there goes

    saving = Saving(6)  # the first has arrived
    old.save(saving)
    new.begin_at(5)
    new.restore(Saved(saving, 3))

    assert flight(new, 6) == [(0.75, 1, 2.0, 5), (1.22, 0, 3.0, -1), (1.22, 2, 4.0, 0)]


def test_sums_stand_beside_events_only_where_stimuli_send_them():
    arrivals = Arrivals(Mailbox(1), CLOCK.for_kernels)
    arrivals.lay_out(2, 0, 5, 5)
    assert arrivals.columns(0) == {}
    arrivals.mailbox.driven = True
    arrivals.mailbox.cube[3, 0, 1] = 7.0
    columns = arrivals.columns(0)
    arrivals.begin_at(0)
    assert not arrivals.mailbox.cube.any()
    arrivals.put_columns(np.array([1, 0]), columns, 0)
    assert arrivals.mailbox.cube[3, 0].tolist() == [7.0, 0.0]


def test_what_waits_in_a_queue_is_restored_with_the_rows_of_its_events():
    gids, grid, out = np.array([3, 5, 8]), CLOCK.for_kernels, outbox(64)
    held = Movable(
        np.array([1.5, np.inf, 2.5]), np.array([-1, -1, 6]), np.array([0.0, 1.0, 2.0]), np.array([4, 0, 1])
    )
    events = Waiting(
        slot=np.array([0, 2, 2]), time=np.array([1.0, 2.0, 3.0]), source=np.array([SENT, CONNECTION, SENT]),
        order=np.array([3, 7, 0]), row=np.array([-1, 7, 2]), weight=np.array([0.5, 0.25, 0.125]),
        flag=np.array([2, 1, 5]),
    )  # fmt: skip
    queue = refill(make_queue(gids, ROWS, 1, grid, out), np.arange(3), held, events)
    saving = Saving(0)
    save_queue(queue, saving)
    restored = restore_queue(make_queue(gids, ROWS, 1, grid, out), Saved(saving, 3))

    assert movable(restored).at.tolist() == [2.5, np.inf, 1.5]
    assert movable(restored).row.tolist() == [3, -1, -1]
    assert movable(restored).sent.tolist() == [1, 0, 4]
    found = waiting(restored)
    order = np.argsort(found.time)
    assert found.slot[order].tolist() == [2, 0, 0]
    # Of an event over a connection the order is the row; of others, how many were sent before.
    assert found.order[order].tolist() == [3, 2, 0]
    assert found.row[order].tolist() == [-1, 2, 7]
    assert found.weight[order].tolist() == [0.5, 0.25, 0.125] and found.flag[order].tolist() == [2, 1, 5]
    assert MOVED not in found.source


def test_an_event_driven_group_saves_its_queue_its_connections_and_its_inbox():
    def made() -> EventGroup:
        group = EventGroup(SYNAPSE, 1, CLOCK.for_kernels)
        values = {p.name: np.full(3, p.default) for p in SYNAPSE.params}
        group.grow(np.array([3, 5, 8]), values, {})
        group.add_rows(np.zeros(ROWS, np.int32))
        group.prepare(CLOCK)
        group.lay_out(0, 5, 20)
        return group

    old, new = made(), made()
    for nth, column in enumerate(old.connections):
        column[:] = np.arange(ROWS) + 100 * nth
    old.queue.at[:] = [0.5, 0.6, 0.7]
    old.inbox.put(np.array([1.22]), np.array([1]), np.array([2.0]), np.array([4], np.int32))
    saving = Saving(3)
    old.save(saving)
    assert saving.parts.keys() == {"queue", "waiting", "rows", "events"}

    new.begin_at(0)
    new.restore(Saved(saving, 3))
    assert new.queue.at.tolist() == [0.7, 0.6, 0.5] and new.queue.out is new.out
    assert new.new.size == 0  # they have been started
    assert flight(new.inbox, 3) == [(1.22, 1, 2.0, 5)]
    for before, after in zip(old.connections, new.connections, strict=True):
        assert np.array_equal(after, before[::-1])


def test_a_clocked_group_saves_states_parameters_and_sums_by_cell():
    def made(v_m: list[float]) -> ClockedGroup:
        group = ClockedGroup(ps.iaf_psc_exp, 1, CLOCK.for_kernels)
        values = {p.name: np.arange(3) + p.default for p in ps.iaf_psc_exp.params}
        group.grow(np.array([3, 5, 8]), values, {"V_m": np.array(v_m)})
        group.lay_out(0, 5, 20)
        return group

    old, new = made([1.0, 2.0, 3.0]), made([0.0, 0.0, 0.0])
    old.mailbox.cube[4, 1, 0] = 9.0
    columns = old.columns(2)
    new.begin_at(0)
    new.put_columns(np.array([2, 0]), {name: column[:2] for name, column in columns.items()}, 2)

    assert new.arrays()["V_m"].tolist() == [2.0, 0.0, 1.0]
    tau = old.values.tau_m
    assert new.values.tau_m.tolist() == [tau[1], tau[1], tau[0]]
    assert new.mailbox.cube[4, 1].tolist() == [0.0, 0.0, 9.0]
