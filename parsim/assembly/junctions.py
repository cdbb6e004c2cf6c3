"""Statements of coupling to the ends of junctions at this rank's cells.

Rules draw by target, and a cell is joined both as a target and as a source. So every rank draws all
rows of a statement, block by block, and keeps those that touch its cells: some nanoseconds a junction
on each rank, and no memory but for its own.
"""

from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints, concatenated, picked
from parsim.assembly.connections import BLOCK_ROWS, WEIGHT, at_rows
from parsim.assembly.partition import Partition
from parsim.errors import BuildError, DescriptionError
from parsim.network.coupling import CONDUCTANCE, Coupling
from parsim.network.rules import Rows, Wiring


class JunctionEnds(NamedTuple):
    """Junctions as seen from this rank's cells, by (own cell, statement, partner, row of the rule).

    So what a cell's junctions add up to is added in one order, on any number of ranks. `side` is 1
    where the cell is the row's target and -1 where it is its source.
    """

    own: Gids
    partner: Gids
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
    sources, everyone = said.source.members, said.target.members
    both = _asked_twice(said)
    whole = Wiring(seed, said.serial, sources, everyone, np.arange(everyone.size), everyone.all)
    rule = said.rule.for_targets(whole)
    parts = [_block(said, rule.rows(block), block, partition, both) for block in _blocks(said, whole)]
    rows = concatenated([no_ends(), *parts])
    if not said.rule.asks_each_pair and not said.rule.allow_multapses:
        rows = _once(rows)

    # A row's target is `own` so far; now the ends of targets here, and those of sources here.
    at_target, at_source = partition.owns(rows.own), partition.owns(rows.partner)
    of_target = picked(rows, at_target)
    of_source = picked(rows, at_source)
    of_source = of_source._replace(own=of_source.partner, partner=of_source.own, side=-of_source.side)
    return joined([of_target, of_source])


def joined_pairs(said: Coupling, wiring: Wiring) -> tuple[Gids, Gids]:
    """The pairs of cells that some rows of a statement join, sources and targets."""
    rows = said.rule.for_targets(wiring).rows(wiring)
    a, b = wiring.sources.at(rows.source), wiring.targets[rows.target]
    keep = _kept(a, b, _asked_twice(said))
    return a[keep], b[keep]


def _asked_twice(said: Coupling) -> Any:
    """Which cells, by gid, are asked about as sources and as targets."""
    sources, targets = said.source.gids, said.target.gids
    both = np.zeros((2, int(max(sources.max(initial=0), targets.max(initial=0))) + 1), bool)
    both[0, sources] = both[1, targets] = True
    return both[0] & both[1] & said.rule.asks_each_pair


def _kept(a: Gids, b: Gids, twice: Any) -> Any:
    """Which rows are junctions: none of a cell with itself, and of those asked about twice only one."""
    return (a != b) & ~((a < b) & twice[a] & twice[b])


def _blocks(said: Coupling, whole: Wiring) -> list[Wiring]:
    """All targets of the statement, in blocks."""
    per_target = said.rule.expected(whole.sources.size, whole.targets.size) / max(whole.targets.size, 1)
    n = max(1, int(BLOCK_ROWS / max(per_target, 1.0)))
    return [whole.block(begin, begin + n) for begin in range(0, whole.targets.size, n)]


def _block(said: Coupling, rows: Rows, wiring: Wiring, partition: Partition, twice: Any) -> JunctionEnds:
    """Rows that touch this rank's cells, with the target as `own`; pairs of cells in `twice` are asked about twice."""
    a, b = wiring.sources.at(rows.source), wiring.targets[rows.target]
    keep = (partition.owns(a) | partition.owns(b)) & _kept(a, b, twice)
    rows, a, b = rows.picked(keep), a[keep], b[keep]

    constant = said.weight.constant_or_none
    if constant is not None:
        weight = np.full(a.size, constant)
    else:
        weight = at_rows(said, said.weight, rows, b, WEIGHT, wiring.seed)
    _check(said, weight, a, b)
    ones = np.ones(a.size, np.int64)
    return JunctionEnds(
        b, a, said.serial * ones, ones, weight, rows.gid.astype(np.int64), rows.draw.astype(np.int64)
    )


def _once(rows: JunctionEnds) -> JunctionEnds:
    """Without those whose pair is there the other way round, too, with the greater gid as source."""
    cells = int(max(rows.own.max(initial=0), rows.partner.max(initial=0))) + 1
    again = (rows.partner < rows.own) & np.isin(
        rows.partner * cells + rows.own, rows.own * cells + rows.partner
    )
    return picked(rows, ~again)


def _check(said: Coupling, weight: Any, a: Gids, b: Gids) -> None:
    """Bounds of weights that had to be drawn first."""
    try:
        CONDUCTANCE.check(
            weight, "", lambda at: f"weight of the junction of gids {a[at]} and {b[at]} in {said!r}"
        )
    except DescriptionError as error:
        raise BuildError(f"{error} It comes from {said.weight.describe()}.") from None
