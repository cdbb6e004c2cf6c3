"""Events with exact times come out of their interval's bucket by (cell, time, connection), none lost."""

import numpy as np
import pytest

from parsim.clock import Clock
from parsim.kernels.events import Rows
from parsim.kernels.sources import every_gid
from parsim.shard import arrivals as module
from parsim.shard.arrivals import Arrivals
from parsim.shard.inputs import Events
from parsim.shard.mailbox import Mailbox

DT = 0.1
CLOCK = Clock(DT)


def box(cells: int = 3, now: int = 0, interval: int = 5, longest: int = 20) -> Arrivals:
    held = Arrivals(Mailbox(1), CLOCK.for_kernels)
    held.lay_out(cells, now, interval, longest)
    return held


def rows(*connections: tuple[int, int, float, int], cells: int = 3) -> Rows:
    """Connections (source, target, weight, delay in steps), sorted by source."""
    source, slot, weight, delay = (np.array(column) for column in zip(*sorted(connections), strict=True))
    start = np.searchsorted(source, np.arange(source.max() + 2))
    return Rows(
        every_gid(0, start), 0, slot.astype(np.int32), weight.astype(float), delay.astype(np.uint8), cells
    )


def send(held: Arrivals, links: Rows, *spikes: tuple[int, int, float]) -> None:
    gids, steps, offsets = zip(*spikes, strict=True)
    held.deliver_rows(links, np.array(gids), np.array(steps), np.array(offsets))


def heard(held: Arrivals, origin: int, page: np.ndarray | None = None) -> list[tuple[int, float, float, int]]:
    page = np.zeros((held.interval, held.cells)) if page is None else page
    events: Events = held.gather(page, origin, origin)
    cells = np.repeat(np.arange(held.cells), np.diff(events.start))
    return list(zip(cells.tolist(), events.time, events.weight, events.row.tolist(), strict=True))


def test_a_spike_arrives_a_delay_after_its_exact_time():
    held = box()
    send(held, rows((0, 2, 1.5, 7)), (0, 2, 0.03))
    assert heard(held, 0) == []
    assert heard(held, 5) == [(2, CLOCK.time(9) - 0.03, 1.5, 0)]


def test_events_are_in_order_of_cell_time_and_connection():
    held = box()
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
    one, other = box(), box()
    send(one, links, *spikes)
    send(other, links, *reversed(spikes))
    assert heard(one, 5) == heard(other, 5) and len(heard(one, 5)) > 50


def test_an_event_just_after_a_step_stays_after_it():
    """0.1 - nextafter(0.1, 0) is rounded to the step's own time; the event would be looked for in the past."""
    held = box(interval=1)
    send(held, rows((0, 0, 1.0, 1)), (0, 7, np.nextafter(DT, 0.0)))
    [(_, time, _, _)] = heard(held, 7)
    assert CLOCK.time(7) < time < CLOCK.time(8)


@pytest.mark.parametrize("origin", [0, 3, 999_999])
def test_what_stimuli_put_in_a_page_arrives_at_the_ends_of_steps_before_spikes(origin):
    held = box(now=origin)
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
    held = box(cells=2, longest=5)
    links = rows(*((0, t % 2, float(t), 5) for t in range(50)), cells=2)
    send(held, links, *((0, step, 0.0) for step in (1, 2, 3)))
    found = heard(held, 5)
    assert len(found) == 150 and sorted(w for _, _, w, _ in found) == sorted(
        3 * [float(t) for t in range(50)]
    )


def test_new_intervals_keep_what_is_on_its_way_and_forget_what_has_passed():
    held = box(interval=5)
    send(held, rows((0, 0, 1.0, 5), (0, 1, 2.0, 9)), (0, 1, 0.04))
    held.lay_out(4, 7, 2, 20)
    assert heard(held, 7) == []
    assert heard(held, 9) == [(1, CLOCK.time(10) - 0.04, 2.0, 1)]


def test_a_cleared_bucket_is_used_again():
    held = box(interval=5, longest=5)
    links = rows((0, 0, 1.0, 5))
    for origin in range(0, 100, 5):
        send(held, links, (0, origin + 2, 0.01))
        assert [w for _, _, w, _ in heard(held, origin)] == ([1.0] if origin else [])
        held.clear(origin)
