"""Which rank holds which cell: cells are dealt round-robin, but islands stay whole; every rank knows every owner."""

from dataclasses import dataclass, field

import numpy as np

from parsim.arrays import Gids, Ints
from parsim.network.population import Selection


@dataclass(frozen=True)
class Partition:
    """The cells of rank `rank` of `size`. Cells `moved` (ascending) are held by ranks `holder`, not round-robin."""

    rank: int
    size: int
    moved: Gids = field(default_factory=lambda: np.empty(0, np.int64))
    holder: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def with_moved(self, gids: Gids, holder: Ints) -> "Partition":
        """The same with other cells that are not dealt round-robin."""
        moved, holder = np.concatenate([self.moved, gids]), np.concatenate([self.holder, holder])
        order = np.argsort(moved)
        return Partition(self.rank, self.size, moved[order], holder[order])

    def owner(self, gids: Gids) -> Ints:
        """The rank that holds each cell."""
        owners = gids % self.size
        if self.moved.size:
            at = np.minimum(np.searchsorted(self.moved, gids), self.moved.size - 1)
            owners = np.where(self.moved[at] == gids, self.holder[at], owners)
        return owners

    def owns(self, gids: Gids) -> np.ndarray:
        """True where a cell is held by this rank."""
        return self.owner(gids) == self.rank

    def own_range(self, first: int, n: int) -> Gids:
        """This rank's gids among [first, first + n)."""
        dealt = np.arange(first + (self.rank - first) % self.size, first + n, self.size, dtype=np.int64)
        here = slice(*np.searchsorted(self.moved, (first, first + n)))
        moved, holder = self.moved[here], self.holder[here]
        if moved.size == 0:
            return dealt
        return np.sort(np.concatenate([np.setdiff1d(dealt, moved), moved[holder == self.rank]]))

    def own_places(self, cells: Selection) -> tuple[Ints, Gids]:
        """Places in a selection of the cells held here, and their gids."""
        places, gids, offset = [np.empty(0, np.int64)], [np.empty(0, np.int64)], 0
        for part in cells.parts:
            if isinstance(part.where, range) and len(part.where):
                begin, step = part.population.first + part.where[0], part.where.step
                first = part.population.first + min(part.where[0], part.where[-1])
                mine = self.own_range(first, (len(part.where) - 1) * abs(step) + 1)
                mine = mine if step == 1 else mine[(mine - begin) % step == 0]
                mine = mine if step > 0 else mine[::-1]
                places.append((mine - begin) // step + offset)
            else:
                every = part.gids
                here = np.flatnonzero(self.owns(every))
                mine = every[here]
                places.append(here + offset)
            gids.append(mine)
            offset += len(part.where)
        return np.concatenate(places), np.concatenate(gids)
