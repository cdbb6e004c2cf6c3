"""What one rank holds of a network: its cells, connections, stimuli and junctions, built when said.

Everything public here is collective, but for `form_islands`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from parsim.arrays import Gids
from parsim.assembly.cells import Parameters, add_cells
from parsim.assembly.connections import models_of_shortcuts, targets_here
from parsim.assembly.islands import IslandMap, find_islands
from parsim.assembly.links import held_together
from parsim.assembly.partition import Partition
from parsim.assembly.probes import probes
from parsim.assembly.room import check_delays, check_room, extremes
from parsim.assembly.short_rows import source_gids
from parsim.assembly.stimuli import add_drives, stimuli
from parsim.assembly.tables import shared_tables, shares_table, table_of
from parsim.clock import Clock
from parsim.comm.base import AbstractComm
from parsim.engine.agree import check_functions, together
from parsim.engine.coupled.linker import Linker
from parsim.engine.coupled.relaxation import Relaxation
from parsim.engine.coupled.relaxer import Relaxer
from parsim.engine.event_driven import EventDriven
from parsim.engine.once import Once
from parsim.errors import BuildError, ParsimError
from parsim.memory import keep_what_is_freed
from parsim.models.base import StimulusModel
from parsim.network.coupling import Coupling
from parsim.network.link import Link
from parsim.network.network import Network
from parsim.network.population import Population
from parsim.network.projection import Projection
from parsim.network.row_recording import TransmissionRecording
from parsim.network.timeline import check_delay
from parsim.network.traced import is_asked_for
from parsim.network.transmitter import VolumeTransmitter
from parsim.shard.cable.shortcuts import Shortcuts
from parsim.shard.drive import Drive, Prepared, Source
from parsim.shard.group import AbstractGroup
from parsim.shard.outbox import Outbox
from parsim.shard.rows.doses import DoseHistory
from parsim.shard.rows.table import Table
from parsim.telling import log

MOST_ROWS = (
    2**31 - 1
)  # connections onto one model that hears exact times: an event carries its row in four bytes

NO_DELAY = 2**40  # steps; more than any delay
Stage = tuple[int, int, int]  # how many populations, projections and couplings there are

MOST_INTERVAL = 2**16  # steps; longer delays are no reason to wait longer with the exchange


class Built:
    """The cells of one rank by model, what leads to them, and the interval that all delays allow."""

    def __init__(
        self, network: Network, clock: Clock, comm: AbstractComm, once: Once, relaxation: Relaxation
    ) -> None:
        self.network, self.clock, self.comm, self.once = network, clock, comm, once
        self.partition = Partition(comm.rank, comm.size)
        self.groups: dict[Any, AbstractGroup] = {}
        self.tables: list[Table] = []
        self.sources: dict[Population, Source] = {}
        self.drives: list[tuple[Drive, Population]] = []
        self.relaxer = Relaxer(relaxation, clock, comm, self.partition, network.seed)
        self.linker = Linker(comm, network.seed, self.relaxer.broken)
        self.event_driven = EventDriven(network.seed, clock.for_kernels, self.let_rows_hear)
        self.shortcuts = Shortcuts(comm, clock.for_kernels, self.event_driven.outboxes)
        self.populations: list[Population] = []
        self.island_map, self.held_cells = IslandMap(), 0
        self.together = held_together([], 1, 0, 0)  # linked cells, and the rank that holds them
        self.precise = False  # some model of the network fires or hears between steps
        self.functions: list[tuple[str, list[float]]] = []  # what users' functions give, for checkpoints
        self.interval, self.longest = 0, 1
        self.shortest = NO_DELAY  # steps, of all connections on all ranks
        self.longest_drive = 0  # steps, of all connections from stimuli on all ranks
        self.doses: dict[
            VolumeTransmitter, DoseHistory
        ] = {}  # of the transmitters that rows here feel, or elsewhere
        self.rows_changed = False  # are there connections that are not as they were said?
        self.stages: list[Stage] = []  # how much had been said at each time something was built

    def holds_all(self) -> bool:
        """Has nothing been said since `grow`? Alike on all ranks."""
        net = self.network
        return not self.lacks((len(net.populations), len(net.projections), len(net.couplings)))

    def lacks(self, stage: Stage) -> bool:
        """Are there fewer statements held, or none yet, not even that there are none?"""
        return self.interval == 0 or self.stages[-1] != stage

    def is_patched(self) -> bool:
        """Are there tables other than those of all statements built at once? Alike on all ranks."""
        return len(self.stages) > 1 or self.rows_changed

    def extent_of(self, group: AbstractGroup) -> tuple[int, int]:
        """The range of gids in which the cells of a model are, on whatever rank."""
        mine = [p for p in self.network.populations if p.model is group.model]
        return min(p.first for p in mine), max(p.first + p.size for p in mine)

    def outboxes(self) -> list[tuple[Gids, Outbox]]:
        """What cells have emitted and was not yet sent, with the gids that the cells in them stand for."""
        return [(group.gids, group.out) for group in self.groups.values()] + self.event_driven.sent

    def grow(self, stage: Stage, now: int) -> None:
        """Collective: hold all statements up to a stage, at step `now`, where an interval begins."""
        net, held = self.network, self.stages[-1] if self.stages else (0, 0, 0)
        populations = net.populations[held[0] : stage[0]]
        projections = net.projections[held[1] : stage[1]]
        couplings = net.couplings[held[2] : stage[2]]
        self.stages.append(stage)
        together(self.comm, lambda: check_room(populations, projections, couplings, self.comm.size))
        found = together(self.comm, lambda: probes(populations, projections, couplings, self.network.seed))
        check_functions(self.comm, found)
        self.functions += [(probe.what, probe.marks().tolist()) for probe in found]
        links = [said for said in couplings if isinstance(said, Link)]
        together(self.comm, lambda: self._find_islands(populations, projections, links))
        together(self.comm, lambda: self._hold(populations, projections, couplings, now))
        self.set_intervals(now)

    def _find_islands(
        self, populations: list[Population], projections: list[Projection], links: list[Link]
    ) -> None:
        """Which cells must stay together; on every rank alike, before any of them is held."""
        found, shortest = find_islands(
            self.island_map, projections, self.held_cells, self.clock, self.network.seed
        )
        if found.largest > self.island_map.largest and 2 * found.largest > self.network.n_cells > 2:
            if self.comm.rank == 0 and self.comm.size > 1:
                log.warning(
                    "%d of %d cells are joined by delays of less than one step (dt = %g ms), and one rank must move "
                    "them all. %s",
                    found.largest, self.network.n_cells, self.clock.dt, remedy(shortest),
                )  # fmt: skip
        self.island_map = found
        self.populations += populations
        self.held_cells += sum(p.size for p in populations if p.model.kind == "cell")
        self.partition = found.partition(self.comm.rank, self.comm.size)
        if links and not self.together[0].size:
            held = self.held_cells - sum(p.size for p in populations if p.model.kind == "cell")
            self.together = held_together(links, self.comm.size, self.network.seed, held)
        self.partition = self.partition.with_moved(*self.together)
        self.relaxer.partition = self.partition

    def _hold(
        self,
        populations: list[Population],
        projections: list[Any],
        couplings: list[Coupling | Link],
        now: int,
    ) -> None:
        for population in populations:
            if not isinstance(population.model, StimulusModel):
                self.precise |= population.model.precise
                add_cells(self.groups, population, self.partition, self.network.seed, self.clock, now)
            else:
                self._add_source(population, now)
        if populations:
            for group in self.groups.values():
                named(f"prepare of {group.model.name}", lambda g=group: g.prepare(self.clock))  # type: ignore[misc]
                for rows in self._rows:
                    if rows.group is group:
                        rows.move(group.gids.size)
        small: list[Any] = []
        keep_what_is_freed()
        for said in projections:
            check_delay(said, self.clock)
            if (vt := said.transmitter) is not None and vt not in self.doses:
                self.doses[vt] = DoseHistory(np.unique(vt.cells.gids), vt.delay, self.clock.for_kernels)
            self._connect(said, small, now)
        self._add_tables(shared_tables(small, self.clock, now))
        self.relaxer.hold([said for said in couplings if isinstance(said, Coupling)])
        links = [said for said in couplings if isinstance(said, Link)]
        self.linker.hold(links, self.groups, self.partition)

    def _add_source(self, population: Population, now: int) -> None:
        seed = self.network.seed
        made = self.once(("add", population), lambda: stimuli(population, self.clock, now, seed))
        self._put_source(population, made, now)

    def _put_source(self, population: Population, made: Prepared, now: int) -> None:
        source = self.sources.setdefault(population, Source(population.model, population.serial))
        source.versions.clear()
        source.change(made, now, 0)

    def parameters(self) -> dict[Any, Any]:
        """Those of cells, by model, and of stimuli, by population, as they are now."""
        cells = {model: Parameters(group.gids, group.values) for model, group in self.groups.items()}
        stimuli = {population: source.versions[-1].prepared for population, source in self.sources.items()}
        return cells | stimuli

    def begin_anew(self, kept: dict[Any, Any] | None) -> None:
        """Collective: all cells and stimuli at step 0, with parameters as said, or as `kept`; tables stay."""
        together(self.comm, lambda: self._hold_anew(kept))
        self.set_intervals(0)

    def _hold_anew(self, kept: dict[Any, Any] | None) -> None:
        self.event_driven.forget()
        for group in self.groups.values():
            group.begin_anew()
        for doses in self.doses.values():
            doses.begin_anew()
        for population in self.populations:
            model = population.model
            if not isinstance(model, StimulusModel):
                known = None if kept is None else kept[model]
                add_cells(self.groups, population, self.partition, self.network.seed, self.clock, 0, known)
            elif kept is None:
                self._add_source(population, 0)
            else:
                self._put_source(population, kept[population], 0)
        for group in self.groups.values():
            group.prepare(self.clock)
        for group in self.groups.values():
            for rows in self.numbered(group):
                group.inbox.add_rows(rows.port)
                group.add_rows(rows.slot)
        for rows in self._rows:
            rows.begin_anew()
        for drive, _ in self.drives:
            drive.group.driven_by(drive.model.into)

    def _connect(self, said: Any, small: list[Any], now: int) -> None:
        for here in targets_here(said, self.groups, self.partition, self.network.seed):
            if said.source.kind == "stimulus":
                drives = add_drives(said, here, self.sources, self.clock, self.network.seed)
                populations = [part.population for part in said.source.parts]
                for drive, population in zip(drives, populations, strict=True):
                    self.longest_drive = max(self.longest_drive, drive.longest)
                    here.group.driven_by(drive.model.into)
                    if drive.numbered:
                        self._number(drive)
                    self.drives.append((drive, population))
            elif shares_table(said, here.group):
                small.append((said, here))
            else:
                self._add_tables([table_of([(said, here)], self.clock, now)])

    def numbered(self, group: AbstractGroup) -> list[Table | Drive]:
        """What holds rows onto a group that have numbers, in the order of these."""
        held = [rows for rows in self._rows if rows.group is group]
        return sorted((rows for rows in held if rows.numbered), key=lambda rows: rows.base)

    @property
    def _rows(self) -> list[Table | Drive]:
        return [*self.tables, *(drive for drive, _ in self.drives)]

    def _number(self, rows: Table | Drive) -> None:
        group = rows.group
        rows.base = sum(held.slot.size for held in self.numbered(group))
        n = rows.base + rows.slot.size
        if group.inbox.names_rows and n > MOST_ROWS:
            raise BuildError(
                f"rank {self.comm.rank} would hold {n:,} connections onto {group.model.name} cells; it can hold "
                f"{MOST_ROWS:,}. Use more ranks."
            )
        group.inbox.add_rows(rows.port)
        group.add_rows(rows.slot)

    def _add_tables(self, tables: list[Table]) -> None:
        for table in tables:
            self._number(table)
            self.tables.append(table)
            if table.hears:
                table.let_group_keep_spikes()
            if table.transmission is not None and table.transmitter is not None:
                table.transmission.doses = self.doses[table.transmitter]
            if table.slot.size and not table.short:
                shortest, longest = extremes(table.delay, self.clock)
                self.shortest = min(self.shortest, shortest)
                self.longest = max(self.longest, longest)

    def set_intervals(self, now: int) -> None:
        """Intervals last the smallest delay of all connections on all ranks, from now on."""
        mine = np.array([-self.shortest, self.longest, self.longest_drive], dtype=np.int64)
        shortest, self.longest, self.longest_drive = self.comm.maximum(mine).tolist()
        self.shortest = -shortest
        default = max(1, round(1.0 / self.clock.dt))
        self.interval = min(max(self.shortest, 1), MOST_INTERVAL) if self.shortest < NO_DELAY else default
        groups = self.groups.values()
        together(self.comm, lambda: check_delays(groups, self.interval, self.longest, self.clock.dt))
        for group in groups:
            group.lay_out(now, self.interval, self.longest)
        soon = models_of_shortcuts(self.network.projections[: self.stages[-1][1]], self.clock)
        self.shortcuts.lay_out(self.tables, self.partition.owner, bool(soon), self.relaxer.is_coupled)
        bound = {*self.linker.models, *soon}  # a window may not reach beyond what is known by then
        self.relaxer.one_step = any(model in bound for model in self.relaxer.spots)
        self.relaxer.lay_out(list(self.groups.values()), self.interval)
        self.linker.lay_out(self.groups, self.partition, now)
        self.keep_histories()
        together(self.comm, lambda: self._begin_new_cells(now))

    def _begin_new_cells(self, now: int) -> None:
        self.form_islands()
        self.event_driven.start(now)

    def take_away(self, gone: dict[int, Any], now: int) -> None:
        """Collective: rows of tables and drives, by their `id`, are no more; an interval begins at step `now`."""
        self.event_driven.disband()
        for group in self.groups.values():
            numbered = self.numbered(group)
            left = [~gone[id(one)] if id(one) in gone else np.ones(one.slot.size, bool) for one in numbered]
            keep = np.concatenate([np.empty(0, bool), *left])
            if keep.all():
                continue
            base = 0
            for one in numbered:
                if id(one) in gone:
                    one.take_away(gone[id(one)])
                one.renumber(base)
                base += one.slot.size
            group.lose_rows(np.where(keep, np.cumsum(keep) - 1, -1), now)
        for drive, _ in self.drives:
            if id(drive) in gone and not drive.numbered:
                drive.take_away(gone[id(drive)])
        self.rows_changed = True
        self.set_intervals(now)

    def take_new_rows(self, now: int, been: tuple[int, int]) -> None:
        """Collective: connections have other values, at step `now`, where an interval begins; `been` are the smallest
        and the largest delay, in steps, that there have been on some rank.

        Delays may be shorter or longer than any was, and islands hold weights.
        """
        self.rows_changed = True
        delays = [t.delay for t in self.tables if t.slot.size and not t.short]
        mine = [been, *(extremes(delay, self.clock) for delay in delays)]
        least, most = min(one for one, _ in mine), max(one for _, one in mine)
        shortest, longest = self.comm.maximum(np.array([-least, most], np.int64)).tolist()
        if -shortest < self.shortest or longest > self.longest:
            self.shortest, self.longest = min(self.shortest, -shortest), max(self.longest, longest)
            self.set_intervals(now)
        else:
            together(self.comm, self.form_islands)
        self.relaxer.forget()

    def keep_histories(self) -> None:
        """Cells keep their spikes where connections or recordings ask for them, on whatever rank."""
        for group in self.groups.values():
            if is_asked_for(self.network, group.model):
                group.keep_history(0.0)

    def let_rows_hear(self, group: AbstractGroup, step: int) -> None:
        """Let rows onto a group hear what their targets have sent back by a step, up to which all spikes are delivered.

        It changes nothing of what comes after, for a row would go through the same when its source fires.
        """
        if group.history is None:
            return
        time, history = self.clock.time(step), group.history_bundle()
        for table in self.tables:
            if table.group is group and table.transmission is not None and table.hears:
                table.transmission.catch_up(table, history, time)
        group.history.has_heard(time)

    def let_all_rows_hear(self, step: int) -> None:
        """The same for all groups."""
        for group in self.groups.values():
            self.let_rows_hear(group, step)

    def form_islands(self) -> None:
        """Islands of the event-driven cells that are held here; what waits at them stays so."""
        groups: list[Any] = [group for group in self.groups.values() if not group.clocked]
        cells = (p for p in self.populations if p.model.kind == "cell")
        joined = {p.model for p in cells if self.island_map.has_any(p)}
        recorded = any(isinstance(said, TransmissionRecording) for said in self.network.recordings)
        for group in groups:
            sources = [source_gids(rows) for rows in self.numbered(group)]
            group.row_sources = np.concatenate([np.empty(0, np.int64), *sources])
        self.event_driven.form(groups, self.tables, self.island_map, joined, recorded)


def named(what: str, act: Callable[[], None]) -> None:
    """Do something of a user's; whatever it raises becomes one error that names it."""
    try:
        act()
    except ParsimError:
        raise
    except Exception as error:
        raise BuildError(f"{what} raised {type(error).__name__}: {error}") from error


def remedy(shortest: float) -> str:
    """What would break up an island whose smallest delay this is."""
    if shortest > 0.0:
        return f"A dt of at most {shortest:g} ms would set them apart, as longer delays would."
    return "Some of these delays are 0, so that no dt sets the cells apart; longer delays would."
