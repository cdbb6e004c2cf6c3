"""A kernel's own memory."""

import numpy as np
import pytest

from parsim.jit import inlined, interpreted, kernel, scratch


@inlined
def partial_sums(values, into):
    """Running sums, in memory of its own first."""
    own = scratch(8)
    total = 0.0
    for i in range(values.size):
        total += values[i]
        own[i] = total
    for i in range(values.size):
        into[i] = own[i]


@kernel
def of_two(a, b, into):
    """What two calls leave in memory of one caller."""
    first, second = scratch(8), scratch(8).view(np.int64)
    partial_sums(a, first)
    for i in range(8):
        second[i] = -1
    partial_sums(b, into)
    for i in range(into.size):
        into[i] += first[i] + second[i]


def test_calls_do_not_share_it():
    into = np.zeros(8)
    of_two(np.arange(8.0), np.full(8, 10.0), into)
    assert into.tolist() == (np.cumsum(np.arange(8.0)) + 10.0 * np.arange(1, 9) - 1.0).tolist()


@kernel
def again_and_again(n):
    """A loop that asks each time."""
    total = 0.0
    for i in range(n):
        own = scratch(1000)
        own[i % 1000] = 1.0
        total += own[i % 1000]
    return total


def test_a_loop_takes_no_more_of_the_stack():
    many = 1_000 if interpreted else 1_000_000  # 8 GB, were it not the same memory each time
    assert again_and_again(many) == many


@pytest.mark.skipif(interpreted, reason="np.empty takes any number")
def test_its_size_is_a_constant():
    @kernel
    def of_any_size(n):
        return scratch(n).size

    with pytest.raises(Exception, match="constant"):
        of_any_size(3)
