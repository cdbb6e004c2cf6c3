"""Statements of links to the pointers of this rank's cells, and what each of them follows."""

from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Gids, Ints, concatenated
from parsim.assembly.connections import model_of, row_blocks, row_blocks_of_all, targets_here
from parsim.assembly.partition import Partition
from parsim.errors import BuildError
from parsim.kernels.components import join, roots
from parsim.network.link import Link
from parsim.shard.group import AbstractGroup


class LinkEnds(NamedTuple):
    """Links to cells of this rank, in order of statements: which statement, whose pointers, whose variable."""

    said: Ints  # place in the list of statements
    target: Gids
    source: Gids


def no_links() -> LinkEnds:
    """None yet."""
    nothing = np.empty(0, np.int64)
    return LinkEnds(nothing, nothing, nothing)


def links_here(
    said: Link, at: int, groups: dict[Any, AbstractGroup], partition: Partition, seed: int
) -> LinkEnds:
    """The links of a statement, the `at`th, to this rank's cells."""
    parts = [no_links()]
    for here in targets_here(said, groups, partition, seed):  # type: ignore[arg-type]
        for rows, local in row_blocks(said, here):  # type: ignore[arg-type]
            target = here.group.gids[local[rows.target]]
            source = said.source.members.at(rows.source)
            parts.append(LinkEnds(np.full(target.size, at, np.int64), target, source))
    return concatenated(parts)


def models_at(said: Link, sources: Gids) -> Ints:
    """Which of the models of a statement's sources each of these has."""
    return model_of(said.source, said.source.members.places_of(sources))


def held_together(links: list[Link], size: int, seed: int, first: int) -> tuple[Gids, Ints]:
    """Cells that one rank had better hold together, ascending, and the rank of each; so no number need be sent.

    Cells that are linked, directly or over others, go to one rank if there are so many such parts of the network that
    ranks get as much to do as when cells are dealt; or if to move all linked cells takes a rank no longer than ranks
    need to exchange in each step. Parts with cells below gid `first`, which are held, stay as dealt. So do all where
    there are very many links, for each rank would have to look at them all.
    """
    expected = sum(said.rule.expected(len(said.source), len(said.target)) for said in links)
    if not links or size == 1 or expected > MOST_LINKS:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    pairs = [
        (said.source.members.at(rows.source), targets)
        for said in links
        for rows, targets in row_blocks_of_all(said, seed)  # type: ignore[arg-type]
    ]
    source, target = (np.concatenate(column) for column in zip(*pairs, strict=True))
    gids = np.unique(np.concatenate([source, target]))
    parent = np.arange(gids.size)
    join(parent, np.searchsorted(gids, source), np.searchsorted(gids, target))
    _, part, counts = np.unique(roots(parent), return_inverse=True, return_counts=True)
    is_even = counts.max(initial=0) * UNEVEN * size <= gids.size
    saved = _step_of(links, gids) * (1.0 - 1.0 / size)  # by moving them on all ranks at once
    if gids.size == 0 or gids[0] < first or not (is_even or saved < EXCHANGE):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    # In order of their first cells they are dealt as cells are, by how many there are before.
    before = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return gids, (before[part] * size // gids.size).astype(np.int64)


MOST_LINKS = 2**18  # 0.5 s and 25 MB
UNEVEN = 8  # a part is at most this share of what a rank gets of linked cells
EXCHANGE = 12.0  # us a step, between two processes on two cores
NODE = 2e-3  # us a step of a compartment,
FIELD = 2.2e-3  # and of each number that instances keep whose currents change


def _step_of(links: list[Link], gids: Gids) -> float:
    """How long a rank takes for a step of these cells, us: what was seen is within a third of it."""
    parts = [part for said in links for side in (said.source, said.target) for part in side.parts]
    found = {part.population.first: part.population for part in parts}.values()
    return sum(
        float(np.diff(np.searchsorted(gids, [p.first, p.first + p.size]))[0]) * _step_of_a_cell(p.model)
        for p in found
    )


def _step_of_a_cell(model: Any) -> float:
    moving = [p for p in model.plan.planted if not p.constant]
    fields = sum(len(p.nodes) * len(p.mechanism.kept._fields) for p in moving)
    return NODE * len(model.plan.shape.parent) + FIELD * fields


def check_linked(groups: dict[Any, AbstractGroup], links: list[Link], ends: LinkEnds) -> None:
    """Each pointer of each cell follows one variable, or an error: the statement to add, or the two that are there."""
    for model, group in groups.items():
        if getattr(model, "names", None) is None:
            continue
        for column, owner, name in model.names.pointers():
            times = np.zeros(group.gids.size, np.int64)
            by: dict[int, Link] = {}
            for at, said in enumerate(links):
                if model not in said.target.models:
                    continue
                own = said.pointers(model)
                if own.array == column.array and column.rows[0] in own.rows:
                    mine = ends.target[ends.said == at]
                    mine = mine[np.isin(mine, group.gids)]
                    np.add.at(times, np.searchsorted(group.gids, mine), 1)
                    by[at] = said
            _complain(model, group, times, (owner, name), by, ends)


def _complain(
    model: Any, group: AbstractGroup, times: Ints, what: tuple[str, str], by: dict[int, Link], ends: LinkEnds
) -> None:
    owner, name = what
    if (times == 0).any():
        gid = group.gids[np.argmax(times == 0)]
        variable = "soma.v" if "v" in name else "section.variable"
        raise BuildError(
            f"{name} of {owner} of gid {gid} ({model.name}) is a pointer that follows nothing. Say what it follows: "
            f'net.link(cells, "{variable}", others.at("{owner}"), "{name}").'
        )
    if (times > 1).any():
        gid = group.gids[np.argmax(times > 1)]
        found = [
            f"{by[at].variable} of gid {source}"
            for at, target, source in zip(*ends, strict=True)
            if target == gid and at in by
        ]
        raise BuildError(
            f"{name} of {owner} of gid {gid} ({model.name}) would follow {found[0]} and {found[1]}; a pointer follows "
            "one variable. Leave one link out, or place the mechanism twice."
        )
