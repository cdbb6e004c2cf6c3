"""Odd things to give to functions: what users have given, and what they might."""

import datetime
import math
import random
from array import array
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

import parsim as ps


class Rude:
    """Raises whatever it is asked."""

    def _no(self, *given: Any) -> Any:
        raise RuntimeError("rude")

    __repr__ = __len__ = __iter__ = __float__ = __index__ = __array__ = __bool__ = __eq__ = __getitem__ = _no
    __hash__ = None  # type: ignore[assignment]


class Unit:
    """A quantity whose conversion fails."""

    magnitude = 5.0

    def to(self, unit: str) -> Any:
        raise KeyError(unit)


class Liar:
    """An array by name, with something else in it."""

    shape, ndim, dtype = (3,), 1, np.dtype(float)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array([self, None], dtype=object)


class State(NamedTuple):
    x: ps.Floats


def raising(*given: Any) -> Any:
    """A function that raises."""
    raise ZeroDivisionError("mine")


def itself() -> list[Any]:
    """A list that holds itself."""
    held: list[Any] = []
    held.append(held)
    return held


def odd_things(w: SimpleNamespace, rng: random.Random) -> Any:
    """One odd thing, made anew."""
    return rng.choice(_ODD)(w, rng)


_NUMBERS = (
    0,
    -1,
    1,
    2,
    3,
    0.5,
    -0.0,
    1e300,
    -1e300,
    5e-324,
    math.inf,
    -math.inf,
    math.nan,
    2**31,
    2**40,
    2**63,
    -(2**63),
    10**400,
)
_TEXTS = (
    "",
    " ",
    "5",
    "nan",
    "-65 mV",
    "20 ms",
    "1 s",
    "3 parsec",
    "inf ms",
    "1e400 mV",
    "V_m",
    "a\0b",
    "\udcff",
    "x" * 5000,
    "None",
    "1 nA",
)
_ODD: tuple[Callable[[Any, random.Random], Any], ...] = (
    *[lambda w, r, v=v: v for v in (*_NUMBERS, *_TEXTS)],
    *[
        lambda w, r, v=v: v
        for v in (None, True, False, ..., NotImplemented, b"5", b"", 1j, object, int, ps.AllToAll, ps.Uniform)
    ],
    *[
        lambda w, r, v=v: v
        for v in (
            np.True_,
            np.int8(3),
            np.uint64(2**63),
            np.float32(2.5),
            np.complex64(1),
            np.str_("5"),
            np.bytes_(b"5"),
        )
    ],
    *[
        lambda w, r, v=v: v
        for v in (
            np.datetime64("2020-01-01"),
            np.datetime64("NaT"),
            np.timedelta64(3, "ms"),
            np.timedelta64(3),
            np.timedelta64("NaT"),
        )
    ],
    lambda w, r: datetime.timedelta(milliseconds=1.5),
    lambda w, r: datetime.datetime(2020, 1, 1),
    lambda w, r: Fraction(1, 3),
    lambda w, r: Decimal(r.choice(["0.1", "NaN", "sNaN", "1e999999", "Infinity"])),
    lambda w, r: np.longdouble("1e4000"),
    lambda w, r: np.zeros(0),
    lambda w, r: np.ones(4),
    lambda w, r: np.ones(4, bool),
    lambda w, r: np.ones((4, 4)),
    lambda w, r: np.ones((2, 2, 2)),
    lambda w, r: np.array(3.0),
    lambda w, r: np.array(2),
    lambda w, r: np.array(None),
    lambda w, r: np.array([1, None, "x"], dtype=object),
    lambda w, r: np.array(["1 nA", "2 nA", "3 nA", "x"]),
    lambda w, r: np.array([b"1", b"2"]),
    lambda w, r: np.array([1 + 1j] * 4),
    lambda w, r: np.zeros(4, dtype="M8[ms]"),
    lambda w, r: np.arange(4).astype("m8[ms]"),
    lambda w, r: np.zeros(4, dtype="i4,f8"),
    lambda w, r: np.ma.array([1.0, 2.0, 3.0, 4.0], mask=[0, 1, 0, 0]),
    lambda w, r: np.ma.masked,
    lambda w, r: np.broadcast_to(1.0, 10**13),
    lambda w, r: np.array([1.0, np.nan, np.inf, 2.0]),
    lambda w, r: np.arange(4)[::-1],
    lambda w, r: np.matrix([1.0, 2.0]),
    lambda w, r: array("d", [1.0, 2.0, 3.0, 4.0]),
    lambda w, r: memoryview(b"1234"),
    lambda w, r: memoryview(array("d", [1.0, 2.0])),
    lambda w, r: bytearray(b"12"),
    lambda w, r: [],
    lambda w, r: [1, 2],
    lambda w, r: [1.0, 2.0, 3.0, 4.0],
    lambda w, r: [[1.0, 2.0], [3.0]],
    lambda w, r: [[1.0], [2.0], [3.0], [4.0]],
    lambda w, r: [[]] * 4,
    lambda w, r: ["1 ms", 2.0, None],
    lambda w, r: [True, False, True, False],
    lambda w, r: [np.ma.masked, 1.0],
    lambda w, r: [Rude()],
    lambda w, r: (1, 2, 3),
    lambda w, r: (),
    lambda w, r: range(4),
    lambda w, r: range(10**15),
    lambda w, r: deque([1, 2, 3, 4]),
    lambda w, r: itself(),
    lambda w, r: {1, 2},
    lambda w, r: {"weight": 1.0},
    lambda w, r: {}.keys(),
    lambda w, r: (x for x in (1.0, 2.0)),
    lambda w, r: iter([1.0]),
    lambda w, r: slice(0, 2),
    lambda w, r: slice(None, None, 0),
    lambda w, r: slice("a", 1.5),
    lambda w, r: object(),
    lambda w, r: Rude(),
    lambda w, r: Unit(),
    lambda w, r: [Unit(), Unit()],
    lambda w, r: Liar(),
    lambda w, r: raising,
    lambda w, r: lambda *given: None,
    lambda w, r: lambda *given: b"5",
    lambda w, r: lambda *given: np.ones(len(given[0]) + 1) if given and np.ndim(given[0]) else 1.0,
    lambda w, r: lambda *given: 1.0,
    lambda w, r: lambda a, b, c, d: 1.0,
    lambda w, r: len,
    lambda w, r: ps.Uniform(0.0, 1.0),
    lambda w, r: ps.Normal("1 ms", "1 ms"),
    lambda w, r: ps.LogNormal(800.0, 1.0),
    lambda w, r: [ps.Uniform(0, 1), ps.Uniform(0, 1)],
    lambda w, r: ps.AllToAll(),
    lambda w, r: ps.static_synapse,
    lambda w, r: ps.static_synapse(weight=2.0),
    lambda w, r: ps.iaf_psc_exp,
    lambda w, r: ps.Network(),
    lambda w, r: ps.Network().create("iaf_psc_exp", 4),
    lambda w, r: w.net,
    lambda w, r: w.cells,
    lambda w, r: w.cells[:2],
    lambda w, r: w.cells[:0],
    lambda w, r: w.noise,
    lambda w, r: w.events,
    lambda w, r: w.spikes,
    lambda w, r: w.sim,
    lambda w, r: w.folder,
    lambda w, r: Path(w.folder) / "no" / "such.h5",
    lambda w, r: __file__,
)
