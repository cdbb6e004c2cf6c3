"""Cells joined by gap junctions, moved by waveform relaxation: what a rank does of it in Python.

A window of a few steps is gone through again and again: each cell with the waveforms that its partners
had the last time, until those do not change any more (Hahne et al. 2015, Front. Neuroinform. 9:22).
What partners do enters as the sum over junctions of conductance times voltage, a polynomial in each
step; the cell's own voltage enters at its very time. The sweeps are an op (`shard/coupled/window.py`), which comes
back for what ranks do together and for words.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from parsim.arrays import Ints, concatenated
from parsim.assembly.junctions import JunctionEnds, ends_of, joined, no_ends, rows_onto
from parsim.assembly.partition import Partition
from parsim.clock import Clock
from parsim.comm.base import AbstractComm
from parsim.engine.coupled.relaxation import Relaxation, Sweeps
from parsim.engine.running.ahead import Ahead
from parsim.errors import SimulationError
from parsim.jit import Op, addresses, clock
from parsim.kernels.elementary import expm1
from parsim.network.coupling import Coupling
from parsim.shard.coupled import window
from parsim.shard.coupled.coupled_cells import CoupledCells
from parsim.shard.coupled.junctions import Junctions, LocatedEnds
from parsim.shard.coupled.site import gids_of
from parsim.shard.coupled.window import (
    AHEAD,
    ANEW,
    BEGIN,
    BROKEN,
    CHANGE,
    CHANGES,
    COMPLAINS,
    CONVERGED,
    END,
    FIRST,
    GUESSES,
    MOST,
    NOT_CONVERGED,
    ORIGIN,
    PHASE,
    PLACE,
    PROBED,
    PULL,
    PUT_BACK,
    RESIDUE,
    RESTS,
    SECONDS,
    STANDS,
    STRONG,
    STRONGEST,
    SWEEP,
    SWEEPS,
    TOTAL,
    UNTIL,
    WAVES,
    WINDOWS,
    WORST,
    Window,
    relax,
)  # fmt: skip
from parsim.shard.group import AbstractGroup
from parsim.shard.stages import Stages, Watch
from parsim.telling import log


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
        # The models whose groups move as coupled ones, on all ranks, and where their cells are joined.
        self.spots: dict[Any, list[int]] = {}
        self.gatings: list[Callable[[float], float]] = []
        self.kinds: dict[int, int] = {}  # of statements
        self.ends: JunctionEnds = no_ends()
        self._drawn: list[
            tuple[Coupling, JunctionEnds]
        ] = []  # of which those at the other end do not know yet
        self.junctions: Junctions | None = None
        self.coupled: list[CoupledCells] = []
        self.interval, self.one_step = 1, False  # where cells are linked, too, a window is a step
        self.words, self.reals = np.zeros(window.WORDS, np.int64), np.zeros(window.REALS)
        self.amplified = np.zeros(2)
        self.before: Any = None
        self.ahead: Ahead | None = None
        self.bytes_sent = self.messages = 0
        self.forget()

    @property
    def active(self) -> bool:
        """Has any coupling been said? Alike on all ranks."""
        return bool(self.spots)

    @property
    def broken(self) -> Ints:
        """Not 0 where ranks leave an interval, for one has failed."""
        return self.words[BROKEN : BROKEN + 1]

    @property
    def n_junctions(self) -> int:
        """Junctions of which this rank holds the second cell, so that each is counted once."""
        return int((self.ends.side == 1).sum())

    @property
    def sweeps(self) -> Sweeps:
        """How it has gone so far, alike on all ranks."""
        w = self.words
        return Sweeps(
            int(w[WINDOWS]), int(w[TOTAL]), int(w[MOST]), float(self.reals[WORST]), int(w[NOT_CONVERGED])
        )

    def take_seconds(self) -> float:
        """Seconds in exchanging and adding up since it was last asked."""
        spent, self.reals[SECONDS] = float(self.reals[SECONDS]), 0.0
        return spent

    def is_coupled(self, group: AbstractGroup) -> bool:
        """Is the group moved here?"""
        return group.model in self.spots

    def hold(self, couplings: list[Coupling]) -> None:
        """Draw this rank's junctions of what was said."""
        for said in couplings:
            for model, spots in said.spots().items():
                self.spots[model] = sorted({*self.spots.get(model, []), *spots})
            self._drawn.append((said, rows_onto(said, self.partition, self.seed)))
            if said.gating is not None:
                if said.gating not in self.gatings:
                    self.gatings.append(said.gating)
                self.kinds[said.serial] = self.gatings.index(said.gating)

    def lay_out(self, groups: list[Any], interval: int) -> None:
        """Collective: fit everything to the cells and junctions, and to exchanges every `interval` steps."""
        self.forget()
        if not self.active:
            return
        if self._drawn:
            said, rows = zip(*self._drawn, strict=True)
            self.ends = joined(
                [self.ends, ends_of(said, concatenated(list(rows)), self.partition, self.comm)]
            )
            self._drawn = []
        self.interval = 1 if self.one_step else min(self.settings.steps(self.clock), interval)
        h = self.ends
        kind = np.full(h.serial.size, -1, np.int64)
        for serial, k in self.kinds.items():
            kind[h.serial == serial] = k
        owner = self.partition.owner(gids_of(h.partner))
        ends = LocatedEnds(h.own, h.partner, owner, h.side, h.weight, kind)
        self.junctions = Junctions(ends, self.gatings, self.comm, self.interval)
        self.before = np.zeros_like(self.junctions.rows)
        self.coupled = [
            CoupledCells(group, self.junctions, self.spots[group.model], self.interval)
            for group in groups
            if self.is_coupled(group)
        ]
        self.amplified = np.zeros(self.interval + 1)

    def forget(self) -> None:
        """Something has changed: the waveforms hold no longer."""
        self.words[END], self.words[ANEW], self.words[PHASE], self.words[BROKEN] = 0, 1, RESTS, 0

    # ---- moving --------------------------------------------------------------------------------

    def ops(
        self, stages: Stages, ahead: Ahead, watches: Callable[[AbstractGroup], list[Watch]], interval: int
    ) -> Op:
        """What moves the coupled groups, whose own ops are laid out."""
        junctions, settings = self.junctions, self.settings
        assert junctions is not None
        self.ahead = ahead
        words, reals = self.words, self.reals
        sums = stages.follow(
            lambda: junctions.bundle(words, reals, self.interval, self.clock.dt, settings.order)
        )
        parts = [c.ops(stages, sums, words) for c in self.coupled]
        watched = [watches(c.group) for c in self.coupled]
        every = [watch.every for watches in watched for watch in watches]
        lists = {name: [op for part in parts for op in part[name]] for name in _OF_CELLS}
        lists |= junctions.ops(sums)
        lists["sample"] = [watch.sample for watches in watched for watch in watches]
        counts = {
            "rests": [len(part["rest"]) for part in parts],
            "watch": [len(watches) for watches in watched],
        }
        times = clock()

        def bundle() -> Window:
            return Window(
                **columns, words=words, reals=reals, amplified=self.amplified, rows=junctions.rows,
                before=self.before, owed=junctions.owed, steps=self.interval, iterations=settings.iterations,
                tolerance=settings.tolerance, strict=settings.strict, lag=settings.lag,
                alone=self.comm.size == 1, clock=times,
            )  # fmt: skip

        columns: dict[str, Any] = {name: addresses(ops) for name, ops in lists.items()}
        columns |= {name: np.cumsum([0, *n]).astype(np.int64) for name, n in counts.items()}
        columns["every"] = np.array(every, np.int64)
        return Op(relax, stages.follow(bundle), interval, make_room=self._answer, parts=lists)

    def _answer(self) -> SimulationError | None:
        """Collective but where inputs are asked for: what the op waits for. An error that all ranks have alike."""
        w, phase = self.words, int(self.words[PHASE])
        if phase in (STANDS, WAVES):
            self._exchange()
        elif phase == PROBED:
            self.reals[PULL] = self._maximum(float(self.reals[PULL]))
            self._amplify()
        elif phase == CHANGES:
            self.reals[RESIDUE] = self._maximum(float(self.reals[RESIDUE]))
        elif phase == AHEAD:
            self._ahead().bring(int(w[BEGIN]), *(int(w[word]) for word in (UNTIL, END, ORIGIN)))
            w[PHASE] = SWEEPS
        elif phase == COMPLAINS:
            w[PHASE] = PUT_BACK
            return self._complain()
        else:
            self._ahead().put_back()
            w[PHASE] = CONVERGED
        return None

    def _ahead(self) -> Ahead:
        assert self.ahead is not None
        return self.ahead

    def leave(self, until: int) -> None:
        """Collective: this rank has failed on its way to `until`; those who wait for its waveforms go on without."""
        w, phase = self.words, int(self.words[PHASE])
        if not self.active or w[BROKEN]:
            return
        if GUESSES <= phase < COMPLAINS or w[END] < until:
            if phase not in (STANDS, WAVES):
                self._exchange()
            self._maximum(0.0, failed=True)

    def _exchange(self) -> None:
        assert self.junctions is not None
        self.junctions.exchange()
        self.bytes_sent += self.junctions.plan.bytes
        self.messages += self.junctions.plan.messages

    def _maximum(self, value: float, failed: bool = False) -> float:
        """Collective: the greatest of all ranks; when one has failed, no rank goes on with the interval."""
        if self.comm.size == 1:
            return value
        greatest, broken = self.comm.maximum(np.array([value, float(failed)])).tolist()
        if broken:
            self.words[BROKEN] = 1
        return float(greatest)

    def _amplify(self) -> None:
        """How many times the change of a sweep the error may be, by the steps of a window.

        Cells follow partners that are all wrong by the same to the share r = 1 - exp(-g t/C) in a time t. So a sweep
        leaves r of such an error and changes voltages by the rest, and the error is r / (1 - r) of that change.
        """
        self.amplified[:] = expm1(self.reals[PULL] * np.arange(self.amplified.size))

    # ---- when it does not converge ---------------------------------------------------------------

    def _complain(self) -> SimulationError | None:
        """Collective: a warning, or an error, of which all ranks then hear."""
        text, advice = self._why()
        if self.settings.strict:
            self.words[BROKEN] = 1
            return SimulationError(f"{text} {advice}")
        if self.comm.rank == 0:
            log.warning("%s %s Further such intervals are only counted, in the report.", text, advice)
        return None

    def _why(self) -> tuple[str, str]:
        """Collective: what has not converged, and what may help."""
        begin, end, residue = int(self.words[BEGIN]), int(self.words[END]), float(self.reals[RESIDUE])
        worst, pull, steps = self._worst_pair(end - begin), float(self.reals[PULL]), end - begin
        text = (
            f"gap junctions did not converge between t = {self.clock.time(begin):g} and "
            f"{self.clock.time(end):g} ms: after {self.words[SWEEP]} sweeps voltages still change by "
            f"{residue:.3g} mV (tolerance {self.settings.tolerance:g} mV), most between gids {worst[0]} and {worst[1]}."
        )
        advice = "Use Relaxation with a shorter interval, more iterations or a greater tolerance."
        if (amplified := float(self.amplified[steps])) > STRONG:
            strength = f" The junctions are strong: g t / C is {pull * steps:.3g} in this time"
            wrong = f", so voltages may be wrong by {residue * amplified:.3g} mV."
            if pull > STRONGEST:
                wrong = f". Where it is more than {STRONGEST:g} in a step, changes do not tell how wrong voltages are."
                advice = "Use weaker junctions or a smaller dt."
            text += strength + wrong
        return text, advice

    def _worst_pair(self, steps: int) -> tuple[int, int]:
        """Collective: the cell whose partners still move most, and which of them does."""
        assert self.junctions is not None
        mine = None
        if self.reals[CHANGE] == self.reals[RESIDUE] and self.words[PLACE] >= 0:
            place = int(self.words[PLACE])
            partner = self.junctions.partner_that_moved(place, self.before, steps)
            mine = int(self.junctions.sites[place]), partner
        pairs = [pair for pair in self.comm.allgather_objects(mine) if pair is not None]
        one, other = gids_of(np.array(min(pairs, default=(-1, -1)))).tolist()
        return one, other

    # ---- a checkpoint ----------------------------------------------------------------------------

    def about(self) -> dict[str, Any]:
        """The window, as numbers."""
        w = self.words
        return {
            "begin": int(w[BEGIN]), "end": int(w[END]), "anew": bool(w[ANEW]), "pull": float(self.reals[PULL]),
        }  # fmt: skip

    def columns(self, group: AbstractGroup) -> Any:
        """Of a group, as `CoupledCells` has it."""
        return next(c for c in self.coupled if c.group is group).columns()

    def restore(self, about: dict[str, Any], columns: dict[AbstractGroup, Any]) -> None:
        """The reverse of `about` and `columns`, once everything is laid out."""
        w = self.words
        w[BEGIN], w[FIRST], w[END], w[ANEW] = about["begin"], about["begin"], about["end"], about["anew"]
        self.reals[PULL] = about.get("pull", 0.0)
        self._amplify()
        for c in self.coupled:
            c.put_columns(columns[c.group], self.interval)


# Of the ops of a window, those that each group brings.
_OF_CELLS = (
    "keep", "back", "stand_still", "probe", "go_on", "to_polynomials", "sweep", "pack", "rest", "whole",
)  # fmt: skip
