"""The gap junctions of one rank: sums over waveforms, its own and those that other ranks send.

Each site here that is joined (`shard/coupled/site.py`) has a place c, in order of sites; where cells are one place
each, it is a cell. A waveform stands in a row of `rows`: first those of the sites here, then those of their partners
elsewhere, by rank and site.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.comm.base import AbstractComm
from parsim.comm.plan import AbstractPlan, by_rank
from parsim.jit import DONE, Block, Op, inner, opened
from parsim.kernels import junctions as kernels
from parsim.shard.coupled.window import CHANGE, PLACE, PULL, STRONGEST, TURN


class LocatedEnds(NamedTuple):
    """Ends of junctions at cells of this rank: sites, who holds the partner, which end it is, conductance, gating."""

    own: Ints
    partner: Ints
    owner: Ints
    side: Ints
    weight: Floats
    kind: Ints  # place in the list of gatings, or -1


class JunctionRows(NamedTuple):
    """Junctions by place of the cell: those of cell c are `start[c]` to `start[c + 1]`; `slot` is the partner's row."""

    start: Ints
    slot: Ints
    side: Ints
    weight: Floats


class Sums(NamedTuple):
    """What partners add up to, in two places: those in use are `sums[words[TURN]]`, and before them were the others.

    `words` and `reals` are those of the window; `steps` is for how many there is room, `dt` in ms.
    """

    sums: Floats  # [place, cell, number of the waveform]
    rows: Floats
    row: Floats  # all rows, one after another
    g: Floats
    owed: Floats
    words: Ints
    reals: Floats
    steps: int
    dt: float
    order: int


def add_linear(at, first, stop, origin):
    """New sums from the waveforms, of junctions of constant conductance."""
    start, places, weight, sums_at = opened(at)
    s = opened(sums_at)
    new = s.sums[1 - s.words[TURN]]
    kernels.add_up(start, places, weight, s.row, kernels.WIDTH * (stop - first), new)
    return DONE


@cache
def adding_nonlinear(add: Callable[..., None]) -> Callable[..., int]:
    """An op that adds those of other junctions, by a kernel of `kernels.add_nonlinear`."""
    add = inner(add)

    def op(at, first, stop, origin):
        start, slot, side, weight, sums_at = opened(at)
        s = opened(sums_at)
        add(start, slot, side, weight, s.rows, stop - first, s.sums[1 - s.words[TURN]])
        return DONE

    return op


def compare(at, first, stop, origin):
    """The new sums are in use: how far they are from those before (mV), and at which place."""
    (sums_at,) = opened(at)
    s = opened(sums_at)
    turn = s.words[TURN]
    change, place = kernels.greatest_change(s.sums[turn], s.sums[1 - turn], s.g, stop - first)
    s.reals[CHANGE], s.words[PLACE], s.words[TURN] = change, place, 1 - turn
    if s.reals[PULL] > STRONGEST:
        kernels.go_half_way(s.sums[turn], s.sums[1 - turn])
    return DONE


def owe(at, first, stop, origin):
    """The charge that the last sums have beyond those before, with which cells were moved, is owed to them."""
    (sums_at,) = opened(at)
    s = opened(sums_at)
    turn = s.words[TURN]
    kernels.missed(s.sums[1 - turn], s.sums[turn], stop - first, s.dt, s.order, s.owed)
    return DONE


def sites_by_rank(ranks: Ints, sites: Ints) -> dict[int, Ints]:
    """The sites that have to do with each of these ranks, ascending, each once."""
    order = np.lexsort((sites, ranks))
    ranks, sites = ranks[order], sites[order]
    is_new = np.ones(sites.size, bool)
    is_new[1:] = (np.diff(ranks) != 0) | (np.diff(sites) != 0)
    return by_rank(ranks[is_new], sites[is_new])


