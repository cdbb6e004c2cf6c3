"""Blocks keep bundles at an address, ops are called by theirs, and nothing is lost on the way: compiled or not."""

from time import perf_counter
from typing import NamedTuple

import numpy as np
import pytest

from parsim.jit import (
    DONE,
    FAILED,
    Block,
    Op,
    addresses,
    call,
    clock,
    driver,
    inner,
    interpreted,
    kernel,
    opened,
    seconds,
)


class State(NamedTuple):
    v: np.ndarray
    n: np.ndarray


class Everything(NamedTuple):
    state: State
    shared: np.ndarray  # without a dimension
    matrix: np.ndarray
    pair: tuple[int, float]
    index: np.uint64
    flag: bool
    block: Block


def copy_all(at, first, stop, origin):
    b, into = opened(at)
    state = opened(b.block)
    into[0] = b.state.v[1] + b.state.n[0]
    into[1] = b.shared[()]
    into[2] = b.matrix[1, 2] + b.matrix.shape[0] + b.matrix.shape[1]
    into[3] = b.pair[0] + b.pair[1]
    into[4] = b.index
    into[5] = b.flag
    into[6] = state.v.size + state.v[-1]
    into[7] = first + 10 * stop + 100 * origin
    state.v[0] = 5.0
    return DONE


def add_one(at, first, stop, origin):
    (state_at,) = opened(at)
    state = opened(state_at)
    for i in range(state.v.size):
        state.v[i] += 1.0
    return DONE


def complain(at, first, stop, origin):
    (limit,) = opened(at)
    if stop > limit:
        raise ValueError("too far")
    return FAILED


def say_nothing(at, first, stop, origin):
    opened(at)
    return 0.5


def run_all(ops, first, stop, origin):
    status = 0
    for k in range(ops.function.size):
        status += call(ops.function[k], ops.at[k], first, stop, origin)
    return status


def run(ops: list[Op], stop: int = 7) -> int:
    program = addresses(ops)
    return driver(run_all, program, 0, 0, 0)(program, 3, stop, 2)


def state(*v: float) -> State:
    return State(np.array(v), np.array([3, 4]))


def test_a_bundle_of_everything_is_opened_as_it_was_put():
    inner_state, into = state(8.0, 9.0, 0.25), np.zeros(8)
    bundle = Everything(
        state(1.0, 2.5), np.array(6.5), np.arange(12.0).reshape(3, 4)[:, ::1], (2, 0.125), np.uint64(2**40), True,
        Block(inner_state),
    )  # fmt: skip
    assert run([Op(copy_all, bundle, into)]) == DONE
    assert into.tolist() == [5.5, 6.5, 6.0 + 3 + 4, 2.125, 2.0**40, 1.0, 3.25, 273.0]
    assert inner_state.v[0] == 5.0  # compiled code works on the arrays themselves


def test_a_view_is_opened_with_its_strides():
    into, whole = np.zeros(8), np.arange(24.0).reshape(4, 6)
    bundle = Everything(
        state(1.0, 2.0), np.array(0.0), whole[::2, ::2], (0, 0.0), np.uint64(0), False, Block(state(0.0))
    )
    run([Op(copy_all, bundle, into)])
    assert into[2] == whole[::2, ::2][1, 2] + 2 + 3


def test_what_is_put_later_is_found_at_the_same_address():
    held = Block(state(1.0, 2.0))
    ops = [Op(add_one, held), Op(add_one, held)]
    run(ops)
    before, grown = held.value, state(10.0, 20.0, 30.0)
    held.put(grown)
    run(ops)
    assert before.v.tolist() == [3.0, 4.0] and grown.v.tolist() == [12.0, 22.0, 32.0]
    assert held.holds(grown) and held.holds(State(grown.v, grown.n)) and not held.holds(before)


@pytest.mark.skipif(interpreted, reason="Python does not look at types")
def test_a_block_refuses_other_types():
    held = Block(state(1.0))
    for other in (
        State(np.zeros(2, np.int64), np.zeros(2, np.int64)),
        State(np.zeros((2, 2)), np.zeros(2, np.int64)),
        3,
    ):
        with pytest.raises(TypeError, match="was given"):
            held.put(other)
    assert held.value.v.tolist() == [1.0]


@pytest.mark.skipif(interpreted, reason="Python does not look at types")
def test_an_op_that_returns_no_status_is_refused():
    with pytest.raises(TypeError, match="say_nothing must return"):
        Op(say_nothing, 1)


def test_what_an_op_raises_reaches_the_caller():
    assert run([Op(complain, 10)]) == FAILED
    with pytest.raises(ValueError, match="too far"):
        run([Op(complain, 10)], stop=11)


def test_ops_over_kernels_are_as_many_as_there_are_kernels():
    @kernel
    def double(state, i):
        state.v[i] *= 2.0

    @kernel
    def negate(state, i):
        state.v[i] = -state.v[i]

    def over(act):
        act = inner(act)

        def op(at, first, stop, origin):
            (state_at,) = opened(at)
            act(opened(state_at), 1)
            return DONE

        return op

    held = Block(state(1.0, 3.0))
    run([Op(over(double), held), Op(over(negate), held), Op(over(double), held)])
    assert held.value.v.tolist() == [1.0, -12.0]


def test_compiled_code_reads_a_clock_that_goes_as_fast_as_pythons():
    def ask(clock, into):
        into[0] = seconds(clock)

    words, into = clock(), np.zeros(1)
    act = driver(ask, words, into)
    act(words, into)
    first, began = into[0], perf_counter()
    while perf_counter() - began < 0.02:
        pass
    act(words, into)
    assert 0.02 <= into[0] - first  # it may have waited for the processor: no upper bound
