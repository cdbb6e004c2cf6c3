"""Compiled kernels are found again, and only those that are the same."""

import gc
from typing import NamedTuple

import numba
import numpy as np
import pytest

from parsim.jit.dispatcher import Kernel, _pickled
from parsim.jit.key import key_of
from parsim.jit.store import cache_folder, store

NUMBER = (numba.types.float64,)
FACTOR = 2.0


def by_factor(x):
    return FACTOR * x


def scaled(by):
    def scale(x):
        return by * x

    return scale


def anew(function, **flags):
    """A kernel as another process makes it: it has compiled nothing yet."""
    return Kernel(function, True, **flags)


def was_loaded(kernel):
    return sum(kernel.stats.cache_hits.values()) == 1


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """A cache folder of its own."""
    monkeypatch.setenv("PARSIM_CACHE_DIR", str(tmp_path / "cache"))
    return cache_folder()


def test_the_second_process_loads_what_the_first_has_compiled(folder):
    first, second = anew(by_factor), anew(by_factor)
    assert first(3.0) == second(3.0) == 6.0
    assert not was_loaded(first)
    assert was_loaded(second)
    assert [path.suffix for path in folder.iterdir()] == [".nbc"]


def test_functions_of_one_name_that_captured_other_values_never_meet():
    """In one process and in the next, compiled or loaded, called by others or not: code is linked by name."""

    def loop(f):
        def total(x):
            return f(x) + f(x)

        return total

    for loaded in (False, True):
        kernels = [anew(scaled(by)) for by in (2.0, 3.0, 5.0)]
        loops = [anew(loop(Kernel(scaled(by), True, no_cpython_wrapper=True))) for by in (2.0, 3.0, 5.0)]
        assert [kernel(1.0) for kernel in kernels] == [2.0, 3.0, 5.0]
        assert [kernel(1.0) for kernel in loops] == [4.0, 6.0, 10.0]
        assert [was_loaded(kernel) for kernel in kernels + loops] == [loaded] * 6


def test_a_constant_that_changed_is_another_kernel_in_the_next_process(monkeypatch):
    assert anew(by_factor)(1.0) == 2.0
    monkeypatch.setitem(globals(), "FACTOR", 3.0)
    changed = anew(by_factor)
    assert changed(1.0) == 3.0
    assert not was_loaded(changed)
    monkeypatch.setitem(globals(), "FACTOR", 2.0)
    again = anew(by_factor)
    assert again(1.0) == 2.0
    assert was_loaded(again)


def test_code_with_the_old_value_is_not_kept_under_the_key_of_the_new(monkeypatch, folder):
    """A kernel keeps the value that it was compiled with; so one that calls it is compiled with the old one, too."""
    inner = anew(by_factor)
    inner(1.0)
    monkeypatch.setitem(globals(), "FACTOR", 3.0)

    def outer(x):
        return inner(x)

    kept = len(list(folder.iterdir()))
    assert anew(outer)(1.0) == 2.0
    assert len(list(folder.iterdir())) == kept


def test_nothing_is_kept_of_a_constant_that_changes_while_it_is_compiled(monkeypatch, folder):
    kernel = anew(by_factor)
    compile_now = kernel._compile

    def meanwhile(sig, key):
        point = compile_now(sig, key)
        monkeypatch.setitem(globals(), "FACTOR", 3.0)
        return point

    monkeypatch.setattr(kernel, "_compile", meanwhile)
    assert kernel(1.0) == 2.0
    assert list(folder.iterdir()) == []


def test_what_has_no_key_is_compiled_and_not_kept(folder):
    class Pair(NamedTuple):
        a: float
        b: float

    def f(x):
        return Pair(x, x).b

    assert anew(f)(2.0) == 2.0
    assert not folder.exists()


def test_damaged_files_are_compiled_again_and_replaced(folder):
    assert anew(by_factor)(1.0) == 2.0
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    at = len(whole) // 2
    for raw in (b"", whole[:-1], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
        path.write_bytes(raw)
        again = anew(by_factor)
        assert again(1.0) == 2.0
        assert not was_loaded(again)
        assert next_is_loaded()


def next_is_loaded():
    kernel = anew(by_factor)
    kernel(1.0)
    return was_loaded(kernel)


def test_a_whole_file_that_holds_something_else_is_compiled_again(folder):
    assert anew(by_factor)(1.0) == 2.0
    kernel = anew(by_factor)
    name = kernel._file(key_of(kernel, NUMBER))
    integers = anew(by_factor)
    integers(1)
    other = store().read(integers._file(key_of(integers, (numba.types.int64,))))
    for content in (b"no pickle", _pickled(("not", "a", "result")), _pickled(None), other):
        store().keep(name, content)
        again = anew(by_factor)
        assert again(1.0) == 2.0
        assert not was_loaded(again)
        assert next_is_loaded()


def test_a_folder_that_cannot_be_written_to_lets_all_go_on(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PARSIM_CACHE_DIR", str(tmp_path / "file"))
    assert anew(by_factor)(1.0) == 2.0
    assert not next_is_loaded()


def test_a_lock_is_left_by_no_error(folder):
    def wrong(x):
        return x.nothing

    kernel = anew(wrong)
    for _ in range(2):
        with pytest.raises(Exception, match="nothing"):
            kernel(np.zeros(1))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("enabled", [True, False], ids=["swept", "unswept"])
def test_garbage_is_looked_for_again_after_compiling_if_it_was_before(folder, enabled):
    was = gc.isenabled()
    try:
        gc.enable() if enabled else gc.disable()
        assert anew(scaled(3.0))(2.0) == 6.0
        assert gc.isenabled() == enabled
    finally:
        gc.enable() if was else gc.disable()
