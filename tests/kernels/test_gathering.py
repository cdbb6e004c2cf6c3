"""The events of an interval come out by (cell, time, row), and what stimuli put in a step before spikes of its time."""

import numpy as np
import pytest

from parsim.clock import Clock
from parsim.kernels.events import FINE, Ring, add_all, none_in_flight, with_room
from parsim.kernels.gathering import gather, room_to_gather

CELLS, INTERVAL, INTERVALS = 4, 5, 3
GRID = Clock(0.1).for_kernels


def flight_of(events):
    time, cell, weight, row = (np.array(column) for column in zip(*events, strict=True))
    flight = with_room(none_in_flight(INTERVALS), time.size)
    add_all(time, cell, weight, row.astype(np.int32), Ring(GRID, 0, INTERVAL, INTERVALS, 0), flight)
    return flight


def some_events(n):
    """Many at equal times, on steps and between, in the second of three intervals and elsewhere."""
    rng = np.random.default_rng(n)
    time = np.where(rng.random(n) < 0.5, rng.integers(1, 16, n) * 0.1, rng.uniform(0.01, 1.49, n))
    return list(zip(time, rng.integers(0, CELLS, n), rng.normal(size=n), rng.permutation(n), strict=True))


def gathered(flight, page, room=1000, receptors=1):
    into = room_to_gather(CELLS, room)
    n = gather(flight, 1, page, INTERVAL, GRID, receptors, into)
    return n, into


@pytest.mark.parametrize(("n", "receptors"), [(1, 1), (40, 2), (700, 1), (700, 2)])
def test_events_and_pages_come_in_order(n, receptors):
    events = some_events(n)
    page = np.where(np.random.default_rng(2).random((INTERVAL, 2 * CELLS)) < 0.3, 1.5, 0.0)
    total, into = gathered(flight_of(events), page, receptors=receptors)

    begin, end = GRID.last_time(INTERVAL), GRID.last_time(2 * INTERVAL)
    expected = [(cell, time, row, weight) for time, cell, weight, row in events if begin < time <= end]
    expected += [
        (
            slot % CELLS,
            GRID.time(INTERVAL + step + 1),
            min(slot // CELLS, receptors - 1) - receptors,
            page[step, slot],
        )
        for step, slot in np.argwhere(page)
    ]
    expected.sort(key=lambda event: event[:3])
    assert total == len(expected) == into.start[CELLS]
    cells = np.repeat(np.arange(CELLS), np.diff(into.start))
    found = list(zip(cells, into.time[:total], into.row[:total], into.weight[:total], strict=True))
    assert found == expected
    assert into.end.tolist() == into.start[1:].tolist()


def test_without_room_they_are_counted_and_nothing_else():
    events = [(0.61, 2, 1.0, 0), (0.72, 0, 2.0, 1), (0.3, 1, 1.0, 2)]
    total, into = gathered(flight_of(events), np.zeros((INTERVAL, CELLS)), room=1)
    assert total == 2 and FINE > 1
    assert into.start.tolist() == [0, 1, 1, 2, 2]
