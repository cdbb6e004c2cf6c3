"""What a model is: a frozen value that names its parameters, states, ports and kernels.

A cell **advances** (inputs -> state and spikes), a stimulus **drives** (time -> inputs), a synapse
**delivers** (spikes -> arrivals). A model written in a user's script is made with the same calls
as the built-in ones and needs no registration.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import SimpleNamespace
from typing import Any, ClassVar, get_type_hints

import numpy as np

from parsim.arrays import Floats, Ints, shown
from parsim.clock import Clock
from parsim.errors import DescriptionError, nearest, suggestion
from parsim.given.numbers import TRUTH
from parsim.given.trains import Trains, as_trains, held_trains
from parsim.given.values import AbstractValue, as_value, held, known_numbers
from parsim.jit import belongs_to
from parsim.shard.clocked_group import ClockedGroup
from parsim.shard.group import AbstractGroup
from parsim.shard.inputs import Inputs as Inputs  # for those who write models


@dataclass(frozen=True)
class Param:
    """A parameter: its default in its unit, and the bounds it must keep.

    `kind` is "number" (one per cell), "flag" (0 or 1), or "train" (a list of numbers per cell).
    `infinite` says that inf and -inf mean something, such as never.
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

    `initial` is a number, the name of a parameter, or a function of the parameters.
    """

    name: str
    unit: str = ""
    text: str = ""
    initial: float | str | Callable[[SimpleNamespace], Floats] = 0.0
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    def check(self, values: Floats, model: str, named: Callable[[int], str] | None = None) -> None:
        """Refuse infinities, NaN and values outside the bounds; `named` is what to call the first."""
        named = named or (lambda at: _named(self.name, model, values, at))
        refuse_infinite(values, named)
        refuse_outside(self, values, named)


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


def _no_check(values: SimpleNamespace) -> str | None:
    return None


# (values, before, clock, now, places) -> columns that change, and name -> (values, clock) -> what `get` gives.
Settle = Callable[..., dict[str, Any]]
Reports = Mapping[str, Callable[[SimpleNamespace, Clock], list[Floats]]]


class _Named:
    """Shared by all models: names to parameters, with errors that help."""

    name: str
    params: tuple[Param, ...]
    recordables: tuple[Variable, ...]
    traces: Any = ()  # what can be recorded without being a state

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return self.name

    def recordable(self, name: str) -> Any:
        """The recordable called `name`, or an error with the nearest name."""
        names = {v.name: v for v in (*self.recordables, *self.traces)}
        if not isinstance(name, str):
            raise DescriptionError(
                f"the variable to record is {name!r:.60}; one name is needed. Call record once for each."
            )
        if name in names:
            return names[name]
        near = _nearest(name, names)
        hint = f" Did you mean '{near}'{_about(names[near])}?" if near else ""
        if name in ("spike", "spikes"):
            hint = " Spikes are recorded with Network.record_spikes."
        elif name in (p.name for p in self.params):
            hint = " It is a parameter: read it with Simulation.get."
        raise DescriptionError(
            f"{self.name} has no recordable '{name}'.{hint} It has: {', '.join(sorted(names)) or 'none'}."
        )


def _settable(model: Any) -> dict[str, Param | Variable]:
    names: dict[str, Param | Variable] = {p.name: p for p in model.params}
    names.update({v.name: v for v in getattr(model, "recordables", ())})
    return names


def find_settable(model: Any, name: str) -> Param | Variable:
    """The parameter or state called `name`, or an error with the nearest name."""
    names = _settable(model)
    if not isinstance(name, str) or name not in names:
        said = name if isinstance(name, str) else shown(name)
        near = _nearest(said, names)
        hint = f" Did you mean '{near}'{_about(names[near])}?" if near else ""
        raise DescriptionError(
            f"{model.name} has no parameter '{said}'.{hint} It has: {', '.join(sorted(names)) or 'none'}."
        )
    return names[name]


def read_value(model: Any, name: str, raw: Any, n: int) -> AbstractValue | Trains:
    """What a user gave for a parameter or a state of `n` members, as a value in its unit."""
    declared = find_settable(model, name)
    what = f"{name} of {model.name}"
    if getattr(declared, "kind", "number") == "train":
        return as_trains(raw, declared.unit, what, n)
    return as_value(raw, unit_of(declared), what, n)


def unit_of(declared: "Param | Variable") -> str:
    """The unit in which it is needed; flags are truth values."""
    return TRUTH if getattr(declared, "kind", "number") == "flag" else declared.unit


def _nearest(name: str, names: Mapping[str, Any]) -> str | None:
    elsewhere = _ELSEWHERE.get(str(name).lower())
    return elsewhere if elsewhere in names else nearest(name, names)


def _about(declared: Param | Variable) -> str:
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


@cache
def _fields(bundle: Any) -> dict[str, Any]:
    """The fields of a bundle and their types, which take 0.1 ms to find out."""
    return get_type_hints(bundle)


def check_declared(model: Any) -> None:
    """Refuse recordable states that are no fields, share a parameter's name, or start nowhere."""
    fields = _fields(model.state)
    params = [p.name for p in model.params]
    for variable in model.recordables:
        if variable.name not in fields:
            raise DescriptionError(
                f"{model.name} declares the state '{variable.name}', which is no field of "
                f"{model.state.__name__}. It has: {', '.join(fields)}."
            )
        if variable.name in params:
            raise DescriptionError(
                f"{model.name} has a parameter and a state that are both called '{variable.name}'; rename one."
            )
        if isinstance(variable.initial, str) and variable.initial not in params:
            raise DescriptionError(
                f"{model.name} starts {variable.name} at the parameter '{variable.initial}', which it has not."
                f"{suggestion(variable.initial, params)} It has: {', '.join(params) or 'none'}."
            )


