"""The elements of a compartment report: where in a cell each column was recorded."""

from typing import NamedTuple

from parsim.arrays import Floats, Ints


class Elements(NamedTuple):
    """Of each column [element]: the number of its section and how far `along` it, from 0 to 1; where that is in space,
    its `distance` from the middle of the first section along the cell and its diameter, um; and the column of the
    element that comes before it on the way from the first section, -1 where there is none.
    """

    section: Ints
    along: Floats
    x: Floats
    y: Floats
    z: Floats
    distance: Floats
    diam: Floats
    before: Ints
