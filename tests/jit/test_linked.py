"""What is inlined is optimized in the code of its callers, and is found again as it was kept."""

import numba
import numpy as np
import pytest

import parsim as ps
from parsim.jit import inlined, interpreted
from parsim.jit.linked import CalledLibrary, Flags, LinkedLibrary

pytestmark = pytest.mark.skipif(interpreted, reason="nothing is compiled")


@inlined
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


@pytest.mark.parametrize(
    "inner, library", [(added, LinkedLibrary), (sums, CalledLibrary)], ids=["inlined", "called"]
)
def test_what_is_called_has_no_code_of_its_own_and_is_found_as_it_was_kept(
    inner, library, tmp_path, monkeypatch
):
    monkeypatch.setenv("PARSIM_CACHE_DIR", str(tmp_path))
    given = (np.ones(4), 4) if inner is added else (np.ones((4, 4)), np.ones(4))
    signature = tuple(map(numba.typeof, given))
    for hits in (0, 1):
        kernel = inner._twin()  # as in another process
        kernel.compile(signature)
        made = kernel.overloads[signature]
        assert type(made.library) is library
        assert made.library.get_pointer_to_function(made.fndesc.llvm_func_name) == 0
        assert sum(kernel._cache_hits.values()) == hits


def test_flags_are_alike_if_all_of_them_are():
    given = numba.core.compiler.Flags()
    assert Flags() == given == Flags() and hash(Flags()) == hash(given)
    given.nrt = False  # as it is where nothing is said
    assert Flags() == given and given == Flags()
    given.nrt = True
    assert Flags() != given and given != Flags()
