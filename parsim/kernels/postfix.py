"""Expressions calculated of whole arrays: a program of operations in postfix order, block after block.

The operands of a block stay in the first-level cache from one operation to the next. Each operation goes through the
block by itself, so that it rounds as it does alone, whatever stands beside it. Draws are functions of the same five
numbers as everywhere.
"""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.jit import divided, divides_safely, is_safe_divisor, lean_kernel, widest
from parsim.kernels import maths
from parsim.kernels.elementary import raised
from parsim.rng import exponential, normal, uniform

BLOCK = 512  # numbers: 4 kB an operand

LEAVES = ("number", "column", "distance", "coordinate", "uniform", "normal", "exponential")
UNARY = (
    "negative", "absolute", "rint", "floor", "ceil", "sqrt", "exp", "expm1", "log", "log1p", "sin", "cos",
)  # fmt: skip
BINARY = (
    "add", "subtract", "multiply", "divide", "power", "less", "less_equal", "greater", "greater_equal", "equal",
    "minimum", "maximum",
)  # fmt: skip
CODES = {name: code for code, name in enumerate((*LEAVES, *UNARY, *BINARY, "where"))}

(
    _NUMBER, _COLUMN, _DISTANCE, _COORDINATE, _UNIFORM, _NORMAL, _EXPONENTIAL, _NEGATIVE, _ABSOLUTE, _RINT, _FLOOR,
    _CEIL, _SQRT, _EXP, _EXPM1, _LOG, _LOG1P, _SIN, _COS, _ADD, _SUBTRACT, _MULTIPLY, _DIVIDE, _POWER, _LESS,
    _LESS_EQUAL, _GREATER, _GREATER_EQUAL, _EQUAL, _MINIMUM, _MAXIMUM, _WHERE,
) = range(len(CODES))  # fmt: skip
_FIRST_UNARY, _FIRST_BINARY = len(LEAVES), len(LEAVES) + len(UNARY)
_DRAWS = _UNIFORM
_TURNS = 1.0 / 6.283185307179586  # in a radian


class Formula(NamedTuple):
    """What is done in turn, each an operation of `CODES` and its argument: which number or column, axis, or lane."""

    code: Ints  # [operation, 2]
    numbers: Floats
    depth: int  # operands that wait at most


class Stream(NamedTuple):
    """What draws are functions of, beside the gid and the draw of each element."""

    seed: int
    serial: int
    lane: int


def calculated(
    program: Formula, columns: Floats, way: Floats, stream: Stream, gids: Gids, draws: Ints, n: int
) -> Floats:
    """The value of each of n elements, with `columns` [column, n] known before and the `way` [dimension, n]."""
    out, stack = np.empty(n), np.empty((program.depth + program.numbers.size, BLOCK))
    with np.errstate(all="ignore"):
        evaluate(program, columns, way, stream, gids, draws, stack, out)
    return out


@lean_kernel
def evaluate(program, columns, way, stream, gids, draws, stack, out):
    """The same into `out`, with room for operands and for a block of each number, which is read as it stands."""
    widest()
    fixed, behind = stack[program.depth :], program.code.shape[0]
    for k in range(program.numbers.size):
        _fill(program.numbers[k], min(BLOCK, out.size), fixed[k])
    for begin in range(0, out.size, BLOCK):
        n, top, k = min(BLOCK, out.size - begin), -1, -1
        while k + 1 < behind:
            k += 1
            op, at = program.code[k, 0], program.code[k, 1]
            if op == _NUMBER and k + 1 < behind and _FIRST_BINARY <= program.code[k + 1, 0] < _WHERE:
                k += 1
                if program.code[k, 0] == _DIVIDE:
                    _divide(program.numbers[at], n, stack[top])
                else:
                    _two(program.code[k, 0], n, stack[top], fixed[at])
            elif op < _FIRST_UNARY:
                top += 1
                if op >= _DRAWS:
                    _draw(op, stream, at, gids, draws, begin, n, stack[top])
                elif op == _DISTANCE:
                    _far(way, begin, n, stack[top])
                elif op == _NUMBER:
                    _copy(fixed[at], 0, n, stack[top])
                else:
                    _copy((columns if op == _COLUMN else way)[at], begin, n, stack[top])
            elif op < _FIRST_BINARY:
                _one(op, n, stack[top])
            elif op < _WHERE:
                top -= 1
                _two(op, n, stack[top], stack[top + 1])
            else:
                top -= 2
                _choose(n, stack[top], stack[top + 1], stack[top + 2])
        _put(stack[0], begin, n, out)


@lean_kernel
def _fill(value, n, x):
    for i in range(np.uint64(n)):
        x[i] = value


@lean_kernel
def _copy(column, begin, n, x):
    for i in range(np.uint64(n)):
        x[i] = column[np.uint64(begin) + i]


@lean_kernel
def _put(x, begin, n, out):
    for i in range(np.uint64(n)):
        out[np.uint64(begin) + i] = x[i]


@lean_kernel
def _choose(n, x, a, b):
    for i in range(np.uint64(n)):
        x[i] = a[i] if x[i] != 0.0 else b[i]


