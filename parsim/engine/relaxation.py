"""Cells joined by gap junctions, moved by waveform relaxation.

A window of a few steps is gone through again and again: each cell with the waveforms that its partners
had the last time, until those do not change any more (Hahne et al. 2015, Front. Neuroinform. 9:22).
What partners do enters as the sum over junctions of conductance times voltage, a polynomial in each
step; the cell's own voltage enters at its very time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Ints, shown
from parsim.assembly.junctions import Halves, halves_of, joined, no_halves
from parsim.assembly.partition import Partition
from parsim.clock import Clock, Span
from parsim.comm.base import AbstractComm
from parsim.errors import DescriptionError, SimulationError
from parsim.given.plain import as_count, as_flag, is_whole
from parsim.given.values import as_number
from parsim.jit import entry_point
from parsim.kernels import junctions as kernels
from parsim.kernels.elementary import expm1
from parsim.network.coupling import Coupling
from parsim.shard.clocked_group import ClockedGroup
from parsim.shard.drive import Drive
from parsim.shard.gap import COEFFICIENTS, NODES, SLOPE_START, Gap
from parsim.shard.group import AbstractGroup
from parsim.shard.junctions import Junctions
from parsim.shard.outbox import Outbox
from parsim.telling import log

DEFAULT_INTERVAL = 0.1  # ms
PROBE = 1e-3  # mV by which partners are raised to see how closely cells follow them
STRONGEST = 5.0  # g dt / C: beyond that, waveforms of two cubics a step and their integrals are too coarse
STRONG = 1.0  # times the change of a sweep: errors may be more from g t / C = 0.7 on


@dataclass(frozen=True)
class Relaxation:
    """How networks with gap junctions are solved.

    Parameters
    ----------
    interval : float, optional
        ms that are gone through at a time, a multiple of dt; no more than the smallest delay. By default
        0.1 ms. Longer ones exchange less often, but take more sweeps.
    tolerance : float
        mV. An interval is settled when one more sweep would change the mean voltage of no cell's partners,
        weighted by conductance, by more at any time. What it would change is estimated: the last change
        times its ratio to the one before, for changes shrink faster from sweep to sweep. Where junctions are strong,
        g t / C over an interval t above 0.7, they do not, and the change may be exp(g t / C) - 1 times smaller than the
        error, which then is what counts. Above 5 in a step no interval is called settled.
    iterations : int
        Sweeps after which an interval is left as it is, with a warning; at least 2.
    order : int
        Of the polynomials that stand for voltages within half a step: 3 or 1.
    strict : bool
        Raise an error where there would be a warning.
    """

    interval: float | str | None = None
    tolerance: float = 1e-5
    iterations: int = 30
    order: int = 3
    strict: bool = False

    def __post_init__(self) -> None:
        tolerance = as_number(self.tolerance, "mV", "tolerance")
        if self.interval is not None:
            interval = as_number(self.interval, "ms", "interval")
            if not 0.0 < interval < np.inf:
                raise DescriptionError(
                    f"interval is {self.interval} ms; a positive multiple of dt is needed."
                )
            object.__setattr__(self, "interval", interval)
        if not 0.0 < tolerance < np.inf:
            raise DescriptionError(f"tolerance is {self.tolerance} mV; it must be a number above 0.")
        object.__setattr__(self, "tolerance", tolerance)
        object.__setattr__(self, "iterations", as_count(self.iterations, "iterations", least=2))
        if not is_whole(self.order) or self.order not in (1, 3):
            raise DescriptionError(f"order is {shown(self.order)}; polynomials of order 3 and 1 are known.")
        object.__setattr__(self, "strict", as_flag(self.strict, "strict"))

    def steps(self, clock: Clock) -> int:
        """The interval in steps."""
        if self.interval is None:
            return max(1, round(DEFAULT_INTERVAL / clock.dt))
        return max(1, clock.steps(as_number(self.interval, "ms", "interval"), "interval of Relaxation"))


@dataclass
class Sweeps:
    """How the relaxation went, alike on all ranks; `residue` is the greatest that was left, in mV."""

    windows: int = 0
    total: int = 0
    most: int = 0
    residue: float = 0.0
    unsettled: int = 0

    def count(self, sweeps: int, residue: float, settled: bool) -> None:
        """One more window."""
        self.windows += 1
        self.total += sweeps
        self.most = max(self.most, sweeps)
        self.residue = max(self.residue, residue)
        self.unsettled += not settled


class Kept(NamedTuple):
    """A group's state and spikes before a sweep, for the ranges that are swept."""

    columns: list[list[Any]]
    spikes: int
    lost: Ints


