"""A said connection: who, to whom, by which rule, through which synapse."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from parsim.errors import DescriptionError
from parsim.models.base import Synapse, SynapseModel
from parsim.network.population import Selection
from parsim.network.rules import AbstractRule, Lists
from parsim.network.values import AbstractValue, Array, Function, as_value


@dataclass(frozen=True, eq=False)
class Projection:
    """One connect statement. Weights in the unit of the targets' model, delays in ms."""

    source: Selection
    target: Selection
    rule: AbstractRule
    synapse: SynapseModel
    weight: AbstractValue
    delay: AbstractValue
    serial: int

    def __repr__(self) -> str:
        return f"{self.source!r} -> {self.target!r}"


def project(source: Selection, target: Selection, rule: Any, synapse: Any, serial: int) -> Projection:
    """Check a connect call and keep it as values."""
    if isinstance(rule, type) and issubclass(rule, AbstractRule):
        raise DescriptionError(f"the rule is the class {rule.__name__}; call it: {rule.__name__}(...).")
    if not isinstance(rule, AbstractRule):
        raise DescriptionError(
            f"the rule is {rule!r:.60}; one of OneToOne, AllToAll, FixedIndegree, FixedOutdegree, FixedTotalNumber, "
            "PairwiseBernoulli, SymmetricPairwiseBernoulli, PairwisePoisson, Lists is needed."
        )
    if isinstance(synapse, SynapseModel):
        synapse = synapse()
    if not isinstance(synapse, Synapse):
        raise DescriptionError(
            f"the synapse is {synapse!r:.60}; one such as static_synapse(weight=20.0, delay=1.5) is needed."
        )
    if target.kind != "cell":
        raise DescriptionError(
            f"{target!r} are stimuli ({target.models[0].name}), which receive nothing. Connect them as sources; "
            "recordings are made with Network.record and Network.record_spikes."
        )
    n_sources, n_targets = len(source), len(target)
    rule.check(n_sources, n_targets, _shared(source, target, rule))
    if type(rule).__name__ == "SymmetricPairwiseBernoulli" and not np.array_equal(source.gids, target.gids):
        raise DescriptionError("SymmetricPairwiseBernoulli needs the same cells as sources and as targets.")

    shape = rule.shape(n_sources, n_targets)
    defaults = {p.name: p for p in synapse.model.params}
    raw = {name: synapse.values.get(name, param.default) for name, param in defaults.items()}
    if isinstance(rule, Lists) and rule.weights is not None:
        if "weight" in synapse.values:
            raise DescriptionError(
                "weight is given twice: by the sparse matrix of Lists and by the synapse. Leave one out."
            )
        raw["weight"] = rule.weights
    unit = target.models[0].weight_unit if target.parts else "pA"
    weight = _row_value(raw["weight"], unit, "weight", shape, rule)
    delay = _row_value(raw["delay"], "ms", "delay", shape, rule)
    constant = delay.constant_or_none
    if constant is not None and not constant > 0.0:
        raise DescriptionError(f"delay is {constant:g} ms; it must be at least one step of the simulation.")
    return Projection(source, target, rule, synapse.model, weight, delay, serial)


def _shared(source: Selection, target: Selection, rule: AbstractRule) -> int:
    """How many cells are sources and targets; counted where autapses matter."""
    if source.kind == "stimulus" or getattr(rule, "allow_autapses", True):
        return 0
    return int(np.intersect1d(source.gids, target.gids, assume_unique=True).size)


def _row_value(
    raw: Any, unit: str, what: str, shape: tuple[int, ...] | None, rule: AbstractRule
) -> AbstractValue:
    if isinstance(raw, (AbstractValue, str)) or callable(raw) or np.ndim(raw) == 0:
        return as_value(raw, unit, what, None)
    given = np.shape(raw)
    if shape is None:
        raise DescriptionError(
            f"{what} is an array of shape {given}, but {type(rule).__name__} does not say how many connections there "
            "will be. Give a number, a distribution or a function of (source gids, target gids)."
        )
    if given != shape:
        raise DescriptionError(
            f"{what} has shape {given}; {rule!r} needs one number or an array of shape {shape}."
        )
    flat = (
        np.asarray(raw).reshape(-1)
        if not hasattr(raw, "rescale") and not hasattr(raw, "to")
        else raw.reshape(-1)
    )
    return as_value(flat, unit, what, None)


__all__ = ["Array", "Function", "Projection", "project"]
