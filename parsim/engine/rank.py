"""One rank at work: its shard of the network, built when said, moved through time.

Everything public here is collective: called by every rank, in the same order.
"""

import itertools
import zlib
from collections.abc import Callable
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import numpy as np

from parsim.arrays import Ints
from parsim.build.cells import add_cells
from parsim.build.connections import add_merged_tables, add_table, onto_groups, shares_table
from parsim.build.partition import Partition
from parsim.build.stimuli import add_drives, stimuli
from parsim.clock import Clock, Span
from parsim.comm.base import AbstractComm
from parsim.engine.agree import raise_together, together
from parsim.engine.exchange import FAILED, GO, STOP, Spikes, exchange, pending, room_for
from parsim.engine.once import Once
from parsim.engine.recording import Piece, Sampler, SpikeKeeper
from parsim.engine.report import Timings
from parsim.errors import SimulationError
from parsim.models.base import CellModel
from parsim.models.cells.blocks import BLOCK
from parsim.network.network import Network, check_delay
from parsim.network.population import Population
from parsim.network.recording import SpikeRecording
from parsim.shard.drive import Drive, Source
from parsim.shard.group import ClockedGroup
from parsim.shard.outbox import Outbox
from parsim.shard.table import Table


class Rank:
    """The cells, connections, stimuli and recorders of one rank, and the loop that moves them."""

    def __init__(
        self, network: Network, clock: Clock, comm: AbstractComm, first_process: bool, once: Once
    ) -> None:
        self.network, self.clock, self.comm, self.first_process = network, clock, comm, first_process
        self.once = once
        self.partition = Partition(comm.rank, comm.size)
        self.now = 0
        self.groups: dict[CellModel, ClockedGroup] = {}
        self.outboxes: list[Outbox] = []
        self.tables: list[Table] = []
        self.sources: dict[Population, Source] = {}
        self.drives: list[tuple[Drive, Population]] = []
        self.keepers: list[SpikeKeeper] = []
        self.samplers: list[Sampler] = []
        self.anchor, self.interval, self.longest = 0, 0, 1
        self.precise = False  # some model of the network fires or hears between steps
        self.shortest = 2**40  # steps, of all connections on all ranks
        self.longest_drive = 0  # steps, of all connections from stimuli on all ranks
        self.spikes_so_far = 0
        self._delivered = 0
        self.timings = Timings()
        self._sent_before = comm.bytes_sent  # a communicator may outlive simulations
        self._built = SimpleNamespace(populations=0, projections=0, recordings=0)
        self.stages: list[tuple[int, int]] = []  # how much had been said at each time something was built
        self.failed = ""
        self.sets = 0

    # ---- building what is new ------------------------------------------------------------------

    def build(self, open_file: Callable[[Any, Any], Any], call: str) -> None:
        """Collective: hold what was said since the last call. `call` is what all ranks are about to do."""
        began = perf_counter()
        net, built = self.network, self._built
        self._check_alike(call)
        recordings = net.recordings[built.recordings :]
        built.recordings = len(net.recordings)
        try:
            self.build_stage(len(net.populations), len(net.projections))
            together(self.comm, lambda: self._add_recorders(recordings, open_file))
        except Exception as error:  # what is held may be half of what was said
            self.failed = str(error)
            raise
        self.timings.build += perf_counter() - began

    def build_stage(self, n_populations: int, n_projections: int) -> None:
        """Collective: hold the statements up to these numbers of populations and projections."""
        net, built = self.network, self._built
        populations = net.populations[built.populations : n_populations]
        projections = net.projections[built.projections : n_projections]
        built.populations, built.projections = n_populations, n_projections
        if populations or projections or self.interval == 0:
            self.stages.append((n_populations, n_projections))
            if self.now != self.origin():
                self._exchange_early()
            together(self.comm, lambda: self._hold(populations, projections))
            self._settle_intervals()

    def bytes_sent(self) -> int:
        """What this rank has sent for this simulation."""
        return self.comm.bytes_sent - self._sent_before

    def count_spikes(self, so_far: int, waiting: int) -> None:
        """How many spikes there were before a restored simulation goes on; `waiting` are not yet delivered."""
        self.spikes_so_far = so_far
        self._delivered = so_far - waiting

    def _check_alike(self, call: str) -> None:
        if self.comm.size == 1:
            return
        mine = np.array([self.network.digest, zlib.crc32(call.encode())], dtype=np.int64)
        greatest = self.comm.maximum(np.concatenate([mine, -mine]))
        networks_differ, calls_differ = (greatest[:2] != -greatest[2:]).tolist()
        if networks_differ:
            raise SimulationError(
                "The ranks have said different networks. Every rank must make the same calls with the same values; "
                "look for random numbers, times or files that differ from rank to rank."
            )
        if calls_differ:
            raise SimulationError(
                f"The ranks call different things: rank {self.comm.rank} is at {call}. Every rank must call every "
                "method of a simulation, with the same values; only what was recorded is read on one rank alone."
            )

    def _hold(self, populations: list[Population], projections: list[Any]) -> None:
        for population in populations:
            if isinstance(population.model, CellModel):
                self.precise |= population.model.precise
                add_cells(self.groups, population, self.partition, self.network.seed, self.clock, self.now)
            else:
                self._add_source(population)
        if populations:
            for group in self.groups.values():
                group.prepare(self.clock)
                for table in self.tables:
                    if table.group is group:
                        table.move(group.gids.size)
                for drive, _ in self.drives:
                    if drive.group is group:
                        drive.move(group.gids.size)
        small: list[Any] = []
        for said in projections:
            check_delay(said, self.clock)
            self._connect(said, small)
        self._add_tables(add_merged_tables(small, self.clock))

    def _add_source(self, population: Population) -> None:
        seed = self.network.seed
        made = self.once(("add", population), lambda: stimuli(population, self.clock, self.now, seed))
        source = self.sources[population] = Source(population.model, population.serial)
        source.change(made, self.now, 0)

    def _connect(self, said: Any, small: list[Any]) -> None:
        for onto in onto_groups(said, self.groups, self.partition, self.network.seed):
            if said.source.kind == "stimulus":
                drives = add_drives(said, onto, self.sources, self.clock, self.network.seed)
                populations = [part.population for part in said.source.parts]
                for drive, population in zip(drives, populations, strict=True):
                    self.longest_drive = max(self.longest_drive, drive.longest)
                    onto.group.has_current |= drive.model.into == "current"
                    onto.group.has_driven_spikes |= drive.model.into == "spikes"
                    self.drives.append((drive, population))
                    self.longest = max(self.longest, 1)
            elif shares_table(said, onto.group):
                small.append((said, onto))
            else:
                self._add_tables([add_table(said, onto, self.clock)])

    def _add_tables(self, tables: list[Table]) -> None:
        for table in tables:
            table.base = sum(t.slot.size for t in self.tables if t.group is table.group)
            self.tables.append(table)
            if table.slot.size:
                self.shortest = min(self.shortest, int(table.delay.min()))
                self.longest = max(self.longest, int(table.delay.max()))

    def _settle_intervals(self) -> None:
        """Intervals last the smallest delay of all connections on all ranks, from now on."""
        extremes = self.comm.maximum(
            np.array([-self.shortest, self.longest, self.longest_drive], dtype=np.int64)
        )
        self.shortest, self.longest, self.longest_drive = (
            -int(extremes[0]),
            int(extremes[1]),
            int(extremes[2]),
        )
        default = max(1, round(1.0 / self.clock.dt))
        self.interval = self.shortest if self.shortest < 2**40 else default
        self.anchor = self.now
        for group in self.groups.values():
            group.lay_out(self.now, self.interval, self.longest)
        self.outboxes = [room_for(group, self.interval) for group in self.groups.values()]
        for sampler in self.samplers:
            sampler.make_room(self.interval)

    def _add_recorders(self, recordings: list[Any], open_file: Callable[[Any, Any], Any]) -> None:
        for said in recordings:
            if isinstance(said, SpikeRecording):
                keeper = SpikeKeeper(said, self.comm, self.first_process, self.network.n_cells, self.now)
                keeper.file = open_file(said, None) if keeper.writes and said.to else None
                self.keepers.append(keeper)
            else:
                groups = list(self.groups.values())
                sampler = Sampler(
                    said, groups, self.partition, self.comm, self.first_process, self.clock, self.now
                )
                sampler.make_room(self.interval)
                sampler.file = open_file(said, sampler.gids) if sampler.writes and said.to else None
                self.samplers.append(sampler)

    # ---- the loop ------------------------------------------------------------------------------

    def origin(self) -> int:
        """The step at which the current interval began."""
        return self.now - (self.now - self.anchor) % self.interval if self.interval else self.now

    def run(self, steps: int, watch: Callable[["Rank"], bool]) -> bool:
        """Collective: move on by `steps` steps. True when `watch` asked to stop before.

        `watch` is called at every interval's edge and at the end; when it returns True on any rank, all
        stop there.
        """
        stop, note, began = self.now + steps, GO, perf_counter()
        ranges = self._ranges()
        if self.failed:
            raise SimulationError(
                f"this simulation cannot go on, because it has failed before: {self.failed}"
            )
        while self.now < stop and note != STOP:
            origin = self.origin()
            until = min(stop, origin + self.interval)
            failure = self._advance(origin, until, ranges)
            at_edge = until == origin + self.interval
            note = FAILED if failure is not None else STOP if watch(self) else GO
            note = self._exchange(origin, note, failure, at_edge)
        self._finish_run()
        self.timings.run += perf_counter() - began
        return note == STOP

    def _advance(self, origin: int, until: int, ranges: Any) -> Exception | None:
        """All cells of this rank through the steps [now, until); what went wrong, if anything."""
        began = perf_counter()
        try:
            for group in self.groups.values():
                group.open(origin)
            span = Span(self.now, until, origin, np.uint64(0), np.uint64(0))
            for drive, _ in self.drives:
                drive.drive(span)
            for group in self.groups.values():
                group.gather(span)
            driven = perf_counter()
            self.timings.drive += driven - began

            sampling = self.timings.record
            for group, out, begin, end, watchers in ranges:
                self._advance_range(group, out, begin, end, watchers, origin, until)
            self.now = until
            for sampler in self.samplers:
                sampler.note(until)
            self._check(origin)
            self.timings.integrate += perf_counter() - driven - (self.timings.record - sampling)
        except Exception as error:
            return error
        return None

    def _advance_range(
        self, group: ClockedGroup, out: Outbox, begin: int, end: int,
        watchers: list[tuple[Sampler, Piece]], origin: int, until: int,
    ) -> None:  # fmt: skip
        """Some cells of a group, stopping where one of them is to be sampled."""
        first, last = np.uint64(begin), np.uint64(end)
        now = self.now
        while now < until:
            cut = until
            for sampler, _ in watchers:
                cut = min(cut, sampler.next_after(now))
            group.advance(Span(now, cut, origin, first, last), out)
            now = cut
            if watchers:
                began = perf_counter()
                for sampler, piece in watchers:
                    if cut % sampler.every == 0:
                        sampler.sample(cut, piece)
                self.timings.record += perf_counter() - began

    def _ranges(self) -> list[Any]:
        """Cells that are advanced together: those of blocks with recorded cells apart from the rest.

        No cell reaches another within an interval, so only the former are cut at samples.
        """
        ranges: list[Any] = []
        block = int(BLOCK)
        for group, out in zip(self.groups.values(), self.outboxes, strict=True):
            watchers = [(s, p) for s in self.samplers for p in s.pieces if p.group is group]
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

    def _check(self, origin: int) -> None:
        """No spike was lost and every state is a number, or an error that names the cell."""
        for group, out in zip(self.groups.values(), self.outboxes, strict=True):
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

    def _exchange(self, origin: int, note: int, failure: Exception | None, at_edge: bool) -> int:
        """Collective: spikes go round and are kept, and delivered at an interval's edge; the greatest note."""
        began, waited = perf_counter(), self.comm.wait_seconds
        keys = np.empty(0, np.int64)
        if failure is None:
            keys = self.pending(origin)
        spikes, note = exchange(self.comm, keys, origin, self.precise, note)
        waited = self.comm.wait_seconds - waited
        self.timings.wait += waited
        self.timings.exchange += perf_counter() - began - waited
        if note == FAILED:
            try:
                raise_together(self.comm, failure)
            except Exception as error:
                self.failed = str(error)
                raise

        began = perf_counter()
        self.spikes_so_far = self._delivered + spikes.gids.size
        self._keep(spikes)
        self.timings.record += perf_counter() - began
        if at_edge:
            self._delivered = self.spikes_so_far
            self._deliver(spikes, origin)
        return note

    def _deliver(self, spikes: Spikes, origin: int) -> None:
        began = perf_counter()
        for group, out in zip(self.groups.values(), self.outboxes, strict=True):
            group.clear(origin)
            out.count[0] = 0
        if spikes.gids.size:
            for table in self.tables:
                table.deliver(*spikes)
        delivered = perf_counter()
        self.timings.deliver += delivered - began

        for sampler in self.samplers:
            if sampler.full(self.interval):
                sampler.flush()
        self.timings.record += perf_counter() - delivered

    def _keep(self, spikes: Spikes) -> None:
        for keeper in self.keepers:
            keeper.keep(spikes, self.clock)
            keeper.until = self.now

    def _exchange_early(self) -> None:
        """Collective: end the interval here, because the network is about to change."""
        origin = self.origin()
        for group in self.groups.values():
            group.mailbox.page(origin)[: self.now - origin] = 0.0
        spikes, _ = exchange(self.comm, self.pending(origin), origin, self.precise)
        self._delivered += spikes.gids.size
        for out in self.outboxes:
            out.count[0] = 0
        for table in self.tables:
            table.deliver(*spikes)

    def pending(self, origin: int) -> Ints:
        """What this rank's cells have emitted and not yet sent."""
        return pending(list(self.groups.values()), self.outboxes, origin, self.precise)

    def _finish_run(self) -> None:
        """Collective: everything recorded so far to where it was asked for."""
        began = perf_counter()
        for keeper in self.keepers:
            keeper.said.duration = self.clock.time(self.now)
            if keeper.file is not None:
                keeper.file.close(self.clock.time(self.now))
        for sampler in self.samplers:
            sampler.flush()
            if sampler.file is not None:
                sampler.file.close()
        self.timings.record += perf_counter() - began
