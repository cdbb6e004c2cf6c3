"""Places in a cell by name: receptors, where input enters, which are ports; membranes; where it fires."""

import re
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints, shown
from parsim.errors import DescriptionError, suggestion
from parsim.models.params import Param, Variable

MOST_PORTS = 2**15 - 1
MOST_SHOWN = 16  # names in an error
BY_SIGN = ("ex", "in")  # the first two ports of models in which the sign of a weight chooses


class Entry(NamedTuple):
    """The ports by which the input of a connection enters: weights above 0, and all others."""

    positive: int
    other: int


def check_ports(model: Any) -> None:
    """Refuse ports that are no names, or that what reaches the cells cannot tell apart."""
    if not isinstance(model.ports, (tuple, list)) or not all(isinstance(port, str) for port in model.ports):
        raise DescriptionError(f"ports of {model.name} are {shown(model.ports)}; a tuple of names is needed.")
    object.__setattr__(model, "ports", tuple(model.ports))
    if not model.ports or "" in model.ports:
        raise DescriptionError(f"{model.name} has ports {model.ports}; at least one name is needed.")
    if twice := [port for port in model.ports if model.ports.count(port) > 1]:
        raise DescriptionError(f"{model.name} has two ports that are both called '{twice[0]}'; rename one.")
    currents = getattr(model, "currents", ())
    if not isinstance(currents, tuple) or not all(isinstance(place, str) and place for place in currents):
        raise DescriptionError(f"currents of {model.name} are {shown(currents)}; a tuple of names is needed.")
    if len(model.ports) > MOST_PORTS:
        raise DescriptionError(f"{model.name} has {len(model.ports)} ports; it can have {MOST_PORTS}.")


def n_told_apart(model: Any) -> int:
    """How many receptors events at exact times tell apart: two that are but the sign of the weight are one."""
    return 1 if model.ports == BY_SIGN else len(model.ports)


def sorts_by_sign(model: Any) -> bool:
    """Does the sign of a weight choose the port where a connection names none?"""
    return bool(model.ports[:2] == BY_SIGN)


def has_named_receptors(model: Any) -> bool:
    """Must a connection name one of several receptors, each of which is another thing?"""
    several = len(model.ports) > 1 and not sorts_by_sign(model)
    return several and getattr(model, "per_receptor", None) is None


def entry_of(model: Any, receptor: str | None) -> Entry:
    """By which ports a connection enters that names this receptor."""
    if sorts_by_sign(model) and receptor in (None, *BY_SIGN):
        return Entry(0, 1)
    port, _ = turns_of(model, receptor)
    return Entry(port, port)


def turns_of(model: Any, receptor: str | None) -> tuple[int, int]:
    """The first port of a receptor, and how many behind each other connections of a cell take in turn."""
    if receptor is not None and receptor in (several := getattr(model, "in_turn", {})):
        first, n = several[receptor]
        return first, n
    return (0 if receptor is None else model.ports.index(receptor)), 1


def numbers_within(cells: Ints) -> Ints:
    """The how manyth each is of those with the same number."""
    order = np.argsort(cells, kind="stable")
    ordered = cells[order]
    begins = np.concatenate([[True], ordered[1:] != ordered[:-1]])[: cells.size]
    found = np.empty(cells.size, np.int64)
    found[order] = np.arange(cells.size) - np.maximum.accumulate(np.where(begins, np.arange(cells.size), 0))
    return found


def check_receptor(model: Any, receptor: str | None) -> None:
    """A connection onto such cells may name this receptor, or none."""
    if receptor is None and len(model.ports) > 1 and not sorts_by_sign(model):
        example = model.ports[0]
        raise DescriptionError(
            f"{model.name} has the receptors {_few(model.ports)}; say which one: "
            f'static_synapse(receptor="{example}") or cells.at("{example}").'
        )
    known = (*getattr(model, "in_turn", ()), *model.ports)
    if receptor is None or receptor in known:
        return
    if receptor in places_of(model):
        raise DescriptionError(
            f"'{receptor:.60}' of {model.name} is a place that receives nothing. Events are received at: "
            f"{_few(model.ports)}."
        )
    raise DescriptionError(
        f"{model.name} has no receptor '{receptor:.60}'.{suggestion(receptor, known)} "
        f"It has: {_few(model.ports)}."
    )


