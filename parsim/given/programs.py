"""Expressions as programs that one kernel runs: what may be calculated in it, and what is calculated before.

Users' functions, arrays and what is redrawn are columns, known before the program runs; numbers, draws, distances and
operations on all of these are part of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from parsim.arrays import Floats
from parsim.given.value import AbstractValue
from parsim.given.where import Where
from parsim.kernels.finite import all_within
from parsim.kernels.postfix import CODES, Formula, Stream, calculated

LANES = 1 << 16  # between two leaves that draw
LARGEST = float(np.finfo(np.float64).max)


@dataclass
class Writing:
    """A program that is being written, operation after operation; `lane` is that of the leaf that comes next."""

    code: list[tuple[int, int]] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    before: list[tuple[AbstractValue, int]] = field(
        default_factory=list
    )  # columns, and the lanes of their draws
    spatial: list[AbstractValue] = field(default_factory=list)
    lane: int = 0
    depth: int = 0
    deepest: int = 0

    def number(self, value: float) -> None:
        """One number for all."""
        self.numbers.append(value)
        self.leaf("number", len(self.numbers) - 1)

    def column(self, value: AbstractValue) -> None:
        """What is calculated before."""
        self.before.append((value, self.lane))
        self.leaf("column", len(self.before) - 1)
        self.lane += LANES * value.streams

    def draw(self, kind: str) -> None:
        """A draw of its own: uniform, normal or exponential, in standard form."""
        self.leaf(kind, self.lane)
        self.lane += LANES

    def apart(self, value: AbstractValue, kind: str, axis: int = 0) -> None:
        """How far the ends of a connection are apart."""
        self.spatial.append(value)
        self.leaf(kind, axis)

    def leaf(self, kind: str, at: int) -> None:
        """One more operand."""
        self.code.append((CODES[kind], at))
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)

    def does(self, operation: str, takes: int) -> None:
        """An operation on the last operands, of which it leaves one."""
        self.code.append((CODES[operation], 0))
        self.depth -= takes - 1


@dataclass(frozen=True)
class Compiled:
    """A value that is calculated by a program."""

    program: Formula
    before: tuple[tuple[AbstractValue, int], ...]
    spatial: tuple[AbstractValue, ...]
    draws: bool

    def of_ways(self, way: Callable[[], Floats], n: int | None = None) -> Floats | None:
        """The numbers of connections whose ends are so far apart, [dimension, n]; None where they hang on more.

        With n given there may be more behind these: of ways that are not in one piece no loop is vectorized.
        """
        if self.before or self.draws or not self.spatial:
            return None
        nothing, ways = np.zeros(0, np.int64), way()
        if any(value.least_dimensions > len(ways) for value in self.spatial):  # type: ignore[attr-defined]
            return None
        stream = Stream(0, 0, 0)
        return calculated(
            self.program, np.empty((0, 0)), ways, stream, nothing, nothing, ways.shape[1] if n is None else n
        )

    def at(self, where: Where) -> Floats:
        """The numbers at `where`."""
        n = where.gids.size
        columns, way = np.empty((len(self.before), n)), np.empty((1, 0))
        for column, (value, lane) in zip(columns, self.before, strict=True):
            column[:] = value.at(where._replace(lane=where.lane + lane))
        for value in self.spatial:
            way = value.way(where)  # type: ignore[attr-defined]
        gids, draws = where.keys()
        stream = Stream(where.seed, where.serial, where.lane)
        return calculated(self.program, columns, way, stream, gids, draws, n)


def compiled(value: AbstractValue) -> Compiled:
    """A value as a program."""
    writing = Writing()
    value.write(writing)
    program = Formula(
        np.array(writing.code, np.int64), np.array(writing.numbers, np.float64), writing.deepest
    )
    return Compiled(program, tuple(writing.before), tuple(writing.spatial), writing.lane > 0)


def of_ways(
    value: AbstractValue,
    way: Callable[[], Floats],
    least: float = -LARGEST,
    most: float = LARGEST,
    n: int | None = None,
) -> Floats | None:
    """What a value gives where nothing but the ways between the ends of connections counts, if all is so large.

    With n given, of the first n ways.
    """
    program = value.program
    found = None if program is None else program.of_ways(way, n)
    return found if found is not None and all_within(found, least, most) else None
