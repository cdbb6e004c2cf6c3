"""A said link: which pointers of mechanisms follow which variable of other cells."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from parsim.arrays import shown
from parsim.errors import DescriptionError, suggestion
from parsim.given.plain import as_text
from parsim.jit import python_function
from parsim.models.cable import CableModel
from parsim.models.cable_names import Column
from parsim.models.synapse_model import Synapse, SynapseModel
from parsim.network.population import Selection
from parsim.network.projection import check_fit, check_is_rule
from parsim.network.rules import AbstractRule
from parsim.network.space import Space

WRITE = 'link(cells, "soma.v", others.at("syn"), "pointer")'


@dataclass(frozen=True, eq=False)
class Link:
    """One link statement: `variable` of a source is what `pointer` of its targets follows."""

    source: Selection
    variable: str
    target: Selection
    pointer: str
    rule: AbstractRule
    serial: int

    @cached_property
    def space(self) -> Space:
        """Where its sources and targets are, if these have positions."""
        return Space(self.source, self.target)

    def __repr__(self) -> str:
        return f"{self.source!r} {self.variable} ~> {self.target!r} {self.pointer}"

    def in_words(self) -> dict[str, Any]:
        """What follows what."""
        return {"variable": self.variable, "pointer": self.pointer}

    def followed(self, model: Any) -> Column:
        """Where in cells of a source's model the variable is."""
        found: Column = model.column(model.name_at(self.source.place, self.variable))
        return found

    def pointers(self, model: Any) -> Column:
        """Where in cells of a target's model the pointers are."""
        found: Column = model.column(model.name_at(self.target.place, self.pointer))
        return found

    @cached_property
    def within_a_step(self) -> bool:
        """Do states follow, in the second half of a step, a voltage that its first half has brought?"""
        brings_voltage = any(self.followed(model).array == ("v",) for model in self.source.models)
        return brings_voltage and any(
            _reads_in_states(model, self.pointers(model)) for model in self.target.models
        )


def _reads_in_states(model: CableModel, column: Column) -> bool:
    """Do kernels of states read a pointer?"""
    mechanism = next(p.mechanism for p in model.plan.planted if p.mechanism.name == column.array[1])
    kernels = [mechanism.kernels[name] for name in ("state", "state_midpoint") if name in mechanism.kernels]
    return any(column.array[2] in python_function(kernel).__code__.co_names for kernel in kernels)


def link(
    source: Selection, variable: Any, target: Selection, pointer: Any, rule: Any, serial: int
) -> Link:  # fmt: skip
    """Check a link call and keep it as values."""
    if isinstance(variable, (Synapse, SynapseModel, AbstractRule)) or isinstance(pointer, AbstractRule):
        raise DescriptionError(f"a link names a variable and a pointer, then the rule. Write {WRITE}.")
    variable, pointer = as_text(variable, "the variable"), as_text(pointer, "the pointer")
    check_is_rule(rule)
    for side in (source, target):
        for model in side.models:
            if not isinstance(model, CableModel):
                what = "are stimuli" if side.kind != "cell" else f"are {model.name}"
                raise DescriptionError(
                    f"{side!r} {what}. Links lead from cable cells to pointers of cable cells."
                )
    said = Link(source, variable, target, pointer, check_fit(source, target, rule), serial)
    for model in target.models:
        _check_pointer(said, model)
    for model in source.models:
        _check_followed(said, model)
    return said


def _check_pointer(said: Link, model: CableModel) -> None:
    """It is a pointer of the model's, or an error that says which there are."""
    known = {f"{owner}.{name}": None for _, owner, name in model.names.pointers()}
    full = model.name_at(said.target.place, said.pointer)
    found = model.names.find(full)
    if found is not None and found.is_pointer:
        return
    there = f"Its pointers are: {', '.join(list(known)[:8])}." if known else "Its mechanisms have no pointer."
    if found is not None:
        raise DescriptionError(
            f"{full} of {model.name} is no pointer, so it follows nothing; set it. {there}"
        )
    raise DescriptionError(f"{model.name} has no pointer '{full:.60}'.{suggestion(full, known)} {there}")


def _check_followed(said: Link, model: CableModel) -> None:
    """It stands from one step to the next."""
    full = model.name_at(said.source.place, said.variable)
    found = said.followed(model)
    if found.is_pointer:
        raise DescriptionError(
            f"{full} of {model.name} follows another variable itself: pointers that follow each other in a circle "
            "would read their own step. Link to the variable that it follows."
        )
    if found.array[0] == "observed" or found.array[-1] == "current":
        raise DescriptionError(
            f"{full} of {model.name} is computed within a step, from what links bring: to follow it would be to read "
            "the same step, in a circle where cells follow each other. Follow a voltage, a concentration or a state, "
            "which stand from step to step."
        )


def refuse_more(more: dict[str, Any]) -> None:
    """Weights and delays are given to connections, not to links."""
    for name, given in more.items():
        why = {
            "weight": "a link brings the variable as it is; strengths are parameters of the mechanism",
            "delay": "a link brings each step what stood at the end of the one before",
        }.get(name)
        if why is None:
            raise DescriptionError(f"link has no argument '{name:.60}'. Write {WRITE}.")
        raise DescriptionError(f"{name} is {shown(given)}, but {why}. Leave {name} out.")
