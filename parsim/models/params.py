"""What a model declares: parameters and states, by name, with units and bounds; and what a user gives for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from types import SimpleNamespace
from typing import Any

import numpy as np

from parsim.arrays import Floats, shown
from parsim.errors import DescriptionError, nearest
from parsim.given.numbers import TRUTH
from parsim.given.plain import as_flag, as_text
from parsim.given.trains import Trains, as_trains, held_trains
from parsim.given.values import AbstractValue, as_number, as_value

KINDS = ("number", "flag", "train")
SHARED = ("", "target", "statement")


@dataclass(frozen=True)
class Param:
    """A parameter: its default in its unit, and the bounds it must keep.

    `kind` is "number" (one per cell), "flag" (0 or 1), or "train" (a list of numbers per cell).
    `infinite` says that inf and -inf mean something, such as never. `per` is for synapses: "target" where all
    connections of a statement onto a target share one value, "statement" where all that a connect call makes do.
    """

    name: str
    default: Any
    unit: str = ""
    text: str = ""
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    kind: str = "number"
    infinite: bool = False
    per: str = ""

    def __post_init__(self) -> None:
        check_names(self)
        if not isinstance(self.per, str) or self.per not in SHARED:
            raise DescriptionError(
                f"per of {self.name} is {shown(self.per)}; it must be 'target' or 'statement', or left out."
            )
        if not isinstance(self.kind, str) or self.kind not in KINDS:
            raise DescriptionError(
                f"kind of {self.name} is {shown(self.kind)}; it must be one of {', '.join(KINDS)}."
            )
        object.__setattr__(self, "infinite", as_flag(self.infinite, f"infinite of {self.name}"))
        what = f"default of {self.name}"
        if self.kind == "train":
            held_trains(self.default, self.unit, what)
        elif not isinstance(self.default, AbstractValue):
            # A synapse's weight may be text, which is read when the unit of its target is known.
            if not isinstance(self.default, str) or self.unit:
                as_value(self.default, unit_of(self), what, None)

    def check(self, values: Floats, model: str, named: Callable[[int], str] | None = None) -> None:
        """Refuse values outside the bounds; `named` is what to call the first that is."""
        named = named or (lambda at: _named(self.name, model, values, at))
        if not self.infinite:
            refuse_infinite(values, named)
        refuse_outside(self, values, named)
        if self.kind == "flag" and (off := ~np.isin(values, (0.0, 1.0))).any():
            at, wrong = _first(off, values)
            raise DescriptionError(f"{named(at)} is {wrong:g}; use True or False.")


@dataclass(frozen=True)
class Variable:
    """A state that can be recorded, read and set: a field of the model's state bundle.

    `initial` is a number, the name of a parameter, or a function of the parameters. `of` names the field of the
    bundle that holds it as one of several rows, where that is [row, cell]: rows stand in the order of the variables.
    `per` is for synapses: with "source", all connections of a source that share the parameters named by `reads` share
    one value, which only `leave` changes.
    """

    name: str
    unit: str = ""
    text: str = ""
    initial: float | str | Callable[[SimpleNamespace], Floats] = 0.0
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    of: str = ""
    per: str = ""
    reads: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_names(self)
        if self.per not in ("", "source"):
            raise DescriptionError(
                f"per of {self.name} is {shown(self.per)}; it must be 'source', or left out."
            )
        if not isinstance(self.reads, tuple) or not all(isinstance(name, str) for name in self.reads):
            raise DescriptionError(
                f"reads of {self.name} is {shown(self.reads)}; a tuple of names of parameters is needed."
            )
        start = self.initial
        if not (isinstance(start, (str, AbstractValue)) or callable(start)):
            as_number(start, self.unit, f"initial of {self.name}")

    def check(self, values: Floats, model: str, named: Callable[[int], str] | None = None) -> None:
        """Refuse infinities, NaN and values outside the bounds; `named` is what to call the first."""
        named = named or (lambda at: _named(self.name, model, values, at))
        refuse_infinite(values, named)
        refuse_outside(self, values, named)


def check_names(declared: "Param | Variable") -> None:
    """A name, texts, and bounds that are numbers or none."""
    as_text(declared.name, f"the name of a {type(declared).__name__}")
    for part in ("unit", "text", "of", "per"):
        if not isinstance(getattr(declared, part, ""), str):
            raise DescriptionError(
                f"{part} of {declared.name} is {shown(getattr(declared, part))}; a text is needed."
            )
    for bound in ("above", "at_least", "at_most"):
        if getattr(declared, bound) is not None:
            as_number(getattr(declared, bound), "", f"{bound} of {declared.name}")


def allows(declared: Param | Variable, number: float) -> bool:
    """Is one number finite and within the bounds? `check` says what is wrong with those that are not, or may be."""
    return (
        isfinite(number)
        and getattr(declared, "kind", "number") == "number"
        and (declared.above is None or number > declared.above)
        and (declared.at_least is None or number >= declared.at_least)
        and (declared.at_most is None or number <= declared.at_most)
    )


def refuse_outside(declared: Param | Variable, values: Floats, named: Callable[[int], str]) -> None:
    """Refuse values outside the declared bounds, naming the first."""
    bounds = (
        (declared.above, np.greater, "greater than"),
        (declared.at_least, np.greater_equal, "at least"),
        (declared.at_most, np.less_equal, "at most"),
    )
    for bound, keeps, words in bounds:
        if bound is not None and not (ok := keeps(values, bound)).all():
            at, wrong = _first(~ok, values)
            unit = f" {declared.unit}" if declared.unit else ""
            raise DescriptionError(f"{named(at)} is {wrong:.10g}{unit}; it must be {words} {bound:g}{unit}.")


def refuse_infinite(values: Floats, named: Callable[[int], str]) -> None:
    """Refuse infinities and NaN, naming the first."""
    if not (finite := np.isfinite(values)).all():
        at, wrong = _first(~finite, values)
        raise DescriptionError(f"{named(at)} is {wrong:g}; a finite number is needed.")


def _first(wrong: Any, values: Floats) -> tuple[int, float]:
    """Where the first element is that is wrong, and its value."""
    at = int(np.argmax(np.ravel(wrong)))
    return at, float(np.ravel(values)[at])


def _named(name: str, model: str, values: Floats, at: int) -> str:
    return f"{name}[{at}] of {model}" if np.size(values) > 1 else f"{name} of {model}"


def _settable(model: Any) -> dict[str, Param | Variable]:
    names: dict[str, Param | Variable] = {p.name: p for p in model.params}
    names.update({v.name: v for v in getattr(model, "recordables", ())})
    return names


def find_settable(model: Any, name: str) -> Param | Variable:
    """The parameter or state called `name`, or an error with the nearest name."""
    return model.settable(name)  # type: ignore[no-any-return]


def declared_settable(model: Any, name: str) -> Param | Variable:
    """One of the parameters and states that a model lists."""
    names = _settable(model)
    if not isinstance(name, str) or name not in names:
        said = name[:60] if isinstance(name, str) else shown(name)
        near = nearest_known(said, names)
        hint = f" Did you mean '{near}'{about(names[near])}?" if near else ""
        raise DescriptionError(
            f"{model.name} has no parameter '{said}'.{hint} It has: {', '.join(sorted(names)) or 'none'}."
        )
    return names[name]


def read_value(model: Any, name: str, raw: Any, n: int) -> AbstractValue | Trains:
    """What a user gave for a parameter or a state of `n` members, as a value in its unit."""
    declared = find_settable(model, name)
    model.check_settable(name)
    what = f"{name} of {model.name}"
    if getattr(declared, "kind", "number") == "train":
        return as_trains(raw, declared.unit, what, n)
    return as_value(raw, unit_of(declared), what, n)


def unit_of(declared: "Param | Variable") -> str:
    """The unit in which it is needed; flags are truth values."""
    return TRUTH if getattr(declared, "kind", "number") == "flag" else declared.unit


def nearest_known(name: str, names: Mapping[str, Any]) -> str | None:
    elsewhere = _ELSEWHERE.get(str(name).lower())
    return elsewhere if elsewhere in names else nearest(name, names)


def about(declared: Param | Variable) -> str:
    """What it is and its unit, which may be another in the simulator where its name comes from."""
    said = ", ".join(part for part in (declared.text, declared.unit) if part)
    return f" ({said})" if said else ""


# What the same thing is called in other simulators, for the error above.
_ELSEWHERE = {
    "v_thresh": "V_th", "v_threshold": "V_th", "threshold": "V_th", "v_rest": "E_L", "el": "E_L", "v_init": "V_m",
    "v": "V_m", "vm": "V_m", "v_reset": "V_reset", "tau_refrac": "t_ref", "refractory": "t_ref", "cm": "C_m",
    "i_offset": "I_e", "e_rev_e": "E_ex", "e_rev_i": "E_in", "tau_syn_e": "tau_syn_ex", "tau_syn_i": "tau_syn_in",
    "frequency": "rate", "rates": "rate", "freq": "rate", "amp": "amplitude", "w": "weight", "d": "delay",
    "duration": "stop", "dur": "stop",
}  # fmt: skip
