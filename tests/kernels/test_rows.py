"""Rows are sorted and joined as numpy's stable sorts would have it."""

import numpy as np
import pytest

from parsim.kernels.rows import copy_runs, place_runs, sort_by_pair


@pytest.mark.parametrize("by_target", [False, True])
@pytest.mark.parametrize("n", [0, 1, 200])
def test_rows_are_sorted_by_source_and_target_and_stay_in_order_within_a_pair(n, by_target):
    rng = np.random.default_rng(1)
    source, target = rng.integers(0, 7, n), rng.integers(0, 5, n)  # of 35 pairs many come again
    if by_target:  # given so already, which is found and spares a pass
        target = np.sort(target)
    start, order, scratch = np.empty(9, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    sort_by_pair(source, target, 5, start, scratch, order)
    assert order.tolist() == np.lexsort((np.arange(n), target, source)).tolist()
    assert start.tolist() == np.searchsorted(np.sort(source), np.arange(9)).tolist()


@pytest.mark.parametrize("one_for_all", [False, True])
def test_runs_of_one_source_follow_each_other_as_they_were_given(one_for_all):
    source, count = np.array([0, 3, 0, 1, 3]), np.array([2, 1, 3, 1, 2])
    start, place = np.zeros(5, np.int64), np.empty(5, np.int64)
    place_runs(source, count, start, place)
    values, column = np.arange(9.0), np.full(9, -1.0)
    copy_runs(place, count, values[:1] if one_for_all else values, column)
    assert start.tolist() == [0, 5, 6, 6, 9]
    assert column.tolist() == ([0.0] * 9 if one_for_all else [0, 1, 3, 4, 5, 6, 2, 7, 8])
