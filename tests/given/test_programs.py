"""Expressions as programs: each operation gives the bits that it gives of whole arrays, of any number of elements."""

import numpy as np
import pytest

import parsim as ps
from parsim.given.expressions import Applied
from parsim.given.operations import OPERATIONS
from parsim.given.programs import compiled, of_ways
from parsim.given.values import Array
from parsim.given.where import Ends, Where
from parsim.kernels.postfix import BLOCK

ODD = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.5, 3.0, 1e-310, 745.0, -745.0, 1e300, np.inf, -np.inf, np.nan]


def where(n, apart=None):
    return Where(
        3, 5, np.arange(n), 2, 7, np.arange(n), Ends(lambda: np.arange(n), lambda: np.arange(n), apart)
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_gives_the_bits_that_it_gives_of_arrays(operation):
    takes = OPERATIONS[operation].form.count("{}")
    columns = np.meshgrid(*[ODD] * takes)
    parts = [column.reshape(-1) for column in columns]
    with np.errstate(all="ignore"):
        expected = OPERATIONS[operation].evaluate(*parts)
    found = Applied(operation, tuple(map(Array, parts))).at(where(parts[0].size))
    same = (found.view(np.int64) == expected.view(np.int64)) | (np.isnan(found) & np.isnan(expected))
    if operation in ("minimum", "maximum"):
        same |= (found == 0.0) & (expected == 0.0)  # which of two zeros is less, no one says
    assert same.all(), [part[~same] for part in parts]


@pytest.mark.parametrize("n", [0, 1, BLOCK, BLOCK + 1])
def test_each_element_is_what_it_is_alone(n):
    value = 2.0 * ps.Normal(1.0, 0.3) + ps.Uniform(0.0, 1.0) * ps.distance - abs(ps.displacement.y)
    way = np.random.default_rng(1).normal(size=(2, n))
    found = value.at(where(n, lambda: way))
    first, second = (
        ps.Normal(1.0, 0.3).at(where(n)),
        ps.Uniform(0.0, 1.0).at(where(n)._replace(lane=7 + (1 << 16))),
    )
    x, y = way
    assert np.array_equal(found, 2.0 * first + second * np.sqrt(x * x + y * y) - np.abs(y))


@pytest.mark.parametrize("bounds, taken", [((), True), ((0.0, 1.0), False), ((0.0, 5.0), True)], ids=str)
def test_what_ways_give_is_taken_where_all_is_within_bounds(bounds, taken):
    found = of_ways(ps.distance, lambda: np.array([[3.0, 0.0], [4.0, 0.5]]), *bounds)
    assert (found is not None) == taken
    assert of_ways(1.0 / ps.distance, lambda: np.zeros((2, 1)), *bounds) is None
    assert of_ways(ps.distance, lambda: np.array([[np.nan], [0.5]]), *bounds) is None


def test_what_cannot_be_in_a_program_is_calculated_before():
    drawn = ps.Normal(0.0, 1.0).redrawn(low=0.0)
    value = drawn * (lambda sources, targets: 2.0 * sources) + ps.Uniform(0.0, 1.0)
    program = compiled(value)
    assert [lane for _, lane in program.before] == [0, 1 << 16] and program.draws
    found = value.at(where(40))
    uniform = ps.Uniform(0.0, 1.0).at(where(40)._replace(lane=7 + (1 << 16)))
    assert np.array_equal(found, drawn.at(where(40)) * (2.0 * np.arange(40)) + uniform)
