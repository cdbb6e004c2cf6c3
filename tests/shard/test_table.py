"""Rows of connections bring spikes to the right slot at the right step; small tables worked by hand."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from parsim.clock import Clock
from parsim.jit import Block
from parsim.kernels.sources import every_gid
from parsim.shard import mailbox as mailboxes
from parsim.shard.inputs import NO_EVENTS
from parsim.shard.mailbox import Box, Mailbox
from parsim.shard.rows.table import Table
from tests.calling import call_all, no_stages, put_spikes

CLOCK = Clock(0.1)


def mailbox(cells: int = 4, ports: int = 1, now: int = 0, interval: int = 3, longest: int = 8) -> Mailbox:
    box = Mailbox(ports, cells)
    box.lay_out(cells, now, interval, longest)
    return box


def table(
    box: Mailbox, rows: list[tuple[int, int, float, int]], weights: bool, delays: bool, first=0
) -> Table:
    """A table of rows (source gid, slot, weight, delay) in the order given, sorted by source.

    Weights and delays are kept once or by row.
    """
    source, slot, weight, delay = (np.array(column) for column in zip(*sorted(rows), strict=True))
    start = np.searchsorted(source, np.arange(first, source.max() + 2))
    return Table(
        serial=np.zeros(1, np.int64),
        sources=every_gid(first, start),
        slot=slot.astype(np.int32),
        weight=np.asarray(weight if weights else weight[0], np.float64),
        delay=np.asarray(delay if delays else delay[0], np.uint8),
        group=SimpleNamespace(inbox=box, mailbox=box),  # type: ignore[arg-type]
        cells=box.cells,
    )


def spikes(*pairs: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(gid, step) pairs as arrays, with offsets of 0."""
    gids, steps = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return np.ascontiguousarray(gids), np.ascontiguousarray(steps), np.zeros(gids.size)


def deliver(links: Table, gids: np.ndarray, steps: np.ndarray, offsets: np.ndarray) -> None:
    """By the op of the table."""
    box, stages = links.group.mailbox, no_stages()
    box.begin_ops(stages)
    put_spikes(stages, gids, steps, offsets)
    more = np.zeros((1, 0)), np.empty(0, np.int64), 0, CLOCK.for_kernels, NO_EVENTS
    links.ops(stages, Block(Box(box.cube, box.ring, box.anchor, box.interval, *more)))
    call_all(stages.deliver, 0, 0, 0)


def arrivals(box: Mailbox) -> dict[tuple[int, int], float]:
    """What waits, as (place in the ring, slot): weight."""
    return {(int(at), int(slot)): float(box.ring[at, slot]) for at, slot in np.argwhere(box.ring)}


def test_a_delay_of_d_steps_from_step_s_is_read_in_step_s_plus_d_minus_1():
    for by_row in itertools.product([False, True], repeat=2):
        box = mailbox()
        deliver(table(box, [(0, 2, 5.0, 4)], *by_row), *spikes((0, 3)))
        assert arrivals(box) == {(6, 2): 5.0}  # step 6 ends at 7 = 3 + 4


def test_steps_are_counted_from_the_anchor_and_wrap_round():
    for by_row in itertools.product([False, True], repeat=2):
        box = mailbox(now=100)
        assert len(box.ring) == 12
        links = table(box, [(0, 2, 5.0, 4), (0, 1, 5.0, 4)], *by_row)
        deliver(links, *spikes((0, 101), (0, 107), (0, 112)))
        # Steps 104, 110 and 115 are 4, 10 and 15 = 3 from the anchor.
        assert arrivals(box) == {(at, slot): 5.0 for at in (4, 10, 3) for slot in (1, 2)}


def test_each_row_of_a_source_is_walked_once_a_spike():
    box = mailbox()
    links = table(box, [(5, 0, 1.0, 3), (5, 3, 2.0, 5), (7, 0, 4.0, 3), (7, 0, 8.0, 3)], True, True, first=5)
    deliver(links, *spikes((5, 1), (7, 1), (7, 2)))
    assert arrivals(box) == {(3, 0): 1.0 + 4.0 + 8.0, (5, 3): 2.0, (4, 0): 12.0}


@pytest.mark.parametrize(("weights", "delays"), list(itertools.product([False, True], repeat=2)))
def test_spikes_of_cells_that_are_no_source_go_nowhere(weights, delays):
    box = mailbox()
    links = table(box, [(5, 0, 1.0, 3), (7, 1, 1.0, 3)], weights, delays, first=5)
    deliver(links, *spikes((0, 1), (4, 1), (6, 1), (8, 1), (10**9, 1)))
    assert arrivals(box) == {}
    deliver(links, *spikes())
    deliver(links, *spikes((4, 1), (7, 1), (8, 1)))
    assert arrivals(box) == {(3, 1): 1.0}


