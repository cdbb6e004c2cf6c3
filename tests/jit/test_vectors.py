"""Loops over a few cells are filled up to whole vectors."""

import numpy as np
import pytest

from parsim.jit import VECTOR, interpreted, widest
from parsim.jit.kernels import _made
from parsim.kernels.blocks import BLOCK
from parsim.kernels.maths import exp
from parsim.models.parts.columns import whole_vectors


@pytest.mark.parametrize("n", [1, 3, 4, 5, 8, 9, 127, 128])
def test_cells_are_filled_up_to_whole_vectors_and_not_beyond_a_block(n):
    places = int(whole_vectors(np.uint64(n)))
    assert n <= places < n + VECTOR and places % int(VECTOR) == 0 and places <= BLOCK


@pytest.mark.skipif(interpreted, reason="of compiled code")
def test_the_widest_registers_are_asked_for_and_change_no_bit():
    def plain(x):
        for i in range(x.size):
            x[i] = exp(x[i])

    def wide(x):
        widest()
        for i in range(x.size):
            x[i] = exp(x[i])

    x = np.linspace(-3.0, 3.0, 37)
    y = x.copy()
    kernels = [_made(plain, keeps=False), _made(wide, keeps=False)]
    for each, given in zip(kernels, (x, y), strict=True):
        each(given)
    assert (x == y).all()
    texts = [next(iter(each.inspect_llvm().values())) for each in kernels]
    assert ['"prefer-vector-width"="512"' in text for text in texts] == [False, True]