def columns_of(bundle: Any, variables: tuple[Variable, ...], values: SimpleNamespace, n: int) -> Any:
    """A bundle of arrays for `n` cells or connections, at the initial values of its variables and 0."""
    kinds = _fields(bundle)
    initial = {v.name: v.initial for v in variables}
    columns = {}
    for name in bundle._fields:
        columns[name] = np.zeros(n, np.int64 if kinds[name] == Ints else np.float64)
        start: Any = initial.get(name, 0.0)
        if isinstance(start, AbstractValue):
            continue  # a default of a user's: told with the population's values
        if isinstance(start, str):
            start = getattr(values, start)
        elif callable(start):
            start = start(values)
        columns[name][:] = start
    return bundle(**columns)


@dataclass(frozen=True, eq=False, repr=False)
class CellModel(_Named):
    """A clocked cell.

    Parameters
    ----------
    name : str
    params : tuple of Param
        What a user sets; one number per cell.
    state : NamedTuple class
        Fields annotated `Floats` or `Ints`, one array element per cell.
    recordables : tuple of Variable
        Fields of `state` with unit and initial value. Other fields start at 0 and are private.
    ports : tuple of str
        Where spikes enter: ("ex", "in") sorts weights by sign, a single port takes all.
    prepare : function (values, clock) -> NamedTuple of arrays
        What the user gave, as arrays [cell], to what the kernel needs; called when values or dt change.
    advance : kernel (state, params, inputs, span, out)
        Moves cells [span.begin, span.end) through steps [span.first, span.stop); reads
        `inputs.spikes[k - span.origin, port, i]`, calls `emit(out, i, k + 1)` for spikes.
    check : function (values) -> str or None
        A sentence when values contradict each other.
    weighs : bool
        False when the model counts spikes and ignores weights (parrots).
    takes_current : bool
        False when the model reads no `inputs.current`; connecting a current to it is then an error.
    settle : function (values, before, clock, now, places) -> dict of columns, optional
        What is kept of values that are said at step `now`, such as times shifted into the future; an
        error for times that have passed. `before` is what was held, None for new cells; `places` says
        where in what the user gave the values stand, None when that is their order. It is asked
        without a clock before there is a simulation.
    reports : dict of functions (values, clock) -> list of arrays
        Of parameters that are used otherwise than said: what `Simulation.get` gives.
    receives : bool
        False when the model takes no input at all, so that it cannot be a target.
    precise : bool
        True when the model hears or fires between steps: it reads `inputs.events` and calls
        `emit_at`. One such model in a network makes all spikes carry their exact times.
    coupled : kernel (state, params, inputs, gap, span, out), optional
        What moves the cells in place of `advance` in a network with junctions between cells of this
        model and others: it adds the current of a `Gap` and writes the waveform of `voltage`.
    voltage : str
        The recordable that is the membrane potential in mV; needed for `coupled`.
    """

    name: str
    params: tuple[Param, ...]
    state: type
    prepare: Callable[[SimpleNamespace, Clock], Any]
    advance: Callable[..., None]
    recordables: tuple[Variable, ...] = ()
    ports: tuple[str, ...] = ("ex", "in")
    check: Callable[[SimpleNamespace], str | None] = _no_check
    weighs: bool = True
    takes_current: bool = True
    settle: Settle | None = None
    reports: Reports = field(default_factory=dict)
    receives: bool = True
    precise: bool = False
    coupled: Callable[..., None] | None = None
    voltage: str = "V_m"
    weight_unit: str = "pA"
    about: str = ""
    equations: str = ""
    source: str = ""
    kind: str = field(default="cell", init=False)
    host: ClassVar[type[AbstractGroup]] = ClockedGroup

    def __post_init__(self) -> None:
        if len(self.ports) not in (1, 2):
            raise DescriptionError(f"{self.name} has ports {self.ports}; one or two are needed.")
        check_declared(self)
        if self.coupled is not None and self.voltage not in (names := [v.name for v in self.recordables]):
            raise DescriptionError(
                f"{self.name} has a kernel for junctions, but its voltage '{self.voltage}' is no recordable."
                f"{suggestion(self.voltage, names)} It has: {', '.join(names) or 'none'}."
            )
        for act in (self.advance, self.coupled):
            belongs_to(act, self.name)

    def with_defaults(self, **values: Any) -> "CellModel":
        """A copy with other default values: what NEST calls CopyModel."""
        return with_defaults(self, values)

    def new_state(self, values: SimpleNamespace, n: int) -> Any:
        """The initial state of `n` cells."""
        return columns_of(self.state, self.recordables, values, n)


