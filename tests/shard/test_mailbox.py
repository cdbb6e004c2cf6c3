"""Arrivals wait in the mailbox until their step, whatever intervals and cells are added meanwhile."""

import numpy as np
import pytest

from parsim.shard.mailbox import Mailbox


def put(box: Mailbox, step: int, port: int, cell: int, weight: float) -> None:
    box.ring[(step - box.anchor) % len(box.ring), port * box.cells + cell] += weight


def read(box: Mailbox, now: int, steps: int) -> dict[tuple[int, int, int], float]:
    """What arrives in the next steps as (step, port, cell): weight, read interval by interval as a run does."""
    found = {}
    for origin in range(now, now + steps, box.interval):
        page = box.page(origin)
        assert page.shape == (box.interval, box.ports * box.cells)
        for k, column in zip(*np.nonzero(page), strict=True):
            port, cell = divmod(int(column), box.cells)
            found[origin + int(k), port, cell] = float(page[k, column])
        box.page(origin).fill(0.0)
    return found


def test_a_page_is_a_view_of_the_steps_of_an_interval():
    box = Mailbox(ports=1, cells=2)
    box.lay_out(cells=2, now=0, interval=3, longest=5)
    assert len(box.ring) == 9  # whole intervals, room for one interval and the longest delay
    put(box, step=4, port=0, cell=1, weight=7.0)
    assert box.page(0).tolist() == [[0, 0], [0, 0], [0, 0]]
    assert box.page(3).tolist() == [[0, 0], [0, 7], [0, 0]]
    box.page(3)[2, 0] = 1.0
    assert box.ring[5, 0] == 1.0


def test_the_ring_is_used_again_after_its_steps_are_cleared():
    box = Mailbox(ports=1, cells=1)
    box.lay_out(cells=1, now=0, interval=2, longest=2)
    assert len(box.ring) == 4
    seen = []
    for origin in range(0, 12, 2):
        seen += box.page(origin)[:, 0].tolist()
        box.page(origin).fill(0.0)
        put(box, step=origin + 3, port=0, cell=0, weight=origin + 1.0)  # the latest that fits
    assert seen == [0, 0, 0, 1, 0, 3, 0, 5, 0, 7, 0, 9]


@pytest.mark.parametrize("now", [10, 11, 12, 13])
@pytest.mark.parametrize("interval", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("cells", [3, 4, 9])
def test_arrivals_survive_other_intervals_and_more_cells(now, interval, cells):
    box = Mailbox(ports=2, cells=3)
    box.lay_out(cells=3, now=7, interval=3, longest=6)  # intervals begin at 7, 10, 13, 16, ...
    arrivals = {
        (now, 0, 0): 1.0,
        (now, 1, 2): 2.0,
        (now + 2, 0, 2): 3.0,
        (now + 4, 1, 0): 4.0,
        (now + 5, 1, 1): 5.0,  # the longest delay from a spike that is being delivered
    }
    for (step, port, cell), weight in arrivals.items():
        put(box, step, port, cell, weight)

    box.lay_out(cells=cells, now=now, interval=interval, longest=6)
    assert (box.cells, box.anchor, box.interval) == (cells, now, interval)
    put(box, now + 5, 1, 2, 0.5)
    assert read(box, now, 24) == arrivals | {(now + 5, 1, 2): 0.5}


def test_a_longer_delay_makes_room_and_a_shorter_interval_keeps_it():
    box = Mailbox(ports=1, cells=1)
    box.lay_out(cells=1, now=0, interval=10, longest=10)
    put(box, 19, 0, 0, 1.0)
    box.lay_out(cells=1, now=10, interval=4, longest=50)
    put(box, 60, 0, 0, 2.0)  # 50 steps after a spike at 11, when that is delivered at 14
    assert read(box, 10, 60) == {(19, 0, 0): 1.0, (60, 0, 0): 2.0}


def test_nobody_may_have_a_mailbox():
    box = Mailbox(ports=2, cells=0)
    box.lay_out(cells=0, now=0, interval=5, longest=7)
    assert box.page(5).shape == (5, 0)
    box.page(0).fill(0.0)
    box.lay_out(cells=2, now=5, interval=5, longest=7)
    assert box.page(5).shape == (5, 4) and not box.ring.any()