@lean_kernel
def _far(way, begin, n, x):
    """How long each way is."""
    widest()
    first, second = way[0], way[1]
    for i in range(np.uint64(n)):
        x[i] = (
            first[np.uint64(begin) + i] * first[np.uint64(begin) + i]
            + second[np.uint64(begin) + i] * second[np.uint64(begin) + i]
        )
    if way.shape[0] > 2:
        third = way[2]
        for i in range(np.uint64(n)):
            x[i] += third[np.uint64(begin) + i] * third[np.uint64(begin) + i]
    for i in range(np.uint64(n)):
        x[i] = np.sqrt(x[i])


@lean_kernel
def _draw(op, stream, lane, gids, draws, begin, n, x):
    widest()
    lane += stream.lane
    for i in range(np.uint64(n)):
        x[i] = uniform(
            stream.seed, stream.serial, gids[np.uint64(begin) + i], draws[np.uint64(begin) + i], lane
        )
    if op == _NORMAL:
        for i in range(np.uint64(n)):
            x[i] = normal(x[i])
    elif op == _EXPONENTIAL:
        for i in range(np.uint64(n)):
            x[i] = exponential(x[i])


@lean_kernel
def _one(op, n, x):
    """An operation on each number."""
    widest()
    if op == _NEGATIVE:
        for i in range(np.uint64(n)):
            x[i] = -x[i]
    elif op == _ABSOLUTE:
        for i in range(np.uint64(n)):
            x[i] = abs(x[i])
    elif op == _RINT:
        for i in range(np.uint64(n)):
            x[i] = np.rint(x[i])
    elif op == _FLOOR:
        for i in range(np.uint64(n)):
            x[i] = np.floor(x[i])
    elif op == _CEIL:
        for i in range(np.uint64(n)):
            x[i] = np.ceil(x[i])
    elif op == _SQRT:
        for i in range(np.uint64(n)):
            x[i] = np.sqrt(x[i])
    else:
        _elementary(op, n, x)


@lean_kernel
def _elementary(op, n, x):
    widest()
    if op == _EXP:
        for i in range(np.uint64(n)):
            x[i] = maths.exp(x[i])
    elif op == _EXPM1:
        for i in range(np.uint64(n)):
            x[i] = maths.expm1(x[i])
    elif op == _LOG:
        for i in range(np.uint64(n)):
            x[i] = maths.log(x[i])
    elif op == _LOG1P:
        for i in range(np.uint64(n)):
            x[i] = maths.log1p(x[i])
    elif op == _SIN:
        for i in range(np.uint64(n)):
            x[i] = maths.sine(x[i] * _TURNS)
    else:
        for i in range(np.uint64(n)):
            turns = x[i] * _TURNS
            x[i] = maths.sine((turns - np.rint(turns)) + 0.25)


@lean_kernel
def _two(op, n, x, y):
    """An operation on each two numbers, to the place of the first."""
    widest()
    if op == _ADD:
        for i in range(np.uint64(n)):
            x[i] += y[i]
    elif op == _SUBTRACT:
        for i in range(np.uint64(n)):
            x[i] -= y[i]
    elif op == _MULTIPLY:
        for i in range(np.uint64(n)):
            x[i] *= y[i]
    elif op == _DIVIDE:
        for i in range(np.uint64(n)):
            x[i] /= y[i]
    elif op == _POWER:
        _power(n, x, y)
    else:
        _compare(op, n, x, y)


@lean_kernel
def _divide(by, n, x):
    """All by one number: by its inverse, where that gives the same."""
    widest()
    others = 0
    for i in range(np.uint64(n)):
        others += 0 if divides_safely(x[i]) else 1
    inverse = 1.0 / by
    if (others == 0) & is_safe_divisor(by):
        for i in range(np.uint64(n)):
            x[i] = divided(x[i], by, inverse)
    else:
        for i in range(np.uint64(n)):
            x[i] /= by


@lean_kernel
def _power(n, x, y):
    """Squares, which are what is asked for mostly, are products."""
    others = 0
    for i in range(np.uint64(n)):
        others += y[i] != 2.0
    if others == 0:
        for i in range(np.uint64(n)):
            x[i] = x[i] * x[i]
    else:
        for i in range(np.uint64(n)):
            x[i] = raised(x[i], y[i])


@lean_kernel
def _compare(op, n, x, y):
    """1 where it is so, else 0; of two of which one is no number the lesser and the greater are none either."""
    if op == _LESS:
        for i in range(np.uint64(n)):
            x[i] = 1.0 if x[i] < y[i] else 0.0
    elif op == _LESS_EQUAL:
        for i in range(np.uint64(n)):
            x[i] = 1.0 if x[i] <= y[i] else 0.0
    elif op == _GREATER:
        for i in range(np.uint64(n)):
            x[i] = 1.0 if x[i] > y[i] else 0.0
    elif op == _GREATER_EQUAL:
        for i in range(np.uint64(n)):
            x[i] = 1.0 if x[i] >= y[i] else 0.0
    elif op == _EQUAL:
        for i in range(np.uint64(n)):
            x[i] = 1.0 if x[i] == y[i] else 0.0
    elif op == _MINIMUM:
        for i in range(np.uint64(n)):
            x[i] = x[i] if (x[i] <= y[i]) | (x[i] != x[i]) else y[i]
    else:
        for i in range(np.uint64(n)):
            x[i] = x[i] if (x[i] >= y[i]) | (x[i] != x[i]) else y[i]
