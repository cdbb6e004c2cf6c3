"""A volume transmitter: cells whose spikes let out what many connections feel, wherever these lead."""

from dataclasses import dataclass

import numpy as np

from parsim.errors import DescriptionError
from parsim.given.numbers import as_one
from parsim.models.base import Param
from parsim.network.population import Selection, as_selection, firing

_DELAY = Param("delay", 1.0, "ms", "from a spike of the cells to when connections feel it", at_least=0.0)


@dataclass(frozen=True, eq=False)
class VolumeTransmitter:
    """Cells whose spikes are felt `delay` ms later by connections that name it: `stdp_dopamine_synapse(vt=...)`.

    All of these feel each spike of each of the cells, whichever targets they have. Raises `DescriptionError` where
    there are no cells, or a delay is below 0.
    """

    cells: Selection
    delay: float = 1.0

    def __post_init__(self) -> None:
        cells = as_selection(self.cells, "cells")
        if cells.kind != "cell":
            raise DescriptionError(
                f"{cells!r} are stimuli, whose spikes a VolumeTransmitter does not hear. Drive a parrot_neuron with "
                "them and give that."
            )
        if not len(cells):
            raise DescriptionError(
                f"a VolumeTransmitter of {cells!r} would let out nothing. Give it one cell at least."
            )
        delay = as_one(self.delay, "ms", "delay of a VolumeTransmitter")
        _DELAY.check(np.asarray(delay), "a VolumeTransmitter")
        object.__setattr__(self, "cells", firing(cells))
        object.__setattr__(self, "delay", float(delay))
