"""What is read once before a loop is what stands in memory as the loop begins."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from numba.core.runtime import _nrt_python, rtsys

from parsim.jit import interpreted, kernel, read_once


class Inner(NamedTuple):
    shared: Any
    each: Any


class Outer(NamedTuple):
    inner: Inner
    whole: Any
    n: int


@kernel
def add_up(bundle, out):
    held = read_once(bundle)
    for k in range(held.n):
        out[k] = held.inner.shared[()] + held.inner.each[k] + held.whole[()]


@kernel
def write(bundle):
    held = read_once(bundle)
    held.inner.shared[()] = 1.0


def bundle():
    return Outer(Inner(np.array(0.5), np.arange(3.0)), np.array(7, np.uint8), 3)


def test_a_bundle_has_the_same_numbers_however_deep_they_stand():
    out = np.zeros(3)
    add_up(bundle(), out)
    assert out.tolist() == [7.5, 8.5, 9.5]


@pytest.mark.skipif(interpreted, reason="Python counts by itself")
def test_what_is_read_is_freed_as_often_as_it_is_held():
    given, out = bundle(), np.zeros(3)
    add_up(given, out)
    _nrt_python.memsys_enable_stats()
    before = rtsys.get_allocation_stats()
    add_up(given, out)
    after = rtsys.get_allocation_stats()
    _nrt_python.memsys_disable_stats()
    assert after.mi_free - before.mi_free == after.mi_alloc - before.mi_alloc


@pytest.mark.skipif(interpreted, reason="there nothing is copied")
def test_a_copy_cannot_be_written_to():
    with pytest.raises(Exception, match=r"readonly|[Cc]annot"):
        write(bundle())
