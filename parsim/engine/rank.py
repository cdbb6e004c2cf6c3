"""One rank at work: its shard of the network, moved through time.

Everything public here is collective: called by every rank, in the same order.
"""

import itertools
from collections.abc import Callable
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import numpy as np

from parsim.arrays import Gids, Ints
from parsim.clock import NEVER, Clock, Span, step_of
from parsim.comm.base import AbstractComm
from parsim.engine.agree import Attempt, raise_together, together
from parsim.engine.event_driven import has_event_driven, may_rest_between_events
from parsim.engine.exchange import FAILED, GO, Spikes, exchange, pending
from parsim.engine.once import Once
from parsim.engine.program import Alone, Runner
from parsim.engine.recording import Piece, Sampler, SpikeKeeper
from parsim.engine.relaxation import Relaxation
from parsim.engine.report import Timings
from parsim.engine.shard import Shard
from parsim.errors import SimulationError
from parsim.network.network import Network
from parsim.network.recording import SpikeRecording
from parsim.shard.clocked_group import ClockedGroup
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
        self.shard = shard = Shard(network, clock, comm, once, relaxation or Relaxation())
        self.groups, self.tables = shard.groups, shard.tables
        self.sources, self.drives = shard.sources, shard.drives
        self.relaxer, self.event_driven = shard.relaxer, shard.event_driven
        self.grid, self.now = clock.for_kernels, 0
        self.keepers: list[SpikeKeeper] = []
        self.samplers: list[Sampler] = []
        self._event_watchers: list[tuple[Sampler, Piece]] = []  # of event-driven cells; found by `run`
        self.anchor, self.interval = 0, 0
        self.precise = False  # some model of the network fires or hears between steps
        self.spikes_so_far = 0
        self.delivered = 0
        self.timings = Timings()
        self._sent_before = comm.bytes_sent  # a communicator may outlive simulations
        self._built = SimpleNamespace(populations=0, projections=0, couplings=0, recordings=0)
        # How much had been said at each time something was built.
        self.stages: list[tuple[int, int, int]] = []
        self.sets = self.resets = 0
        self._runner: Runner | None = None
        # For how much it was laid out, and for which parameters of stimuli, which must not go while it is there.
        self._laid_out: Any = ((), [], [])
        self.attempt = Attempt()  # what goes on here between two exchanges
        self._begun = (-1, -1)  # how much had been built and set when a run last began

    # ---- building what is new ------------------------------------------------------------------

    def build(self, open_file: Callable[[Any, Any], Any]) -> None:
        """Collective: hold what was said since the last call."""
        began = perf_counter()
        net, built = self.network, self._built
        recordings = net.recordings[built.recordings :]
        built.recordings = len(net.recordings)
        self.build_stage(len(net.populations), len(net.projections), len(net.couplings))
        together(self.comm, lambda: self._add_recorders(recordings, open_file))
        self.timings.build += perf_counter() - began

    def build_stage(self, n_populations: int, n_projections: int, n_couplings: int) -> None:
        """Collective: hold the statements up to these numbers of populations, projections and couplings."""
        net, built = self.network, self._built
        populations = net.populations[built.populations : n_populations]
        projections = net.projections[built.projections : n_projections]
        couplings = net.couplings[built.couplings : n_couplings]
        built.populations, built.projections, built.couplings = n_populations, n_projections, n_couplings
        if populations or projections or couplings or self.interval == 0:
            self.stages.append((n_populations, n_projections, n_couplings))
            if self.now != self.origin():
                self._exchange_early()
            self.shard.grow(populations, projections, couplings, self.now)
            self.anchor, self.interval, self.precise = self.now, self.shard.interval, self.shard.precise
            for sampler in self.samplers:
                sampler.make_room(self.interval)

    def bytes_sent(self) -> int:
        """What this rank has sent for this simulation."""
        return self.comm.bytes_sent - self._sent_before

    def count_spikes(self, so_far: int, waiting: int) -> None:
        """How many spikes there were before a restored simulation goes on; `waiting` are not yet delivered."""
        self.spikes_so_far = so_far
        self.delivered = so_far - waiting

    def _add_recorders(self, recordings: list[Any], open_file: Callable[[Any, Any], Any]) -> None:
        for said in recordings:
            said.since = self.clock.time(self.now)
            if isinstance(said, SpikeRecording):
                keeper = SpikeKeeper(said, self.comm, self.first_process, self.now)
                keeper.file = open_file(said, None) if keeper.writes and said.to else None
                self.keepers.append(keeper)
            else:
                groups = list(self.groups.values())
                sampler = Sampler(
                    said, groups, self.shard.partition, self.comm, self.first_process, self.clock, self.now
                )
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
        self._attempt = Attempt()
        self.count_spikes(0, 0)
        self.shard.begin_anew(kept)
        self._runner = None  # what it works on is gone
        for keeper in self.keepers:
            keeper.file = None
        for sampler in self.samplers:
            sampler.file = None
        self.record_from_now()

    # ---- the loop ------------------------------------------------------------------------------

    def origin(self) -> int:
        """The step at which the current interval began."""
        return self.now - (self.now - self.anchor) % self.interval if self.interval else self.now

    def run(self, steps: int, watch: Callable[["Rank"], int]) -> int:
        """Collective: move on by `steps` steps. The reason for which `watch` asked to stop before, or 0.

        `watch` is called at every interval's edge and at the end; when it returns a reason on any rank, all
        stop there, for the greatest.
        """
        stop, note, began = self.now + steps, GO, perf_counter()
        self.attempt = Attempt()
        if stop > self.now:
            runner = self._runner_now()
            self.timings.build += perf_counter() - began
            began = perf_counter()
            note = runner.run(stop, watch, self._starts())
        else:
            note = self._run_in_python(stop, watch)
        self._finish_run()
        self.timings.run += perf_counter() - began
        return note

    def _run_in_python(self, stop: int, watch: Callable[["Rank"], int]) -> int:
        """Collective: as `run`, where not everything has ops."""
        note, attempt = GO, self.attempt
        self._event_watchers = [w for group in self.event_driven.groups for w in self.watchers(group)]
        ranges, may_rest = self.ranges(), may_rest_between_events(self.network)
        if self.relaxer.active:
            self._relaxation = Alone(self)
        while self.now < stop and note == GO:
            origin, before = self.origin(), self.spikes_so_far
            until = min(stop, origin + self.interval)
            attempt(self._advance, origin, until, ranges)
            if self.relaxer.active:
                attempt.failure = self._relax(origin, until, attempt.failure)
            attempt(self._end_span, origin, until)
            at_edge = until == origin + self.interval
            note = self._exchange(origin, attempt(watch, self) or GO, at_edge)
            if at_edge and may_rest and self.spikes_so_far == before:
                self._rest(stop)
        return note

    def _runner_now(self) -> Runner:
        """The program, laid out anew when there is something new to do."""
        prepared = [version for source in self.sources.values() for version in source.versions]
        done = len(self.stages), len(self.keepers), len(self.samplers)
        versions = [(id(v.prepared), v.since, v.until) for v in prepared]
        if self._runner is None or self._laid_out[:2] != (done, versions) or not self._runner.fits():
            self._runner, self._laid_out = Runner(self), (done, versions, prepared)
        return self._runner

    def _starts(self) -> bool:
        """May event-driven cells fire at this very time, where an interval begins?

        Over a delay as long as the interval that arrives at its very end. Cells have gone through all that is
        due at this time unless something was built or set, which all ranks know alike.
        """
        before, self._begun = self._begun, (len(self.stages), self.sets)
        return self._begun != before and self.now == self.origin() and has_event_driven(self.network)

    def _next_step(self) -> int:
        """The step in which the next thing happens here."""
        first = self.event_driven.next_time()
        return int(step_of(self.grid, first)) - 1 if first < self.clock.time(self.clock.most) else NEVER

    def _rest(self, stop: int) -> None:
        """Collective: go on to the interval in which the next thing happens on any rank."""
        next_step = -int(self.comm.maximum(np.array([-self._next_step()]))[0])
        intervals = max(next_step - self.now, 0) // self.interval
        self.now = min(stop, self.now + intervals * self.interval)

    def _advance(self, origin: int, until: int, ranges: Any) -> None:
        """This rank's cells, but for coupled ones, through the steps [now, until)."""
        began = perf_counter()
        for group in self.groups.values():
            group.open(origin)
        span = Span(self.now, until, origin, np.uint64(0), np.uint64(0))
        for drive, _ in self.drives:
            drive.drive(span)
        for group in self.groups.values():
            group.gather(span)
        self.event_driven.gather(span)
        driven = perf_counter()
        self.timings.drive += driven - began

        sampling = self.timings.record
        self._advance_event_driven(until)
        for group, out, begin, end, watchers in ranges:
            self._advance_range(group, out, begin, end, watchers, origin, self.now, until)
        self.timings.integrate += perf_counter() - driven - (self.timings.record - sampling)

    def _relax(self, origin: int, until: int, failure: BaseException | None) -> BaseException | None:
        """Collective: the coupled cells through the steps [now, until); what went wrong here, if anything."""
        began = perf_counter()
        if failure is None:
            failure = self._relaxation.go(self.now, until, origin)
        if failure is not None:
            self.relaxer.leave(until)
        adding = self.relaxer.take_seconds()
        self.timings.relax += adding
        self.timings.integrate += perf_counter() - began - adding
        return failure

    def _end_span(self, origin: int, until: int) -> None:
        """All cells are at `until`; an error if something is wrong with them."""
        began = perf_counter()
        self.now = until
        for sampler in self.samplers:
            sampler.note(until)
        self.check(origin)
        self.timings.integrate += perf_counter() - began

    def _advance_range(
        self, group: ClockedGroup, out: Outbox, begin: int, end: int,
        watchers: list[tuple[Sampler, Piece]], origin: int, now: int, until: int,
    ) -> None:  # fmt: skip
        """Some cells of a group, stopping where one of them is to be sampled."""
        first, last = np.uint64(begin), np.uint64(end)
        while now < until:
            cut = until
            for sampler, _ in watchers:
                cut = min(cut, sampler.next_after(now))
            group.advance(Span(now, cut, origin, first, last), out)
            now = cut
            self._sample(watchers, cut)

    def _advance_event_driven(self, until: int) -> None:
        """All event-driven cells through all that is on the steps up to `until`, stopping at samples.

        A sample at a step is taken at its very time, before what comes a rounding later.
        """
        now, watchers = self.now, self._event_watchers
        if watchers:
            while (cut := min(sampler.next_after(now) for sampler, _ in watchers)) <= until:
                self.event_driven.advance(self.now, self.grid.time(cut))
                now = cut
                self._sample(watchers, cut)
        self.event_driven.advance(self.now, self.grid.last_time(until))

    def _sample(self, watchers: list[tuple[Sampler, Piece]], step: int) -> None:
        """Take the samples that are due."""
        if watchers:
            began = perf_counter()
            for sampler, piece in watchers:
                if step % sampler.every == 0:
                    sampler.sample(step, piece)
            self.timings.record += perf_counter() - began

    def watchers(self, group: AbstractGroup) -> list[tuple[Sampler, Piece]]:
        """Who samples cells of a group, and which."""
        return [(s, p) for s in self.samplers for p in s.pieces if p.group is group]

    def ranges(self) -> list[Any]:
        """Cells that are advanced together: those of blocks with recorded cells apart from the rest.

        No cell reaches another within an interval, so only the former are cut at samples.
        """
        ranges: list[Any] = []
        for group in self.groups.values():
            out, block = group.out, group.block
            if block is None or self.relaxer.is_coupled(group):
                continue
            watchers = self.watchers(group)
            n = group.gids.size
            watched = np.zeros(-(-n // block), bool)
            for _, piece in watchers:
                watched[piece.cells // block] = True
            edges = np.flatnonzero(np.diff(watched)) + 1
            bounds = [0, *(edges * block).tolist(), n]
            runs = [(b, e) for b, e in itertools.pairwise(bounds) if e > b]
            quiet: list[Any] = [(group, out, b, e, []) for b, e in runs if not watched[b // block]]
            loud = [(b, e) for b, e in runs if watched[b // block]]
            ranges.extend(quiet)
            if len(loud) == 1:
                ranges.append((group, out, *loud[0], watchers))
            elif loud:  # a sample copies all recorded cells of the group at once, so they go together
                ranges = [r for r in ranges if r[0] is not group]
                ranges.append((group, out, 0, n, watchers))
        return ranges

    def check(self, origin: int) -> None:
        """No spike was lost and every state is a number, or an error that names the cell."""
        if mistakes := self.event_driven.mistakes():
            raise SimulationError(mistakes[0])
        for group in self.groups.values():
            out = group.out
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

    def _exchange(self, origin: int, note: int, at_edge: bool) -> int:
        """Collective: spikes go round and are kept, and delivered at an interval's edge; the greatest note.

        What fails here afterwards, such as a write on rank 0, all hear of at the next exchange or the end of the run.
        """
        began, waited, attempt = perf_counter(), self.comm.wait_seconds, self.attempt
        keys = attempt(self.pending, origin)
        if keys is None:
            keys, note = np.empty(0, np.int64), FAILED
        spikes, note = exchange(self.comm, keys, origin, self.precise, self.grid, note)
        waited = self.comm.wait_seconds - waited
        self.timings.wait += waited
        self.timings.exchange += perf_counter() - began - waited
        if note == FAILED:
            self.break_off(origin)

        began = perf_counter()
        self.spikes_so_far = self.delivered + spikes.gids.size
        self._keep(spikes)
        self.timings.record += perf_counter() - began
        if at_edge:
            self.delivered = self.spikes_so_far
            attempt(self._deliver, spikes, origin)
            self._make_room_for_samples()
        return note

    def break_off(self, origin: int) -> None:
        """Collective: some rank has failed since `origin`. What was recorded up to there is kept; all raise."""
        failure, self.now = self.attempt.failure, origin
        for sampler in self.samplers:
            sampler.note(origin)
        self.attempt = Attempt()  # of the rest; what fails in it now comes second
        self._finish_recording()
        raise_together(self.comm, failure)

    def _deliver(self, spikes: Spikes, origin: int) -> None:
        began = perf_counter()
        for group in self.groups.values():
            group.inbox.clear(origin)
        self._empty_outboxes()
        if spikes.gids.size:
            for table in self.tables:
                table.deliver(*spikes)
        self.timings.deliver += perf_counter() - began

    def _make_room_for_samples(self) -> None:
        """Collective: bring samples away where the next interval's might not be held."""
        began = perf_counter()
        for sampler in self.samplers:
            if sampler.full(self.interval):
                sampler.flush(self.attempt)
        self.timings.record += perf_counter() - began

    def _keep(self, spikes: Spikes) -> None:
        for keeper in self.keepers:
            self.attempt.in_any_case(keeper.keep, spikes, self.grid)
            keeper.until = self.now

    def _exchange_early(self) -> None:
        """Collective: exchange here, because the network is about to change, or cells have fired at this very time."""
        origin = self.origin()
        for group in self.groups.values():
            group.mailbox.page(origin)[: self.now - origin] = 0.0
        spikes, _ = exchange(self.comm, self.pending(origin), origin, self.precise, self.grid)
        self.delivered += spikes.gids.size
        self.spikes_so_far = self.delivered
        self._keep(spikes)
        self._empty_outboxes()
        for table in self.tables:
            table.deliver(*spikes)
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
        raise_together(self.comm, self.attempt.failure)

    def _finish_recording(self) -> None:
        """Collective: everything recorded so far to where it was asked for."""
        began, attempt, until = perf_counter(), self.attempt, self.clock.time(self.now)
        for keeper in self.keepers:
            attempt.in_any_case(keeper.finish, until)
        for sampler in self.samplers:
            sampler.flush(attempt)
            attempt.in_any_case(sampler.finish, until)
        self.timings.record += perf_counter() - began