def check_current(stimulus: str, model: Any, place: str | None) -> None:
    """A current onto such cells may enter at this place, or at the first where none is named."""
    known = getattr(model, "currents", ())
    if place is not None and not known:
        raise DescriptionError(
            f"{stimulus} brings a current, which enters by no receptor. Leave out '{place:.60}'."
        )
    if place is not None and place not in known:
        raise DescriptionError(
            f"{stimulus} brings a current, which does not enter {model.name} at '{place:.60}'."
            f"{suggestion(place, known)} It does at: {', '.join(known)}."
        )


def place_of_current(model: Any, place: str | None) -> int:
    """The number of the place at which a current enters."""
    return 0 if place is None else int(model.currents.index(place))


def _few(names: tuple[str, ...] | list[str]) -> str:
    """Names for an error, not all of many."""
    return ", ".join(names[:MOST_SHOWN]) + (", ..." if len(names) > MOST_SHOWN else "")


def wrong_sign(model: Any, receptor: str | None, weights: Floats) -> str | None:
    """What is wrong with weights of a sign that means nothing in this model, or another receptor than the one named."""
    each = getattr(model, "per_receptor", None)
    if each is not None and each.positive and (below := weights < 0.0).any():
        return (
            f"weight is {float(weights[below][0]):g}, and a conductance of {model.name} cannot be negative. Give a "
            "receptor with a low E_rev, such as -85 mV, and a weight above 0."
        )
    if receptor not in BY_SIGN or not sorts_by_sign(model):
        return None
    wrong = weights < 0.0 if receptor == "ex" else weights > 0.0
    if not wrong.any():
        return None
    other = BY_SIGN[1 - BY_SIGN.index(receptor)]
    return (
        f"weight is {float(weights[wrong][0]):g}, and a weight of this sign enters {model.name} by '{other}', not by "
        f"'{receptor}'. Change its sign or leave the receptor out."
    )


def places_of(model: Any) -> list[str]:
    """Where a cell can be recorded: what stands before the dot in the names of recordables; and where it fires."""
    seen: tuple[Any, ...] = (*getattr(model, "recordables", ()), *model.traces)
    named = (v.name.rpartition(".")[0] for v in seen)
    return [place for place in dict.fromkeys((*named, *model.detectors)) if place]


def check_place(model: Any, name: str) -> None:
    """Cells of the model have a receptor or a place of this name."""
    receptors, places = (
        list(getattr(model, "ports", ())),
        [*places_of(model), *getattr(model, "currents", ())],
    )
    if name not in receptors and name not in places:
        known = f"the receptors {', '.join(receptors)}" if receptors else "no receptors"
        known += f" and the places {', '.join(places)}" if places else ""
        raise DescriptionError(
            f"{model.name} has no receptor or place '{name:.60}'.{suggestion(name, receptors + places)} "
            f"It has {known}."
        )


def membranes_of(model: Any) -> dict[str, str]:
    """The places of a cell that have a membrane potential, and what that is called there; "" is the cell as a whole."""
    named = (v.name for v in getattr(model, "recordables", ()))
    return {n.rpartition(".")[0]: n for n in named if n.rpartition(".")[2] == getattr(model, "voltage", None)}


def spot_of(model: Any, place: str | None) -> int:
    """The number of a place among those at which cells of the model can be joined by gap junctions."""
    known = list(model.membranes)
    if (place or "") in known:
        return known.index(place or "")
    if place is None:
        raise DescriptionError(
            f'{model.name} has several places: {", ".join(known)}. Say which one: cells.at("{known[0]}").'
        )
    if known == [""]:
        raise DescriptionError(
            f"{model.name} cells are one place, and are joined to others as a whole. Leave .at('{place:.60}') out."
        )
    raise DescriptionError(
        f"{model.name} cells cannot be joined at '{place:.60}'.{suggestion(place, known)} "
        f"They have a membrane at: {', '.join(name for name in known if name)}."
    )


