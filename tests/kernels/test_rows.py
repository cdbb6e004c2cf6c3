"""Rows go where numpy's stable sorts would put them."""

import numpy as np
import pytest

from parsim.kernels.rows import places, scatter, scatter_slots, slots_of


@pytest.mark.parametrize("n", [0, 1, 200])
def test_rows_go_by_source_and_stay_in_order(n):
    rng = np.random.default_rng(1)
    source = rng.integers(0, 7, n)
    begin = np.searchsorted(np.sort(source), np.arange(8))
    cursor, place = begin[:-1].copy(), np.empty(n, np.int64)
    places(source, cursor, place)
    assert np.argsort(place).tolist() == np.argsort(source, kind="stable").tolist()
    assert cursor.tolist() == begin[1:].tolist()  # where each source ends


@pytest.mark.parametrize("values", [[3.0], [1.0, 2.0, 3.0]])
def test_values_are_put_where_rows_are(values):
    column = np.zeros(5)
    scatter(np.array([4, 0, 2]), np.array(values), column)
    assert column[[4, 0, 2]].tolist() == (values if len(values) == 3 else 3 * values)
    assert column[[1, 3]].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "weight, ports, expected",
    [
        ([-1.0], (0, 0), [6, 5, 6]),
        ([0.0], (0, 1), [16, 15, 16]),
        ([1.0, -1.0, 2.0], (0, 1), [6, 15, 6]),
        ([1.0, -1.0, 2.0], (2, 2), [26, 25, 26]),
    ],
)
def test_weights_that_are_not_positive_enter_by_the_other_port(weight, ports, expected):
    slot = np.empty(3, np.int32)
    scatter_slots(np.arange(3), np.array([1, 0, 1]), np.array([5, 6]), np.array(weight), *ports, 10, slot)
    assert slot.tolist() == expected
    as_they_come = np.empty(3, np.int32)
    slots_of(np.array([1, 0, 1]), np.array([5, 6]), np.array(weight), *ports, 10, as_they_come)
    assert as_they_come.tolist() == expected
