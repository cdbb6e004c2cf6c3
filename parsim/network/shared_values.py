"""Values that connections share: those of a statement onto one target, or all of a statement."""

from typing import Any

from parsim.errors import DescriptionError
from parsim.given.values import AbstractValue, Constant, as_value
from parsim.models.params import Param
from parsim.network.space import are_spatial


def shared_value(raw: Any, param: Param, n: int, of: str) -> AbstractValue:
    """What a user gave for a parameter that is said once for each of `n` targets, or for the statement."""
    value = as_value(raw, param.unit, param.name, n if param.per == "target" else 1, takes=("target gids",))
    if param.per == "statement" and not isinstance(value, Constant):
        raise DescriptionError(
            f"{param.name} of {of} is one for all connections of a statement; {value.describe()} is given. Give a "
            "number, and connect apart what is to have another."
        )
    if are_spatial(value):
        raise DescriptionError(
            f"{param.name} of {of} is one for all connections onto a target, which come from several places. Give a "
            "number, a list [target], a distribution, or a function of (target gids)."
        )
    return value


def new_shared_value(raw: Any, param: Param, n: int, of: str) -> AbstractValue:
    """The same for `n` connections that are there, of each of which a list has a value."""
    if param.per == "target" and not isinstance(raw, AbstractValue) and callable(raw):
        raise DescriptionError(
            f"{param.name} of {of} is one for all connections onto a target, and a function is given. Give a number, "
            "a distribution, or what it gives for the targets of these connections, as f(found.targets)."
        )
    return shared_value(raw, param, n, of)
