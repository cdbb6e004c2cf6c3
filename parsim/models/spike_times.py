"""Prescribed spike times: the rules by which spike_generator and spike_train_injector use them.

Times count from `origin`. On the grid, a time within half a tic (0.0005 ms) of a step is used at that
step; any other is refused, or used at the next step with `allow_offgrid_times`. With `precise_times`
a time is used as it is, as the next step and an offset before it, and the other two flags do not
matter. Times must lie in the future when they are said; `shift_now_spikes` moves those that are used
at the present step one step on.
"""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import NEAR, Clock
from parsim.errors import DescriptionError
from parsim.jit import kernel
from parsim.models.base import Param
from parsim.models.stimuli.window import ordered, window
from parsim.models.times import HALF_TIC, nearest, not_in_future, refuse_unsorted, rounded

PARAMS = (
    Param("spike_times", (), "ms", "times of spikes, ascending, in the future, counted from origin", kind="train"),
    Param("spike_multiplicities", (), "", "how many spikes each is, one a spike time, or none", kind="train"),
    Param("precise_times", False, "", "use times as they are, not rounded to steps", kind="flag"),
    Param("allow_offgrid_times", False, "", "round times between steps up; else they are refused", kind="flag"),
    Param("shift_now_spikes", False, "", "move spikes at the present step one step on", kind="flag"),
)  # fmt: skip


BATCH = 100_000  # spikes worked on at a time


class Rules(NamedTuple):
    """How the times of one train are used; `origin` in ms."""

    origin: float
    precise_times: bool
    allow_offgrid_times: bool
    shift_now_spikes: bool


class Used(NamedTuple):
    """Where spikes are used: at `steps` from the beginning, `offsets` ms before them: below dt, and little below 0."""

    steps: Ints
    offsets: Floats


def place(times: Floats, rules: Rules, clock: Clock, named: Callable[[int], str]) -> Used:
    """Where on the grid times are used, whether they have passed or not."""
    origin = clock.steps(rules.origin, "origin") if rules.origin else 0
    if not rules.precise_times:
        advice = ", or precise_times=True to keep it"
        steps = rounded(times, rules.allow_offgrid_times, clock, named, advice)
        return Used(steps + origin, np.zeros(times.size))

    steps = nearest(times, clock, named)
    grid = clock.times(steps)
    tiny = 2.0 * np.finfo(float).eps * np.abs(grid + times)  # what rounding may leave between the two
    steps = steps + (times - grid > np.maximum(tiny, NEAR * clock.dt))
    offsets = clock.times(steps) - times
    offsets[np.abs(offsets) <= tiny] = 0.0
    return Used(steps + origin, np.minimum(offsets, np.nextafter(clock.dt, 0.0)))


def times_used(times: Floats, rules: Rules, clock: Clock) -> Floats:
    """Times as they are used, counted from the origin."""
    steps, offsets = place(times, rules, clock, _plain)
    return clock.times(steps - clock.steps(rules.origin, "origin")) - offsets


def due(
    times: Floats, rules: Rules, clock: Clock, now: int, named: Callable[[int], str] | None = None
) -> Floats:
    """Times that are said at step `now`, those shifted that are to be; an error for one that has passed."""
    named = named or _plain
    steps = place(times, rules, clock, named).steps
    return _moved(times, steps, steps <= now, rules, clock, now, named)


def replaced(
    times: Floats,
    before: Rules,
    rules: Rules,
    clock: Clock,
    now: int,
    named: Callable[[int], str] | None = None,
) -> Floats:
    """Times that stay when the rules change at step `now`: what was to come must be to come still.

    So a spike is neither lost nor sent twice because it is rounded in another way.
    """
    named = named or _plain
    was = place(times, before._replace(origin=rules.origin), clock, named).steps
    steps = place(times, rules, clock, named).steps
    if (again := (was <= now) & (steps > now)).any():
        at = int(np.argmax(again))
        raise DescriptionError(
            f"{named(at)} is {times[at]:.10g} ms, which was used at {clock.time(int(was[at])):.10g} ms already and "
            "would be used again. Give spike_times anew with the flags."
        )
    return _moved(times, steps, (was > now) & (steps <= now), rules, clock, now, named)


def _moved(
    times: Floats, steps: Ints, late: Any, rules: Rules, clock: Clock, now: int, named: Callable[[int], str]
) -> Floats:
    """Times with those that are `late` shifted to the step after now, or an error."""
    if not late.any():
        return times
    shifted = late & (steps == now) & bool(rules.shift_now_spikes and not rules.precise_times)
    if (lost := late & ~shifted).any():
        at = int(np.argmax(lost))
        raise DescriptionError(_not_in_future(times[at], int(steps[at]), rules, clock, now, named(at)))
    times = times.copy()
    times[shifted] = clock.time(now + 1 - clock.steps(rules.origin, "origin"))
    return times


