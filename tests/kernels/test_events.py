"""Events are found again in the interval in which they arrive, each once, as exact fractions say."""

from fractions import Fraction

import numpy as np
import pytest

from parsim.clock import NEAR, Clock
from parsim.kernels.events import (
    CHUNK,
    FINE,
    EventRows,
    Ring,
    add_all,
    columns,
    deliver,
    deliver_exact,
    event_scratch,
    free_interval,
    intervals_to_next,
    listed,
    none_in_flight,
    with_room,
)
from parsim.kernels.sources import every_gid

DT, INTERVAL, INTERVALS, ANCHOR = 0.1, 5, 8, 3
CLOCK = Clock(DT)
RING = Ring(CLOCK.for_kernels, ANCHOR, INTERVAL, INTERVALS, 0)
SOURCES, CELLS = 5, 7


def interval_of(time):
    """The interval of (k h, (k + 1) h] after the anchor, where a time within a millionth of a step is on it."""
    steps = Fraction(float(time)) / Fraction(1, 10) - ANCHOR - Fraction(NEAR)
    return -(-steps // INTERVAL) - 1


def buckets(flight):
    """Interval (modulo the ring) of each event that is listed, by walking the chunks of all buckets."""
    found = []
    for bucket, chunk in enumerate(flight.head):
        while chunk >= 0:
            full = (int(chunk) + 1) * CHUNK
            end = int(flight.end[bucket]) if flight.next[chunk] < 0 else full
            found += [bucket // FINE] * (end - int(chunk) * CHUNK)
            chunk = flight.next[chunk]
    return np.array(found)


def connections(delay, seed=1):
    """Three hundred of them, sorted by source; each source has some."""
    rng = np.random.default_rng(seed)
    n = 300
    start = np.concatenate([[0], np.sort(rng.integers(0, n, SOURCES - 1)), [n]])
    delays = rng.integers(1, 20, n).astype(np.uint8) if delay == "steps" else rng.uniform(0.04, 2.0, n)
    if delay == "grid":  # whole steps, added up in floating point
        delays = np.array([sum([DT] * k) for k in rng.integers(1, 20, n)])
    slots = rng.integers(0, CELLS, n).astype(np.int32)
    return EventRows(every_gid(0, start), 1000, slots, rng.normal(size=n), delays, CELLS)


def spikes(seed=2):
    """Of the interval from the anchor on, in order of time; some are on the grid."""
    rng = np.random.default_rng(seed)
    steps = np.sort(rng.integers(ANCHOR + 1, ANCHOR + INTERVAL + 1, 12))
    offsets = np.where(rng.random(12) < 0.3, 0.0, rng.uniform(0.0, 0.999 * DT, 12))
    return rng.integers(0, SOURCES, 12), steps, offsets


def delivered(rows, at_a_time):
    """All events of the spikes, of which so many are delivered in each call."""
    gids, steps, offsets = spikes()
    kernel = deliver if rows.delay.dtype.kind == "u" else deliver_exact
    total = int(sum(np.diff(rows.sources.start)[gids]))
    flight, done, row, calls = with_room(none_in_flight(INTERVALS), total), 0, -1, 0
    while done < gids.size:
        done, row = kernel(rows, gids, steps, offsets, done, row, at_a_time, RING, flight, event_scratch())
        calls += 1
    assert calls >= total // at_a_time
    return flight


def expected(rows):
    """(row, cell, weight, time) of each event, spike by spike."""
    found = []
    for gid, step, offset in zip(*spikes(), strict=True):
        for r in range(rows.sources.start[gid], rows.sources.start[gid + 1]):
            if rows.delay.dtype.kind == "u":
                time = CLOCK.time(int(step) + int(rows.delay[r])) - offset
            else:
                time = (CLOCK.time(int(step)) - offset) + rows.delay[r]
            found.append((1000 + r, rows.slot[r], rows.weight[r], time))
    return sorted(found)


@pytest.mark.parametrize("delay", ["steps", "ms", "grid"])
@pytest.mark.parametrize("at_a_time", [7, 10_000])
def test_each_event_is_in_its_interval_once(delay, at_a_time):
    rows = connections(delay)
    flight = delivered(rows, at_a_time)
    events = columns(flight, listed(flight))
    of = sorted(zip(events.row.tolist(), events.cell, events.weight, events.time, strict=True))
    assert of == expected(rows)
    where = [interval_of(t) for t in events.time]
    assert min(where) == 0 or delay != "ms"  # of less than an interval, too
    assert len(set(where)) > 3
    assert buckets(flight).tolist() == [k % INTERVALS for k in where]


@pytest.mark.parametrize("steps", [1, 4, 5, 6, 10, 24, 25])
@pytest.mark.parametrize("beside, later", [(-2e-6, 0), (-0.5e-6, 0), (0.0, 0), (0.5e-6, 0), (2e-6, 1)])
def test_a_time_near_the_edge_of_an_interval_belongs_to_the_one_that_ends_there(steps, beside, later):
    time = (ANCHOR + steps + beside) * DT
    flight = with_room(none_in_flight(INTERVALS), 1)
    add_all(np.array([time]), np.array([2]), np.array([0.5]), np.array([-3], np.int32), RING, flight)
    edge = steps % INTERVAL == 0
    assert buckets(flight).tolist() == [steps // INTERVAL + (later - 1 if edge else 0)]
    event = columns(flight, listed(flight))
    assert (event.time[0], event.cell[0], event.weight[0], event.row[0]) == (time, 2, 0.5, -3)


def test_what_comes_too_late_is_put_into_the_first_interval_that_is_to_come():
    flight = with_room(none_in_flight(INTERVALS), 1)
    ring = RING._replace(least=3)
    add_all(
        np.array([ANCHOR * DT + 0.2]), np.array([0]), np.array([1.0]), np.array([0], np.int32), ring, flight
    )
    assert buckets(flight).tolist() == [3]


def test_chunks_of_an_interval_that_is_over_are_used_again():
    n = 5 * CHUNK
    times = np.linspace(ANCHOR * DT + 0.01, (ANCHOR + 2 * INTERVAL) * DT - 0.01, n)  # of two intervals
    cells, weights, rows = np.zeros(n, np.int64), np.ones(n), np.arange(n, dtype=np.int32)
    flight = with_room(none_in_flight(INTERVALS), n)
    free = int(flight.free[1])
    for _ in range(50):  # without more room than once
        add_all(times, cells, weights, rows, RING, flight)
        assert listed(flight).size == n
        assert intervals_to_next(flight, INTERVALS - 1, INTERVALS, 100) == 1
        free_interval(flight, 0)
        assert intervals_to_next(flight, INTERVALS - 1, INTERVALS, 100) == 2
        assert sorted(columns(flight, listed(flight)).row) == rows[times > (ANCHOR + INTERVAL) * DT].tolist()
        free_interval(flight, 1)
        assert intervals_to_next(flight, INTERVALS - 1, INTERVALS, 100) == 100
        assert int(flight.free[1]) == free


def test_room_is_made_without_a_loss():
    flight = none_in_flight(INTERVALS)
    times = ANCHOR * DT + np.linspace(0.01, 3.9, 10)
    for k in range(200):
        flight = with_room(flight, 10)
        add_all(times, np.full(10, k), np.full(10, float(k)), np.arange(10, dtype=np.int32), RING, flight)
    events = columns(flight, listed(flight))
    assert sorted(zip(events.cell, events.row, strict=True)) == [
        (k, r) for k in range(200) for r in range(10)
    ]
    assert np.array_equal(events.weight, events.cell)
    assert np.array_equal(events.time, times[events.row])
