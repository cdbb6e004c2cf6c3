"""A said coupling: which cells are joined by gap junctions, by which rule, how strongly."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from parsim.arrays import shown
from parsim.errors import DescriptionError
from parsim.given.numbers import as_one
from parsim.given.values import AbstractValue, Array, known_numbers
from parsim.jit import python_function
from parsim.models.base import Param
from parsim.models.catalogue import CELL_MODELS
from parsim.models.synapse_model import Synapse, SynapseModel
from parsim.network.population import Selection
from parsim.network.projection import check_fit, check_is_rule, check_space, row_value
from parsim.network.rules import AbstractRule
from parsim.network.space import Space

CONDUCTANCE = Param("weight", 1.0, "nS", "conductance of a junction", at_least=0.0)


@dataclass(frozen=True, eq=False)
class Coupling:
    """One couple statement. Weights in nS; `gating` is None for junctions of constant conductance."""

    source: Selection
    target: Selection
    rule: AbstractRule
    weight: AbstractValue
    gating: Callable[[float], float] | None
    serial: int

    @cached_property
    def space(self) -> Space:
        """Where its sources and targets are, if these have positions."""
        return Space(self.source, self.target)

    def __repr__(self) -> str:
        return f"{self.source!r} -- {self.target!r}"

    def in_words(self) -> dict[str, Any]:
        """What a junction is like."""
        return {"weight": self.weight.describe(), "junction": getattr(self.gating, "__name__", None)}

    def spots(self) -> dict[Any, set[int]]:
        """The models of the cells on both sides, and where their cells are joined, by number."""
        found: dict[Any, set[int]] = {}
        for side in (self.source, self.target):
            for model in side.models:
                found.setdefault(model, set()).add(model.spot(side.place))
        return found


def couple(
    source: Selection, target: Selection, rule: Any, weight: Any, junction: Any, delay: Any, serial: int
) -> Coupling:
    """Check a couple call and keep it as values."""
    check_is_rule(rule)
    if isinstance(weight, (Synapse, SynapseModel)):
        raise DescriptionError(
            f"the weight is {shown(weight)}, a synapse. A junction is none: couple(cells, cells, rule, weight=0.5)."
        )
    if delay is not None:
        raise DescriptionError(
            f"delay is {shown(delay)}, but a gap junction has none: its current follows the voltages at once. "
            "Leave delay out."
        )
    _check_models(source, target)
    rule = check_fit(source, target, rule)
    rule.check_coupling(source, target)
    if rule.weights is not None:
        if weight is not None:
            raise DescriptionError(
                "weight is given twice: by the sparse matrix of Lists and by couple. Leave the latter out."
            )
        weight = rule.weights
    given = CONDUCTANCE.default if weight is None else weight
    value = row_value(given, CONDUCTANCE.unit, "weight", rule.shape(len(source), len(target)), rule)
    check_space(source, target, value)
    if (known := known_numbers(value)) is not None:
        CONDUCTANCE.check(known, "a gap junction")
    if rule.asks_each_pair and isinstance(value, Array) and source.place == target.place:
        _check_symmetric(source, target, value)
    if junction is not None:
        _check_junction(junction)
    return Coupling(source, target, rule, value, junction, serial)


def _check_models(source: Selection, target: Selection) -> None:
    """Cells of models that say how junctions act on them, at places where they do."""
    for side, other in ((source, target), (target, source)):
        for model in side.models:
            if not getattr(model, "can_be_joined", False):
                able = ", ".join(m.name for m in CELL_MODELS if m.can_be_joined)
                if side.kind != "cell":
                    why = "stimuli have no membrane"
                elif not model.membranes:
                    why = "it has no membrane potential"
                else:
                    why = "it has no `coupled` kernel"
                raise DescriptionError(
                    f"{side!r} and {other!r} cannot be coupled by gap junctions, because of {model.name}: {why}. "
                    f"Models that can be: {able}, and your own with `coupled`."
                )
            model.spot(side.place)


def _check_symmetric(source: Selection, target: Selection, weight: Array) -> None:
    """A pair that is met in both directions has one weight."""
    matrix = np.asarray(weight.values).reshape(len(target), len(source))
    _, at_source, at_target = np.intersect1d(source.gids, target.gids, return_indices=True)
    both = matrix[np.ix_(at_target, at_source)]
    if not np.array_equal(both, both.T):
        i, j = (int(k) for k in np.argwhere(both != both.T)[0])
        a, b = source.gids[at_source[j]], source.gids[at_source[i]]
        raise DescriptionError(
            f"weight is {both[i, j]:g} nS from gid {a} to {b} and {both[j, i]:g} nS the other way, but a junction has "
            "one conductance. Give a symmetric array."
        )


def _check_junction(junction: Any) -> None:
    """A function of the voltage across the junction that gives numbers."""
    if not callable(junction):
        raise DescriptionError(
            f"junction is {shown(junction)}; give a kernel of the voltage across it (mV) that returns which part of "
            "the weight conducts."
        )
    if not inspect.isfunction(python_function(junction)):
        raise DescriptionError(
            f"junction is {shown(junction)}, which cannot be compiled. Write a kernel that calls it: a function of one "
            "number, under @ps.kernel."
        )
    for dv in (-50.0, 0.0, 50.0):
        try:
            found = as_one(junction(dv), "", "what the junction returns")
        except DescriptionError:
            raise
        except Exception as error:
            raise DescriptionError(
                f"junction {shown(getattr(junction, '__name__', junction))} cannot be called with the voltage across "
                f"it ({type(error).__name__} at {dv:g} mV: {error}). Give a kernel of one number."
            ) from error
        if not 0.0 <= found < np.inf:
            raise DescriptionError(
                f"the junction gives {found:g} at {dv:g} mV; a finite part of the weight, at least 0, is needed."
            )
