"""Stimuli of one connect statement onto one group, driven where they are needed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Gids, Ints
from parsim.clock import NEVER, Span
from parsim.jit import DONE, Block, Op, inner, is_kernel, kernel, opened
from parsim.shard.group import AbstractGroup
from parsim.shard.mailbox import page_at
from parsim.shard.stages import Stages, in_python


class DriveRows(NamedTuple):
    """Connections from stimuli, by (stimulus, target): what a drive kernel reads.

    `slot` is the place in a page's row, `stimulus` the index of the stimulus, `gid` the target's,
    `lane` counts the rows of a target, so (gid, lane) names a row; `delay` is in steps. Rows
    `run[j]` to `run[j + 1]` share stimulus and delay and have slots one after another. A row's slot is at the
    port that its weight's sign chooses, and the other port's is `across` further on or back; 0 where there is but one.
    A generator of random numbers that gives those of two steps at once puts the later ones into `ahead`, [row], and
    says in `drawn[0]` to which block they belong, so that an interval of one step need not draw what the one before
    had. `rest` is what the delay is longer than its steps, in ms, which counts for events at exact times: an array
    [row], or without a dimension where it is nothing. `state` is what rows remember, [row, number].
    """

    slot: Ints
    stimulus: Ints
    gid: Gids
    lane: Ints
    weight: Floats
    delay: Ints
    run: Ints
    across: int
    ahead: Floats
    drawn: Ints
    rest: Floats
    state: Floats


def drive_rows(
    slot: Ints,
    stimulus: Ints,
    gid: Gids,
    lane: Ints,
    weight: Floats,
    delay: Ints,
    across: int,
    rest: Any = 0.0,
) -> DriveRows:
    """Rows with their runs, which remember nothing."""
    breaks = (np.diff(slot) != 1) | (np.diff(stimulus) != 0) | (np.diff(delay) != 0)
    run = np.concatenate([[0], np.flatnonzero(breaks) + 1, [slot.size]]) if slot.size else np.zeros(1)
    ahead, drawn = np.empty(slot.size), np.full(1, -1)
    rest = np.asarray(rest, np.float64)
    return DriveRows(
        slot, stimulus, gid, lane, weight, delay, run.astype(np.int64), across, ahead, drawn, rest,
        np.zeros((slot.size, 0)),
    )  # fmt: skip


class DriveKey(NamedTuple):
    """The random stream of a statement, and the steps in which what is sent counts: [since, until).

    `source` is the serial of the stimuli themselves, for draws that all targets of one share.
    """

    seed: int
    serial: int
    source: int
    since: int
    until: int


class Prepared(NamedTuple):
    """Parameters of stimuli, as the user gave them and as the kernel needs them."""

    values: SimpleNamespace
    params: Any


class Version(NamedTuple):
    """Parameters of stimuli, and when they hold: for what is sent in the steps [since, until)."""

    prepared: Prepared
    since: int
    until: int


AT_ONCE = 1 << 18  # inputs that are sorted by sign at a time: 2 MB


@dataclass
class Source:
    """The stimuli of one population, the same on all ranks; all its drives read these parameters.

    Input is computed when it arrives, a delay after it was sent. So when parameters change, the
    old ones stay for what is on its way, as versions of their own.
    """

    model: Any
    serial: int
    versions: list[Version] = field(default_factory=list)

    @property
    def values(self) -> SimpleNamespace:
        """What the user gave, as it is now."""
        return self.versions[-1].prepared.values

    def change(self, prepared: Prepared, now: int, longest: int) -> None:
        """Take these parameters from step `now` on; `longest` is the largest delay of all drives on all ranks."""
        ended = (v._replace(until=min(v.until, now)) for v in self.versions)
        self.versions = [v for v in ended if v.until > v.since and v.until + longest + 2 > now]
        self.versions.append(Version(prepared, now, NEVER))


class BySign:
    """A stimulus that may bring input of either sign, whatever the row's weight, to cells with two ports.

    Each row's input is computed by itself, and then enters where its sign says.
    """

    def __init__(self, model: Any, rows: DriveRows) -> None:
        self.model, self.into, self.events = model, model.into, model.events
        places = np.arange(rows.slot.size)
        self.apart = drive_rows(
            places, rows.stimulus, rows.gid, rows.lane, rows.weight, rows.delay, across=0, rest=rows.rest
        )._replace(state=rows.state)

    def drive(self, params: Any, rows: DriveRows, span: Any, key: DriveKey, page: Floats) -> None:
        """As the model's own kernel."""
        steps = max(1, AT_ONCE // rows.slot.size)
        for first in range(span.first, span.stop, steps):
            stop = min(first + steps, span.stop)
            apart = np.zeros((stop - first, rows.slot.size))
            self.model.drive(
                params, self.apart, span._replace(first=first, stop=stop, origin=first), key, apart
            )
            add_by_sign(apart, rows.slot, rows.across, first - span.origin, page)


@kernel
def add_by_sign(apart, slot, across, k, page):
    """What came for each row, [step, row], to the rows of a page from `k` on: by the second port what is below 0."""
    for step in range(apart.shape[0]):
        for r in range(slot.size):
            if apart[step, r] != 0.0:
                first = slot[r] - across if slot[r] >= across else slot[r]
                page[k + step, first if apart[step, r] > 0.0 else first + across] += apart[step, r]


@cache
def driving(drive: Callable[..., None], into_current: bool) -> Callable[..., int]:
    """An op that adds what stimuli send, by a model's kernel."""
    drive = inner(drive)

    def op(at, first, stop, origin):
        params, rows, key, last, box_at = opened(at)
        if first < last:
            box = opened(box_at)
            span = Span(first, stop, origin, np.uint64(0), np.uint64(0))
            if into_current:
                drive(params, rows, span, key, box.current)
            else:
                k = page_at(box, origin)
                drive(params, rows, span, key, box.flat[k : k + box.interval])
        return DONE

    return op


@dataclass
class Drive:
    """`model.drive(params, rows, span, key, page)` adds the input of the span's steps to a page."""

    source: Source
    rows: DriveRows
    seed: int
    serial: int
    group: AbstractGroup
    cells: int
    numbered: bool = (
        False  # do its rows have numbers among those of tables, since targets keep something of each?
    )
    longest: int = field(init=False)
    base: int = field(default=0, init=False)  # the number of the first row; 0 where they have none
    nth: Any = field(default=None, init=False)  # as that of a table
    changed: set[str] = field(default_factory=set, init=False)  # names of what is not as it was said

    def __post_init__(self) -> None:
        model = self.source.model
        self.model = BySign(model, self.rows) if self.rows.across and not model.keeps_sign else model
        self.longest = int(self.rows.delay.max(initial=0))

    def drive(self, span: Any) -> None:
        """Add the input of the span's steps to the page of its interval."""
        if self.rows.slot.size == 0:
            return
        self.make_room()
        for version in self.source.versions:
            if self._last(version) > span.first:
                self.group.drive(self.model, version.prepared.params, self.rows, span, self._key(version))

    def _key(self, version: Version) -> DriveKey:
        return DriveKey(self.seed, self.serial, self.source.serial, version.since, version.until)

    def _last(self, version: Version) -> int:
        """The step from which on nothing arrives that was sent while these parameters held."""
        return version.until + self.longest + 2

    def ops(self, stages: Stages, box: Block) -> None:
        """Lay out the driving of a group whose mailbox and current are in `box`."""
        if self.rows.slot.size == 0:
            return
        if self.model.into == "current":
            self.page_ops(stages, box)
        else:
            self.group.inbox.drive_ops(stages, self, box)

    def page_ops(self, stages: Stages, box: Block) -> None:
        """Lay out the driving of the page, or of the current."""
        if not is_kernel(self.model.drive):
            stages.begin.append(in_python(lambda first, stop, origin: self.drive(_span(first, stop, origin))))
            return
        act = driving(self.model.drive, self.model.into == "current")
        stages.begin += [Op(act, *given, box) for given in self.given()]

    def given(self) -> list[tuple[Any, ...]]:
        """What each version's op is given: parameters, rows, key, the step from which on it has nothing to send."""
        self.make_room()
        return [(v.prepared.params, self.rows, self._key(v), self._last(v)) for v in self.source.versions]

    @property
    def is_late(self) -> bool:
        """Is what is sent on the grid no sum of a page: are there delays that are no whole steps, or numbered rows?"""
        return self.model.events is None and (self.rows.rest.ndim > 0 or self.numbered)

    @property
    def slot(self) -> NDArray[np.int32]:
        """Where each row ends, as a table has it."""
        return self.rows.slot.astype(np.int32)

    @property
    def port(self) -> NDArray[np.int16]:
        """By which port each row enters."""
        return (self.rows.slot // max(self.cells, 1)).astype(np.int16)

    def renumber(self, base: int) -> None:
        """Its rows count from another number among those of the group."""
        self.base = base

    @property
    def number(self) -> int:
        """That of the first row, or -1 where rows have none."""
        return self.base if self.numbered else -1

    @property
    def recalls(self) -> bool:
        """Do its rows remember anything?"""
        return self._recalled() > 0

    def _recalled(self) -> int:
        """How many numbers each row remembers, by what its stimuli are like."""
        of = self.source.model.recalls
        return 0 if of is None else max(of(v.prepared.params) for v in self.source.versions)

    def make_room(self) -> None:
        """Rows can remember what their model's present parameters ask for."""
        held = self.rows.state
        if (more := self._recalled() - held.shape[1]) > 0:
            self.take(self.rows._replace(state=np.hstack([held, np.zeros((held.shape[0], more))])))

    def begin_anew(self) -> None:
        """Nothing was sent so far."""
        self.rows.state[:] = 0.0

    def apart(self) -> DriveRows:
        """The same rows, each with a place of its own."""
        rows = self.rows
        alone = drive_rows(
            np.arange(rows.slot.size),
            rows.stimulus,
            rows.gid,
            rows.lane,
            rows.weight,
            rows.delay,
            0,
            rows.rest,
        )
        return alone._replace(state=rows.state)

    def local(self) -> Ints:
        """The target of each row, as a local index."""
        return np.searchsorted(self.group.gids, self.rows.gid)

    def take_away(self, gone: Any) -> None:
        """These rows are no more; others keep their lanes, and with these their draws."""
        r, keep = self.rows, ~gone
        self.nth = None if self.nth is None else self.nth[keep]
        slot, stimulus, gid, lane = (column[keep] for column in (r.slot, r.stimulus, r.gid, r.lane))
        rest = r.rest[keep] if r.rest.ndim else r.rest
        weight, delay, state = r.weight[keep], r.delay[keep], r.state[keep]
        rows = drive_rows(slot, stimulus, gid, lane, weight, delay, r.across, rest)
        self.take(rows._replace(state=state))

    def take(self, rows: DriveRows) -> None:
        """Bring input over these rows from now on, also what was sent before."""
        self.rows = rows
        self.__post_init__()

    def move(self, cells: int) -> None:
        """The group has grown to `cells` cells: ports after the first begin further on."""
        if cells != self.cells:
            if self.model.into == "spikes":
                port = self.rows.slot // max(self.cells, 1)
                self.rows.slot[:] += port * (cells - self.cells)
                self.rows = self.rows._replace(across=cells if self.rows.across else 0)
            self.cells = cells


def _span(first: int, stop: int, origin: int) -> Span:
    """Steps without cells."""
    return Span(first, stop, origin, np.uint64(0), np.uint64(0))
