"""What is read once before a loop is what stands in memory as the loop begins; what is one element's goes home."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from numba.core.unsafe.refcount import get_refcount

from parsim.jit import anew, interpreted, kernel, lean_kernel, one_of, put_back, read_once


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


@kernel
def held(bundle):
    return get_refcount(bundle.inner.each)


@pytest.mark.skipif(interpreted, reason="Python counts by itself")
def test_an_array_is_held_as_often_after_it_was_read_as_before():
    read, out = bundle(), np.zeros(3)
    before = held(read)
    for _ in range(3):
        add_up(read, out)
    assert held(read) == before == 1


@pytest.mark.skipif(interpreted, reason="there nothing is copied")
def test_a_copy_cannot_be_written_to():
    with pytest.raises(Exception, match=r"readonly|[Cc]annot"):
        write(bundle())


@lean_kernel
def move_one(bundle, i):
    mine = one_of(bundle, i)
    for _ in range(3):
        mine.inner.each[0] += anew(mine.inner.shared[()])
    put_back(bundle, mine, i)
    return mine.inner.each[0]


def test_what_belongs_to_one_element_is_moved_alone_and_put_back():
    of = bundle()
    assert move_one(of, np.uint32(1)) == of.inner.each[1]
    assert of.inner.each.tolist() == [0.0, 2.5, 2.0]
