"""Keys of spikes come out ascending, however many there are and in whatever order they come."""

import numpy as np
import pytest

from parsim.kernels.order import GID_BITS
from parsim.kernels.sorting import FEW, sort_keys


def keys_of(random: np.random.Generator, n: int, how: str) -> np.ndarray:
    step, gid = random.integers(1, 15, n), random.integers(0, 50, n)
    keys = step << GID_BITS | gid
    if how == "in order":
        return np.sort(keys)
    if how == "in blocks":  # as groups write them: some runs, each in order
        return np.concatenate([np.sort(part) for part in np.array_split(keys, 7)])
    if how == "backwards":
        return np.sort(keys)[::-1].copy()
    return keys


@pytest.mark.parametrize("how", ["in order", "in blocks", "backwards", "anyhow"])
@pytest.mark.parametrize("n", [0, 1, 2, FEW - 1, FEW, FEW + 1, 100, 1000])
def test_keys_are_sorted(n, how):
    keys = keys_of(np.random.default_rng(n), n, how)
    for counts in (np.zeros(n + 1, np.int64), np.zeros(2, np.int64)):  # the latter: no room to count steps
        found = np.concatenate([keys, [-5, -7]])  # what stands behind is left alone
        sort_keys(found, n, np.zeros(n + 2, np.int64), counts)
        assert found[:n].tolist() == sorted(keys.tolist()) and found[n:].tolist() == [-5, -7]
