"""Milliseconds to steps and back, exactly or with an error.

Inside, time is a whole number of steps. A step lasts `numerator / denominator` ms, so the time of
a step is one correctly rounded division: step 3 at dt = 0.1 is 0.3, not 0.30000000000000004.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.errors import DescriptionError
from parsim.jit import divided, inlined, kernel, widest

NEAR = 1e-6  # of a step: times that differ by less are the same grid point
MOST_STEPS = 2**53  # up to here a number of steps is exact as a float, and no sum of a few overflows
NEVER = 2**62  # a step that is never reached


class Span(NamedTuple):
    """Steps [first, stop) of one interval for cells [begin, end); `origin` is where its page begins.

    `begin` and `end` are unsigned, so that an index made from them is known to be non-negative and
    the loop over cells vectorizes.
    """

    first: int
    stop: int
    origin: int
    begin: np.uint64
    end: np.uint64


class Grid(NamedTuple):
    """The grid of time as kernels see it: a step lasts `numerator / denominator` = `dt` ms.

    What happens up to `near` ms after a step is on it.
    """

    numerator: int
    denominator: float
    dt: float
    near: float

    def time(self, step: int) -> float:
        """The time of a step in ms."""
        return step * self.numerator / self.denominator

    def last_time(self, step: int) -> float:
        """The last time that is on a step, in ms."""
        return self.time(step) + self.near


@inlined
def time_of(grid, step):
    """The time of a step in ms, as `Clock.time` gives it, in kernels."""
    return np.int64(step) * grid.numerator / grid.denominator


@inlined
def last_time_of(grid, step):
    """The last time that is on a step, as `Grid.last_time` gives it, in kernels."""
    return time_of(grid, step) + grid.near


@inlined
def step_of(grid, time):
    """The step that a time is on, or the next after it, in kernels: what cells on the grid see of an exact time."""
    step = np.int64(np.ceil((time - grid.near) / grid.dt))
    while last_time_of(grid, step) < time:
        step += 1
    while last_time_of(grid, step - 1) >= time:
        step -= 1
    return step


@inlined
def heard_by(grid, first, origin):
    """Up to when cells that hear exact times have heard the events of an interval from `origin` on, in kernels, when
    they go on from step `first`: up to the last time on it. At its beginning they have heard none.
    """
    return last_time_of(grid, first) if first > origin else -np.inf


@kernel
def count_nearest(times, dt, most, steps):
    """The steps nearest to these times, half up; False if there is a time of `most` steps or more."""
    widest()
    counted, inverse = True, 1.0 / dt
    for i in range(times.size):
        exact = divided(
            times[i], dt, inverse
        )  # of what is tiny the last bits do not count, nor what is endless
        counted &= abs(exact) < most
        steps[i] = np.int64(np.floor(exact + 0.5 + NEAR))
    return counted


@dataclass(frozen=True)
class Clock:
    """The grid of time: `dt` in ms."""

    dt: float

    def __post_init__(self) -> None:
        if not (isinstance(self.dt, (int, float)) and np.isfinite(self.dt) and self.dt > 0):
            raise DescriptionError(f"dt is {self.dt!r} ms; it must be a positive number.")
        if float(self.ratio) != float(self.dt):
            raise DescriptionError(
                f"dt is {self.dt!r} ms, which is not a fraction with a denominator of at most 10^6. "
                "Use a step such as 0.1, 0.025 or 1/64 ms."
            )
        if self.ratio.numerator > 2**31:
            raise DescriptionError(f"dt is {self.dt!r} ms; it must be at most {2.0**31:.0f} ms.")

    @cached_property
    def ratio(self) -> Fraction:
        """The step in ms as a fraction."""
        return Fraction(self.dt).limit_denominator(10**6)

    @property
    def for_kernels(self) -> Grid:
        """The same grid as a bundle."""
        return Grid(self.ratio.numerator, float(self.ratio.denominator), float(self.dt), NEAR * self.dt)

    @cached_property
    def _parts(self) -> tuple[int, int]:
        """Numerator and denominator of the ratio, which takes longer to ask for them."""
        return self.ratio.numerator, self.ratio.denominator

    @cached_property
    def most(self) -> int:
        """Times of this many steps and more cannot be counted."""
        return min(MOST_STEPS, NEVER // self.ratio.numerator)

    def times(self, steps: Ints) -> Floats:
        """The times of steps in ms."""
        ratio = self.ratio
        return np.asarray(steps, dtype=np.int64) * ratio.numerator / float(ratio.denominator)

    def time(self, step: int) -> float:
        """The time of one step in ms."""
        numerator, denominator = self._parts
        return int(step) * numerator / denominator

    def steps(self, ms: Any, what: str = "time") -> int:
        """The step at a time; an error when the time is not on the grid."""
        if type(ms) is float and abs(exact := ms / self.dt) < self.most and abs(exact - round(exact)) <= NEAR:
            return round(exact)
        return int(self.grid(np.array([ms], dtype=np.float64), what)[0])

    def grid(self, ms: Any, what: str = "time") -> Ints:
        """Times to steps, each on the grid or an error that names the first which is not."""
        times = np.asarray(ms, dtype=np.float64)
        exact = self.counted(times, what)
        steps = np.rint(exact)
        off = np.abs(exact - steps) > NEAR
        if off.any():
            wrong = float(times[off].ravel()[0])
            below, above = (self.time(int(f(wrong / self.dt))) for f in (np.floor, np.ceil))
            raise DescriptionError(
                f"{what} {wrong} ms is not a multiple of dt = {self.dt} ms. "
                f"Nearest are {below} and {above} ms; use one of them or another dt."
            )
        return steps.astype(np.int64)

    def nearest(self, ms: Any, what: str = "time") -> Ints:
        """Times to the nearest steps, half up."""
        times = np.ascontiguousarray(ms, dtype=np.float64)
        steps = np.empty(times.shape, np.int64)
        if not count_nearest(times.reshape(-1), float(self.dt), float(self.most), steps.reshape(-1)):
            self.counted(times, what)
        return steps

    def at_least(self, ms: Any, what: str = "time") -> Ints:
        """Times to the first step that is not earlier."""
        return np.ceil(self.counted(ms, what) - NEAR).astype(np.int64)

    def counts(self, ms: float) -> bool:
        """Can a time be counted in steps?"""
        return abs(ms / self.dt) < self.most

    def counted(self, ms: Any, what: str) -> Floats:
        """Times in steps and parts of steps, of which there are fewer than `most`."""
        times = np.asarray(ms, dtype=np.float64)
        exact: Floats = times / self.dt
        if (far := ~(np.abs(exact) < self.most)).any():
            raise DescriptionError(
                f"{what} {float(times[far].ravel()[0])} ms cannot be counted in steps of dt = {self.dt} ms. "
                f"Give a time below {self.time(self.most):g} ms."
            )
        return exact
