"""Cells that stand still, as `frozen` says."""

from typing import Any

import numpy as np

from parsim.engine.freezing import freeze
from parsim.nest import errors
from parsim.nest.batches import Batch
from parsim.nest.links import MeterLink


class Frozen:
    """The ids of those that do; they are not sampled."""

    def __init__(self) -> None:
        self.ids: set[int] = set()

    def check(self, network: Any) -> None:
        """None of them may be joined to others."""
        if self.ids and network.couplings:
            raise errors.unsupported("frozen = True beside gap junctions", "Let all cells move.")

    def change(self, simulation: Any, batch: Batch, recorders: list[Any]) -> None:
        """Collective: the cells of a batch are what is said of them now; what was sampled before is of the others."""
        for recorder in recorders:
            for link in recorder.links:
                if isinstance(link, MeterLink):
                    link.hold()
        flags = np.broadcast_to(batch.columns["frozen"], batch.size)
        for flag in (True, False):
            if (places := np.flatnonzero(flags == flag)).size:
                freeze(simulation, batch.part(simulation.network, places), flag)
        ids = batch.first + np.arange(batch.size)
        self.ids = (self.ids - set(ids.tolist())) | set(ids[flags].tolist())