@dataclass(frozen=True, eq=False, repr=False)
class StimulusModel(_Named):
    """A source of input that is computed where it is needed, on the rank of its targets.

    `drive(params, rows, span, key, page)` adds to `page`: [step, port * cells + cell] for
    `into="spikes"`, [step, cell] for `into="current"`. It is asked for any part of an interval, so
    what it adds may depend on the step, the row and `key` alone. For cells that hear exact times,
    `events(params, rows, span, key, grid, time, slot, weight)`, if there is one, writes each spike by itself
    and returns how many there are, also when the arrays are too short. `settle` and `reports` are as in
    `CellModel`.

    Where cells have two ports, what is added for a row enters by the one that its sign says. `keeps_sign=True`
    promises that this is always the port of the row's own weight, or that `drive` sees to it, and spares the sorting.
    """

    name: str
    params: tuple[Param, ...]
    prepare: Callable[[SimpleNamespace, Clock], Any]
    drive: Callable[..., None]
    into: str = "spikes"
    events: Callable[..., int] | None = None
    keeps_sign: bool = False
    settle: Settle | None = None
    reports: Reports = field(default_factory=dict)
    check: Callable[[SimpleNamespace], str | None] = _no_check
    about: str = ""
    equations: str = ""
    source: str = ""
    kind: str = field(default="stimulus", init=False)

    def __post_init__(self) -> None:
        for act in (self.drive, self.events):
            belongs_to(act, self.name)

    def with_defaults(self, **values: Any) -> "StimulusModel":
        """A copy with other default values."""
        return with_defaults(self, values)


@dataclass(frozen=True, eq=False, repr=False)
class SynapseModel(_Named):
    """How a spike becomes an arrival. Calling it says a synapse: `static_synapse(weight=20.0, delay=1.5)`."""

    name: str
    params: tuple[Param, ...]
    about: str = ""
    equations: str = ""
    source: str = ""
    kind: str = field(default="synapse", init=False)

    def __call__(self, **values: Any) -> "Synapse":
        for name in values:
            find_settable(self, name)
        return Synapse(self, {name: held(raw, f"{name} of {self.name}") for name, raw in values.items()})

    def with_defaults(self, **values: Any) -> "SynapseModel":
        """A copy with other default values."""
        said = self(**values).values
        return replace(
            self, params=tuple(replace(p, default=said.get(p.name, p.default)) for p in self.params)
        )


@dataclass(frozen=True, eq=False)
class Synapse:
    """A synapse model with the values of one connect call, as the user gave them."""

    model: SynapseModel
    values: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"{self.model.name}({', '.join(f'{k}={shown(v, 40)}' for k, v in self.values.items())})"


def with_defaults(model: Any, values: Mapping[str, Any]) -> Any:
    """A copy of a model with other defaults of parameters or initial states, converted and checked as in `create`."""
    params = [p.name for p in model.params]
    defaults = {name: _default(model, name, raw, params) for name, raw in values.items()}
    new: dict[str, Any] = {
        "params": tuple(replace(p, default=defaults.get(p.name, p.default)) for p in model.params)
    }
    if model.kind == "cell":
        new["recordables"] = tuple(
            replace(v, initial=defaults.get(v.name, v.initial)) for v in model.recordables
        )
    return replace(model, **new)


def _default(model: Any, name: str, raw: Any, params: list[str]) -> Any:
    """A number, a distribution or the like, a list of numbers, or, of a state, the name of a parameter."""
    declared = find_settable(model, name)
    what = f"{name} of {model.name}"
    kind = getattr(declared, "kind", "number")
    if kind == "train":
        return held_trains(raw, declared.unit, what)
    if isinstance(declared, Variable) and isinstance(raw, str) and raw in params:
        return raw
    value = as_value(raw, unit_of(declared), what, None)
    if (known := known_numbers(value)) is not None:
        declared.check(known, model.name)
    number = value.constant_or_none
    return value if number is None else bool(number) if kind == "flag" else number
