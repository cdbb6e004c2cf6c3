"""What passes between electrically coupled cells: each one's waveform, and the sum that its partners' make.

In a step of the clock a waveform is given by voltage and slope at the step's start, middle and end, and
so is a cubic polynomial in each half. The values belong to the step: a jump at an edge, such as a reset,
or a kink, as where a current is switched, is not smoothed.
"""

from typing import NamedTuple

from parsim.arrays import Floats, Ints
from parsim.jit import inlined

NODES = 6  # numbers that give a waveform in a step
COEFFICIENTS = 8  # of two cubic polynomials

# The rows of a step of `Gap.wave`.
V_START, V_MIDDLE, V_END, SLOPE_START, SLOPE_MIDDLE, SLOPE_END = range(NODES)


class Gap(NamedTuple):
    """What a `coupled` kernel reads and writes, beside its inputs. Step k stands in row k - first.

    Most cells are one place, and i is the cell. Of models with several membranes, cells of the first come first, then
    those of the second: column i is the membrane's number times the number of cells, plus the cell.

    The current through the junctions of cell i at the fraction s of the first half of a step is

        I_gap(s) = drive[row, 0, i] + drive[row, 1, i] s + drive[row, 2, i] s^2 + drive[row, 3, i] s^3 - g[i] V

    in pA, where V is the cell's own voltage at that very time, so that no lag enters; the coefficients
    of the second half are rows 4 to 7. `wave` is written in each step: `wave[row, V_START, i]` and so
    on, V in mV and slopes dV/dt in mV/ms.
    """

    g: Floats  # [column] conductance of all junctions of the cell there, nS
    drive: Floats  # [step, 8, column] sum over junctions of conductance times the partner's voltage, pA
    wave: Floats  # [step, 6, column]
    first: int


class Waves(NamedTuple):
    """A `Gap` in a block, of which `first` stands among the words of the window."""

    g: Floats
    drive: Floats
    wave: Floats


class Joined(NamedTuple):
    """The sites of a group that junctions join: the local cell and the column in `Gap`. `spots` are all that have
    columns, the same on all ranks: those of spot `spots[r]` are from r times the number of cells on.
    """

    cells: Ints
    columns: Ints
    spots: Ints


@inlined
def driven(c, i, s):
    """The sum of g V_j for cell i at the fraction s of half a step: `c` is `drive[row, :4]` or `drive[row, 4:]`."""
    return c[0, i] + s * (c[1, i] + s * (c[2, i] + s * c[3, i]))
