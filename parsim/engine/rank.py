"""One rank at work: what it has built of the network, moved through time.

Everything public here is collective: called by every rank, in the same order.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from parsim.arrays import Gids, Ints
from parsim.clock import Clock
from parsim.comm.base import AbstractComm
from parsim.engine.agree import Attempt, raise_together, together
from parsim.engine.built import Built
from parsim.engine.event_driven import has_event_driven
from parsim.engine.once import Once
from parsim.engine.pending import pending
from parsim.engine.program import GO, Runner
from parsim.engine.recording import Sampler, SpikeKeeper, cell_sampler
from parsim.engine.relaxation import Relaxation
from parsim.engine.report import Timings
from parsim.engine.stopwatch import Stopwatch
from parsim.errors import SimulationError
from parsim.network.network import Network
from parsim.network.recording import Recording, SpikeRecording
from parsim.shard.group import AbstractGroup
from parsim.shard.outbox import Outbox


class Rank:
    """The cells, connections, stimuli and recorders of one rank, and the loop that moves them."""

    def __init__(
        self, network: Network, clock: Clock, comm: AbstractComm, first_process: bool, once: Once,
        relaxation: Relaxation | None = None,
    ) -> None:  # fmt: skip
        self.network, self.clock, self.comm, self.first_process = network, clock, comm, first_process
        self.once = once
        self.built = built = Built(network, clock, comm, once, relaxation or Relaxation())
        self.groups, self.tables = built.groups, built.tables
        self.sources, self.drives = built.sources, built.drives
        self.relaxer, self.linker, self.event_driven = built.relaxer, built.linker, built.event_driven
        self.grid, self.now = clock.for_kernels, 0
        self.keepers: list[SpikeKeeper] = []
        self.samplers: list[Sampler] = []
        self.listeners: list[Any] = []  # of spikes over connections
        self.anchor, self.interval = 0, 0
        self.precise = False  # some model of the network fires or hears between steps
        self.spikes_so_far = 0
        self.delivered = 0
        self.timings = Timings()
        self.watch = Stopwatch(self.timings)
        self._sent_before = comm.bytes_sent  # a communicator may outlive simulations
        self._built = SimpleNamespace(populations=0, projections=0, couplings=0, recordings=0)
        # How much had been said at each time something was built.
        self.stages: list[tuple[int, int, int]] = []
        self.sets = self.resets = 0
        self._runner: Runner | None = None
        # For how much it was laid out, and for which parameters of stimuli, which must not go while it is there.
        self._laid_out: Any = ((), [], [])
        self.attempt = Attempt()  # what goes on here between two exchanges
        self.touched = True  # may arrays have been replaced since the last run?
        self._begun = (-1, -1)  # how much had been built and set when a run last began

    # ---- building what is new ------------------------------------------------------------------

    def build(self, open_file: Callable[[Any, Any], Any]) -> None:
        """Collective: hold what was said since the last call."""
        net, built = self.network, self._built
        recordings = net.recordings[built.recordings :]
        built.recordings = len(net.recordings)
        with self.watch("build"):
            self.build_stage(len(net.populations), len(net.projections), len(net.couplings))
            together(self.comm, lambda: self._add_recorders(recordings, open_file))

    def holds_all(self) -> bool:
        """Is nothing new since `build`? Alike on all ranks."""
        net, built = self.network, self._built
        return self.interval > 0 and (
            (built.populations, built.projections, built.couplings, built.recordings)
            == (len(net.populations), len(net.projections), len(net.couplings), len(net.recordings))
        )

    def build_stage(self, n_populations: int, n_projections: int, n_couplings: int) -> None:
        """Collective: hold the statements up to these numbers of populations, projections and couplings."""
        net, built = self.network, self._built
        populations = net.populations[built.populations : n_populations]
        projections = net.projections[built.projections : n_projections]
        couplings = net.couplings[built.couplings : n_couplings]
        built.populations, built.projections, built.couplings = n_populations, n_projections, n_couplings
        if populations or projections or couplings or self.interval == 0:
            if self.now != self.origin():
                self._exchange_early()
            self.stages.append((n_populations, n_projections, n_couplings))
            self.built.grow(populations, projections, couplings, self.now)
            self.anchor, self.interval, self.precise = self.now, self.built.interval, self.built.precise
            for sampler in self.samplers:
                sampler.make_room(self.interval)

    def begin_interval(self) -> None:
        """Collective: an interval begins at this very step; what was sent before it has been delivered."""
        if self.now != self.origin():
            self._exchange_early()
            self.built.settle_intervals(self.now)
            self.anchor, self.interval = self.now, self.built.interval

    def is_patched(self) -> bool:
        """Are there tables other than those of all statements built at once? Alike on all ranks."""
        return len(self.stages) > 1 or self.built.rows_changed

    def rows_have_changed(self, longest: int = 1) -> None:
        """Collective: values of connections are others than those with which ops were laid out. `longest` steps are a
        delay that there has been.
        """
        self.built.take_new_rows(self.now, longest)
        self.forget_program()

    def forget_program(self) -> None:
        """Lay out the ops anew before the next run."""
        self._runner = None

    def extent_of(self, group: AbstractGroup) -> tuple[int, int]:
        """The range of gids in which the cells of a model are, on whatever rank."""
        mine = [p for p in self.network.populations if p.model is group.model]
        return min(p.first for p in mine), max(p.first + p.size for p in mine)

    def bytes_sent(self) -> int:
        """What this rank has sent for this simulation."""
        return self.comm.bytes_sent - self._sent_before

    def count_spikes(self, so_far: int, waiting: int) -> None:
        """How many spikes there were before a restored simulation goes on; `waiting` are not yet delivered."""
        self.spikes_so_far = so_far
        self.delivered = so_far - waiting

    def _add_recorders(self, recordings: list[Any], open_file: Callable[[Any, Any], Any]) -> None:
        for said in recordings:  # those of connections are added when all is built
            said.since = self.clock.time(self.now)
            if isinstance(said, SpikeRecording):
                keeper = SpikeKeeper(said, self.built.partition, self.comm, self.first_process, self.now)
                keeper.file = open_file(said, None) if keeper.writes and said.to else None
                self.keepers.append(keeper)
            elif isinstance(said, Recording):
                groups, others = list(self.groups.values()), (self.comm, self.first_process, self.clock)
                sampler = cell_sampler(said, groups, self.built.partition, *others)
                sampler.begin(self.now)
                sampler.make_room(self.interval)
                sampler.file = open_file(said, sampler.gids) if sampler.writes and said.to else None
                self.samplers.append(sampler)

    def open_files(self, open_file: Callable[[Any, Any], Any]) -> None:
        """Collective: open the files of recordings that have none yet."""

        def open_all() -> None:
            for keeper in self.keepers:
                if keeper.writes and keeper.file is None:
                    keeper.file = open_file(keeper.said, None)
            for sampler in self.samplers:
                if sampler.writes and sampler.said.to and sampler.file is None:
                    sampler.file = open_file(sampler.said, sampler.gids)

        together(self.comm, open_all)

    def record_from_now(self) -> None:
        """What is recorded begins at the present step, to which the cells were brought otherwise than by `run`."""
        self._begun = (-1, -1)
        for keeper in self.keepers:
            keeper.until = self.now
        for sampler in self.samplers:
            sampler.begin(self.now)
        for said in self.network.recordings:
            said.since = self.clock.time(self.now)

    def reset(self, kept: dict[Any, Any] | None) -> None:
        """Collective: back to step 0 with what was built, all at once; with parameters as said, or as `kept`."""
        self.now = self.anchor = 0
        self.sets = 0
        self.attempt = Attempt()
        self.count_spikes(0, 0)
        self.built.begin_anew(kept)
        self._runner = None  # what it works on is gone
        for keeper in self.keepers:
            keeper.file = None
        for sampler in self.samplers:
            sampler.file = None
        self.record_from_now()

    def let_rows_hear(self) -> None:
        """Connections hear all that their targets have sent back up to an interval's edge; nothing collective."""
        self.built.let_all_rows_hear(self.origin())

    # ---- the loop ------------------------------------------------------------------------------

    def origin(self) -> int:
        """The step at which the current interval began."""
        return self.now - (self.now - self.anchor) % self.interval if self.interval else self.now

    def run(self, steps: int, watch: Callable[["Rank"], int]) -> int:
        """Collective: move on by `steps` steps. The reason for which `watch` asked to stop before, or 0.

        `watch` is called at every interval's edge and at the end; when it returns a reason on any rank, all
        stop there, for the greatest.
        """
        self.attempt = Attempt()
        with self.watch("build"):
            runner = self._runner_now() if steps > 0 else None
        with self.watch("run"):
            note = runner.run(self.now + steps, watch, self._starts()) if runner is not None else GO
            self._finish_run()
        return note

    def _runner_now(self) -> Runner:
        """The program, laid out anew when there is something new to do."""
        prepared = [version for source in self.sources.values() for version in source.versions]
        done = len(self.stages), len(self.keepers), len(self.samplers), len(self.listeners)
        versions = [(id(v.prepared), v.since, v.until) for v in prepared]
        runner = self._runner
        if runner is None or self._laid_out[:2] != (done, versions) or (self.touched and not runner.fits()):
            runner = self._runner = Runner(self)
            self._laid_out = done, versions, prepared
        # Queues of events, and arrivals at exact times, may have grown by the end of a run.
        self.touched = not all(group.is_plain and not group.model.precise for group in self.groups.values())
        return runner

    def _starts(self) -> bool:
        """May event-driven cells fire at this very time, where an interval begins?

        Over a delay as long as the interval that arrives at its very end. Cells have gone through all that is
        due at this time unless something was built or set, which all ranks know alike.
        """
        before, self._begun = self._begun, (len(self.stages), self.sets)
        return self._begun != before and self.now == self.origin() and has_event_driven(self.network)

    def check(self, origin: int) -> None:
        """No spike was lost and every state is a number, or an error that names the cell."""
        if mistakes := self.event_driven.mistakes():
            raise SimulationError(mistakes[0])
        for group in self.groups.values():
            out = group.out
            if (said := group.mistake()) is not None:
                raise SimulationError(f"{said} It is on rank {self.comm.rank}.")
            if out.lost[0] >= 0:
                raise SimulationError(
                    f"{group.model.name} emitted more spikes in one interval than the outbox holds ({out.cell.size}): "
                    f"first lost was one of gid {group.gids[out.lost[0]]} at t = {self.clock.time(int(out.lost[1])):g} "
                    f"ms on rank {self.comm.rank}. Lower the rate of what drives it, or shorten the smallest delay."
                )
            if self.now == origin + self.interval and (found := group.find_not_finite()):
                at, name = found
                raise SimulationError(
                    f"{name} of gid {group.gids[at]} ({group.model.name}) became {group.arrays()[name][at]} between "
                    f"t = {self.clock.time(origin):g} and {self.clock.time(self.now):g} ms on rank {self.comm.rank}. "
                    "Look for weights or parameters that are too large, or use a smaller dt."
                )

    def break_off(self, origin: int) -> None:
        """Collective: some rank has failed since `origin`. What was recorded up to there is kept; all raise."""
        failure, self.now = self.attempt.failure, origin
        for sampler in self.samplers:
            sampler.note(origin)
        self.attempt = Attempt()  # of the rest; what fails in it now comes second
        self._finish_recording()
        raise_together(self.comm, failure)

    def _exchange_early(self) -> None:
        """Collective: exchange here, within an interval, because the network is about to change."""
        self.attempt = Attempt()
        self._runner_now().exchange_early()
        self._empty_outboxes()
        raise_together(self.comm, self.attempt.failure)

    def pending(self, origin: int) -> Ints:
        """What this rank's cells have emitted and not yet sent."""
        return pending(self._sent(), origin, self.precise)

    def _sent(self) -> list[tuple[Gids, Outbox]]:
        return [(group.gids, group.out) for group in self.groups.values()] + self.event_driven.sent

    def _empty_outboxes(self) -> None:
        for _, out in self._sent():
            out.count[0] = 0

    def _finish_run(self) -> None:
        """Collective: everything recorded so far to where it was asked for; an error if any rank has failed."""
        self._finish_recording()
        with self.watch("wait"):  # until the last rank has kept what it recorded
            raise_together(self.comm, self.attempt.failure)

    def _finish_recording(self) -> None:
        """Collective: everything recorded so far to where it was asked for."""
        attempt, until = self.attempt, self.clock.time(self.now)
        with self.watch("record"):
            recorders: list[Any] = [*self.keepers, *self.samplers, *self.listeners]
            for recorder in recorders:
                recorder.flush(attempt)
                attempt.in_any_case(recorder.finish, until)
