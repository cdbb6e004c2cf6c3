"""The values of members: which are given, their bounds, and contradictions among those known before drawing."""

from typing import Any

import numpy as np

from parsim.errors import DescriptionError
from parsim.memory import machine_memory, readable
from parsim.models.base import StimulusModel
from parsim.models.checks import check_bounds, check_together, known_values
from parsim.network.space import are_spatial


def check_columns_fit(model: Any, n: int) -> None:
    """What every process holds of all members, of stimuli and cells with lists of times, fits into memory."""
    lists = [p for p in model.params if p.kind == "train"]
    # Columns, and what is prepared of them; of each list its places in several tables.
    need = 24.0 * n * len(model.params) + 200.0 * n * len(lists)
    if (lists or isinstance(model, StimulusModel)) and need > machine_memory():
        raise DescriptionError(
            f"n is {n}; as many of {model.name} would take {readable(need)} in every process, and this machine has "
            f"{readable(machine_memory())}. Create fewer."
        )


def defaults_of(model: Any) -> dict[str, Any]:
    """What its parameters are where nothing is said, and its states where a user's default says so."""
    return {param.name: param.default for param in model.params} | model.drawn_starts


def check_said(model: Any, said: dict[str, Any], n: int) -> None:
    """Bounds and contradictions among the values that are known before anything is drawn."""
    for name, value in said.items():
        if are_spatial(value):
            raise DescriptionError(
                f"{name} of {model.name} is {value.describe()}, which is of connections: a cell is no way from another."
            )
    known = known_values(said)
    check_bounds(model, known)
    if n:
        check_together(model, known)


def known_columns(said: dict[str, Any], n: int) -> dict[str, Any]:
    """What is known of `n` members before anything is drawn: arrays [n], or lists of n trains."""
    known = known_values(said)
    return {
        name: column if isinstance(column, list) else np.array(np.broadcast_to(column, n))
        for name, column in known.items()
    }