def check_detectors(model: Any) -> None:
    """Refuse what is no name of a place, and several, which no group can tell apart yet."""
    given = model.detectors
    if not isinstance(given, (tuple, list)) or not all(isinstance(one, str) and one for one in given):
        raise DescriptionError(
            f"detectors of {model.name} are {shown(given)}; a tuple of names of places is needed."
        )
    object.__setattr__(model, "detectors", tuple(given))
    if len(given) > 1:
        raise DescriptionError(
            f"{model.name} has the detectors {', '.join(given)}; a cell can fire at one place. Leave others out."
        )


def detector_of(model: Any, place: str | None) -> int:
    """The number of the detector of which the spikes are meant: the only one where no place is named."""
    if place is None:
        return 0
    if place in model.detectors:
        return int(model.detectors.index(place))
    if not model.detectors:
        raise DescriptionError(
            f"{model.name} cells fire as a whole, and not at '{place:.60}'. Leave .at(...) out."
        )
    raise DescriptionError(
        f"{model.name} cells do not fire at '{place:.60}'.{suggestion(place, list(model.detectors))} "
        f"Their spikes come from: {', '.join(model.detectors)}."
    )


def name_at(model: Any, place: str | None, name: Any) -> Any:
    """What a variable or parameter at a place or receptor is called among all those of the cell."""
    if place is None or not isinstance(name, str):
        return name
    named: tuple[Any, ...] = (*model.params, *getattr(model, "recordables", ()), *model.traces)
    known = [one.name for one in named]
    return next((full for full in (f"{place}.{name}", f"{name}_{place}") if full in known), name)


class PerReceptor(NamedTuple):
    """What each receptor of a model with any number of them has: parameters and states, called NAME_RECEPTOR."""

    params: tuple[Param, ...]
    states: tuple[Variable, ...] = ()
    positive: bool = False  # weights below 0 mean nothing: they are conductances

    def params_of(self, port: str) -> tuple[Param, ...]:
        """Those of one receptor."""
        return tuple(replace(p, name=f"{p.name}_{port}") for p in self.params)

    def states_of(self, port: str) -> tuple[Variable, ...]:
        """Those of one receptor: each a row of the field of the state that has the name."""
        return tuple(replace(v, name=f"{v.name}_{port}", of=v.name) for v in self.states)


def of_receptors(values: SimpleNamespace, name: str) -> Floats:
    """A parameter of all receptors, [receptor, cell], in the order in which the model has them."""
    return np.stack([value for known, value in vars(values).items() if known.startswith(f"{name}_")])


def with_receptors(model: Any, receptors: Mapping[str, Any]) -> Any:
    """A copy of a model that has these receptors, each with values of its parameters."""
    each: PerReceptor | None = model.per_receptor
    if each is None:
        raise DescriptionError(
            f"{model.name} has the receptors {', '.join(model.ports)} and no others. Models whose receptors can be "
            "chosen have multisynapse in their names."
        )
    if not receptors:
        raise DescriptionError(f"{model.name} needs at least one receptor, such as fast=dict(tau_syn=2.0).")
    own = {f"{one.name}_{port}" for port in model.ports for one in each.params}
    own |= {f"{one.name}_{port}" for port in model.ports for one in each.states}
    params = [p for p in model.params if p.name not in own]
    states = [v for v in model.recordables if v.name not in own]
    for port, values in receptors.items():
        _check_values_of(model, each, port, values)
        params += each.params_of(port)
        states += each.states_of(port)
    made = replace(model, params=tuple(params), recordables=tuple(states), ports=tuple(receptors))
    said = {f"{name}_{port}": raw for port, values in receptors.items() for name, raw in values.items()}
    return made.with_defaults(**said)


def _check_values_of(model: Any, each: PerReceptor, port: str, values: Any) -> None:
    if not re.fullmatch(r"\w+", port):
        raise DescriptionError(
            f"the receptor '{port:.60}' of {model.name} needs a name of letters, digits and underscores."
        )
    names = [p.name for p in each.params]
    if not isinstance(values, Mapping):
        raise DescriptionError(
            f"receptor {port} of {model.name} is {shown(values)}; give its parameters: "
            f"{port}=dict({', '.join(f'{p.name}={p.default:g}' for p in each.params)})."
        )
    for name in values:
        if name not in names:
            raise DescriptionError(
                f"a receptor of {model.name} has no parameter '{name!s:.60}'.{suggestion(str(name), names)} "
                f"It has: {', '.join(names)}."
            )
