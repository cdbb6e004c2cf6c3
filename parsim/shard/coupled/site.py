"""A site: a place in a cell, as one number, so that sites are sorted, sent and compared as gids are.

The place is told by its *spot*, its number among those of the model. Cells that are one place have it at spot 0.
"""

from parsim.arrays import Ints
from parsim.kernels.order import GID_BITS

SPOT_BITS = 62 - GID_BITS
MOST_SPOTS = 1 << SPOT_BITS


def sites_of(gids: Ints, spots: Ints | int) -> Ints:
    """The sites at these spots of cells; in order of gids, then of spots."""
    return gids << SPOT_BITS | spots


def gids_of(sites: Ints) -> Ints:
    """The cells in which they are."""
    return sites >> SPOT_BITS


def spots_of(sites: Ints) -> Ints:
    """Where in these."""
    return sites & (MOST_SPOTS - 1)
