"""What a model is: a frozen value that names its parameters, states, ports and kernels.

A cell **advances** (inputs -> state and spikes), a stimulus **drives** (time -> inputs), a synapse
**delivers** (spikes -> arrivals). A model written in a user's script is made with the same calls
as the built-in ones and needs no registration.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import SimpleNamespace
from typing import Any, ClassVar

from parsim.arrays import Floats, shown
from parsim.clock import Clock
from parsim.errors import DescriptionError, suggestion
from parsim.given.plain import as_text
from parsim.given.trains import held_trains
from parsim.given.values import AbstractValue, as_value, known_numbers
from parsim.jit import belongs_to
from parsim.models.archived import names_by_lane, traces_of, with_archived
from parsim.models.checks import check_defaults, reads
from parsim.models.declared import check_declared, check_parts, new_columns, rows_of
from parsim.models.params import Param as Param
from parsim.models.params import Variable as Variable
from parsim.models.params import about, declared_settable, find_settable, nearest_known, unit_of
from parsim.models.pickled import reference, remade
from parsim.models.ports import (
    PerReceptor,
    check_place,
    membranes_of,
    n_told_apart,
    name_at,
    spot_of,
    with_receptors,
)
from parsim.shard.clocked_group import ClockedGroup
from parsim.shard.group import AbstractGroup
from parsim.shard.inputs import Inputs as Inputs  # for those who write models


@reads()
def _no_check(values: SimpleNamespace) -> str | None:
    return None


# (values, before, clock, now, places) -> columns that change, and name -> (values, clock) -> what `get` gives.
Settle = Callable[..., dict[str, Any]]
Reports = Mapping[str, Callable[[SimpleNamespace, Clock], list[Floats]]]


class AbstractModel:
    """Of cells, stimuli or synapses: names to parameters, with errors that help; a value that copies and pickles share.

    `kind` is "cell", "stimulus" or "synapse".
    """

    name: str
    kind: str
    params: tuple[Param, ...]
    recordables: tuple[Variable, ...]
    traces: Any = ()  # what can be recorded without being a state
    detectors: tuple[str, ...] = ()  # the places where cells fire, where these have names

    @property
    def kept_of_connections(self) -> tuple[Variable, ...]:
        """What cells keep of each connection that leads to them."""
        return ()

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return self.name

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self  # it does not change

    def __reduce__(self) -> Any:
        return remade, reference(self)

    def by_name(self, state: Any) -> dict[str, Any]:
        """The columns [cell] of a state bundle: its fields, and the rows of those that have several."""
        columns: dict[str, Any] = state._asdict()
        if not _has_rows(self):
            return columns
        rows = {variable.name: column for variable, column in rows_of(columns, self.recordables)}
        return {name: column for name, column in columns.items() if column.ndim == 1} | rows

    @property
    def drawn_starts(self) -> dict[str, Any]:
        """States that begin by a value that differs from cell to cell, where nothing is said."""
        named: tuple[Variable, ...] = getattr(self, "recordables", ())
        return {v.name: v.initial for v in named if isinstance(v.initial, AbstractValue)}

    def check_fires(self) -> None:
        """An error where the cells never fire, so that there are no spikes to send or to record."""

    @property
    def told_apart(self) -> int:
        """How many receptors events at exact times tell apart."""
        return n_told_apart(self)

    @property
    def membranes(self) -> dict[str, str]:
        """Where cells can be joined, in order of spots, and what the membrane potential is called there.

        "" is a cell that is one place.
        """
        return membranes_of(self)

    @property
    def can_be_joined(self) -> bool:
        """Can gap junctions join its cells to others?"""
        return getattr(self, "coupled", None) is not None

    def spot(self, place: str | None) -> int:
        """The number of a place among `membranes`, or an error that says which there are."""
        return spot_of(self, place)

    def settable(self, name: str) -> Param | Variable:
        """The parameter or state called `name`, or an error with the nearest name."""
        return declared_settable(self, name)

    def check_settable(self, name: str) -> None:
        """What can be read can be set."""

    def lane(self, name: str) -> int:
        """The stream of random numbers of a parameter or state: its place in the model."""
        return names_by_lane(self).index(name)

    def name_at(self, place: str | None, name: Any) -> Any:
        """What a variable or parameter at a place or receptor is called among all those of the cell."""
        return name_at(self, place, name)

    def remembers(self, receptor: str | None) -> bool:
        """Have connections onto a receptor a state of their own, so that rows of stimuli are numbered among them?"""
        return bool(getattr(self, "has_connection_events", False))

    def says(self) -> dict[str, Any]:
        """What a statement that creates cells says of the model beside its name, for checkpoints to compare."""
        return {}

    def check_place(self, name: str) -> None:
        """Cells of the model have a receptor or a place of this name."""
        check_place(self, name)

    @property
    def numbers(self) -> int:
        """How many numbers a cell takes: parameters as said and as kernels need them, states."""
        return 2 * len(self.params) + len(self.state._fields)  # type: ignore[attr-defined]

    def recordable(self, name: str, place: str | None = None) -> Any:
        """The recordable called `name`, at a place where one is named, or an error with the nearest name."""
        name = name_at(self, place, name)
        names = {v.name: v for v in (*self.recordables, *self.traces, *traces_of(self))}
        if not isinstance(name, str):
            raise DescriptionError(
                f"the variable to record is {shown(name)}; one name is needed. Call record once for each."
            )
        if name in names:
            return names[name]
        near = nearest_known(name, names)
        hint = f" Did you mean '{near}'{about(names[near])}?" if near else ""
        if name in ("spike", "spikes"):
            hint = " Spikes are recorded with Network.record_spikes."
        elif name in (p.name for p in self.params):
            hint = " It is a parameter: read it with Simulation.get."
        raise DescriptionError(
            f"{self.name} has no recordable '{name:.60}'.{hint} It has: {', '.join(sorted(names)) or 'none'}."
        )


@dataclass(frozen=True, eq=False, repr=False)
class CellModel(AbstractModel):
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
        Where spikes enter, the receptors by name. A connection names one of several; where the first two are
        ("ex", "in"), weights are sorted to them by sign if it does not. A single port takes all.
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
    currents : tuple of str
        Where currents enter, the places by name, in models with several: a connection names one, or means the first.
        What enters at place c of cell i is `inputs.current[k, c * cells + i]`.
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
        True when the model hears or fires between steps: it reads `inputs.events` from `heard_by` to
        `last_time_of(grid, span.stop)` and calls `emit_at`. One such model in a network makes all spikes
        carry their exact times.
    coupled : kernel (state, params, inputs, gap, span, out), optional
        What moves the cells in place of `advance` in a network with junctions between cells of this
        model and others: it adds the current of a `Gap` and writes the waveform of `voltage`.
    voltage : str
        The recordable that is the membrane potential in mV; needed for `coupled`. A model whose cells can be joined at
        several places has it at each of them, such as "soma.V_m" and "dend.V_m".
    detectors : tuple of str
        The place where a cell fires, so that it can be named as the source of spikes.
    per_receptor : PerReceptor, optional
        Parameters and states that each receptor has, in models with any number of them; among `params` and
        `recordables` they are called NAME_RECEPTOR. See `with_receptors`.
    methods : dict of CellModel
        The same cell by other methods of integration, by the name of the method: `model(method="...")`.
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
    currents: tuple[str, ...] = ()
    settle: Settle | None = None
    reports: Reports = field(default_factory=dict)
    receives: bool = True
    precise: bool = False
    coupled: Callable[..., None] | None = None
    voltage: str = "V_m"
    detectors: tuple[str, ...] = ()
    per_receptor: PerReceptor | None = None
    methods: Mapping[str, "CellModel"] = field(default_factory=dict)
    weight_unit: str = "pA"
    about: str = ""
    equations: str = ""
    source: str = ""
    kind: str = field(default="cell", init=False)
    host: ClassVar[type[AbstractGroup]] = ClockedGroup

    def __post_init__(self) -> None:
        check_declared(self)
        if self.coupled is not None and not self.membranes:
            names = [v.name for v in self.recordables]
            raise DescriptionError(
                f"{self.name} has a kernel for junctions, but its voltage '{self.voltage}' is no recordable."
                f"{suggestion(self.voltage, names)} It has: {', '.join(names) or 'none'}."
            )
        for act in (self.advance, self.coupled):
            belongs_to(act, self.name)
        if self.receives:
            with_archived(self)

    def __call__(self, *, method: str) -> "CellModel":
        """The same cell by another method of integration: `hh_psc_alpha(method="exponential_euler")`."""
        if (found := self.methods.get(as_text(method, "method"))) is None:
            known = ", ".join(f"'{name}'" for name in sorted(self.methods)) or "no other than its own"
            raise DescriptionError(f"{self.name} has no method '{method:.60}'. It has: {known}.")
        return found

    def with_defaults(self, **values: Any) -> "CellModel":
        """A copy with other default values: what NEST calls CopyModel."""
        return with_defaults(self, values)

    def with_receptors(self, **receptors: Mapping[str, Any]) -> "CellModel":
        """A copy that has these receptors: `model.with_receptors(fast=dict(tau_syn=2.0), slow=dict(tau_syn=50.0))`."""
        return with_receptors(self, receptors)  # type: ignore[no-any-return]

    def new_state(self, values: SimpleNamespace, n: int) -> Any:
        """The initial state of `n` cells."""
        return new_columns(self.state, self.recordables, values, n)


@cache
def _has_rows(model: AbstractModel) -> bool:
    """Does a field of its states hold several of them? A loop over all states took 3 us."""
    return any(variable.of for variable in model.recordables)


@dataclass(frozen=True, eq=False, repr=False)
class StimulusModel(AbstractModel):
    """A source of input that is computed where it is needed, on the rank of its targets.

    `drive(params, rows, span, key, page)` adds to `page`: [step, port * cells + cell] for
    `into="spikes"`, [step, cell] for `into="current"`. It is asked for any part of an interval, so
    what it adds may depend on the step, the row and `key` alone. For cells that hear exact times,
    `events(params, rows, span, key, grid, time, slot, weight)`, if there is one, writes each spike by itself
    and returns how many there are, also when the arrays are too short. `settle` and `reports` are as in
    `CellModel`.

    A train that hangs on what was sent before has `recalls(params)`, how many numbers each row needs for that, by
    what `prepare` gives: `drive` finds and changes those of row r in `rows.state[r]`, at first 0, and is asked for each
    step of a row once, in order; `events` is asked for a span once more where its arrays were too short.

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
    recalls: Callable[[Any], int] | None = None
    settle: Settle | None = None
    reports: Reports = field(default_factory=dict)
    check: Callable[[SimpleNamespace], str | None] = _no_check
    about: str = ""
    equations: str = ""
    source: str = ""
    kind: str = field(default="stimulus", init=False)

    def __post_init__(self) -> None:
        check_parts(self)
        if self.into not in ("spikes", "current"):
            raise DescriptionError(
                f'into of {self.name} is {shown(self.into)}; it must be "spikes" or "current".'
            )
        for act in (self.drive, self.events):
            belongs_to(act, self.name)

    def with_defaults(self, **values: Any) -> "StimulusModel":
        """A copy with other default values."""
        return with_defaults(self, values)


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
    if methods := getattr(model, "methods", None):
        new["methods"] = {name: _as_far_as_it_has(m, values) for name, m in methods.items()}
    made = replace(model, **new)
    check_defaults(made)
    return made


def _as_far_as_it_has(model: Any, values: Mapping[str, Any]) -> Any:
    """`with_defaults` by another method, which has not all of the parameters."""
    known = {declared.name for declared in (*model.params, *model.recordables)}
    return with_defaults(model, {name: value for name, value in values.items() if name in known})


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
