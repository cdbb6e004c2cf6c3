"""Statements of coupling to the ends of junctions at this rank's cells: the sites that they join.

Rules draw by target, and a cell is joined both as a target and as a source. So each rank draws the rows onto its own
cells, and tells the ranks that hold the sources: what a rank draws, holds and hears grows with its own cells alone.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Gids, Ints, concatenated, picked
from parsim.assembly.connections import WEIGHT, at_rows, row_blocks_here
from parsim.assembly.partition import Partition
from parsim.comm.base import AbstractComm
from parsim.comm.plan import by_rank
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


def rows_onto(said: Coupling, partition: Partition, seed: int) -> JunctionEnds:
    """A statement's junctions at the targets that this rank holds: `own` is the target."""
    parts = [_block(said, rows, targets, seed) for rows, targets in row_blocks_here(said, partition, seed)]
    return concatenated([no_ends(), *parts])


def ends_of(
    said: Sequence[Coupling], rows: JunctionEnds, partition: Partition, comm: AbstractComm
) -> JunctionEnds:
    """Collective: the ends of all junctions at this rank's cells, of the rows of these statements onto targets here."""
    owner = partition.owner(gids_of(rows.partner))
    elsewhere = owner != comm.rank
    found = comm.send_objects(by_rank(owner[elsewhere], _packed(picked(rows, elsewhere))))
    rows = concatenated([rows, *(_unpacked(there) for there in found.values())])
    for one in said:
        if not one.rule.asks_each_pair and not one.rule.allow_multapses:
            rows = _once(rows, rows.serial == one.serial)

    # A row's target is `own` so far; now the ends of targets here, and those of sources here.
    at_target, at_source = partition.owns(gids_of(rows.own)), partition.owns(gids_of(rows.partner))
    of_target = picked(rows, at_target)
    of_source = picked(rows, at_source)
    of_source = of_source._replace(own=of_source.partner, partner=of_source.own, side=-of_source.side)
    return joined([of_target, of_source])


def _packed(rows: JunctionEnds) -> Ints:
    """As one array [row, column], for it may go to many ranks."""
    return np.stack([column.view(np.int64) for column in rows], axis=1)


def _unpacked(rows: Ints) -> JunctionEnds:
    columns = JunctionEnds(*rows.T)
    return columns._replace(weight=np.ascontiguousarray(columns.weight).view(np.float64))


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


def _block(said: Coupling, rows: Rows, targets: Gids, seed: int) -> JunctionEnds:
    """Rows onto these targets, which are `own`."""
    a, b = said.source.members.at(rows.source), targets[rows.target]
    keep = _kept(said, a, b)
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


def _once(rows: JunctionEnds, among: NDArray[np.bool_]) -> JunctionEnds:
    """Without those of which the pair is there the other way round, too, `among` some, with the greater site as source.

    Both are here where one is, for who holds one of the two cells knows of both rows.
    """
    which = np.flatnonzero(among)
    sites, at = np.unique(np.concatenate([rows.own[which], rows.partner[which]]), return_inverse=True)
    own, partner = at[: which.size], at[which.size :]
    again = (partner < own) & np.isin(partner * sites.size + own, own * sites.size + partner)
    return picked(rows, np.delete(np.arange(rows.own.size), which[again]))


def _check(said: Coupling, weight: Floats, a: Gids, b: Gids) -> None:
    """Bounds of weights that had to be drawn first."""
    try:
        CONDUCTANCE.check(
            weight, "", lambda at: f"weight of the junction of gids {a[at]} and {b[at]} in {said!r}"
        )
    except DescriptionError as error:
        raise BuildError(f"{error} It comes from {said.weight.describe()}.") from None
