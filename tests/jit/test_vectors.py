"""Loops over a few cells are filled up to whole vectors."""

import numpy as np
import pytest

from parsim.jit import VECTOR
from parsim.kernels.blocks import BLOCK
from parsim.models.parts.columns import whole_vectors


@pytest.mark.parametrize("n", [1, 3, 4, 5, 8, 9, 127, 128])
def test_cells_are_filled_up_to_whole_vectors_and_not_beyond_a_block(n):
    places = int(whole_vectors(np.uint64(n)))
    assert n <= places < n + VECTOR and places % int(VECTOR) == 0 and places <= BLOCK