class Junctions:
    """What one rank needs to add up the currents of its junctions; made anew when there are more of them.

    Collective. `own`, `partner` are sites, sorted by `own`, and `owner` is the partner's rank; `side` is 1
    where `own` is the second end of a junction, -1 where it is the first; `kind` is the place of a
    junction's gating in `gatings`, or -1 where it is linear.
    """

    def __init__(
        self, ends: LocatedEnds, gatings: list[Callable[[float], float]], comm: AbstractComm, steps: int
    ) -> None:
        own, partner, owner, side, weight, kind = ends
        self.sites: Ints = np.unique(own)
        self.width = kernels.WIDTH * steps
        n = self.sites.size
        # A junction is held at both its ends: who has a partner of a site here needs the waveform of that site.
        there = owner != comm.rank
        wanted, needed = (sites_by_rank(owner[there], sites[there]) for sites in (partner, own))
        elsewhere = np.concatenate([np.empty(0, np.int64), *wanted.values()])  # by rank, then by site
        sent = np.concatenate([np.empty(0, np.int64), *needed.values()])
        self._sent = np.searchsorted(self.sites, sent)
        self._alone = comm.size == 1
        self.plan: AbstractPlan = comm.plan(
            *({rank: sites.size * self.width for rank, sites in parts.items()} for parts in (needed, wanted))
        )

        self.rows: Floats = np.zeros((n + elsewhere.size, self.width))
        self._row: Floats = self.rows.reshape(-1)
        everyone = np.concatenate([self.sites, elsewhere])
        order = np.argsort(everyone)
        slot = order[np.searchsorted(everyone, partner, sorter=order)]
        place = np.searchsorted(self.sites, own)
        self.g: Floats = np.bincount(place, weight, minlength=n).astype(np.float64)
        self.partner_sites = everyone

        def links(which: Any) -> JunctionRows:
            start = np.searchsorted(place[which], np.arange(n + 1))
            return JunctionRows(start, slot[which], side[which], weight[which])

        self.linear = links(kind == -1)
        self.nonlinear = [(gating, links(kind == k)) for k, gating in enumerate(gatings)]
        self.sums: Floats = np.zeros((2, n, self.width))
        self.owed: Floats = np.zeros(n)  # charge that the last window has left to the next, pA ms

    def exchange(self) -> None:
        """Collective: the waveforms of partners elsewhere, from the ranks that hold them."""
        if self._alone:
            return
        n, out = self.sites.size, self.plan.out
        np.take(self.rows, self._sent, axis=0, out=out.reshape(-1, self.width))
        self.rows[n:] = self.plan.exchange().reshape(-1, self.width)

    def bundle(self, words: Ints, reals: Floats, steps: int, dt: float, order: int) -> Sums:
        """As ops find it."""
        return Sums(self.sums, self.rows, self._row, self.g, self.owed, words, reals, steps, dt, order)

    def ops(self, sums: Block) -> dict[str, list[Op]]:
        """The ops of a window, by the names that `Window` has for them."""
        linear = self.linear
        places = (linear.slot * self.width).astype(np.uint64)  # unsigned: no index is looked at for its sign
        add = [Op(add_linear, linear.start.astype(np.uint64), places, linear.weight, sums)]
        for gating, links in self.nonlinear:
            add.append(Op(adding_nonlinear(kernels.add_nonlinear(gating)), *links, sums))
        return {"add_up": [*add, Op(compare, sums)], "owe": [Op(owe, sums)]}

    def partner_that_moved(self, place: int, before: Floats, steps: int) -> int:
        """The site of that partner of one here which has moved its sum most since its rows were `before`."""
        most, site = -1.0, -1
        for links in (self.linear, *(links for _, links in self.nonlinear)):
            for row in range(links.start[place], links.start[place + 1]):
                slot = links.slot[row]
                moved = links.weight[row] * np.abs(
                    (self.rows[slot] - before[slot]).reshape(-1, 2, 3)[:steps, 0]
                ).max(initial=0.0)
                if not moved <= most:
                    most, site = float(moved), int(self.partner_sites[slot])
        return site
