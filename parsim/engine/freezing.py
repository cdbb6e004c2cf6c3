"""Cells that stand still for a while."""

from typing import Any

import numpy as np

from parsim.engine.agree import together
from parsim.engine.making import named
from parsim.engine.rank import Rank
from parsim.errors import DescriptionError
from parsim.network.population import Selection


def freeze(simulation: Any, cells: Selection, frozen: bool) -> None:
    """Collective: cells stand still from now on, or move again; what comes to those that stand is lost.

    What is recorded of their states is what these are. Random draws go on as if nothing had been.

    Raises
    ------
    DescriptionError
        Cells that do not move by the clock and each by itself: event-driven, of sections, joined.
    """
    simulation._begin(lambda: f"freeze({named(cells)}, {frozen})")
    simulation._crew.each(lambda rank: _freeze(rank, cells, frozen))


def _freeze(rank: Rank, cells: Selection, frozen: bool) -> None:
    built = rank.built

    def plan() -> None:
        for model in cells.models:
            group = built.groups[model]
            if not group.may_freeze or built.relaxer.is_coupled(group) or built.linker.is_linked(group):
                raise DescriptionError(
                    f"cells of {model.name} cannot stand still: others hang on how they move."
                )

    together(rank.comm, plan)
    for part in cells.parts:
        group = built.groups[part.population.model]
        _, gids = built.partition.own_places(Selection(cells.network, (part,)))
        group.frozen[np.searchsorted(group.gids, gids)] = frozen
    rank.laid_out.forget()
