"""Times that users give, to steps: those near a step to it, others rounded up where that is allowed."""

from collections.abc import Callable

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.errors import DescriptionError

# Half of NEST's tic, in ms: a time that is nearer to a step is meant to be on it. A millionth less,
# so that what is half a tic away on paper is so in binary numbers, too.
HALF_TIC = 0.0005 * (1.0 - 1e-6)


def nearest(times: Floats, clock: Clock, named: Callable[[int], str]) -> Ints:
    """The steps nearest to times; `named(i)` is what errors call the i-th."""
    exact = np.asarray(times, dtype=np.float64) / clock.dt
    if (far := ~(np.abs(exact) < clock.most)).any():
        at = int(np.argmax(far))
        raise DescriptionError(
            f"{named(at)} is {times[at]:g} ms, which cannot be counted in steps of dt = {clock.dt} ms."
        )
    return np.rint(exact).astype(np.int64)


def rounded(
    times: Floats, allow_offgrid: bool, clock: Clock, named: Callable[[int], str], advice: str = ""
) -> Ints:
    """Steps of times: the nearest one within half a tic, else the next, or an error unless that is allowed."""
    steps = nearest(times, clock, named)
    away = times - clock.times(steps)
    off = ~(np.abs(away) < HALF_TIC)
    if off.any() and not allow_offgrid:
        at = int(np.argmax(off))
        below, above = (clock.time(int(steps[at]) + (away[at] > 0) - 1 + i) for i in (0, 1))
        raise DescriptionError(
            f"{named(at)} is {times[at]:.10g} ms, which is not within 0.0005 ms of a step (dt = {clock.dt} ms). "
            f"Nearest are {below} and {above} ms: use one of them, or allow_offgrid_times=True to round up{advice}."
        )
    return steps + (off & (away > 0))


def refuse_unsorted(times: Floats, name: str, strictly: bool = False) -> str | None:
    """A sentence when times go back, or, `strictly`, when two are equal."""
    steps = np.diff(times)
    wrong = np.flatnonzero(steps <= 0 if strictly else steps < 0)
    if not wrong.size:
        return None
    a, b = times[wrong[0]], times[wrong[0] + 1]
    if a == b:
        return f"{name} has {a:.10g} ms twice; give each time once."
    return f"{name} go back from {a:.10g} to {b:.10g} ms; sort them."


def not_in_future(name: str, time: float, present: float, origin: float = 0.0) -> str:
    """The sentence for a time (ms after its origin) that has passed at `present`."""
    after = f" after origin = {origin:.10g} ms" if origin else ""
    return (
        f"{name} is {time:.10g} ms{after}, which is not in the future (now {present:.10g} ms). "
        f"Give times later than {present - origin:.10g} ms."
    )
