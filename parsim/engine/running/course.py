"""One call of `run`: on to a step, in legs between which it is saved, unless something stops it."""

from math import inf
from typing import Any

import numpy as np

from parsim.clock import Clock
from parsim.engine.crew import Crew
from parsim.engine.keeping.saver import Saver
from parsim.engine.rank import Rank
from parsim.engine.running.interrupts import WALL_TIME, Interrupts, stop
from parsim.engine.running.progress import Progress
from parsim.engine.running.wall_time import WallTime
from parsim.errors import DescriptionError, Stopped
from parsim.network.timeline import Timeline
from parsim.telling import log


class Course:
    """What was asked of a run, and how far it is; shared by the ranks of a process, of which `first` is one.

    `reason` is that for which it has stopped, or 0.
    """

    def __init__(self, saver: Saver, limit: WallTime, asked: Interrupts) -> None:
        self.saver, self.limit, self.asked = saver, limit, asked
        self.reason = 0

    def begin(self, first: Rank, end: int, shown: Progress | None) -> None:
        """Go from here to step `end`, and show how far it is."""
        self.first, self.end, self.shown = first, end, shown
        self._leg_began = first.now

    def move(self, rank: Rank) -> int:
        """Collective: on to where the run is saved or ends; the reason for which it stopped before, on all ranks."""
        reason = rank.run(self.saver.next_stop(rank, self.end) - rank.now, self._watch)
        return reason or int(rank.comm.maximum(np.array([self.asked.noted]))[0])

    def _watch(self, rank: Rank) -> int:
        if rank is not self.first:
            return self.asked.noted
        if self.shown is not None:
            self.shown.update(rank.clock.time(rank.now), rank.spikes_so_far)
        return self.asked.noted or (WALL_TIME if self.limit.is_over() else 0)

    def follow(self, crew: Crew, timeline: Timeline) -> None:
        """Collective: move, with pauses to save, until it is over."""
        try:
            while True:
                with crew.failing_for_good():
                    self.reason = crew.each(self.move)
                    timeline.now = self.first.now
                if self.is_to_be_saved():
                    self.limit.saved(crew.each(self.saver.save))
                if self.is_over():
                    break
        finally:
            self.close()

    def is_to_be_saved(self) -> bool:
        """After a leg: is this a place for a checkpoint?"""
        began, self._leg_began = self._leg_began, self.first.now
        return self.saver.series is not None and (self.reason > 0 or self.saver.is_due(self.first, began))

    def is_over(self) -> bool:
        """Has it stopped, or come to its end?"""
        return self.reason > 0 or self.first.now == self.end

    def close(self) -> None:
        """Nothing more is shown."""
        if self.shown is not None:
            self.shown.close()

    def outcome(self, now: float, tells: bool) -> BaseException:
        """What a run that was stopped ends with; whoever `tells` says so where it ends the process without a word."""
        series = self.saver.series
        where = f"stopped at t = {now:g} ms; what was recorded is kept"
        if series is not None:
            where += f"; saved in '{series.path(self.first.now)}'"
        error: Any = stop(self.reason, where, series is not None)
        if isinstance(error, Stopped) and tells:
            log.warning("%s; exit code %d", error, error.code)
        return error


def steps_of(duration: float, clock: Clock, now: float) -> int:
    """A duration in ms as steps, of which so many can be counted from `now` on."""
    if not 0.0 <= duration < inf:
        raise DescriptionError(f"duration is {duration:g} ms; a multiple of dt of at least 0 is needed.")
    steps = clock.steps(duration, "duration")
    if not clock.counts(duration + now):
        clock.counted(duration + now, "the end of the run at")
    return steps
