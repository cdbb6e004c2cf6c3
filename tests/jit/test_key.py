"""The key of compiled code: what must change it does, and nothing else. Nothing is compiled here."""

import dis
import gc
import importlib.util
import sys
from pathlib import Path
from types import CodeType

import numba
import numpy as np
import pytest
from numba import types

import parsim  # noqa: F401  its kernels are looked at
from parsim.jit import linked
from parsim.jit.dispatcher import Kernel
from parsim.jit.key import Unkeyable, _foundation, key_of, names_read

NUMBER = (types.float64,)
MODULE = """
from enum import IntEnum
from typing import NamedTuple
import numpy as np
from parsim.jit import kernel, inlined
import other_file as other

class Pair(NamedTuple):
    a: float
    b: float = 1.0

class Kind(IntEnum):
    ONE = 1

RATE = 0.5
TABLE = np.array([1.0, 2.0])
NESTED = (1, (2.0, "x"))
UNUSED = 3

@kernel
def called(x, by=2.0):
    return by * x

@kernel
def advance(x):
    pair = Pair(x)
    y = called(x) + RATE * TABLE[0] + NESTED[0] + pair.a
    return y + other.SCALE * other.helped(x) + Kind.ONE

@inlined
def unrelated(x):
    return x
"""
OTHER = """
from parsim.jit import kernel
SCALE = 2.0
ELSE = 1.0
@kernel
def helped(x):
    return x
"""


@pytest.fixture
def load(monkeypatch, tmp_path):
    """Loads a module of this text as `name`, as another process would, from a folder."""

    def loaded(text, name="a_model", folder="here"):
        path = tmp_path / folder / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        exec(compile(text, str(path), "exec"), module.__dict__)
        return module

    return loaded


def key(load, module=MODULE, other=OTHER, folder="here", args=NUMBER):
    load(other, "other_file", folder)
    return key_of(load(module, folder=folder).advance, args)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("return y +", "return y -"),
        ("by * x", "by + x"),
        ("RATE = 0.5", "RATE = 0.25"),
        ("RATE = 0.5", "RATE = np.float32(0.5)"),
        ("RATE = 0.5", "import os; RATE = float(os.environ.get('NO_SUCH_RATE', 0.75))"),
        ("[1.0, 2.0]", "[1.0, 3.0]"),
        ("[1.0, 2.0]", "[1, 2]"),
        ('(2.0, "x")', '(3.0, "x")'),
        ("    b: float = 1.0", "    c: float = 1.0"),
        ("    b: float = 1.0", "    b: float = 2.0"),
        ("ONE = 1", "ONE = 2"),
        ("by=2.0", "by=3.0"),
        ("@kernel\ndef called", "@inlined\ndef called"),
        ("by * x", "by * unrelated(x)"),
    ],
)
def test_what_the_code_depends_on_changes_its_key(load, before, after):
    assert before in MODULE
    assert key(load, MODULE.replace(before, after)) != key(load)


@pytest.mark.parametrize(
    ("before", "after"), [("SCALE = 2.0", "SCALE = 3.0"), ("return x", "return 2.0 * x")]
)
def test_so_do_constants_and_kernels_of_another_file(load, before, after):
    assert key(load, other=OTHER.replace(before, after)) != key(load)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("RATE = 0.5", "# a comment\n\n\nRATE = 0.5"),
        ("return y +", "# a comment\n    return y +"),
        ("UNUSED = 3", "UNUSED = object()"),
        ("by=2.0):\n    return by", "by=2.0):  # said once more\n    return by"),
        ("return x\n", "return 3.0 * x\n"),
    ],
)
def test_comments_and_what_is_not_read_do_not(load, before, after):
    assert before in MODULE
    assert key(load, MODULE.replace(before, after)) == key(load)


def test_neither_does_the_folder_nor_the_rest_of_another_file(load):
    assert key(load, folder="there", other=OTHER.replace("ELSE = 1.0", "ELSE = 2.0")) == key(load)


def test_types_of_arguments_are_told_apart_by_the_fields_of_their_bundles(load):
    text = """
from typing import NamedTuple
from parsim.jit import kernel
class S(NamedTuple):
    {}: float
    {}: float
@kernel
def advance(s):
    return s[0]
"""
    keys = []
    for names in (("a", "b"), ("b", "a")):
        module = load(text.format(*names))
        keys.append(key_of(module.advance, (numba.typeof(module.S(1.0, 2.0)),)))
    assert len({*keys, key_of(module.advance, NUMBER)}) == 3


VALUES = [
    0, 0.0, -0.0, False, None, "0", b"0", 1.0, 1.0000000000000002, float("inf"), (0, 0), (0, (0,)), 1j, np.float64(0),
    np.int32(0), np.zeros(2), np.ones(2), np.zeros((2, 1)), np.zeros((1, 2)), np.zeros(2, np.int64), np.zeros((2, 2)),
    np.asfortranarray(np.zeros((2, 2))), np.exp, np.sqrt, np.float64, np.dtype("f4"), np, dis, types.float64,
    types.int64, len, range(2), range(3),
]  # fmt: skip


