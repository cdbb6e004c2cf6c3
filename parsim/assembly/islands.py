"""Islands: cells that reach each other within a step, and so must be held and moved by one rank.

Spikes between ranks are exchanged at whole steps. Event-driven cells may be joined by delays of less
than a step, or none; cells so joined, directly or over others, form an island. Every rank finds
the same islands, for it draws all rows of the statements that may hold such delays.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from parsim.arrays import Floats, Gids
from parsim.assembly.connections import (
    DELAY,
    at_rows,
    of_event_driven,
    reaches_within_a_step,
    row_blocks_of_all,
)
from parsim.assembly.partition import Partition
from parsim.clock import Clock
from parsim.errors import BuildError
from parsim.kernels.components import join, roots
from parsim.network.population import Population
from parsim.network.projection import Projection
from parsim.network.rules import Rows


@dataclass(frozen=True)
class IslandMap:
    """Cells that belong to islands (ascending gids), and the island of each: the smallest gid in it."""

    gids: Gids = field(default_factory=lambda: np.empty(0, np.int64))
    island: Gids = field(default_factory=lambda: np.empty(0, np.int64))

    @cached_property
    def largest(self) -> int:
        """How many cells the largest has."""
        return int(np.unique(self.island, return_counts=True)[1].max(initial=0))

    @cached_property
    def count(self) -> int:
        """How many there are."""
        return int(np.unique(self.island).size)

    def has_any(self, cells: Population) -> bool:
        """Does any of these cells belong to an island?"""
        first, stop = np.searchsorted(self.gids, [cells.first, cells.first + cells.size])
        return bool(stop > first)

    def partition(self, rank: int, size: int) -> Partition:
        """Each island is held where its first cell would be."""
        return Partition(rank, size, self.gids, self.island % size)


def find_islands(
    before: IslandMap, projections: list[Projection], held: int, clock: Clock, seed: int
) -> tuple[IslandMap, float]:
    """The islands after these statements, and the smallest delay (ms) within one that is new.

    Cells with gids below `held` are held already. Two that lie apart cannot be brought together.
    """
    sources, targets, shortest = [before.gids], [before.island], np.inf
    for said in projections:
        for source, target, delay in substep_rows(said, clock, seed):
            sources.append(source)
            targets.append(target)
            shortest = min(shortest, float(delay.min(initial=np.inf)))
    if len(sources) == 1:
        return before, np.inf
    source, target = np.concatenate(sources), np.concatenate(targets)
    gids = np.unique(np.concatenate([source, target]))
    parent = np.arange(gids.size)
    join(parent, np.searchsorted(gids, source), np.searchsorted(gids, target))
    after = IslandMap(gids, gids[roots(parent)])
    _check_held(before, after, held)
    return after, shortest


def substep_rows(said: Projection, clock: Clock, seed: int) -> list[tuple[Gids, Gids, Floats]]:
    """(sources, targets, delays in ms) of a statement's rows that take less than a step."""
    found = []
    if said.source.kind == "cell" and reaches_within_a_step(said, clock):
        for rows, targets in row_blocks_of_all(said, seed):
            delay = _delays(said, rows, targets, seed)
            sources = said.source.members.at(rows.source)
            short = (
                (delay < clock.dt)
                & of_event_driven(said.source, sources)
                & of_event_driven(said.target, targets)
            )
            found.append((sources[short], targets[short], delay[short]))
    return found


def _delays(said: Projection, rows: Rows, targets: Gids, seed: int) -> Floats:
    return at_rows(said, said.delay, rows, lambda: targets, DELAY, seed)


def _check_held(before: IslandMap, after: IslandMap, held: int) -> None:
    """No island may have grown to hold two cells that were apart, for their ranks differ."""
    old = after.gids < held
    was = after.gids[old].copy()
    known = np.isin(was, before.gids)
    was[known] = before.island[np.searchsorted(before.gids, was[known])]
    pairs = np.unique(np.stack([after.island[old], was]), axis=1)
    merged = np.flatnonzero(np.diff(pairs[0]) == 0)
    if merged.size:
        a, b = pairs[1, merged[0]], pairs[1, merged[0] + 1]
        raise BuildError(
            f"cells {a} and {b}, which are held already, would be joined by delays of less than one step. Connect them "
            "before the simulation is made, or use delays of at least dt."
        )
