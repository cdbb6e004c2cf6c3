"""What kernels call is optimized in their code, and is found again as it was kept."""

import numpy as np
import pytest

import parsim as ps
from parsim.jit import interpreted
from parsim.jit.linked import LinkedLibrary

pytestmark = pytest.mark.skipif(interpreted, reason="nothing is compiled")


@ps.kernel
def added(x, n):
    """A sum over a few rows of x, whose number callers say."""
    total = -0.0
    for k in range(n):
        total += x[k]
    return total


@ps.kernel
def sums(x, out):
    """For each column, over four rows."""
    for j in range(out.size):
        out[j] = added(x[:, j], 4)


def test_a_kernel_gives_the_same_by_itself_and_within_another():
    x, out = np.random.default_rng(1).normal(size=(4, 37)), np.empty(37)
    sums(x, out)
    assert out.tolist() == [added(x[:, j], 4) for j in range(37)]


def test_what_is_called_has_no_code_of_its_own_and_the_caller_holds_it():
    sums(np.ones((4, 8)), np.empty(8))
    (inner,) = added.called.overloads.values()
    assert isinstance(inner.library, LinkedLibrary)
    assert inner.library.get_pointer_to_function(inner.fndesc.llvm_func_name) == 0
    (outer,) = sums.overloads.values()
    assert not isinstance(outer.library, LinkedLibrary)