def test_values_that_are_captured_are_all_told_apart():
    def loop_over(value):
        def loop(x):
            return value

        return Kernel(loop, True)

    keys = [key_of(loop_over(value), NUMBER) for value in VALUES]
    assert len(set(keys)) == len(VALUES)
    assert keys == [key_of(loop_over(value), NUMBER) for value in VALUES]


def test_so_are_kernels_that_differ_by_what_they_have_captured_and_which_is_which():
    def scaled(by):
        def f(x):
            return by * x

        return Kernel(f, True)

    def of(f, g):
        def loop(x):
            return f(x) - g(x)

        return key_of(Kernel(loop, True), NUMBER)

    one, two = scaled(1.0), scaled(2.0)
    assert len({of(one, two), of(two, one), of(one, one), of(two, two)}) == 4
    assert of(scaled(1.0), scaled(2.0)) == of(one, two)


def test_kernels_that_call_each_other_have_keys_too(load):
    text = """
from parsim.jit import kernel
@kernel
def even(n):
    return n == {} or odd(n - 1)
@kernel
def odd(n):
    return n != 0 and even(n - 1)
@kernel
def advance(n):
    return even(n), odd(n)
"""
    keys = []
    for zero in (0, 1):
        module = load(text.format(zero))
        keys += [key_of(getattr(module, name), NUMBER) for name in ("even", "odd", "advance")]
        assert key_of(module.odd, NUMBER) == keys[-2]
    assert len(set(keys)) == 6


def test_flags_are_part_of_the_key():
    def f(x):
        return x

    keys = {
        key_of(Kernel(f, True, **flags), NUMBER) for flags in ({}, {"nogil": True}, {"forceinline": True})
    }
    assert len(keys) == 3


@pytest.fixture
def compiled_otherwise(monkeypatch, tmp_path):
    """As if the file that says how kernels are compiled were another one."""
    file = tmp_path / "linked.py"
    file.write_text(Path(linked.__file__).read_text() + "# another way\n")
    monkeypatch.setattr(linked, "__file__", str(file))
    _foundation.cache_clear()
    yield
    _foundation.cache_clear()


def test_so_is_how_kernels_are_compiled(load, request):
    before = key(load)
    request.getfixturevalue("compiled_otherwise")
    assert key(load) != before


class Thing:
    value = 1.0


@pytest.mark.parametrize(
    "value",
    [
        Thing(),
        [1.0],
        {"a": 1.0},
        np.array([None]),
        Thing,
        lambda x: x,
        (1.0, Thing()),
        np.random.default_rng(1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_text_has_no_key(value):
    def loop(x):
        return value

    with pytest.raises(Unkeyable):
        key_of(Kernel(loop, True), NUMBER)


def test_a_bundle_that_other_processes_do_not_find_has_no_key(load):
    text = """
from typing import NamedTuple
from parsim.jit import kernel
def make():
    class S(NamedTuple):
        a: float
    return S
S = make()
@kernel
def advance(x):
    return S(x)
"""
    with pytest.raises(Unkeyable, match=r"do not find a_model\.make\.<locals>\.S"):
        key_of(load(text).advance, NUMBER)
    module = load(text.replace("make()\n@", "make()\nS.__qualname__ = 'S'\n@"))
    assert key_of(module.advance, NUMBER)


def test_a_constant_that_was_changed_after_a_kernel_was_compiled_leaves_it_without_a_key(load):
    load(OTHER, "other_file")
    module = load(MODULE)
    before = key_of(module.advance, NUMBER)
    module.RATE = 0.25
    with pytest.raises(Unkeyable, match="has changed since"):
        key_of(module.advance, (types.int64,))
    module.RATE = 0.5
    assert key_of(module.advance, NUMBER) == before


def by_dis(code):
    chains, chain = set(), []
    for step in dis.get_instructions(code):
        if step.opname == "LOAD_GLOBAL":
            chain = [step.argval]
        elif chain and step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            chain.append(step.argval)
        elif step.opname not in ("CACHE", "PUSH_NULL"):
            chain = []
        if chain:
            chains -= {tuple(chain[:-1])}
            chains.add(tuple(chain))
    return chains.union(*(by_dis(part) for part in code.co_consts if isinstance(part, CodeType)))


def kernels_of_the_package():
    found = [part for part in gc.get_objects() if issubclass(type(part), Kernel)]
    return [one for one in found if one.py_func.__module__.startswith("parsim.")]


def test_all_kernels_of_the_package_have_keys_that_are_their_own():
    kernels = kernels_of_the_package()
    assert len(kernels) > 100
    keys = {key_of(one, ()): (one.name, one.called is None) for one in kernels}
    assert len(set(keys.values())) == len({(one.name, one.called is None) for one in kernels})


def test_names_are_read_from_bytecode_as_dis_reads_them():
    for one in kernels_of_the_package():
        code = one.py_func.__code__
        assert {chain[0] for chain in names_read(code)} == {chain[0] for chain in by_dis(code)}, one.name
        assert by_dis(code) <= set(names_read(code)), one.name
