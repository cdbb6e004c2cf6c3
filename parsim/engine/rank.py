"""One rank at work: what it has built of the network, moved through time.

Everything public here is collective: called by every rank, in the same order.
"""

from collections.abc import Callable
from typing import Any

from parsim.arrays import Ints
from parsim.clock import Clock
from parsim.comm.base import AbstractComm
from parsim.engine.agree import Attempt, raise_together, together
from parsim.engine.built import NO_DELAY, Built
from parsim.engine.coupled.relaxation import Relaxation
from parsim.engine.event_driven import may_fire_at_start
from parsim.engine.keeping.recorders import Recorders
from parsim.engine.laid_out import LaidOut
from parsim.engine.once import Once
from parsim.engine.report import Timings
from parsim.engine.running.pending import pending
from parsim.engine.running.program import GO
from parsim.engine.running.stopwatch import Stopwatch
from parsim.network.network import Network


class Rank:
    """What one rank has `built`, its `recorders`, where in time it is, and the program that brings it on.

    It is at step `now`; intervals are counted from step `anchor`. Of `spikes_so_far`, on all ranks, `delivered` have
    reached connections.
    """

    def __init__(
        self, network: Network, clock: Clock, comm: AbstractComm, first_process: bool, once: Once,
        relaxation: Relaxation | None = None,
    ) -> None:  # fmt: skip
        self.network, self.clock, self.comm, self.first_process = network, clock, comm, first_process
        self.once = once
        self.built = Built(network, clock, comm, once, relaxation or Relaxation())
        self.recorders = Recorders(self.built, first_process)
        self.laid_out = LaidOut()
        self.now = self.anchor = 0
        self.spikes_so_far = self.delivered = 0
        self.sets = self.resets = 0  # how often the user has called these
        self.attempt = Attempt()  # what goes on here between two exchanges
        self.watch = Stopwatch(Timings())
        self._sent_before = comm.bytes_sent  # a communicator may outlive simulations
        self._recordings = 0  # that have recorders
        self._begun = (-1, -1)  # how much had been built and set when a run last began

    # ---- building what is new ------------------------------------------------------------------

    def build(self, open_file: Callable[[Any, Any], Any]) -> None:
        """Collective: hold and record what was said since the last call."""
        net = self.network
        recordings = net.recordings[self._recordings :]
        self._recordings = len(net.recordings)
        with self.watch("build"):
            self.build_stage(len(net.populations), len(net.projections), len(net.couplings))
            together(self.comm, lambda: self.recorders.add(recordings, self.now, open_file))

    def holds_all(self) -> bool:
        """Is nothing new since `build`? Alike on all ranks."""
        return self.built.holds_all() and self._recordings == len(self.network.recordings)

    def build_stage(self, n_populations: int, n_projections: int, n_couplings: int) -> None:
        """Collective: hold the statements up to these numbers of populations, projections and couplings."""
        stage = n_populations, n_projections, n_couplings
        if self.built.lacks(stage):
            if self.now != self.origin():
                self._exchange_early()
            self.built.grow(stage, self.now)
            self.anchor = self.now
            self.recorders.make_room(self.built.interval)

    def begin_interval(self) -> None:
        """Collective: an interval begins at this very step; what was sent before it has been delivered."""
        if self.now != self.origin():
            self._exchange_early()
            self.built.set_intervals(self.now)
            self.anchor = self.now

    def rows_have_changed(self, been: tuple[int, int] = (NO_DELAY, 1)) -> None:
        """Collective: values of connections are others than those with which ops were laid out, and an interval begins
        at this very step. `been` are the smallest and the largest delay that there have been.
        """
        before = self.built.interval
        self.built.take_new_rows(self.now, been)
        if self.built.interval != before:
            self.anchor = self.now
            self.recorders.make_room(self.built.interval)
        self.laid_out.forget()

    def let_rows_hear(self) -> None:
        """Connections hear all that their targets have sent back up to an interval's edge; nothing collective."""
        self.built.let_all_rows_hear(self.origin())

    # ---- where it is ---------------------------------------------------------------------------

    def origin(self) -> int:
        """The step at which the current interval began."""
        interval = self.built.interval
        return self.now - (self.now - self.anchor) % interval if interval else self.now

    def bytes_sent(self) -> int:
        """What this rank has sent for this simulation."""
        return self.comm.bytes_sent - self._sent_before

    def pending(self, origin: int) -> Ints:
        """What this rank's cells have emitted and not yet sent."""
        return pending(self.built.outboxes(), origin, self.built.precise)

    def count_spikes(self, so_far: int, waiting: int) -> None:
        """How many spikes there were before a restored simulation goes on; `waiting` are not yet delivered."""
        self.spikes_so_far = so_far
        self.delivered = so_far - waiting

    def record_from_now(self) -> None:
        """What is recorded begins at the present step, to which the cells were brought otherwise than by `run`."""
        self._begun = (-1, -1)
        self.recorders.begin(self.now)
        for said in self.network.recordings:
            said.since = self.clock.time(self.now)

    def reset(self, kept: dict[Any, Any] | None) -> None:
        """Collective: back to step 0 with what was built, all at once; with parameters as said, or as `kept`."""
        self.now = self.anchor = 0
        self.sets = 0
        self.attempt = Attempt()
        self.count_spikes(0, 0)
        self.built.begin_anew(kept)
        self.laid_out.forget()  # what it works on is gone
        self.recorders.leave_files()
        self.record_from_now()

    # ---- the loop ------------------------------------------------------------------------------

    def run(self, steps: int, watch: Callable[["Rank"], int]) -> int:
        """Collective: move on by `steps` steps. The reason for which `watch` asked to stop before, or 0.

        `watch` is called at every interval's edge and at the end; when it returns a reason on any rank, all
        stop there, for the greatest.
        """
        self.attempt = Attempt()
        with self.watch("build"):
            runner = self.laid_out.now(self) if steps > 0 else None
        with self.watch("run"):
            note = runner.run(self.now + steps, watch, self._starts()) if runner is not None else GO
            self._finish_recording()
            with self.watch("wait"):  # until the last rank has kept what it recorded
                raise_together(self.comm, self.attempt.failure)
        return note

    def _starts(self) -> bool:
        """May cells fire at this very time, where an interval begins: as they begin, or event-driven ones?

        Over a delay as long as the interval that arrives at its very end. Cells have gone through all that is
        due at this time unless something was built or set, which all ranks know alike.
        """
        before, self._begun = self._begun, (len(self.built.stages), self.sets)
        return self._begun != before and self.now == self.origin() and may_fire_at_start(self.network)

    def break_off(self, origin: int) -> None:
        """Collective: some rank has failed since `origin`. What was recorded up to there is kept; all raise."""
        failure, self.now = self.attempt.failure, origin
        self.recorders.note(origin)
        self.attempt = Attempt()  # of the rest; what fails in it now comes second
        self._finish_recording()
        raise_together(self.comm, failure)

    def _exchange_early(self) -> None:
        """Collective: exchange here, within an interval, because the network is about to change."""
        self.attempt = Attempt()
        self.built.shortcuts.tell(self.now)
        self.laid_out.now(self).exchange_early()
        for _, out in self.built.outboxes():
            out.count[0] = 0
        raise_together(self.comm, self.attempt.failure)

    def _finish_recording(self) -> None:
        """Collective: everything recorded so far to where it was asked for."""
        with self.watch("record"):
            self.recorders.finish(self.attempt, self.clock.time(self.now))
