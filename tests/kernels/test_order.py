"""Spikes with exact times are put in order of (time, gid), however they crowd."""

import numpy as np
import pytest

from parsim.clock import Clock
from parsim.engine.running.pending import Spikes, in_order, pending
from parsim.shard.outbox import appended, outbox

CLOCK = Clock(0.1)
ORIGIN = 100  # a step


def sent(cells: np.ndarray, steps: np.ndarray, offsets: np.ndarray) -> Spikes:
    """Spikes of cells whose gids are every third, as they wait for one."""
    gids = 3 * np.arange(int(cells.max(initial=0)) + 1)
    words = pending([(gids, appended(outbox(0), cells, steps, offsets))], ORIGIN, precise=True)
    return in_order(words, ORIGIN, True, CLOCK.for_kernels)


@pytest.mark.parametrize("n", [0, 1, 2, 16, 17, 240, 5000])
@pytest.mark.parametrize("crowd", ["spread", "on the grid", "within a step", "at two times"])
def test_spikes_are_in_order_of_time_and_gid(n, crowd):
    rng = np.random.default_rng(n)
    cells, steps = rng.integers(0, max(n, 1), n), ORIGIN + rng.integers(1, 11, n)
    offsets = rng.uniform(0.0, 0.0999, n)
    if crowd == "on the grid":
        offsets[:] = 0.0
    elif crowd == "within a step":
        offsets, steps[:] = 0.05 + 1e-12 * rng.integers(0, 1000, n), ORIGIN + 3
    elif crowd == "at two times":
        offsets, steps[:] = rng.choice([0.0, 0.05], n), ORIGIN + 3
    found = sent(cells, steps, offsets)
    order = np.lexsort((cells, CLOCK.times(steps) - offsets))
    np.testing.assert_array_equal(found.gids, 3 * cells[order])
    np.testing.assert_array_equal(found.steps, steps[order])
    np.testing.assert_array_equal(found.offsets, offsets[order])


def test_a_spike_at_the_beginning_of_a_step_stands_where_its_time_is():
    """One at the very time of step 103, fired after its end, belongs to step 104."""
    whole = CLOCK.time(104) - CLOCK.time(103)
    found = sent(np.array([2, 1, 0]), np.array([103, 104, 104]), np.array([0.0, whole, 0.0]))
    assert found.gids[-1] == 0 and sorted(found.gids[:2].tolist()) == [3, 6]
    times = CLOCK.times(found.steps) - found.offsets
    assert (np.diff(times) >= 0.0).all()
