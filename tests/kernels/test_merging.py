"""What ascends on each of several ranks, as it stands on one."""

import numpy as np
import pytest

from parsim.kernels.merging import merged_spikes


@pytest.mark.parametrize("sizes", [[0], [1], [200], [300, 300], [0, 40], [5, 0, 70, 1, 30]], ids=str)
def test_spikes_of_ranks_are_merged_by_end_time_and_gid(sizes):
    rng = np.random.default_rng(4)
    runs = []
    for n in sizes:
        times, gids, ends = rng.integers(0, 30, n) / 8.0, rng.integers(0, 9, n), rng.integers(0, 4, n)
        at = np.lexsort((gids, times, ends))
        runs.append(np.stack([times[at].view(np.int64), gids[at], ends[at]], axis=1))
    rows = np.concatenate(runs)
    at = np.lexsort((rows[:, 1], rows[:, 0].copy().view(np.float64), rows[:, 2]))
    before = rows.copy()
    assert np.array_equal(merged_spikes(rows), before[at]) and np.array_equal(rows, before)
