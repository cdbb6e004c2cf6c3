"""Sums over junctions, in their stated order, to the last bit; and what is made of them."""

import numpy as np
import pytest

from parsim.kernels import junctions
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


RNG = np.random.default_rng(1)


def test_less_than_the_whole_width_leaves_the_rest():
    rows, sums = RNG.normal(size=(2, 18)), np.full((1, 18), 9.0)
    start, places = np.array([0, 2], np.uint64), np.array([0, 18], np.uint64)
    add_up(start, places, np.array([1.0, 2.0]), rows.reshape(-1), 12, sums)
    assert np.array_equal(sums[0, :12], (rows[0] + 2.0 * rows[1])[:12]) and (sums[0, 12:] == 9.0).all()


def test_the_greatest_change_is_of_voltages_by_conductance_and_nan_is_infinite():
    before, after = np.zeros((3, 12)), np.zeros((3, 12))
    after[0, 7], after[1, 2], after[2, 3:6] = 4.0, -6.0, 1e9  # of the last only slopes
    g = np.array([2.0, 2.0, 1.0])
    assert junctions.greatest_change(before, after, g, 2) == (3.0, 1)
    assert junctions.greatest_change(before, after, g, 1) == (3.0, 1)
    assert junctions.greatest_change(before, before, g, 2) == (0.0, -1)
    after[0, 0] = np.nan
    assert junctions.greatest_change(before, after, g, 2) == (np.inf, 0)


@pytest.mark.parametrize("order", [1, 3])
def test_what_was_missed_is_the_integral_of_the_polynomials(order):
    dt, steps = 0.1, 2
    before, after = RNG.normal(size=(2, 2, 12))
    owed = np.zeros(2)
    junctions.missed(before, after, steps, dt, order, owed)
    cells = np.arange(2)
    drive = np.zeros((steps, 8, 2))
    junctions.to_polynomials(after - before, np.zeros(2), cells, cells, steps, dt, order, drive)
    charge = 0.0
    for half in (drive[:, :4], drive[:, 4:]):
        charge = charge + 0.5 * dt * (half / np.arange(1.0, 5.0)[None, :, None]).sum(axis=(0, 1))
    assert np.allclose(owed, charge, rtol=1e-12, atol=1e-15)
    # And what is owed comes back, spread over the next window.
    junctions.to_polynomials(np.zeros((2, 12)), owed, cells, cells, steps, dt, order, drive)
    assert np.allclose(drive[:, 0].sum(axis=0) * dt, owed) and not drive[:, 1:4].any()


def test_a_guess_goes_on_with_value_slope_and_curvature():
    dt = 0.1
    t = np.arange(5) * 0.5 * dt

    def course(at):
        return 3.0 + 2.0 * at - 7.0 * at**2, 2.0 - 14.0 * at

    nodes = np.zeros((1, 6))
    for j in range(3):
        nodes[0, j], nodes[0, 3 + j] = course(t[j])
    drive, cell = np.zeros((1, 8, 1)), np.array([0])
    junctions.to_polynomials(nodes, np.zeros(1), cell, cell, 1, dt, 3, drive)
    guess = np.zeros((1, 6))
    junctions.extrapolate(drive, 0, cell, cell, 1, dt, guess)
    for j in range(3):
        assert guess[0, [j, 3 + j]] == pytest.approx(course(t[2 + j]), rel=1e-12)


def test_half_way_is_between_both():
    before, after = RNG.normal(size=(2, 3, 4))
    expected = 0.5 * (before + after)
    junctions.go_half_way(before, after)
    assert np.array_equal(after, expected)
