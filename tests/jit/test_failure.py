"""What cannot be compiled is told in a sentence: which kernel, of which model, where and why."""

import logging
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

import parsim as ps
from parsim.errors import BuildError
from parsim.jit import belongs_to, entry_point, inlined, kernel, kernel_over, shared, within

HERE = __file__
THING = SimpleNamespace(x=1.0)


class P(NamedTuple):
    a: ps.Floats


def plain(x):
    return x


@kernel
def reads_a_field(p):
    for i in range(3):
        p.a[i] += p.E_LEAK[i]


@kernel
def reads_nothing(p):
    p.a[0] = TAU  # noqa: F821


@kernel
def reads_a_thing(p):
    p.a[0] = THING.x


@kernel
def calls_a_function(p):
    p.a[0] = plain(1.0)


@inlined
def wrong_within(p):
    return p.b


@kernel
def calls_what_is_wrong(p):
    p.a[0] = wrong_within(p)


@kernel
def gives_too_little(p):
    p.a[0] = wrong_within()


@kernel
def mixes_types(p):
    x = 1.0 if p.a[0] > 0.0 else "a"
    return x


@kernel
def indexes_by_text(p):
    p.a["x"] = 1.0


@kernel
def formats(p):
    return f"{p.a[0]:.3f}"


@kernel
def transforms(p):
    p.a[:] = np.fft.fft(p.a)


@kernel
def assigns(p):
    p.a = 1.0


@shared
def applies(f, p):
    f(p)


@kernel
def applies_what_is_wrong(p):
    applies(reads_a_field, p)


def over(function):
    function = within(function)

    def loop(p):
        function(p)

    return kernel_over(loop)


def wrong_line(name):
    """The first of a kernel, or of the loop in it."""
    return globals()[name].py_func.__code__.co_firstlineno + (3 if name == "reads_a_field" else 2)


@pytest.mark.parametrize(
    ("act", "name", "reason"),
    [
        (reads_a_field, "reads_a_field", "P has no field 'E_LEAK'"),
        (reads_nothing, "reads_nothing", "NameError: name 'TAU' is not defined"),
        (reads_a_thing, "reads_a_thing", "it reads THING, of a kind that compiled code does not know"),
        (
            calls_a_function,
            "calls_a_function",
            "it calls plain, which is no kernel (put @parsim.kernel before it)",
        ),
        (calls_what_is_wrong, "wrong_within", "P has no field 'b'"),
        (applies_what_is_wrong, "reads_a_field", "P has no field 'E_LEAK'"),
        (over(reads_a_field), "reads_a_field", "P has no field 'E_LEAK'"),
        (gives_too_little, "gives_too_little", "Cannot bind"),
        (mixes_types, "mixes_types", "Cannot unify"),
        (indexes_by_text, "indexes_by_text", "Unsupported array index type unicode_type"),
        (transforms, "transforms", "numba knows no numpy.fft.fft"),
        (formats, "formats", "format spec in f-strings not supported yet"),
    ],
)
def test_it_says_which_kernel_and_where_and_why(act, name, reason):
    with pytest.raises(BuildError) as caught:
        act(P(np.zeros(3)))
    said = str(caught.value)
    assert said.startswith(f"The kernel {name} cannot be compiled: ")
    assert reason in said
    assert f"({HERE}, line {wrong_line(name)})" in said
    assert len(said.splitlines()) == 1
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_where_numba_does_not_say_the_line_it_is_that_of_the_kernel():
    first = assigns.py_func.__code__.co_firstlineno
    with pytest.raises(BuildError, match=rf"The kernel assigns cannot be compiled: .*line {first}\)"):
        assigns(P(np.zeros(3)))


def test_so_does_an_entry_point_and_the_model_is_named():
    def advance(p):
        p.a[0] = p.c

    one = kernel(advance)
    belongs_to(one, "leaky")
    belongs_to(one, "leaky")
    for act in (one, over(one)):
        with pytest.raises(
            BuildError, match="The kernel advance of leaky cannot be compiled: P has no field 'c'"
        ):
            entry_point(act, P(np.zeros(3)))


def test_all_of_numbas_words_are_logged(caplog):
    with caplog.at_level(logging.DEBUG, "parsim"), pytest.raises(BuildError):
        kernel(wrong_within.py_func)(P(np.zeros(1)))
    assert "Failed in nopython mode pipeline" in caplog.text


def test_an_interrupt_stays_one(monkeypatch):
    from parsim.jit.dispatcher import Kernel

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Kernel, "_compile", interrupt)
    with pytest.raises(KeyboardInterrupt):
        kernel(plain)(1.0)
