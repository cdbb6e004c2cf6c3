"""Arrays in bundles live as long as somebody holds them, and no longer."""

import gc
from typing import NamedTuple

import numpy as np
import pytest
from numba.core.runtime import _nrt_python, rtsys

import parsim as ps
from parsim.jit import inlined, interpreted

pytestmark = pytest.mark.skipif(interpreted, reason="nothing is compiled")


class Pair(NamedTuple):
    """A bundle with arrays at two levels, and with what is none."""

    rows: np.ndarray
    inner: tuple[float, tuple[np.ndarray, bool]]


@inlined
def turned(pair):
    """The same arrays in other places."""
    return Pair(pair.inner[1][0], (pair.inner[0], (pair.rows, pair.inner[1][1])))


@ps.kernel
def kept_and_dropped(pair, times):
    """One array that is made here is given back, with one that was given; all others are dropped."""
    made = pair
    for _k in range(times):
        made = turned(Pair(made.rows + 1.0, (made.inner[0], (made.inner[1][0] * 2.0, made.inner[1][1]))))
    return Pair(made.rows, (made.inner[0], (pair.rows, made.inner[1][1])))


@pytest.fixture
def counted():
    """numba counts what is made and freed."""
    _nrt_python.memsys_enable_stats()
    yield
    _nrt_python.memsys_disable_stats()


@pytest.mark.usefixtures("counted")
def test_what_is_made_in_a_kernel_is_freed_once_and_not_before():
    rows, other = np.arange(5.0), np.ones(3)
    given = Pair(rows, (1.5, (other, True)))
    kept_and_dropped(given, 1)
    gc.collect()
    before = rtsys.get_allocation_stats()
    for times in (1, 2, 5):
        back = kept_and_dropped(given, times)
        expected = given
        for _ in range(times):
            expected = Pair(expected.inner[1][0] * 2.0, (1.5, (expected.rows + 1.0, True)))
        assert back.rows.tolist() == expected.rows.tolist()
        assert np.shares_memory(back.inner[1][0], rows) and back.inner[1][0].tolist() == rows.tolist()
        del back, expected
    gc.collect()
    after = rtsys.get_allocation_stats()
    assert after.alloc - before.alloc == after.free - before.free >= 16  # two arrays each time
