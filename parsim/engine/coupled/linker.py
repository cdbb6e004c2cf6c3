"""Pointers that follow variables of other cells: what a rank does of it in Python.

Groups of which cells follow or are followed move a step at a time, and each step numbers are brought as they stand at
its end: voltages before states move, where these read them; all else after. So the next step reads what stood at the
end of the one before, as in NEURON, on any number of ranks.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids, Ints, concatenated, picked
from parsim.assembly.links import LinkEnds, check_linked, links_here, models_at, no_links
from parsim.assembly.partition import Partition
from parsim.comm.base import AbstractComm
from parsim.engine.agree import together
from parsim.jit import Op
from parsim.models.cable_names import Column
from parsim.network.link import Link
from parsim.shard.coupled.links import AT, IN, WORDS, Links, Spots, step_by_step, there_and_back
from parsim.shard.group import AbstractGroup
from parsim.shard.stages import Stages

V = ("v",)
_NEVER = np.zeros(1, np.int64)


class Linker:
    """The linked groups of a rank, and what is brought to their pointers."""

    def __init__(self, comm: AbstractComm, seed: int, broken: Ints) -> None:
        self.comm, self.seed = comm, seed
        self.said: list[Link] = []
        self.ends: LinkEnds = no_links()
        self.models: list[Any] = []  # of all ranks' cells that follow or are followed
        self.split = False  # do states follow voltages?
        self.groups: list[Any] = []
        self.parts: list[Links] = []  # brought within a step where it is split, and at its end
        self.arrays: list[tuple[Any, ...]] = []
        self.words = np.zeros(WORDS, np.int64)
        self.broken = broken  # not 0 where ranks have left an interval, for one has failed
        self._meetings: dict[int, Links] = {}  # by their place among the ops of a step
        self._place = np.zeros(1, np.int64)  # at which of them it is
        self._is_nested = False

    @property
    def active(self) -> bool:
        """Has any link been said? Alike on all ranks."""
        return bool(self.said)

    @property
    def n_links(self) -> int:
        """Links to cells of this rank."""
        return int(self.ends.said.size)

    @property
    def traffic(self) -> tuple[int, int]:
        """Messages and bytes that this rank has sent."""
        return sum(p.messages for p in self.parts), sum(p.bytes_sent for p in self.parts)

    def is_linked(self, group: AbstractGroup) -> bool:
        """Is the group moved here?"""
        return group.model in self.models

    def hold(self, links: list[Link], groups: dict[Any, AbstractGroup], partition: Partition) -> None:
        """This rank's ends of what was said."""
        for said in links:
            found = links_here(said, len(self.said), groups, partition, self.seed)
            self.ends = concatenated([self.ends, found])
            self.said.append(said)
            self.split |= said.within_a_step
            self.models += [m for m in (*said.source.models, *said.target.models) if m not in self.models]

    def lay_out(self, groups: dict[Any, AbstractGroup], partition: Partition, now: int) -> None:
        """Collective: fit everything to the cells and links that are here, and bring what stands now."""
        together(self.comm, lambda: check_linked(groups, self.said, self.ends))
        self.words[:] = 0
        if not self.active:
            return
        self.groups = [group for group in groups.values() if self.is_linked(group)]
        for group in self.groups:
            group.split = self.split
        self.parts = [self._part(early, partition) for early in ([True, False] if self.split else [False])]
        self.bring()
        for group in self.groups:
            group.begin_again(now)
        self.bring()

    def _part(self, early: bool, partition: Partition) -> Links:
        ends = self._brought(early)
        wanted = np.stack([ends.said, ends.source], axis=1)
        spots: list[Spots] = []
        which: list[Ints] = []
        for at, said in enumerate(self.said):
            of = np.flatnonzero(ends.said == at)
            for model in said.target.models:
                some = of[np.isin(ends.target[of], self._group(model).gids)]
                for row in said.pointers(model).rows:
                    spots.append(self._spots(model, said.pointers(model).array, row, ends.target[some]))
                    which.append(some)
        pointers = concatenated([_nowhere(), *spots])
        every = np.concatenate([np.empty(0, np.int64), *which])
        return Links(wanted, partition.owner(ends.source), self._find, pointers, every, self.comm)

    def _brought(self, early: bool) -> LinkEnds:
        """The links that are brought within a step, or at its end."""
        if not self.split:
            return self.ends
        is_early = np.zeros(self.ends.said.size, bool)
        for at, said in enumerate(self.said):
            of = np.flatnonzero(self.ends.said == at)
            has_v = np.array([said.followed(model).array == V for model in said.source.models])
            is_early[of] = has_v[models_at(said, self.ends.source[of])]
        return picked(self.ends, is_early == early)

    def _group(self, model: Any) -> Any:
        return next(group for group in self.groups if group.model is model)

    def _find(self, said: Ints, gids: Gids) -> Spots:
        """Where the variables of statements are that cells here have."""
        spots, order = [_nowhere()], [np.empty(0, np.int64)]
        for at in np.unique(said):
            of, link = np.flatnonzero(said == at), self.said[at]
            which = models_at(link, gids[of])
            for k, model in enumerate(link.source.models):
                some = of[which == k]
                column: Column = link.followed(model)
                spots.append(self._spots(model, column.array, column.shows, gids[some]))
                order.append(some)
        back = np.argsort(np.concatenate(order), kind="stable")
        return picked(concatenated(spots), back)

    def _spots(self, model: Any, array: tuple[Any, ...], row: int, gids: Gids) -> Spots:
        if array not in self.arrays:
            self.arrays.append(array)
        group = self._group(model)
        cell = np.searchsorted(group.gids, gids)
        block, lane = cell // group.block, cell % group.block
        lanes = np.minimum(group.block, group.gids.size - block * group.block)
        every = np.ones(gids.size, np.int64)
        return Spots(
            every * self.groups.index(group), block, every * self.arrays.index(array), row * lanes + lane
        )

    def _array(self, group: int, block: int, array: int) -> Floats:
        found: Floats = self.groups[group].held[block].array(self.arrays[array])
        return found.reshape(-1)

    def bring(self) -> None:
        """Collective: what pointers follow as it stands now; after something was set, too."""
        for part in self.parts:
            part.bring(self._array)

    def ops(self, stages: Stages, joined: Op | None, is_joined: Callable[[AbstractGroup], bool]) -> Op:
        """What moves the linked groups, whose own ops are laid out; `joined` moves those that junctions join."""
        move = [] if joined is None else [joined]
        own = [group for group in self.groups if not is_joined(group)]
        back = False if self.split else None
        ops = [*move, *there_and_back([op for group in own for op in group.step_ops(stages)], back)]
        self._meetings, self._is_nested = {}, joined is not None
        *early, _ = self.parts
        for part in self.parts:
            brought = part.ops(stages, self._array, self.broken if self._is_nested else _NEVER)
            self._meetings |= {len(ops) + k: part for k, op in enumerate(brought) if op.make_room is not None}
            ops += brought
            if part in early:
                ops += there_and_back([op for group in self.groups for op in group.finish_ops()], True)
        self._place, op = step_by_step(ops, self.words, self.broken if self._is_nested else _NEVER)
        return op

    def leave(self, now: int, until: int) -> None:
        """Collective: this rank has failed on its way to `until`; those who wait for its numbers go on without.

        Where junctions are solved in each step, ranks hear of it there; else they go on to the end of the interval.
        """
        w = self.words
        step = int(w[AT]) if w[IN] else max(int(w[AT]), now)
        if not self.active or step >= until:
            return
        place = int(self._place[0]) if w[IN] else 0
        if self._is_nested and place == 0:
            return
        for k, part in self._meetings.items():
            if k >= place:
                part.exchange()
        for _ in range(0 if self._is_nested else until - step - 1):
            for part in self._meetings.values():
                part.exchange()
        w[AT], w[IN] = until, 0


def _nowhere() -> Spots:
    nothing = np.empty(0, np.int64)
    return Spots(nothing, nothing, nothing, nothing)
