"""A said connection: who, to whom, by which rule, through which synapse."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from parsim.arrays import Floats, shown
from parsim.errors import DescriptionError, nearest
from parsim.given.numbers import as_numbers, refuse_nan
from parsim.given.units import is_quantity
from parsim.given.values import AbstractValue, Array, converted, known_numbers, of_numbers, with_leaves
from parsim.jit import is_kernel
from parsim.models.archived import ARCHIVED, gives_history
from parsim.models.checks import check_together, known_values
from parsim.models.ports import check_current, check_receptor, wrong_sign
from parsim.models.synapse_model import Synapse, SynapseModel
from parsim.network.population import Selection, are_the_same, n_shared
from parsim.network.rules import AbstractRule
from parsim.network.shared_values import shared_value
from parsim.network.space import Space, are_spatial
from parsim.network.transmitter import VolumeTransmitter

MOST_MEMBERS = 2**31 - 1  # sources or targets of a statement: places take four bytes

_RULES = (
    "OneToOne", "AllToAll", "FixedIndegree", "FixedOutdegree", "FixedTotalNumber", "PairwiseBernoulli",
    "SymmetricPairwiseBernoulli", "PairwisePoisson", "Lists",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Projection:
    """One connect statement. `values` are those of the synapse's parameters, by name: weights in the unit of
    the targets' model, delays in ms.

    `receptor` is where it ends in its targets; None where the sign of a weight says so, or there is but one. Its
    connections feel the `transmitter`.
    """

    source: Selection
    target: Selection
    rule: AbstractRule
    synapse: SynapseModel
    values: Mapping[str, AbstractValue]
    serial: int
    receptor: str | None = None
    transmitter: VolumeTransmitter | None = None

    @cached_property
    def space(self) -> Space:
        """Where its sources and targets are, if these have positions."""
        return Space(self.source, self.target)

    def __repr__(self) -> str:
        return f"{self.source!r} -> {self.target!r}"

    @property
    def weight(self) -> AbstractValue:
        """What each of its connections weighs."""
        return self.values["weight"]

    @property
    def delay(self) -> AbstractValue:
        """How long each of them takes, in ms."""
        return self.values["delay"]


def project(source: Selection, target: Selection, rule: Any, synapse: Any, serial: int) -> Projection:
    """Check a connect call and keep it as values."""
    check_is_rule(rule)
    if isinstance(synapse, SynapseModel):
        synapse = synapse()
    if not isinstance(synapse, Synapse):
        raise DescriptionError(
            f"the synapse is {shown(synapse)}, which is none. Give one such as static_synapse(weight=20.0, delay=1.5)."
        )
    if target.kind != "cell":
        raise DescriptionError(
            f"{target!r} are stimuli ({target.models[0].name}), which receive nothing. Connect them as sources; "
            "recordings are made with Network.record and Network.record_spikes."
        )
    if deaf := [model.name for model in target.models if not model.receives]:
        raise DescriptionError(
            f"{target!r} takes no input: {deaf[0]} cannot be the target of a connection. Use it as a source."
        )
    rule = check_fit(source, target, rule)
    _check_currents(source, target)
    _check_transmits(source, target, synapse.model)
    _check_transmitter(target, synapse)
    receptor = _receptor(source, target, synapse)
    if "weight" not in synapse.values and rule.weights is None:
        _check_weightless(target, receptor)

    shape = rule.shape(len(source), len(target))
    defaults = {p.name: p for p in synapse.model.params}
    raw = {name: synapse.values.get(name, param.default) for name, param in defaults.items()}
    raw |= {name: raw[other] for name, other in _same_as(synapse).items()}
    if rule.weights is not None:
        if "weight" in synapse.values:
            raise DescriptionError(
                "weight is given twice: by the sparse matrix of Lists and by the synapse. Leave the synapse's out."
            )
        raw["weight"] = rule.weights
    units = {name: param.unit for name, param in defaults.items()} | {
        "weight": weight_unit(raw["weight"], target.models), "delay": "ms"
    }  # fmt: skip
    values = {
        name: shared_value(given, defaults[name], len(target), synapse.model.name)
        if defaults[name].per
        else row_value(given, units[name], name, shape, rule)
        for name, given in raw.items()
    }
    values |= {name: values[other] for name, other in _same_as(synapse).items()}
    check_space(source, target, *values.values())
    by_steps = any(model.host.delays_in_steps for model in target.models)
    if by_steps or (
        source.kind == "stimulus" and not all(sends_at_any_time(model) for model in source.models)
    ):
        defaults["delay"] = replace(defaults["delay"], above=0.0, at_least=None)
    for name, value in values.items():
        if (known := known_numbers(value)) is not None:
            defaults[name].check(known, synapse.model.name)
            if name == "weight":
                _check_signs(target, receptor, known)
    _check_together(synapse.model, values)
    return Projection(source, target, rule, synapse.model, values, serial, receptor, synapse.vt)


def sends_at_any_time(model: Any) -> bool:
    """Does what a stimulus sends come over any delay to cells to which delays are ms?"""
    return model.into == "spikes" and is_kernel(model.drive)


def _check_transmits(source: Selection, target: Selection, model: SynapseModel) -> None:
    """A synapse with a kernel of its own leads from cells to cells, which say when they have fired if it asks."""
    if model.transmit is None:
        return
    if source.kind != "cell":
        raise DescriptionError(
            f"{source.models[0].name} sends over no connection, so {model.name} has nothing to remember. Drive a "
            "parrot_neuron with it and connect that."
        )
    if model.history and (without := [cells.name for cells in target.models if not gives_history(cells)]):
        names = " and ".join(param.name for param in ARCHIVED)
        raise DescriptionError(
            f"{model.name} asks when its target has fired, but {without[0]} has not the parameters {names} of a cell "
            "that keeps its spikes. Cells of sections have them if they have a detector; those with states of these "
            "names have not."
        )


def _check_transmitter(target: Selection, synapse: Synapse) -> None:
    """Connections that feel a volume transmitter name one of their network."""
    name, given = synapse.model.name, synapse.vt
    if synapse.model.dose is None:
        return
    if not isinstance(given, VolumeTransmitter):
        what = "no volume transmitter is named" if given is None else f"vt is {shown(given)}"
        raise DescriptionError(
            f"{name} feels the spikes of a volume transmitter, but {what}. Write {name}(vt=VolumeTransmitter(cells))."
        )
    if given.cells.network is not target.network:
        raise DescriptionError(
            f"vt of {name} is of another network ({given.cells!r}). Use what this one's create has returned."
        )


def _same_as(synapse: Synapse) -> dict[str, str]:
    """Parameters that are not said and whose default is another: the part that a first spike uses is that of any."""
    params, said = synapse.model.params, synapse.values
    names = [param.name for param in params]
    others = {p.name: p.default for p in params if p.name not in said and isinstance(p.default, str)}
    return {name: other for name, other in others.items() if other in names}


def _check_together(model: SynapseModel, values: Mapping[str, AbstractValue]) -> None:
    """No contradiction among values that are known already; others are looked at when they are drawn."""
    check_together(model, known_values(values))


def _receptor(source: Selection, target: Selection, synapse: Synapse) -> str | None:
    """The receptor at which a connection ends, if one is named."""
    named = [name for name in (synapse.receptor, target.place) if name is not None]
    if len(set(named)) > 1:
        raise DescriptionError(
            f"the receptor is '{named[0]:.60}' in the synapse and '{named[1]:.60}' in the targets. Name it once."
        )
    receptor = named[0] if named else None
    currents = [model.name for model in source.models if getattr(model, "into", "spikes") == "current"]
    for model in target.models:
        if currents:
            check_current(currents[0], model, receptor)
        if len(currents) < len(source.models):
            check_receptor(model, receptor)
    return receptor


def _check_signs(target: Selection, receptor: str | None, weights: Floats) -> None:
    for model in target.models:
        if complaint := wrong_sign(model, receptor, weights):
            raise DescriptionError(complaint)


def check_is_rule(rule: Any) -> None:
    """A rule, or an error that says how to write one."""
    if isinstance(rule, type) and issubclass(rule, AbstractRule):
        raise DescriptionError(f"the rule is the class {rule.__name__}; call it: {rule.__name__}(...).")
    if isinstance(rule, (Synapse, SynapseModel)):
        raise DescriptionError(
            f"the rule is {rule!r:.60}, a synapse. Write connect(source, target, rule, synapse)."
        )
    if not isinstance(rule, AbstractRule):
        near = nearest(rule.replace("_", ""), _RULES) if isinstance(rule, str) else None
        hint = f" Did you mean {near}(...)?" if near else ""
        raise DescriptionError(
            f"the rule is {shown(rule)}, which is no rule.{hint} Give one of {', '.join(_RULES)}."
        )


def check_fit(source: Selection, target: Selection, rule: AbstractRule) -> AbstractRule:
    """The rule fits these sources and targets; it as it is for them."""
    for chosen, role in ((source, "sources"), (target, "targets")):
        if len(chosen) > MOST_MEMBERS:
            raise DescriptionError(
                f"{chosen!r} are {len(chosen):,} {role}; a statement can have {MOST_MEMBERS:,}. Connect parts of them."
            )
    rule.check(len(source), len(target), _shared(source, target, rule))
    if rule.needs_same_cells and (source.kind != "cell" or not are_the_same(source, target)):
        raise DescriptionError(
            f"{type(rule).__name__} needs the same cells as sources and as targets; these are {source!r} and "
            f"{target!r}. Use PairwiseBernoulli."
        )
    return rule.placed(source, target)


def check_space(source: Selection, target: Selection, *values: AbstractValue) -> None:
    """Where a value hangs on positions, all sources and targets have some, in one space."""
    if are_spatial(*values):
        Space(source, target).check()


def _check_currents(source: Selection, target: Selection) -> None:
    """Cells that only count spikes take no current."""
    deaf = [model.name for model in target.models if not model.takes_current]
    currents = [model.name for model in source.models if getattr(model, "into", "spikes") == "current"]
    if deaf and currents:
        raise DescriptionError(
            f"{deaf[0]} takes no current, so {currents[0]} cannot drive it. Drive it with spikes, or another model."
        )


def _check_weightless(target: Selection, receptor: str | None) -> None:
    """Where a connection keeps more than its weight, the weight is said, for all else is reckoned from it."""
    for model in target.models:
        if model.remembers(receptor):
            where = model.ports[0] if receptor is None else receptor
            raise DescriptionError(
                f"connections onto {where} of {model.name} have a state beside their weight, and no weight is given. "
                f"Say it in {model.weight_unit}: static_synapse(weight=..., delay=...)."
            )


def weight_unit(raw: Any, targets: list[Any]) -> str:
    """The unit of weights at cells of these models; where their units differ, only plain numbers can be meant."""
    units = list(dict.fromkeys(model.weight_unit for model in targets if model.weighs))
    if len(units) > 1 and (isinstance(raw, str) or is_quantity(raw)):
        raise DescriptionError(
            f"weight is {raw!s:.60}, but the targets take weights in {' and '.join(units)}. "
            "Connect to one model at a time."
        )
    return units[0] if units else ""


def _shared(source: Selection, target: Selection, rule: AbstractRule) -> int:
    """How many cells are sources and targets; counted where autapses matter."""
    if source.kind == "stimulus" or rule.allow_autapses:
        return 0
    return n_shared(source, target)


def row_value(
    raw: Any, unit: str, what: str, shape: tuple[int, ...] | None, rule: AbstractRule
) -> AbstractValue:
    """A weight or delay: one for all rows, or an array of the shape that the rule asks for."""
    if isinstance(raw, Array):
        refuse_nan(raw.values, what)
        value: AbstractValue = raw
    elif raw is None or isinstance(raw, (AbstractValue, str, dict)) or callable(raw):
        value = converted(raw, unit, what, takes=("source gids", "target gids"))
    else:
        value = of_numbers(as_numbers(raw, unit, what))
    return with_leaves(value, partial(_flat, what, shape, rule))


def _flat(what: str, shape: tuple[int, ...] | None, rule: AbstractRule, leaf: AbstractValue) -> AbstractValue:
    """An array of the shape that the rule asks for, in its order; what is none stays."""
    if not isinstance(leaf, Array):
        return leaf
    given = leaf.values.shape
    if shape is None:
        raise DescriptionError(
            f"{what} is an array of shape {given}, but {type(rule).__name__} does not say how many connections there "
            "will be. Give a number, a distribution or a function of (source gids, target gids)."
        )
    if given != shape:
        raise DescriptionError(
            f"{what} has shape {given}; {rule!r} needs one number or an array of shape {shape}."
        )
    return Array(leaf.values.reshape(-1))