def test_values_kept_once_or_by_row_give_the_same_sums():
    random = np.random.default_rng(1)
    where = [(int(s), int(slot)) for s, slot in random.integers(0, 8, (200, 2))]
    train = spikes(*sorted((int(g), int(s)) for g, s in random.integers((0, 1), (10, 4), (60, 2))))
    found = []
    for by_row in itertools.product([False, True], repeat=2):
        box = mailbox(cells=4, ports=2)
        deliver(table(box, [(s, slot, 0.1, 5) for s, slot in where], *by_row), *train)
        found.append(box.ring)
    assert found[0].any() and all(np.array_equal(found[0], ring) for ring in found[1:])


@pytest.mark.parametrize("cells", [40, 1000], ids=["emptied-early", "emptied-when-due"])
def test_what_waits_in_bags_comes_to_the_same_sums(cells, monkeypatch):
    random = np.random.default_rng(2)
    source, slot = random.integers(0, 5, 2000), random.integers(0, 2 * cells, 2000)
    weight, delay = random.lognormal(0.0, 9.0, 2000), random.integers(3, 9, 2000)
    rows = list(zip(source.tolist(), slot.tolist(), weight.tolist(), delay.tolist(), strict=True))
    plain = mailbox(cells, ports=2)
    links = table(plain, rows, True, True)
    monkeypatch.setattr(mailboxes, "LARGE", 0)
    monkeypatch.setattr(mailboxes, "WIDE", 0)
    sorts = mailbox(cells, ports=2)
    into_bags = table(sorts, rows, True, True)
    sorts.expect([into_bags])
    for origin in range(0, 60, 3):
        steps = np.sort(random.integers(origin + 1, origin + 4, 4))
        for links_to, box in ((links, plain), (into_bags, sorts)):
            box.page(origin).fill(0.0)
            deliver(links_to, np.array([0, 3, 1, 3]), steps, np.zeros(4))
        assert sorts.bags.count.any() and not np.array_equal(sorts.ring, plain.ring)
        if origin % 9 == 0:
            sorts.empty_bags()
            assert np.array_equal(sorts.ring, plain.ring)
        stages = no_stages()
        sorts.begin_ops(stages)
        call_all(stages.begin, 0, 0, origin + 3)
        assert np.array_equal(sorts.page(origin + 3), plain.page(origin + 3)) and plain.page(origin + 3).any()


def test_what_is_in_bags_is_on_its_way(monkeypatch):
    monkeypatch.setattr(mailboxes, "LARGE", 0)
    monkeypatch.setattr(mailboxes, "WIDE", 0)

    def filled() -> Mailbox:
        box = mailbox()
        links = table(box, [(0, 2, 5.0, 4), (0, 1, 7.0, 5)], True, True)
        box.expect([links])
        deliver(links, *spikes((0, 3)))
        assert not box.ring.any()
        return box

    saved = filled().columns(3)
    assert saved["arrivals"].sum() == 12.0
    box = filled()
    box.lay_out(6, now=3, interval=4, longest=8)
    assert box.ring.sum() == 12.0 and box.page(3)[3, 2] == 5.0  # step 6
    box = filled()
    box.expect([])  # others than rows with delays of their own add to the ring
    assert box.ring.sum() == 12.0 and not box.sorts
    box = filled()
    box.begin_at(0)
    box.empty_bags()
    assert not box.ring.any()


def test_a_single_row_works_in_every_way():
    for by_row in itertools.product([False, True], repeat=2):
        box = mailbox()
        links = table(box, [(0, 1, 3.0, 2)], *by_row)
        assert (links.weight.ndim, links.delay.ndim) == by_row
        deliver(links, *spikes((0, 1), (0, 2)))
        assert arrivals(box) == {(2, 1): 3.0, (3, 1): 3.0}


def test_a_table_without_rows_delivers_nothing():
    box = mailbox()
    nothing = np.empty(0)
    for weight, delay in ((nothing, nothing), (np.ones(()), np.ones(()))):
        links = Table(
            np.zeros(1, np.int64), every_gid(0, np.zeros(1, np.int64)), nothing.astype(np.int32),
            weight, delay.astype(np.uint8), SimpleNamespace(inbox=box, mailbox=box), box.cells,
        )  # fmt: skip
        deliver(links, *spikes((0, 1)))
        links.move(9)
    assert arrivals(box) == {}


def test_ports_begin_further_on_when_the_group_grows():
    box = mailbox(cells=3, ports=2)
    links = table(box, [(0, 1, 1.0, 2), (0, 3 + 1, 1.0, 2), (0, 3 + 2, 1.0, 2)], False, False)
    deliver(links, *spikes((0, 1)))
    box.lay_out(cells=5, now=0, interval=3, longest=8)
    links.move(5)
    links.move(5)
    assert links.slot.tolist() == [1, 6, 7] and links.slot.dtype == np.int32
    deliver(links, *spikes((0, 2)))
    assert arrivals(box) == {(at, slot): 1.0 for at in (2, 3) for slot in (1, 6, 7)}