def _not_in_future(time: float, step: int, rules: Rules, clock: Clock, now: int, name: str) -> str:
    present, origin = clock.time(now), rules.origin
    after = f" after origin = {origin:.10g} ms" if origin else ""
    if step == now and time > present - origin:  # the time is later, the step is not
        return (
            f"{name} is {time:.10g} ms{after}, which is rounded to {present:.10g} ms and so not in the future (now "
            f"{present:.10g} ms): it would not be sent. Give a later time, or precise_times=True to keep it, or "
            "shift_now_spikes=True to send it a step later."
        )
    return not_in_future(name, time, present, origin)


def _plain(at: int) -> str:
    return f"spike_times[{at}]"


# ---- all trains of a population ------------------------------------------------------------------


def check(p: SimpleNamespace) -> str | None:
    """Trains in order, with as many multiplicities (and weights) as times."""
    names = [n for n in ("spike_weights", "spike_multiplicities") if hasattr(p, n)]
    for i in firsts(p.spike_times, *(getattr(p, name) for name in names))[0]:
        times = p.spike_times[i]
        if complaint := refuse_unsorted(times, "spike_times"):
            return complaint
        for name in names:
            n = getattr(p, name)[i].size
            if n not in (0, times.size):
                return f"{name} has {n} values for {times.size} spike_times; give one for each, or none."
        counts = p.spike_multiplicities[i]
        if (wrong := (counts < 0) | (counts != np.rint(counts))).any():
            return f"spike_multiplicities has {counts[wrong][0]:g}; whole numbers of at least 0 are needed."
    return ordered(p)


def settle(
    p: SimpleNamespace, before: SimpleNamespace | None, clock: Clock | None, now: int, places: Ints | None
) -> dict[str, Any]:
    """Spike times as they are kept when said at step `now`; see `CellModel.settle`.

    Without a clock, only what lies before 0 with any step is refused.
    """
    if clock is None:
        for i in _kinds(p, None)[0]:
            _refuse_before_start(p.spike_times[i], rules_of(p, i), namer(p.spike_times, [i], places))
        return {}

    window(p, clock)
    trains: list[Floats] = list(p.spike_times)
    first, which = _kinds(p, before)

    def change(i: int) -> tuple[Rules, Rules | None] | None:
        """The rules of a train, and those before where they alone have changed; None when nothing has."""
        if before is None or before.spike_times[i] is not trains[i]:
            return rules_of(p, i), None
        return (rules_of(p, i), was) if (was := rules_of(before, i)) != rules_of(p, i) else None

    changes = {i: found for i in first if (found := change(i)) is not None}
    for (rules, was), mine, times in _batches(trains, changes):
        named = namer(p.spike_times, mine, places)
        if was is None:
            kept = due(times, rules, clock, now, named)
        else:
            kept = replaced(times, was, rules, clock, now, named)
        if kept is not times:
            shifted = dict(zip(which[mine], _split(kept, p.spike_times, mine), strict=True))
            trains = [shifted.get(kind, train) for kind, train in zip(which, trains, strict=True)]
    return {"spike_times": trains}


def _refuse_before_start(times: Floats, rules: Rules, named: Callable[[int], str]) -> None:
    since = times + rules.origin
    shifts = rules.shift_now_spikes and not rules.precise_times
    if (past := since < -HALF_TIC if shifts else since <= 0.0).any():
        at = int(np.argmax(past))
        raise DescriptionError(_not_in_future(times[at], -1, rules, Clock(1.0), 0, named(at)))


def reported(p: SimpleNamespace, clock: Clock) -> list[Floats]:
    """Spike times as they are used, one array a member."""
    first, which = _kinds(p, None)
    used = [times_used(p.spike_times[i], rules_of(p, i), clock) for i in first]
    return [used[kind] for kind in which]


def rules_of(p: SimpleNamespace, i: int) -> Rules:
    """The rules for the i-th train."""
    flags = (bool(flag[i]) for flag in (p.precise_times, p.allow_offgrid_times, p.shift_now_spikes))
    return Rules(float(p.origin[i]), *flags)


