"""Values that change at given times: what inhomogeneous_poisson_generator and step_current_generator share."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.errors import DescriptionError
from parsim.jit import inlined
from parsim.models.base import Param
from parsim.models.spike_times import firsts
from parsim.models.times import not_in_future, refuse_unsorted, rounded

OFFGRID = Param(
    "allow_offgrid_times", False, "", "round times between steps up; else they are refused", kind="flag"
)


class Changes(NamedTuple):
    """Changes as kernels read them: those of generator g are begin[g] to end[g]; lists that agree stand there once."""

    begin: Ints
    end: Ints
    step: Ints
    value: Floats


@inlined
def in_force(changes, g, step):
    """The last change of generator g that is not after `step`; the one before its first when there is none."""
    at, end = changes.begin[g], changes.end[g]
    while at < end:
        middle = (at + end) // 2
        if changes.step[middle] <= step:
            at = middle + 1
        else:
            end = middle
    return at - 1


class Piecewise:
    """The rules for a pair of parameters: `times`, ascending and in the future, and `values`, one a time."""

    def __init__(self, times: str, values: str) -> None:
        self.times, self.values = times, values

    def check(self, p: SimpleNamespace) -> str | None:
        """Times that ascend, a value for each."""
        for i in firsts(getattr(p, self.times), getattr(p, self.values))[0]:
            times, values = getattr(p, self.times)[i], getattr(p, self.values)[i]
            if complaint := refuse_unsorted(times, self.times, strictly=True):
                return complaint
            if times.size != values.size:
                return (
                    f"{self.times} has {times.size} times and {self.values} {values.size} values; "
                    "give one value for each time."
                )
        return None

    def settle(
        self,
        p: SimpleNamespace,
        before: SimpleNamespace | None,
        clock: Clock | None,
        now: int,
        places: Ints | None,
    ) -> dict[str, Any]:
        """Times and values as they are kept when said at step `now`, in place of what was `before`.

        As in NEST, what is in force when new ones are said stays so until the first of them: it becomes
        their first entry.
        """
        times, values = list(getattr(p, self.times)), list(getattr(p, self.values))
        made: dict[Any, tuple[Floats, Floats]] = {}
        for i, (mine, my_values) in enumerate(zip(times, values, strict=True)):
            old = (
                None if before is None else (getattr(before, self.times)[i], getattr(before, self.values)[i])
            )
            kind = (id(mine), id(my_values), None if old is None else (id(old[0]), id(old[1])))
            if old is None or old[0] is not mine or old[1] is not my_values:
                if kind not in made:
                    made[kind] = self._settled(p, i, old, clock, now)
                times[i], values[i] = made[kind]
        return {self.times: times, self.values: values}

    def _settled(
        self, p: SimpleNamespace, i: int, old: tuple[Floats, Floats] | None, clock: Clock | None, now: int
    ) -> tuple[Floats, Floats]:
        times, values, named = getattr(p, self.times)[i], getattr(p, self.values)[i], self._namer(p, i)
        if old is not None and (old[0] is times or old[1] is values) and (times.size or values.size):
            raise DescriptionError(
                f"{self.times} and {self.values} belong together; give both, also if one stays as it was."
            )
        if clock is None:
            past = times <= 0.0
        else:
            past = rounded(times, bool(p.allow_offgrid_times[i]), clock, named) <= now
        if past.any():
            at = int(np.argmax(past))
            present = 0.0 if clock is None else clock.time(now)
            raise DescriptionError(not_in_future(named(at), times[at], present))
        if old is None or clock is None:
            return times, values

        steps = rounded(old[0], True, clock, named)
        at = int(np.searchsorted(steps, now, side="right")) - 1
        if at < 0 or old[1][at] == 0.0:
            return times, values
        return np.append(clock.times(steps[at : at + 1]), times), np.append(old[1][at], values)

    def reported(self, p: SimpleNamespace, clock: Clock) -> list[Floats]:
        """Times as they are used, one array a generator."""
        return [
            clock.times(rounded(times, True, clock, self._namer(p, i)))
            for i, times in enumerate(getattr(p, self.times))
        ]

    def flat(self, p: SimpleNamespace, clock: Clock) -> Changes:
        """All changes one after another, in steps."""
        times, values = getattr(p, self.times), getattr(p, self.values)
        first, which = firsts(times, values, p.allow_offgrid_times)
        ends = np.cumsum([times[i].size for i in first], dtype=np.int64)
        steps = [np.empty(0, np.int64)]
        for i in first:
            found = rounded(times[i], bool(p.allow_offgrid_times[i]), clock, self._namer(p, i))
            if (same := np.diff(found) == 0).any():
                at = int(np.argmax(same))
                raise DescriptionError(
                    f"{self.times} {times[i][at]:.10g} and {times[i][at + 1]:.10g} ms are both used at "
                    f"{clock.time(int(found[at])):.10g} ms; give one of them."
                )
            steps.append(found)
        begins = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if first else ends
        all_values = np.concatenate([np.empty(0), *(values[i] for i in first)])
        return Changes(begins[which], ends[which], np.concatenate(steps), all_values)

    def _namer(self, p: SimpleNamespace, i: int) -> Callable[[int], str]:
        trains = getattr(p, self.times)
        one = all(train is trains[0] for train in trains)
        return lambda at: f"{self.times}[{at}]" if one else f"{self.times}[{i}][{at}]"
