"""Sums over junctions, in their stated order, to the last bit."""

import numpy as np
import pytest

from parsim.kernels.junctions import WIDTH, add_up, pack


@pytest.mark.parametrize("cells", [1, 8, 13])
def test_waveforms_of_some_cells_go_to_their_rows(cells):
    rng = np.random.default_rng(1)
    wave, some = rng.normal(size=(3, WIDTH, 20)), rng.permutation(20)[:cells]
    first = rng.permutation(cells + 2)[:cells]
    rows = np.zeros((cells + 2, WIDTH * 3))
    pack(wave, some, 3, first, rows)
    for at, cell in zip(first, some, strict=True):
        assert rows[at].tolist() == wave[:, :, cell].reshape(-1).tolist()
    others = np.setdiff1d(np.arange(cells + 2), first)
    assert not rows[others].any()


@pytest.mark.parametrize("width", [1, 6, 96, 100])
@pytest.mark.parametrize("most", [0, 1, 7, 8, 9, 40])
def test_junctions_are_added_one_after_another(width, most):
    """As many at a time as the kernel likes, but in their order: so the sum is that of a loop in Python."""
    rng = np.random.default_rng(most)
    counts = rng.integers(0, most + 1, 5)
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.uint64)
    rows = rng.normal(size=30 * width)
    at = (rng.integers(0, 30, int(start[-1])) * width).astype(np.uint64)
    weight, sums = rng.normal(size=at.size), np.full((5, width), np.nan)
    add_up(start, at, weight, rows, width, sums)
    for c in range(5):
        expected = np.zeros(width)
        for j in range(int(start[c]), int(start[c + 1])):
            expected += weight[j] * rows[int(at[j]) : int(at[j]) + width]
        assert sums[c].tolist() == expected.tolist()
