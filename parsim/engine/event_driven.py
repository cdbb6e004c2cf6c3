"""This rank's event-driven cells of all models: those that stand alone in their groups, and the islands."""

from collections.abc import Callable
from typing import Any

import numpy as np

from parsim.arrays import Gids, Ints, concatenated
from parsim.assembly.islands import IslandMap
from parsim.assembly.short_rows import source_gids, spread
from parsim.clock import Grid
from parsim.engine.running.watching import Watching
from parsim.jit import Block, Op
from parsim.models.base import StimulusModel
from parsim.network.network import Network
from parsim.network.recording import SpikeRecording
from parsim.shard.events.event_group import EventGroup, next_own
from parsim.shard.events.island_ops import IslandOps, empty_outbox
from parsim.shard.events.islands import Islands, SubstepConnections
from parsim.shard.group import AbstractGroup
from parsim.shard.outbox import Outbox, appended
from parsim.shard.rows.listening import Listening
from parsim.shard.rows.table import Table
from parsim.shard.stages import Move, Stages, in_turn


class EventDriven:
    """Groups of event-driven cells, and the islands that some of their cells form."""

    def __init__(self, seed: int, grid: Grid, catch_up: Callable[[AbstractGroup, int], None]) -> None:
        self.seed, self.grid, self.catch_up = seed, grid, catch_up
        self.groups: list[EventGroup] = []
        self.islands: Islands | None = None

    def form(
        self,
        groups: list[EventGroup],
        tables: list[Table],
        found: IslandMap,
        models: set[Any],
        recorded: bool,
    ) -> None:
        """Islands anew, of the cells held here; what waits at them stays so. `models` have cells in islands.

        `recorded`: is there a recording of what goes over connections?
        """
        self.disband()
        self.groups = groups
        here = np.concatenate([np.empty(0, np.int64), *(group.gids for group in groups)])
        mine = np.isin(found.gids, here, assume_unique=True)
        gids, island = found.gids[mine], found.island[mine]
        if gids.size == 0:
            return
        order = np.lexsort((gids, island))
        gids, island = gids[order], island[order]
        parts = np.split(gids, np.flatnonzero(np.diff(island)) + 1)
        # Those that have cells in islands on any rank: islands may be formed anew while their ops stay.
        joined = sorted((g for g in groups if g.model in models), key=lambda group: group.model.name)
        self.islands = Islands(joined, parts, substep_connections(tables), self.seed, self.grid)
        self.islands.listening = Listening(self._islands, tables, self.catch_up, recorded)

    def disband(self) -> None:
        """Bring what waits at islands, and what they have sent, back to the groups."""
        if self.islands is None:
            return
        self.islands.disband()
        isle, out, n = self.islands.island, self.islands.out, int(self.islands.out.count[0])
        for g, group in enumerate(self.islands.groups):
            of = isle.which[out.cell[:n]] == g
            cells = isle.cell[out.cell[:n][of]]
            group.out = appended(group.out, cells, out.step[:n][of], out.offset[:n][of])
        self.islands = None

    def forget(self) -> None:
        """The groups begin anew: what waits at islands goes."""
        self.islands = None

    def start(self, now: int) -> None:
        """The time of new cells begins."""
        for group in self.groups:
            group.start(now)
        if self.islands is not None:
            self.islands.start(now)

    def gather_ops(self, stages: Stages) -> None:
        """Lay out what comes between driving and moving, once the groups have laid out theirs."""
        if self.islands is not None:
            self._ops = IslandOps(stages, lambda: self._islands())
            self._ops.gather_ops()

    def _islands(self) -> Islands:
        assert self.islands is not None  # where a rank has islands, it has some until there are more cells
        return self.islands

    def listen_ops(self) -> None:
        """Lay out what hears spikes within islands, once it is known who notes them."""
        if self.islands is not None:
            self._ops.listen_ops()

    def move_ops(self, stages: Stages, watching: Watching) -> None:
        """Lay out the moving of all cells, stopping where some are to be sampled.

        A sample at a step is taken at its very time, before what comes a rounding later; and at that time all
        cells are, for those of one group may be in islands and not.
        """
        if watches := [watch for group in self.groups for watch in watching.of(group)] + watching.rows():
            stages.move.append(Move(in_turn(self._move_ops(stages, 0.0)), watches))
        ops = self._move_ops(stages, self.grid.near)
        stages.move += [Move(op, []) for op in ops]
        stages.start += ops

    def _move_ops(self, stages: Stages, near: float) -> list[Op]:
        islands = [] if self.islands is None else [self._ops.move_op(near)]
        return [group.move_op(stages, near) for group in self.groups] + islands

    def end_ops(self, stages: Stages, collect: Callable[[Block, Block], Op], rests: bool) -> None:
        """Lay out the collecting of islands' spikes, and the look for what happens next, where ranks may rest."""
        if self.islands is not None:
            stages.collect.append(collect(self._ops.gids, self._ops.out))
            stages.clear.append(Op(empty_outbox, self._ops.out, self._ops.island))
        if rests:
            for group in self.groups:
                group.next_ops(stages)
            if self.islands is not None:
                stages.next_event.append(Op(next_own, self._ops.queue, stages.next))

    def mistakes(self) -> list[str]:
        """What kernels of models have done wrong, if anything."""
        said = [group.mistake() for group in self.groups]
        if self.islands is not None:
            said.append(self.islands.mistake())
        return [one for one in said if one is not None]

    def changed(self, group: AbstractGroup, cells: Ints, now: int) -> None:
        """Something of these cells of a group was changed."""
        group.changed(cells, now)
        if self.islands is not None:
            self.islands.changed(group, cells, now)

    def outboxes(self) -> list[tuple[Gids, Outbox]]:
        """Spikes of all, with the gids that the cells in an outbox stand for."""
        return [(group.gids, group.out) for group in self.groups] + self.sent

    def outbox_blocks(self, stages: Stages) -> list[tuple[Block, Block]]:
        """The same as ops find them, once these are laid out."""
        gids = [stages.follow(lambda group=group: (group.gids,)) for group in self.groups]  # type: ignore[misc]
        found = [(held, group.blocks["out"]) for held, group in zip(gids, self.groups, strict=True)]
        return found if self.islands is None else [*found, (self._ops.gids, self._ops.out)]

    @property
    def sent(self) -> list[tuple[Gids, Outbox]]:
        """Spikes of islands, with the gids that the cells in the outbox stand for."""
        return [] if self.islands is None else [(self.islands.gids, self.islands.out)]


