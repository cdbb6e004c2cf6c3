"""Events with exact times come out of their interval's bucket by (cell, time, connection), none lost."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from parsim.clock import Clock
from parsim.jit import Block
from parsim.kernels.events import EventRows
from parsim.kernels.sources import every_gid
from parsim.shard.events import arrivals as module
from parsim.shard.events.arrivals import Arrivals
from parsim.shard.mailbox import Box, Mailbox
from parsim.shard.outbox import outbox
from tests.calling import call_all, no_stages, put_spikes

DT = 0.1
CLOCK = Clock(DT)


class Held:
    """Arrivals at some cells, and what is done with them in an interval, as ops."""

    def __init__(self, cells: int = 3, now: int = 0, interval: int = 5, longest: int = 20) -> None:
        self.mailbox = Mailbox(2)
        self.mailbox.driven = True
        self.inbox = Arrivals(self.mailbox, CLOCK.for_kernels)
        self.lay_out(cells, now, interval, longest)
        stages = self.stages = no_stages()
        self.box = stages.follow(self._box)
        self.inbox.begin_ops(stages)
        self.inbox.gather_ops(stages, self.box)
        self.inbox.clear_ops(stages, self.box, Block(outbox(0)))

    def lay_out(self, cells: int, now: int, interval: int, longest: int) -> None:
        self.inbox.lay_out(cells, now, interval, longest)

    def _box(self) -> Box:
        box, more = self.mailbox, (np.zeros((1, 0)), np.empty(0, np.int64), 0, CLOCK.for_kernels)
        return Box(box.cube, box.ring, box.anchor, box.interval, *more, self.inbox.gathered)

    def deliver(
        self, links: EventRows, gids: Any, steps: Any, offsets: Any, origin: int | None = None
    ) -> None:
        """As at the end of the interval from `origin` on; without, of that before the first: nothing is too late."""
        put_spikes(self.stages, gids, steps, offsets)
        self.stages.refresh()
        self.stages.deliver.clear()
        self.inbox.deliver_ops(
            self.stages, SimpleNamespace(for_events=lambda: links, transmission=None), self.box
        )
        before = self.inbox.anchor - self.inbox.interval
        call_all(self.stages.deliver, 0, 0, before if origin is None else origin)

    def clear(self, origin: int) -> None:
        call_all(self.stages.clear, origin, origin, origin)


def rows(*connections: tuple[int, int, float, int], cells: int = 3) -> EventRows:
    """Connections (source, target, weight, delay in steps), sorted by source."""
    source, slot, weight, delay = (np.array(column) for column in zip(*sorted(connections), strict=True))
    start = np.searchsorted(source, np.arange(source.max() + 2))
    return EventRows(
        every_gid(0, start), 0, slot.astype(np.int32), weight.astype(float), delay.astype(np.uint8), cells
    )


def send(held: Held, links: EventRows, *spikes: tuple[int, int, float]) -> None:
    held.deliver(links, *zip(*spikes, strict=True))


def heard(held: Held, origin: int, page: np.ndarray | None = None) -> list[tuple[int, float, float, int]]:
    if page is not None:
        held.mailbox.page(origin)[:] = page
    held.stages.refresh()
    call_all(held.stages.begin, origin, origin + held.inbox.interval, origin)
    events = held.inbox.gathered
    n = events.start[-1]
    cells = np.repeat(np.arange(held.inbox.cells), np.diff(events.start))
    return list(zip(cells.tolist(), events.time[:n], events.weight[:n], events.row[:n].tolist(), strict=True))


def test_a_spike_arrives_a_delay_after_its_exact_time():
    held = Held()
    send(held, rows((0, 2, 1.5, 7)), (0, 2, 0.03))
    assert heard(held, 0) == []
    assert heard(held, 5) == [(2, CLOCK.time(9) - 0.03, 1.5, 0)]


def test_events_are_in_order_of_cell_time_and_connection():
    held = Held()
    links = rows((0, 1, 1.0, 5), (1, 1, 2.0, 5), (1, 0, 3.0, 5), (2, 1, 4.0, 4))
    send(held, links, (2, 2, 0.0), (0, 1, 0.0), (1, 1, 0.0), (0, 1, 0.09))
    at, before = CLOCK.time(6), CLOCK.time(6) - 0.09
    assert heard(held, 5) == [
        (0, at, 3.0, 1),
        (1, before, 1.0, 0),
        (1, at, 1.0, 0),
        (1, at, 2.0, 2),
        (1, at, 4.0, 3),
    ]


def test_the_order_does_not_depend_on_the_order_of_delivery():
    links = rows(*((s, t, 10.0 * s + t, d) for s in range(4) for t in range(3) for d in (5, 6)))
    spikes = [(s, step, off) for s in range(4) for step in (1, 2) for off in (0.0, 0.05)]
    one, other = Held(), Held()
    send(one, links, *spikes)
    send(other, links, *reversed(spikes))
    assert heard(one, 5) == heard(other, 5) and len(heard(one, 5)) > 50


@pytest.mark.parametrize("offset", [np.nextafter(DT, 0.0), DT - 0.9e-6 * DT])
def test_an_event_just_after_a_step_is_on_it_and_comes_next_where_that_has_passed(offset):
    """Of two alike, one is sent in time for the interval that ends at step 7, one when that is over."""
    held = Held(interval=1)
    held.deliver(rows((0, 0, 1.0, 1)), [0], [7], [offset])
    held.deliver(rows((0, 1, 1.0, 1)), [0], [7], [offset], origin=6)
    for origin, cell in ((6, 0), (7, 1)):
        [(found, time, _, _)] = heard(held, origin)
        assert found == cell and time == pytest.approx(CLOCK.time(8) - offset, abs=1e-15)
        held.clear(origin)
        assert time <= CLOCK.for_kernels.last_time(7)


@pytest.mark.parametrize("excess", [2e-16, 5e-8, 1e-7 - 1e-16, 1e-7])
def test_an_event_a_little_after_its_step_is_heard_in_the_interval_of_the_step(excess):
    """Whatever rounding does to it on its way; at the edge of the tolerance, in one of two, and not in none."""
    held = Held(interval=5, longest=15)
    for step in range(3, 8):
        held.deliver(rows((0, 0, 1.0, 10)), [0], [step], [-excess])
    found = {origin: [time for _, time, _, _ in heard(held, origin)] for origin in (10, 15)}
    assert len(found[10]) + len(found[15]) == 5
    last = CLOCK.for_kernels.last_time(15)
    assert all(time <= last for time in found[10]) and all(time > last for time in found[15])
    assert len(found[10]) == 3 or excess > 0.9e-7


def test_what_is_on_an_edge_and_came_late_outlasts_new_intervals_there():
    held = Held(interval=5)
    held.deliver(rows((0, 0, 1.0, 5)), [0], [1], [np.nextafter(DT, 0.0)], origin=0)
    held.clear(0)
    held.lay_out(3, 5, 3, 20)
    assert [(cell, w) for cell, _, w, _ in heard(held, 5)] == [(0, 1.0)]


@pytest.mark.parametrize("origin", [0, 3, 999_999])
def test_what_stimuli_put_in_a_page_arrives_at_the_ends_of_steps_before_spikes(origin):
    held = Held(now=origin)
    send(held, rows((0, 1, 5.0, 2)), (0, origin + 1, 0.0))
    page = np.zeros((5, 6))
    page[2, 1], page[2, 4], page[0, 0] = 7.0, -7.0, 2.0
    end, first = CLOCK.time(origin + 3), CLOCK.time(origin + 1)
    assert heard(held, origin, page) == [
        (0, first, 2.0, -1),
        (1, end, 7.0, -1),
        (1, end, -7.0, -1),
        (1, end, 5.0, 0),
    ]


def test_any_number_of_events_is_held(monkeypatch):
    monkeypatch.setattr(module, "BATCH", 16)
    held = Held(cells=2, longest=5)
    links = rows(*((0, t % 2, float(t), 5) for t in range(50)), cells=2)
    send(held, links, *((0, step, 0.0) for step in (1, 2, 3)))
    found = heard(held, 5)
    assert len(found) == 150 and sorted(w for _, _, w, _ in found) == sorted(
        3 * [float(t) for t in range(50)]
    )


def test_new_intervals_keep_what_is_on_its_way_and_forget_what_has_passed():
    held = Held(interval=5)
    send(held, rows((0, 0, 1.0, 5), (0, 1, 2.0, 9)), (0, 1, 0.04))
    held.lay_out(4, 7, 2, 20)
    assert heard(held, 7) == []
    assert heard(held, 9) == [(1, CLOCK.time(10) - 0.04, 2.0, 1)]


def test_a_cleared_bucket_is_used_again():
    held = Held(interval=5, longest=5)
    links = rows((0, 0, 1.0, 5))
    for origin in range(0, 100, 5):
        send(held, links, (0, origin + 2, 0.01))
        assert [w for _, _, w, _ in heard(held, origin)] == ([1.0] if origin else [])
        held.clear(origin)
