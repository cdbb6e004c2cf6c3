"""Statements of coupling to the ends of junctions at this rank's cells: the sites that they join.

Rules draw by target, and a cell is joined both as a target and as a source. So every rank draws all
rows of a statement, block by block, and keeps those that touch its cells: some nanoseconds a junction
on each rank, and no memory but for its own.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Gids, Ints, concatenated, picked
from parsim.assembly.connections import WEIGHT, at_rows, row_blocks_of_all
from parsim.assembly.partition import Partition
from parsim.errors import BuildError, DescriptionError
from parsim.network.coupling import CONDUCTANCE, Coupling
from parsim.network.rules import Rows, Wiring
from parsim.shard.coupled.site import gids_of, sites_of


class JunctionEnds(NamedTuple):
    """Junctions as seen from this rank's cells, by (own site, statement, partner's site, row of the rule).

    So what a site's junctions add up to is added in one order, on any number of ranks. `side` is 1
    where `own` is in the row's target and -1 where it is in its source.
    """

    own: Ints
    partner: Ints
    serial: Ints
    side: Ints
    weight: Floats
    gid: Gids  # with `draw`, the key of the row
    draw: Ints


def no_ends() -> JunctionEnds:
    """None yet."""
    nothing = np.empty(0, np.int64)
    return JunctionEnds(nothing, nothing, nothing, nothing, np.empty(0), nothing, nothing)


def joined(parts: list[JunctionEnds]) -> JunctionEnds:
    """All of them, in order."""
    every = concatenated(parts)
    order = np.lexsort((every.side, every.draw, every.gid, every.partner, every.serial, every.own))
    return picked(every, order)


def ends_of(said: Coupling, partition: Partition, seed: int) -> JunctionEnds:
    """The ends of a statement's junctions at this rank's cells."""
    parts = [_block(said, rows, targets, partition, seed) for rows, targets in row_blocks_of_all(said, seed)]
    rows = concatenated([no_ends(), *parts])
    if not said.rule.asks_each_pair and not said.rule.allow_multapses:
        rows = _once(rows)

    # A row's target is `own` so far; now the ends of targets here, and those of sources here.
    at_target, at_source = partition.owns(gids_of(rows.own)), partition.owns(gids_of(rows.partner))
    of_target = picked(rows, at_target)
    of_source = picked(rows, at_source)
    of_source = of_source._replace(own=of_source.partner, partner=of_source.own, side=-of_source.side)
    return joined([of_target, of_source])


def joined_pairs(said: Coupling, wiring: Wiring) -> tuple[Gids, Gids]:
    """The pairs of cells that some rows of a statement join, sources and targets."""
    rows = said.rule.for_targets(wiring).rows(wiring)
    a, b = wiring.sources.at(rows.source), wiring.targets[rows.target]
    keep = _kept(said, a, b)
    return a[keep], b[keep]


def _kept(said: Coupling, a: Gids, b: Gids) -> NDArray[np.bool_]:
    """Which rows are junctions: none of a site with itself, and of two that are one, asked about twice, only one.

    A pair of cells is asked about twice where both are among sources and among targets, at the same place.
    """
    spots_a, spots_b = said.source.spots(a), said.target.spots(b)
    kept = (a != b) | (spots_a != spots_b)
    if said.rule.asks_each_pair:
        again = a < b
        for one, spots, others in ((a, spots_a, said.target), (b, spots_b, said.source)):
            again &= others.members.has(one) & (others.spots(one) == spots)
        kept &= ~again
    return kept


def _block(said: Coupling, rows: Rows, b: Gids, partition: Partition, seed: int) -> JunctionEnds:
    """Rows that touch this rank's cells, of these targets, which are `own`."""
    a = said.source.members.at(rows.source)
    keep = (partition.owns(a) | partition.owns(b)) & _kept(said, a, b)
    rows, a, b = rows.picked(keep), a[keep], b[keep]

    constant = said.weight.constant_or_none
    if constant is not None:
        weight = np.full(a.size, constant)
    else:
        weight = at_rows(said, said.weight, rows, lambda: b, WEIGHT, seed)
    _check(said, weight, a, b)
    ones = np.ones(a.size, np.int64)
    own, partner = sites_of(b, said.target.spots(b)), sites_of(a, said.source.spots(a))
    return JunctionEnds(
        own, partner, said.serial * ones, ones, weight, rows.gid.astype(np.int64), rows.draw.astype(np.int64)
    )


def _once(rows: JunctionEnds) -> JunctionEnds:
    """Without those whose pair is there the other way round, too, with the greater site as source."""
    sites, at = np.unique(np.concatenate([rows.own, rows.partner]), return_inverse=True)
    own, partner = at[: rows.own.size], at[rows.own.size :]
    again = (partner < own) & np.isin(partner * sites.size + own, own * sites.size + partner)
    return picked(rows, ~again)


def _check(said: Coupling, weight: Floats, a: Gids, b: Gids) -> None:
    """Bounds of weights that had to be drawn first."""
    try:
        CONDUCTANCE.check(
            weight, "", lambda at: f"weight of the junction of gids {a[at]} and {b[at]} in {said!r}"
        )
    except DescriptionError as error:
        raise BuildError(f"{error} It comes from {said.weight.describe()}.") from None
