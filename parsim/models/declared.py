"""Does the declaration of a model hold together? And the arrays that it declares."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple, get_type_hints

import numpy as np

from parsim.arrays import Ints, shown
from parsim.errors import BuildError, DescriptionError, ParsimError, suggestion
from parsim.given.plain import as_flag, as_text
from parsim.given.values import AbstractValue
from parsim.jit import python_function
from parsim.models.params import Param, Variable
from parsim.models.ports import check_detectors, check_ports


class NoState(NamedTuple):
    """The state of connections that remember nothing."""


@cache
def _fields(bundle: Any) -> dict[str, Any]:
    """The fields of a bundle and their types, which take 0.1 ms to find out."""
    return get_type_hints(bundle)


TEXTS = ("name", "about", "equations", "source", "weight_unit", "voltage", "into", "sign")
FLAGS = ("weighs", "takes_current", "receives", "precise", "keeps_sign", "history")
FUNCTIONS = (
    "prepare",
    "advance",
    "drive",
    "receive",
    "start",
    "catch_up",
    "changed",
    "check",
    "settle",
    "events",
    "recalls",
    "coupled",
    "transmit",
    "hear",
    "dose",
    "leave",
)
KERNELS = (
    "advance",
    "receive",
    "start",
    "catch_up",
    "changed",
    "coupled",
    "transmit",
    "hear",
    "dose",
    "leave",
)  # which are compiled
MAY_BE_NONE = ("settle", "events", "recalls", "coupled", "transmit", "hear", "dose", "leave")


def check_parts(model: Any) -> None:
    """Refuse what is no text, flag, function, parameter or state where one is needed."""
    kind = type(model).__name__
    for part in (f for f in TEXTS if hasattr(model, f)):
        if not isinstance(getattr(model, part), str):
            raise DescriptionError(f"{part} of a {kind} is {shown(getattr(model, part))}; a text is needed.")
    as_text(model.name, f"the name of a {kind}")
    for part in (f for f in FLAGS if hasattr(model, f)):
        as_flag(getattr(model, part), f"{part} of {model.name}")
    for part in (f for f in FUNCTIONS if hasattr(model, f)):
        f = getattr(model, part)
        if not callable(f) and not (f is None and (part in MAY_BE_NONE or model.kind == "synapse")):
            raise DescriptionError(f"{part} of {model.name} is {shown(f)}; a function is needed.")
        if part in KERNELS and f is not None and not inspect.isfunction(python_function(f)):
            raise DescriptionError(
                f"{part} of {model.name} is {shown(f)}, which cannot be compiled. Give a function under @ps.kernel."
            )
    _check_all(model, "params", Param)
    for param in model.params:
        if param.per and model.kind != "synapse":
            raise DescriptionError(
                f"{param.name} of {model.name} is said per {param.per}, which connections have. Leave out per."
            )
    if len({p.name for p in model.params}) < len(model.params):
        raise DescriptionError(
            f"{model.name} has two parameters of one name: {', '.join(p.name for p in model.params)}."
        )
    if not isinstance(getattr(model, "reports", {}), Mapping):
        raise DescriptionError(
            f"reports of {model.name} are {shown(model.reports)}; a dict of functions is needed."
        )


def _check_all(model: Any, part: str, kind: type) -> None:
    held = getattr(model, part)
    if not isinstance(held, (tuple, list)) or not all(isinstance(one, kind) for one in held):
        raise DescriptionError(
            f"{part} of {model.name} are {shown(held)}; a tuple of {kind.__name__} is needed."
        )
    object.__setattr__(model, part, tuple(held))


def check_traces(model: Any, kind: type) -> None:
    """Refuse what is no trace, or one without a name or a function."""
    _check_all(model, "traces", kind)
    for trace in model.traces:
        as_text(trace.name, "the name of a Trace")
        if not callable(trace.at):
            raise DescriptionError(
                f"trace '{trace.name}' of {model.name} has no function: at is {shown(trace.at)}."
            )


def _check_bundle(model: Any, part: str) -> None:
    bundle = getattr(model, part)
    if not (isinstance(bundle, type) and hasattr(bundle, "_fields")):
        raise DescriptionError(
            f"{part} of {model.name} is {shown(bundle)}; a class of NamedTuple with fields of Floats or Ints is needed."
        )


def check_declared(model: Any) -> None:
    """Refuse what does not fit together, such as recordable states that are no fields, or start nowhere."""
    check_parts(model)
    if hasattr(model, "connection"):
        _check_bundle(model, "connection")
    check_ports(model)
    check_detectors(model)
    check_states(model)


def check_states(model: Any) -> None:
    """Refuse recordable states that are no fields of the state, or start nowhere."""
    _check_all(model, "recordables", Variable)
    _check_bundle(model, "state")
    fields = _fields(model.state)
    params = [p.name for p in model.params]
    for variable in model.recordables:
        if (held := variable.of or variable.name) not in fields:
            raise DescriptionError(
                f"{model.name} declares the state '{held}', which is no field of "
                f"{model.state.__name__}. It has: {', '.join(fields)}."
            )
        if variable.per and model.kind != "synapse":
            raise DescriptionError(
                f"{variable.name} of {model.name} is per {variable.per}, which connections have. Leave out per."
            )
        if variable.name in params and not (model.kind == "synapse" and variable.initial == variable.name):
            raise DescriptionError(
                f"{model.name} has a parameter and a state that are both called '{variable.name}'; rename one."
            )
        if isinstance(variable.initial, str) and variable.initial not in params:
            raise DescriptionError(
                f"{model.name} starts {variable.name} at the parameter '{variable.initial}', which it has not."
                f"{suggestion(variable.initial, params)} It has: {', '.join(params) or 'none'}."
            )


def new_columns(
    bundle: Any, variables: tuple[Variable, ...], values: SimpleNamespace, n: int, sources: int = 0
) -> Any:
    """A bundle of arrays for `n` cells or connections, at the initial values of its variables and 0.

    Each is [n], or [row, n] where variables are rows of it; [source] where it is per source.
    """
    kinds = _fields(bundle)
    columns: dict[str, Any] = {}
    for name in bundle._fields:
        rows = sum(v.of == name for v in variables)
        wide = sources if any(v.per and v.name == name for v in variables) else n
        columns[name] = np.zeros((rows, n) if rows else wide, np.int64 if kinds[name] == Ints else np.float64)
    for variable, column in rows_of(columns, variables):
        start: Any = variable.initial
        if isinstance(start, AbstractValue):
            continue  # a default of a user's: told with the population's values
        if isinstance(start, str):
            start = getattr(values, start)
        elif callable(start):
            start = asked(start, values, f"the function for the initial {variable.name}")
        column[:] = start
    return bundle(**columns)


def rows_of(columns: dict[str, Any], variables: tuple[Variable, ...]) -> Iterator[tuple[Variable, Any]]:
    """Each variable with its array [n], of the fields of a bundle by name."""
    at: dict[str, int] = {}
    for variable in variables:
        row = at.get(variable.of, 0)
        at[variable.of] = row + 1
        yield variable, columns[variable.of][row] if variable.of else columns[variable.name]


def asked(f: Callable[..., Any], values: SimpleNamespace, what: str) -> Any:
    """What a function of a model gives; whatever it raises becomes one error that names it."""
    try:
        return f(values)
    except ParsimError:
        raise
    except Exception as error:
        raise BuildError(f"{what} raised {type(error).__name__}: {error}") from error