def has_event_driven(network: Network) -> bool:
    """Has the network event-driven cells, on whatever rank?"""
    return any(
        not isinstance(p.model, StimulusModel) and not p.model.host.clocked for p in network.populations
    )


def may_fire_at_start(network: Network) -> bool:
    """Has it cells that may fire at the time at which a run begins?"""
    detectors = [getattr(p.model, "detector", None) for p in network.populations]
    return has_event_driven(network) or any(one is not None and one.fires_at_start for one in detectors)


def may_rest_between_events(network: Network) -> bool:
    """Can nothing happen between events? Decided by what was said, alike on all ranks."""
    states = any(not isinstance(said, SpikeRecording) for said in network.recordings)
    models = [p.model for p in network.populations]
    return not states and not any(isinstance(model, StimulusModel) or model.host.clocked for model in models)


def substep_connections(tables: list[Table]) -> SubstepConnections:
    """The connections within islands that take less than a step, of synapses that remember nothing."""
    found = [
        SubstepConnections(*(np.empty(0, dtype) for dtype in (np.int64, np.int64, float, float, np.int64)))
    ]
    for table in tables:
        n = table.slot.size
        if table.short and n and not table.group.clocked and table.transmission is None:
            target = table.group.gids[table.slot % table.group.gids.size]
            delay, weight = (np.array(spread(c, n), dtype=float) for c in (table.delay, table.weight))
            found.append(
                SubstepConnections(source_gids(table), target, delay, weight, table.base + np.arange(n))
            )
    return concatenated(found)
