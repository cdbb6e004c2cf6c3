"""In which turn the controller of `stdp_facetshw_synapse_hom` reads connections, and what it reads them by."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from parsim.models.synapses.stdp_facetshw_synapse_hom import facetshw_tables, stdp_facetshw_synapse_hom

NAME = stdp_facetshw_synapse_hom.name
OWN = frozenset(
    {"delay", "weight", "a_causal", "a_acausal", "a_thresh_th", "a_thresh_tl"}
    | {"init_flag", "synapse_id", "next_readout_time"}
)
HIDDEN = frozenset({"caused", "latest"})  # states that NEST has not
TABLES = {name: list(numbers) for name, numbers in vars(stdp_facetshw_synapse_hom.prepare).items()}


def with_tables(native: Any, given: Mapping[str, Any]) -> Any:
    """The model, with those of its tables that are among what is given."""
    tables = {name: numbers for name, numbers in given.items() if name in TABLES}
    return facetshw_tables(native, **tables) if tables else native


class Turns:
    """Numbers of connections where a script has said none: by statement, source and target.

    NEST gives them as their sources fire first, and counts those that have.
    """

    def __init__(self) -> None:
        self._numbered: dict[str, int] = {}  # how many statements of each name were numbered

    def number(self, simulation: Any, statements: Mapping[Any, Mapping[Any, Any]], models: Any) -> None:
        """Collective: the connections of each model have their turns, where the script has not said how many it has."""
        by_name: dict[str, list[Any]] = {}
        for (_, native), groups in statements.items():
            if native.name == NAME:
                for (name, _, _), made in groups.items():
                    by_name.setdefault(name, []).extend(made)
        for name, made in by_name.items():
            if models.synapses[name].defaults["no_synapses"] or self._numbered.get(name) == len(made):
                continue
            self._numbered[name] = len(made)
            found = [simulation.connections(one) for one in made]
            behind = np.cumsum([len(rows) for rows in found])
            for rows, end in zip(found, behind.tolist(), strict=True):
                if len(rows):
                    turns = np.arange(end - len(rows), end, dtype=np.float64)
                    rows.set(synapse_id=turns, no_synapses=float(behind[-1]))
