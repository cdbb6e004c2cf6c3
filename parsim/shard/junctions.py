"""The gap junctions of one rank: sums over waveforms, its own and those that other ranks send.

Each coupled cell here has a place c, in order of gids. A waveform stands in a row of `rows`: first
those of the cells here, then those of their partners elsewhere, by rank and gid.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.comm.base import AbstractComm
from parsim.comm.plan import AbstractPlan
from parsim.jit import entry_point
from parsim.kernels import junctions as kernels


class Links(NamedTuple):
    """Junctions by place of the cell: those of cell c are `start[c]` to `start[c + 1]`; `slot` is the partner's row."""

    start: Ints
    slot: Ints
    side: Ints
    weight: Floats


class Junctions:
    """What one rank needs to add up the currents of its junctions; made anew when there are more of them.

    Collective. `own`, `partner` are gids, sorted by `own`, and `owner` is the partner's rank; `side` is 1
    where `own` is the second cell of a junction, -1 where it is the first; `kind` is the place of a
    junction's opening in `openings`, or -1 where it is linear.
    """

    def __init__(
        self, own: Gids, partner: Gids, owner: Ints, side: Ints, weight: Floats, kind: Ints,
        openings: list[Callable[[float], float]], comm: AbstractComm, steps: int,
    ) -> None:  # fmt: skip
        self.gids: Gids = np.unique(own)
        self.width = kernels.WIDTH * steps
        n = self.gids.size
        nobody: Gids = np.empty(0, np.int64)
        wanted = [nobody if r == comm.rank else np.unique(partner[owner == r]) for r in range(comm.size)]
        elsewhere = np.concatenate(wanted)
        asked = comm.alltoall_objects(wanted)
        self._sent = np.searchsorted(self.gids, np.concatenate(asked))
        sizes = [np.array([part.size for part in parts]) * self.width for parts in (asked, wanted)]
        self.plan: AbstractPlan = comm.plan(*sizes)

        self.rows: Floats = np.zeros((n + elsewhere.size, self.width))
        everyone = np.concatenate([self.gids, elsewhere])
        order = np.argsort(everyone)
        slot = order[np.searchsorted(everyone, partner, sorter=order)]
        place = np.searchsorted(self.gids, own)
        self.g: Floats = np.bincount(place, weight, minlength=n).astype(np.float64)
        self.partner_gids = everyone

        def links(which: Any) -> Links:
            start = np.searchsorted(place[which], np.arange(n + 1))
            return Links(start, slot[which], side[which], weight[which])

        self.linear = links(kind == -1)
        self.bent = [(opening, links(kind == k)) for k, opening in enumerate(openings)]
        self.sums: Floats = np.zeros((n, self.width))
        self._next: Floats = np.zeros((n, self.width))
        self.owed: Floats = np.zeros(n)  # charge that the last window has left to the next, pA ms

        first = self.linear
        self._add_up = entry_point(
            kernels.add_up, first.start, first.slot, first.weight, self.rows, 1, self.sums
        )
        self._greatest_change = entry_point(kernels.greatest_change, self.sums, self.sums, self.g, 1)
        self._missed = entry_point(kernels.missed, self.sums, self.sums, 1, 1.0, 1, self.owed)

    def exchange(self) -> None:
        """Collective: the waveforms of partners elsewhere, from the ranks that hold them."""
        if self.plan.sends.size == 1:
            return
        n, out = self.gids.size, self.plan.out
        np.take(self.rows, self._sent, axis=0, out=out.reshape(-1, self.width))
        self.rows[n:] = self.plan.exchange().reshape(-1, self.width)

    def add_up(self, steps: int) -> tuple[float, int]:
        """New sums from the waveforms: how far they are from those before (mV), and at which place."""
        new = self._next
        linear = self.linear
        self._add_up(linear.start, linear.slot, linear.weight, self.rows, kernels.WIDTH * steps, new)
        for opening, links in self.bent:
            add = kernels.add_bent(opening)
            add(links.start, links.slot, links.side, links.weight, self.rows, steps, new)
        change, place = self._greatest_change(self.sums, new, self.g, steps)
        self.sums, self._next = new, self.sums
        return float(change), int(place)

    def owe(self, steps: int, dt: float, order: int) -> None:
        """The charge that the last sums have beyond those before, with which cells were moved, is owed to them."""
        self._missed(self._next, self.sums, steps, dt, order, self.owed)

    def partner_that_moved(self, place: int, before: Floats, steps: int) -> int:
        """The gid of that partner of a cell which has moved its sum most since its rows were `before`."""
        most, gid = -1.0, -1
        for links in (self.linear, *(links for _, links in self.bent)):
            for row in range(links.start[place], links.start[place + 1]):
                slot = links.slot[row]
                moved = links.weight[row] * np.abs(
                    (self.rows[slot] - before[slot]).reshape(-1, 2, 3)[:steps, 0]
                ).max(initial=0.0)
                if not moved <= most:
                    most, gid = float(moved), int(self.partner_gids[slot])
        return gid
