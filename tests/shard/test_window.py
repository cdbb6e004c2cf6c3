"""When a window of coupled cells ends, has converged, or is given up."""

from typing import Any, NamedTuple

import numpy as np
import pytest

from parsim.arrays import Floats, Ints
from parsim.clock import NEVER
from parsim.jit import Ops, addresses, kernel
from parsim.kernels.elementary import expm1
from parsim.shard.coupled import window
from parsim.shard.coupled.window import (
    BEGIN,
    COMPLAINS,
    EARLIER,
    END,
    LEFT,
    MOST,
    NOT_CONVERGED,
    PHASE,
    PULL,
    PUT_BACK,
    RESIDUE,
    SWEEP,
    SWEEPS,
    TOTAL,
    WINDOWS,
)


class Settings(NamedTuple):
    """Those fields of a `Window` of which it is asked here."""

    words: Ints
    reals: Floats
    amplified: Floats
    owed: Floats
    owe: Ops
    every: Ints
    steps: int
    iterations: int
    tolerance: float
    strict: bool


def settings(pull: float, steps: int = 2, strict: bool = False) -> Settings:
    words, reals = np.zeros(window.WORDS, np.int64), np.zeros(window.REALS)
    words[BEGIN], words[END], reals[PULL] = 40, 40 + steps, pull
    return Settings(
        words, reals, expm1(pull * np.arange(steps + 1)), np.ones(3), addresses([]), np.array([3, 7]), steps,
        iterations=30, tolerance=1e-5, strict=strict,
    )  # fmt: skip


@kernel
def judged(p, origin):
    window.judge(p, origin)


@kernel
def end_of(p, begin, origin):
    return window.window_end(p, begin, origin)


@kernel
def sample_after(p, begin, end, now):
    return window.next_sample(p, begin, end, now)


def after(p: Settings, sweep: int, residue: float, earlier: float = 0.0) -> Any:
    """The phase that follows a sweep which has changed so much."""
    p.words[SWEEP], p.words[PHASE] = sweep, window.CHANGES
    p.reals[RESIDUE], p.reals[EARLIER] = residue, earlier
    judged(p, 40)
    return p.words[PHASE]


def test_the_first_change_counts_by_how_closely_cells_follow():
    weak = settings(pull=0.0006)  # of 0.0012 in the window eight times: a change of 1e-3 leaves 9.6e-6
    assert after(weak, 1, 1e-3) == PUT_BACK and weak.reals[LEFT] == pytest.approx(9.6e-6, rel=0.01)
    assert after(weak, 1, 1.1e-3) == SWEEPS
    assert after(settings(pull=0.5), 1, 1.1e-5) == SWEEPS  # never more than the change itself
    assert weak.words[[WINDOWS, TOTAL, MOST, NOT_CONVERGED]].tolist() == [1, 1, 1, 0]


def test_a_later_change_counts_by_its_ratio_to_the_one_before():
    p = settings(pull=0.03)
    assert after(p, 2, 1e-4, 1e-2) == PUT_BACK and p.reals[LEFT] == pytest.approx(1e-6)
    assert after(p, 2, 1e-3, 1e-2) == SWEEPS
    assert after(p, 2, 2e-5, 1e-5) == SWEEPS  # one that grows says nothing


def test_strong_junctions_are_judged_by_the_error_and_too_strong_ones_never_converge():
    p = settings(pull=2.0, steps=1)
    assert after(p, 5, 2e-6, 1.0) == SWEEPS  # times 6.4: 1.3e-5 may be wrong
    assert after(p, 5, 1e-6, 1.0) == PUT_BACK and p.words[NOT_CONVERGED] == 0
    p = settings(pull=6.0, steps=1)
    assert after(p, 5, 1e-3, 1e-3) == SWEEPS
    assert after(p, 5, 1e-7, 1.0) == COMPLAINS and p.words[NOT_CONVERGED] == 1 and p.reals[LEFT] == np.inf
    assert after(p, 5, 1e-7, 1.0) == PUT_BACK and p.words[NOT_CONVERGED] == 2  # said once
    assert not p.owed.any()


def test_all_sweeps_are_too_few_for_what_does_not_converge_and_what_is_no_number_is_left_at_once():
    p = settings(pull=0.1, strict=True)
    for _ in range(2):
        assert after(p, 30, 1.0, 1.0) == COMPLAINS  # an error each time
    assert after(p, 3, np.inf, 1.0) == PUT_BACK and p.words[NOT_CONVERGED] == 3


@pytest.mark.parametrize(
    ("pull", "ends"), [(0.0, 60), (0.1, 60), (0.25, 48), (0.9, 48), (1.9, 47), (90.0, 47)]
)
def test_windows_are_as_long_as_said_or_as_sweeps_contract_in(pull, ends):
    assert end_of(settings(pull, steps=20), 46, 40) == ends


def test_the_next_sample_is_that_of_whoever_comes_first():
    p = settings(0.0)
    assert sample_after(p, 0, 2, 12) == 14 and sample_after(p, 0, 1, 12) == 15
    assert sample_after(p, 1, 2, 14) == 21 and sample_after(p, 0, 0, 12) == NEVER
