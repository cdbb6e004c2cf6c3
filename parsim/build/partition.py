"""Which rank holds which cell: cells are dealt round-robin, so every rank knows every owner."""

from dataclasses import dataclass

import numpy as np

from parsim.arrays import Gids, Ints
from parsim.network.population import Selection


@dataclass(frozen=True)
class Partition:
    """The cells of rank `rank` of `size`."""

    rank: int
    size: int

    def owns(self, gids: Gids) -> np.ndarray:
        """True where a cell is held by this rank."""
        return gids % self.size == self.rank

    def own_range(self, first: int, n: int) -> Gids:
        """This rank's gids among [first, first + n)."""
        return np.arange(first + (self.rank - first) % self.size, first + n, self.size, dtype=np.int64)

    def own_places(self, cells: Selection) -> tuple[Ints, Gids]:
        """Places in a selection of the cells held here, and their gids."""
        places, gids, offset = [np.empty(0, np.int64)], [np.empty(0, np.int64)], 0
        for part in cells.parts:
            if isinstance(part.where, range) and part.where.step == 1:
                begin = part.population.first + part.where.start
                mine = self.own_range(begin, len(part.where))
                places.append(mine - begin + offset)
            else:
                every = part.gids
                here = np.flatnonzero(self.owns(every))
                mine = every[here]
                places.append(here + offset)
            gids.append(mine)
            offset += len(part.where)
        return np.concatenate(places), np.concatenate(gids)