@dataclass
class Coupled:
    """A group of which cells are joined: where these are among the rank's joined cells, and what is swept.

    Blocks without joined cells, the `rest`, are moved once.
    """

    group: ClockedGroup
    out: Outbox
    cells: Ints  # local indices of joined cells
    places: Ints  # their places in `Junctions`
    swept: list[tuple[int, int]] = field(default_factory=list)
    rest: list[tuple[int, int]] = field(default_factory=list)
    kept: Kept | None = None
    pack: Any = None
    extrapolate: Any = None
    to_polynomials: Any = None

    def __post_init__(self) -> None:
        n, block = self.group.gids.size, ClockedGroup.block
        joined_blocks = np.zeros(-(-n // block), bool)
        joined_blocks[self.cells // block] = True
        for b, is_joined in enumerate(joined_blocks):
            runs = self.swept if is_joined else self.rest
            begin, end = b * block, min((b + 1) * block, n)
            if runs and runs[-1][1] == begin:
                begin = runs.pop()[0]
            runs.append((begin, end))

    def compile(self, junctions: Junctions) -> None:
        """Look up the kernels for the arrays as they are laid out now."""
        gap, cells, places, sums = gap_of(self.group), self.cells, self.places, junctions.sums
        owed = junctions.owed
        self.pack = entry_point(kernels.pack, gap.wave, cells, 1, places, junctions.rows)
        self.extrapolate = entry_point(kernels.extrapolate, gap.drive, 1, cells, places, 1, 1.0, sums)
        self.to_polynomials = entry_point(
            kernels.to_polynomials, sums, owed, places, cells, 1, 1.0, 1, gap.drive
        )

    def keep(self) -> None:
        """Remember the state."""
        columns = [[column[b:e].copy() for b, e in self.swept] for column in self.group.state]
        self.kept = Kept(columns, int(self.out.count[0]), self.out.lost.copy())

    def go_back(self) -> None:
        """Be again as when last kept."""
        assert self.kept is not None
        for column, saved in zip(self.group.state, self.kept.columns, strict=True):
            for (b, e), part in zip(self.swept, saved, strict=True):
                column[b:e] = part
        self.out.count[0] = self.kept.spikes
        self.out.lost[:] = self.kept.lost

    def move(self, ranges: list[tuple[int, int]], first: int, stop: int, origin: int) -> None:
        """Some cells through some steps."""
        for b, e in ranges:
            self.group.advance(Span(first, stop, origin, np.uint64(b), np.uint64(e)), self.out)


# Moves cells [begin, end) of a group from one step to another, and takes the samples that fall due.
Advance = Callable[[ClockedGroup, Outbox, int, int, int, int], None]
# The first step after one at which a group is to be sampled, and taking the samples of a step.
NextSample = Callable[[ClockedGroup, int], int]
Sample = Callable[[ClockedGroup, int], None]


class Relaxer:
    """The coupled groups of a rank, and the window that they are in.

    The waveforms of a window stay valid to its end, unless something is changed meanwhile: a run that
    ends within it goes on with them.
    """

    def __init__(
        self, settings: Relaxation, clock: Clock, comm: AbstractComm, partition: Partition, seed: int
    ) -> None:
        self.settings, self.clock, self.comm, self.partition, self.seed = (
            settings,
            clock,
            comm,
            partition,
            seed,
        )
        self.models: list[Any] = []  # whose groups move as coupled ones, on all ranks
        self.openings: list[Callable[[float], float]] = []
        self.kinds: dict[int, int] = {}  # of statements
        self.halves: Halves = no_halves()
        self.junctions: Junctions | None = None
        self.coupled: list[Coupled] = []
        self.interval = 1
        self.begin = self.end = 0  # steps of the window
        self.starts_anew = True
        self.pull = 0.0  # g dt / C, the greatest of all cells
        self.sweeps = Sweeps()
        self.seconds = 0.0  # in exchanging and adding up
        self.bytes_sent = self.messages = 0

    @property
    def active(self) -> bool:
        """Has any coupling been said? Alike on all ranks."""
        return bool(self.models)

    @property
    def n_junctions(self) -> int:
        """Junctions of which this rank holds the second cell, so that each is counted once."""
        return int((self.halves.side == 1).sum())

    def is_coupled(self, group: AbstractGroup) -> bool:
        """Is the group moved here?"""
        return group.model in self.models

    def hold(self, couplings: list[Coupling]) -> None:
        """This rank's halves of what was said."""
        for said in couplings:
            self.models.extend(m for m in said.models if m not in self.models)
            self.halves = joined([self.halves, halves_of(said, self.partition, self.seed)])
            if said.opening is not None:
                if said.opening not in self.openings:
                    self.openings.append(said.opening)
                self.kinds[said.serial] = self.openings.index(said.opening)

    def lay_out(self, groups: list[Any], interval: int) -> None:
        """Collective: fit everything to the cells and junctions, and to exchanges every `interval` steps."""
        self.forget()
        if not self.active:
            return
        self.interval = min(self.settings.steps(self.clock), interval)
        h = self.halves
        kind = np.full(h.serial.size, -1, np.int64)
        for serial, k in self.kinds.items():
            kind[h.serial == serial] = k
        self.junctions = Junctions(
            h.own, h.partner, self.partition.owner(h.partner), h.side, h.weight, kind, self.openings,
            self.comm, self.interval,
        )  # fmt: skip
        self.coupled = []
        for group in groups:
            if self.is_coupled(group):
                cells = np.flatnonzero(np.isin(group.gids, self.junctions.gids, assume_unique=True))
                places = np.searchsorted(self.junctions.gids, group.gids[cells])
                self.coupled.append(Coupled(group, group.out, cells, places))
                self._make_room(self.coupled[-1], self.interval)

    def _make_room(self, c: Coupled, steps: int) -> None:
        assert self.junctions is not None
        n = c.group.gids.size
        g = np.zeros(n)
        g[c.cells] = self.junctions.g[c.places]
        c.group.couple(Gap(g, np.zeros((steps, COEFFICIENTS, n)), np.zeros((steps, NODES, n)), 0))
        c.compile(self.junctions)

    def forget(self) -> None:
        """Something has changed: the waveforms hold no longer."""
        self.end = 0
        self.starts_anew = True

    # ---- moving --------------------------------------------------------------------------------

    def advance(
        self, now: int, until: int, origin: int, edge: int, failure: BaseException | None,
        drives: list[Drive], advance: Advance, next_sample: NextSample, sample: Sample,
    ) -> BaseException | None:  # fmt: skip
        """Collective: the coupled groups through the steps [now, until) of the interval [origin, edge).

        A rank that has failed takes part all the same; what has gone wrong here, if anything.
        """
        while now < until:
            fresh = now >= self.end
            if fresh:
                at = origin + ((now - origin) // self.interval + 1) * self.interval
                self.begin, self.end = now, min(at, edge)
                failure = self._settle(origin, until, failure, drives)
            stop = min(self.end, until)
            try:
                for c in self.coupled if failure is None else ():
                    self._move_on(c, now, stop, origin, fresh, advance, next_sample, sample)
            except BaseException as error:
                failure = error
            now = stop
        return failure

    def _move_on(
        self, c: Coupled, now: int, stop: int, origin: int, fresh: bool,
        advance: Advance, next_sample: NextSample, sample: Sample,
    ) -> None:  # fmt: skip
        """A group to `stop`: as the last sweep has left it, or once more where that is cut."""
        if fresh and stop == self.end and next_sample(c.group, now) >= stop:
            c.move(c.rest, now, stop, origin)
            sample(c.group, stop)
            return
        if fresh:
            c.go_back()
        advance(c.group, c.out, 0, c.group.gids.size, now, stop)

    def _settle(
        self, origin: int, until: int, failure: BaseException | None, drives: list[Drive]
    ) -> BaseException | None:
        """Collective: sweep the window until it settles; groups are left at its end."""
        steps, junctions = self.end - self.begin, self.junctions
        assert junctions is not None
        if self.starts_anew:
            failure = self._stand_still(failure)
            failure = self._attempt(failure, lambda: self._probe(origin))
            self.pull = float(self.comm.maximum(np.array([self.pull]))[0])
        else:
            failure = self._attempt(failure, self._go_on)
        self.starts_anew = False
        pages = self._attempt_inputs(failure, origin, until, drives)

        earlier = 0.0
        for sweep in range(1, self.settings.iterations + 1):
            change = [np.inf, -1.0]

            def move(sweep: int = sweep) -> None:
                for c in self.coupled:
                    if sweep == 1:
                        c.keep()
                    else:
                        c.go_back()
                    self._to_polynomials(c, steps)
                    c.move(c.swept, self.begin, self.end, origin)

            failure = self._attempt(failure, move)
            began = perf_counter()
            before = junctions.rows.copy() if sweep == self.settings.iterations else None
            failure = self._attempt(failure, self._pack)
            junctions.exchange()
            if failure is None:
                change = list(junctions.add_up(steps))
            residue = float(self.comm.maximum(np.array([change[0]]))[0])
            self.bytes_sent += junctions.plan.bytes
            self.messages += junctions.plan.messages
            self.seconds += perf_counter() - began
            # A change that does not shrink tells nothing; the first has none before it.
            left = residue * min(1.0, residue / earlier) if earlier > 0.0 else residue
            if (amplified := self._amplified(steps)) > STRONG:
                left = max(left, residue * amplified if self.pull <= STRONGEST else np.inf)
            earlier = residue
            settled = left <= self.settings.tolerance
            if settled or not np.isfinite(residue):
                break
        self.sweeps.count(sweep, left, settled)
        failure = self._attempt(failure, lambda: self._owe(steps, settled))
        for page, held in pages:
            page[:] = held
        if np.isfinite(residue) and not settled:
            failure = self._complain(residue, change, before, steps, failure)
        return failure

    def _attempt(self, failure: BaseException | None, act: Callable[[], None]) -> BaseException | None:
        """Do something, unless this rank has failed; what has gone wrong."""
        if failure is None:
            try:
                act()
            except BaseException as error:
                return error
        return failure

    def _stand_still(self, failure: BaseException | None) -> BaseException | None:
        """Collective: a first guess from nothing: all voltages stay."""
        assert self.junctions is not None

        def constant() -> None:
            for c in self.coupled:
                gap = gap_of(c.group)
                gap.wave[:, :3, :] = c.group.arrays()[c.group.model.voltage]
                gap.wave[:, 3:, :] = 0.0
            self.junctions.owed[:] = 0.0  # type: ignore[union-attr]
            self._pack()

        failure = self._attempt(failure, constant)
        self.junctions.exchange()
        self.bytes_sent += self.junctions.plan.bytes
        self.messages += self.junctions.plan.messages
        return self._attempt(failure, lambda: _ignore(self.junctions.add_up(self.interval)))  # type: ignore[union-attr]

    def _owe(self, steps: int, settled: bool) -> None:
        """What the last sweep lacked in charge is brought in the next window, so that errors do not add up.

        Where a cell follows its partners within a window, it has forgotten by then.
        """
        assert self.junctions is not None
        if settled and self._amplified(steps) <= STRONG:
            self.junctions.owe(steps, self.clock.dt, self.settings.order)
        else:
            self.junctions.owed[:] = 0.0

    def _probe(self, origin: int) -> None:
        """How fast a cell follows its partners: `pull`, g dt / C, the greatest of this rank's cells.

        By how much V rises faster when all partners are raised; what is found is put back.
        """
        assert self.junctions is not None
        self.pull = 0.0
        for c in self.coupled:
            c.keep()
            slopes = []
            for raised in (0.0, PROBE):
                self._to_polynomials(c, 1)
                gap_of(c.group).drive[0, ::4, c.cells] += raised * self.junctions.g[c.places][:, None]
                c.move(c.swept, self.begin, self.begin + 1, origin)
                slopes.append(gap_of(c.group).wave[0, SLOPE_START, c.cells].copy())
                c.go_back()
            faster = float(np.abs(slopes[1] - slopes[0]).max(initial=0.0)) / PROBE
            self.pull = max(self.pull, faster * self.clock.dt)

    def _amplified(self, steps: int) -> float:
        """How many times the change of a sweep the error may be.

        Cells follow partners that are all wrong by the same to the share r = 1 - exp(-g t/C) in a time t. So a sweep
        leaves r of such an error and changes voltages by the rest, and the error is r / (1 - r) of that change.
        """
        return _error_of_change(self.pull * steps)

    def _go_on(self) -> None:
        """A first guess: what partners add up to goes on as it did at the end of the last window."""
        assert self.junctions is not None
        for c in self.coupled:
            gap = gap_of(c.group)
            c.extrapolate(
                gap.drive, self.begin - gap.first - 1, c.cells, c.places, self.end - self.begin,
                self.clock.dt, self.junctions.sums,
            )  # fmt: skip

    def _to_polynomials(self, c: Coupled, steps: int) -> None:
        assert self.junctions is not None
        c.to_polynomials(
            self.junctions.sums, self.junctions.owed, c.places, c.cells, steps, self.clock.dt,
            self.settings.order, gap_of(c.group).drive,
        )  # fmt: skip
        c.group.gap = gap_of(c.group)._replace(first=self.begin)

    def _pack(self) -> None:
        """Waveforms of the cells here to their rows."""
        assert self.junctions is not None
        for c in self.coupled:
            c.pack(gap_of(c.group).wave, c.cells, self.interval, c.places, self.junctions.rows)

    def _attempt_inputs(
        self, failure: BaseException | None, origin: int, until: int, drives: list[Drive]
    ) -> list[tuple[Any, Any]]:
        """Inputs of steps of the window that this run will not reach: pages, and what to put back there after."""
        if self.end <= until or failure is not None:
            return []
        ahead = slice(until - origin, self.end - origin)
        pages: list[Any] = []
        for c in self.coupled:
            pages.append(c.group.mailbox.page(origin)[ahead])
            if c.group.has_current:
                pages.append(c.group.current[ahead])
        held = [(page, page.copy()) for page in pages]
        span = Span(until, self.end, origin, np.uint64(0), np.uint64(0))
        for drive in drives:
            if self.is_coupled(drive.group):
                drive.drive(span)
        return held

    # ---- when it does not settle -----------------------------------------------------------------

    def _complain(
        self, residue: float, change: list[float], before: Any, steps: int, failure: BaseException | None
    ) -> BaseException | None:
        """Collective: a warning, the first time, or an error."""
        if self.sweeps.unsettled > 1 and not self.settings.strict:
            return failure
        assert self.junctions is not None
        mine = None
        if failure is None and change[0] == residue:
            place = int(change[1])
            mine = (
                int(self.junctions.gids[place]),
                self.junctions.partner_that_moved(place, before, steps),
            )
        pairs = [pair for pair in self.comm.allgather_objects(mine) if pair is not None]
        worst = min(pairs, default=(-1, -1))
        text = (
            f"gap junctions did not settle between t = {self.clock.time(self.begin):g} and "
            f"{self.clock.time(self.end):g} ms: after {self.settings.iterations} sweeps voltages still change by "
            f"{residue:.3g} mV (tolerance {self.settings.tolerance:g} mV), most between gids {worst[0]} and {worst[1]}."
        )
        advice = "Use Relaxation with a shorter interval, more iterations or a greater tolerance."
        if (amplified := self._amplified(steps)) > STRONG:
            strength = f" The junctions are strong: g t / C is {self.pull * steps:.3g} in this time"
            wrong = f", so voltages may be wrong by {residue * amplified:.3g} mV."
            if self.pull > STRONGEST:
                wrong = f". Where it is more than {STRONGEST:g} in a step, changes do not tell how wrong voltages are."
            text += strength + wrong
            if self.pull > STRONGEST:
                advice = "Use weaker junctions or a smaller dt."
        if self.settings.strict:
            return failure or SimulationError(f"{text} {advice}")
        if self.comm.rank == 0:
            log.warning("%s %s Further such intervals are only counted, in the report.", text, advice)
        return failure

    # ---- a checkpoint ----------------------------------------------------------------------------

    def about(self) -> dict[str, Any]:
        """The window, as numbers."""
        return {"begin": self.begin, "end": self.end, "anew": self.starts_anew, "pull": self.pull}

    def columns(self, group: AbstractGroup) -> Any:
        """[cell, numbers]: what partners add up to in the window, by step and coefficient; the charge owed after it."""
        assert self.junctions is not None
        n, c = group.gids.size, next(c for c in self.coupled if c.group is group)
        owed = np.zeros((n, 1))
        owed[c.cells, 0] = self.junctions.owed[c.places]
        return np.hstack([gap_of(group).drive.transpose(2, 0, 1).reshape(n, -1), owed])

    def restore(self, about: dict[str, Any], columns: dict[AbstractGroup, Any]) -> None:
        """The reverse of `about` and `columns`, once everything is laid out."""
        self.begin, self.end, self.starts_anew = about["begin"], about["end"], about["anew"]
        self.pull = about.get("pull", 0.0)
        for c in self.coupled:
            saved = columns[c.group]
            n = c.group.gids.size
            steps = saved.shape[1] // COEFFICIENTS
            drive = saved[:, : steps * COEFFICIENTS].reshape(n, steps, COEFFICIENTS).transpose(1, 2, 0)
            self._make_room(c, max(self.interval, len(drive)))
            gap_of(c.group).drive[: len(drive)] = drive
            c.group.gap = gap_of(c.group)._replace(first=self.begin)
            if saved.shape[1] % COEFFICIENTS:
                self.junctions.owed[c.places] = saved[c.cells, -1]  # type: ignore[union-attr]


def gap_of(group: AbstractGroup) -> Gap:
    """What a coupled group reads and writes."""
    assert group.gap is not None
    return group.gap


@lru_cache(maxsize=64)  # asked for in each sweep, mostly the same
def _error_of_change(pull: float) -> float:
    """r / (1 - r) for r = 1 - exp(-pull)."""
    return float(expm1(pull))


def _ignore(_: Any) -> None:
    pass