def namer(trains: list[Floats], mine: list[int], places: Ints | None = None) -> Callable[[int], str]:
    """What to call the spikes of some trains, one after another: those of the only train, or of one of several."""
    ends = np.cumsum([trains[i].size for i in mine])

    def named(at: int) -> str:
        which = int(np.searchsorted(ends, at, side="right"))
        i = mine[which]
        within = at - int(ends[which]) + trains[i].size
        if places is None and all(train is trains[0] for train in trains):
            return _plain(within)
        return f"spike_times[{i if places is None else places[i]}][{within}]"

    return named


def _kinds(p: SimpleNamespace, before: SimpleNamespace | None) -> tuple[list[int], Ints]:
    """The first of the members whose times are said and used alike, and the kind of each."""
    return firsts(*_times_and_rules(p), *(_times_and_rules(before) if before is not None else ()))


def _times_and_rules(p: SimpleNamespace) -> tuple[Any, ...]:
    return p.spike_times, p.origin, p.precise_times, p.allow_offgrid_times, p.shift_now_spikes


def _batches(trains: list[Floats], keys: dict[int, Any]) -> Iterator[tuple[Any, list[int], Floats]]:
    """Trains with the same key together, one after another, some 100,000 spikes at a time: key, trains, times.

    Train by train, 10,000 take a second; all at once, their sum in memory several times over.
    """
    by_key: dict[Any, list[int]] = {}
    for i, key in keys.items():
        by_key.setdefault(key, []).append(i)
    for key, members in by_key.items():
        ends = np.cumsum([trains[i].size for i in members])
        at = 0
        while at < len(members):
            before = ends[at] - trains[members[at]].size
            stop = max(at + 1, int(np.searchsorted(ends, before + BATCH, side="right")))
            mine = members[at:stop]
            yield key, mine, trains[mine[0]] if len(mine) == 1 else np.concatenate([trains[i] for i in mine])
            at = stop


def _split(values: Any, trains: list[Floats], mine: list[int]) -> list[Any]:
    """Values one after another, to a part for each train."""
    return np.split(values, np.cumsum([trains[i].size for i in mine])[:-1])


def firsts(*columns: Any) -> tuple[list[int], Ints]:
    """The first member of each kind, and the kind of each; members are of one kind when all columns agree.

    Trains agree when they are one and the same array, as those of a list that all members share.
    """
    kinds: dict[Any, int] = {}
    first: list[int] = []
    which = np.empty(len(columns[0]), np.int64)
    keys = zip(*([id(x) for x in c] if isinstance(c, list) else c.tolist() for c in columns), strict=True)
    for i, key in enumerate(keys):
        which[i] = kind = kinds.setdefault(key, len(kinds))
        if kind == len(first):
            first.append(i)
    return first, which


class PreparedTrains(NamedTuple):
    """Trains as kernels read them: train g has the spikes begin[g] to end[g]; trains that agree stand there once.

    A spike is `often` spikes of a weight.
    """

    begin: Ints
    end: Ints
    step: Ints
    offset: Floats
    weight: Floats
    often: Ints


@kernel
def first_after(trains, g, step):
    """Where the spikes of train g begin that are later than `step`."""
    at, end = trains.begin[g], trains.end[g]
    while at < end:
        middle = (at + end) // 2
        if trains.step[middle] <= step:
            at = middle + 1
        else:
            end = middle
    return at


def flat(p: SimpleNamespace, clock: Clock) -> PreparedTrains:
    """All trains one after another."""
    weights = getattr(p, "spike_weights", None)
    beside = [p.spike_multiplicities] if weights is None else [weights, p.spike_multiplicities]
    first, which = firsts(*_times_and_rules(p), *beside)
    ends = np.cumsum([p.spike_times[i].size for i in first], dtype=np.int64)
    total = int(ends[-1]) if first else 0
    step, offset, weight = np.empty(total, np.int64), np.zeros(total), np.ones(total)
    often = np.ones(total, np.int64)
    place_of = {
        i: slice(int(end) - p.spike_times[i].size, int(end)) for i, end in zip(first, ends, strict=True)
    }
    for rules, mine, times in _batches(p.spike_times, {i: rules_of(p, i) for i in first}):
        steps, offsets = place(times, rules, clock, namer(p.spike_times, mine))
        parts = _split(steps, p.spike_times, mine), _split(offsets, p.spike_times, mine)
        for i, its_steps, its_offsets in zip(mine, *parts, strict=True):
            step[place_of[i]], offset[place_of[i]] = its_steps, its_offsets
    for i, here in place_of.items():
        if weights is not None and weights[i].size:
            weight[here] = weights[i]
        if p.spike_multiplicities[i].size:
            often[here] = p.spike_multiplicities[i]
    begins = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if first else ends
    return PreparedTrains(begins[which], ends[which], step, offset, weight, often)
