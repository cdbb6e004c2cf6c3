"""`CableModel`: a cell of sections with mechanisms on them, a frozen value like all models."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import SimpleNamespace
from typing import Any, ClassVar, NamedTuple

import numpy as np

from parsim.arrays import Floats, shown
from parsim.clock import Clock
from parsim.errors import DescriptionError, suggestion
from parsim.given.plain import as_text, several
from parsim.given.values import as_number
from parsim.models.archived import names_by_lane, traces_of, with_archived
from parsim.models.base import AbstractModel, Reports, Settle, _no_check
from parsim.models.cable_names import Column, Names, V, listed
from parsim.models.cable_plan import Plan, check_detector, check_stays, plan
from parsim.models.insertion import TIMES, Detection, Insertion, Placed, silent
from parsim.models.ions import Held, as_start
from parsim.models.named import named_of, named_params, path_of
from parsim.models.params import Param, Variable
from parsim.models.ports import turns_of
from parsim.models.section import Section
from parsim.shard.cable.block import Kind
from parsim.shard.cable.cable_group import CableGroup
from parsim.shard.group import AbstractGroup

CHOICES = {"scheme": ("backward_euler", "trapezoid"), "delivery": ("half_steps", "exact")}
DOTTED = 1 << 20  # lanes of the draws of what is no parameter with a name of its own begin here


class NoColumns(NamedTuple):
    """Cells are held by blocks."""


@dataclass(frozen=True, eq=False, repr=False)
class CableModel(AbstractModel):
    """A cell of sections, each with mechanisms, as in NEURON; compared by identity like all models.

    Parameters
    ----------
    name : str
    sections : list of Section
        A tree; one of them has no parent.
    insert : list of insert(...)
        Density mechanisms and where they are.
    place : list of place(...)
        Point processes by name.
    detector : detector(...), optional
        Where the cell fires; without one it never does.
    params : dict of str, optional
        Names for what differs from cell to cell: `{"g_na": "soma.hh.gnabar"}`.
    labels : dict of lists of str, optional
        Names for several sections.
    v : float
        Voltage at the start, mV.
    celsius : float
    ions : dict of float, optional
        Reversal potentials (mV) and concentrations (mM) at the start, such as `{"ena": 55.0, "cao": 2.0}`; a potential
        that is to follow no concentration is `held(140.0)`.
    scheme : str
        "backward_euler", which gives NEURON's numbers, or "trapezoid", of second order.
    delivery : str
        When events are received: "half_steps", before the step within half a step of which they come, as in NEURON, or
        "exact", at their time.

    Raises
    ------
    DescriptionError
        What does not fit together, with the nearest name.
    """

    name: str
    sections: Sequence[Section]
    insert: Sequence[Insertion] = ()
    place: Sequence[Placed] = ()
    detector: Detection | None = None
    params: Any = ()
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    v: float = -65.0
    celsius: float = 6.3
    ions: Mapping[str, float | Held] = field(default_factory=dict)
    scheme: str = "backward_euler"
    delivery: str = "half_steps"
    kind: str = field(default="cell", init=False)
    host: ClassVar[type[AbstractGroup]] = CableGroup
    state: ClassVar[type] = NoColumns
    precise: ClassVar[bool] = True
    takes_current: ClassVar[bool] = False
    weighs: ClassVar[bool] = True
    weight_unit: ClassVar[str] = "uS"
    coupled: ClassVar[None] = None
    can_be_joined: ClassVar[bool] = True
    voltage: ClassVar[str] = "v"
    settle: ClassVar[Settle | None] = None
    reports: ClassVar[Reports] = {}
    check: ClassVar[Any] = staticmethod(_no_check)
    drawn_starts: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]
    about: ClassVar[str] = "a cell of sections, with mechanisms on them"

    def __post_init__(self) -> None:
        as_text(self.name, "the name of a CableModel")
        own = getattr(self.sections, "labels", {})  # of a Morphology
        for part, kind in (("sections", Section), ("insert", Insertion), ("place", Placed)):
            given = several(getattr(self, part))
            if given is None or not all(isinstance(one, kind) for one in given):
                raise DescriptionError(
                    f"{part} of {self.name} is {shown(getattr(self, part))}; a list of {kind.__name__} is needed."
                )
            object.__setattr__(self, part, tuple(given))
        for part, unit, low in (("v", "mV", -np.inf), ("celsius", "degC", -273.15)):
            value = as_number(getattr(self, part), "", f"{part} of {self.name}")
            if not low < value < np.inf:
                above = "a finite number" if low == -np.inf else f"a number above {low:g}"
                raise DescriptionError(f"{part} of {self.name} is {value:g} {unit}; {above} is needed.")
            object.__setattr__(self, part, value)
        ions = {str(k): as_start(x, f"{k} of {self.name}") for k, x in _as_dict(self, "ions").items()}
        labels = dict(own)
        for label, names in _as_dict(self, "labels").items():
            what = f"a section of label {label!s:.60} of {self.name}"
            labels[str(label)] = tuple(as_text(name, what) for name in several(names) or [names])
        object.__setattr__(self, "ions", ions)
        object.__setattr__(self, "labels", labels)
        for part, known in CHOICES.items():
            if (given := getattr(self, part)) not in known:
                one = f"{part} of {self.name} is {shown(given)}"
                raise DescriptionError(f"{one}; it must be one of {', '.join(known)}.")
        self._lay_out()

    def _lay_out(self) -> None:
        try:
            laid_out = plan(self.sections, self.insert, self.place, self.labels, self.ions)
            object.__setattr__(self, "plan", laid_out)
        except DescriptionError as error:
            raise DescriptionError(f"{self.name}: {error}") from error.__cause__
        if self.detector is not None:
            check_detector(self.detector, self.plan, self.name)
        if not isinstance(self.params, tuple) or not self.params:  # else of a copy
            found = named_params(_as_dict(self, "params"), self._column, self.plan.planted, self.name)
            object.__setattr__(self, "params", found)
        if self.ports and self.detector is not None:
            with_archived(self)

    plan: ClassVar[Plan]

    # ---- names -----------------------------------------------------------------------------------

    @cached_property
    def names(self) -> Names:
        """What can be recorded, read and set."""
        return Names(self.plan)

    @cached_property
    def recordables(self) -> tuple[Variable, ...]:  # type: ignore[override]
        """One of each variable of each section and place; points of sections have names, too."""
        return tuple(_variable(name, column) for name, column in self.names.known())

    @cached_property
    def _lanes(self) -> dict[str, int]:
        return {name: k for k, name in enumerate(names_by_lane(self))}

    def column(self, name: str) -> Column:
        """Where in blocks a name is, or an error with the nearest name."""
        return self._column(path_of(self.params, name), "a variable")

    def _column(self, name: Any, what: str) -> Column:
        found = self.names.find(name) if isinstance(name, str) else None
        if found is None:
            if not isinstance(name, str):
                raise DescriptionError(f"{what} is {shown(name)}; one name is needed. Make a call for each.")
            known = [p.name for p in self.params if isinstance(p, Param)] + self.names.all_known
            hint = self.names.hint(name, known)
            raise DescriptionError(
                f"{what}: there is no '{name:.60}' in {self.name}.{hint} It has: {listed(known)}."
            )
        return found

    def recordable(self, name: str, place: str | None = None) -> Variable:
        """The variable called `name`, at a place where one is named, or an error with the nearest name."""
        if name in ("spike", "spikes"):
            raise DescriptionError(
                f"{self.name} has no recordable '{name}'. Spikes are recorded with Network.record_spikes."
            )
        if place is None and (kept := [trace for trace in traces_of(self) if trace.name == name]):
            return kept[0]
        full = self.name_at(place, name)
        found = self._column(full, "the variable to record")
        return _variable(full, found)

    def settable(self, name: Any) -> Param | Variable:
        """The parameter or state called `name`, or an error with the nearest name."""
        for param in self.params:
            if param.name == name:
                return param  # type: ignore[no-any-return]
        found = self._column(name, "a parameter or state")
        return _variable(name, found)

    def check_settable(self, name: str) -> None:
        """It can be set, or an error: what is computed from other things, or has a shorter name."""
        if name in (param.name for param in self.params):
            return
        found = self._column(name, "a parameter or state")
        if not found.settable:
            what = "what is played" if isinstance(found.declared, Param) else "from other things"
            raise DescriptionError(f"{name} of {self.name} follows {what}; it can be recorded, not set.")
        if found.array[0] == "ion" and found.array[2] == "e":
            check_stays(found.array[1], found.rows, self.plan, f"{name} of {self.name}")
        for param in named_of(self.params):
            other = self.names.find(param.path)
            if other is not None and other.array == found.array and set(other.rows) & set(found.rows):
                raise DescriptionError(
                    f"{name} of {self.name} is '{param.name}' of each cell; set it by that name."
                )

    def lane(self, name: str) -> int:
        """The stream of random numbers of a parameter or state."""
        known = self._lanes.get(name)
        return DOTTED + zlib.crc32(name.encode()) % (1 << 31) if known is None else known

    def check_place(self, name: str) -> None:
        """There is a place, a section or a point of one that has this name."""
        if (
            self.names.find(f"{name}.v") is None
            and name not in self.plan.instances
            and name not in self.ports
        ):
            known = [*self.plan.instances, *self.plan.labels, *self.plan.sections]
            raise DescriptionError(
                f"{self.name} has no place '{name:.60}'.{suggestion(name, known)} It has: {listed(known)}."
            )

    @cached_property
    def ports(self) -> tuple[str, ...]:
        """The instances of point processes that receive events, by name."""
        return tuple(name for name, _ in self._receiving)

    @cached_property
    def in_turn(self) -> dict[str, tuple[int, int]]:
        """Names of several instances that receive: connections onto a cell end at one after the other."""
        return self.plan.in_turn(self.ports)

    @cached_property
    def _receiving(self) -> list[tuple[str, tuple[int, int, int]]]:
        return self.plan.receiving()

    @property
    def told_apart(self) -> int:
        """Events carry a slot, not a port by their row."""
        return 1

    @property
    def receives(self) -> bool:
        """Can a connection end here?"""
        return bool(self.ports)

    @property
    def entries(self) -> tuple[list[tuple[int, int, int]], int, bool]:
        """Of each port the mechanism, its instance and its node; how much connections keep; does any look at all?"""
        looks = any(p.mechanism.takes_rows for p in self.plan.planted)
        return [where for _, where in self._receiving], self._arguments, looks

    @property
    def _arguments(self) -> int:
        return max((len(p.mechanism.arguments or ()) for p in self.plan.planted), default=0)

    def remembers(self, receptor: str | None) -> bool:
        """Have connections onto a receptor a state of their own?"""
        port = self._receiving[turns_of(self, receptor)[0]]
        return len(self.plan.planted[port[1][0]].mechanism.arguments or ()) > 1

    def check_fires(self) -> None:
        """Cells without a detector fire where a mechanism does, or never."""
        if self.detector is None and not self.plan.fires:
            raise DescriptionError(silent(self.name, next(iter(self.plan.sections))))

    @property
    def detectors(self) -> tuple[str, ...]:  # type: ignore[override]
        """The place where the cell fires, by the names that it has."""
        if self.detector is None:
            return ()
        return tuple(dict.fromkeys((str(self.detector.at), self.detector.at.section)))

    def name_at(self, place: str | None, name: Any) -> Any:
        """What a variable at a place is called."""
        return name if place is None or not isinstance(name, str) else f"{place}.{name}"

    def spot(self, place: str | None) -> int:
        """The node of a point or of the middle of a section, at which a cell can be joined, or an error."""
        sections = self.plan.sections
        if place is None and len(sections) == 1:
            place = next(iter(sections))
        if place is None:
            raise DescriptionError(
                f"{self.name} has several places: {listed(sections)}. Say which one: "
                f'cells.at("{next(iter(sections))}(0.5)").'
            )
        if (point := self.names.point(place)) is None:
            raise DescriptionError(
                f"{self.name} cells cannot be joined at '{place:.60}'.{suggestion(place, sections)} "
                f'A section or a point of one is needed, such as "{next(iter(sections))}(0.5)". '
                f"It has: {listed(sections)}."
            )
        return self.plan.shape.node(point)

    # ---- what groups ask -------------------------------------------------------------------------

    @cached_property
    def block_kind(self) -> Kind:
        """What all blocks of such cells have in common."""
        detect = "nothing" if self.detector is None else TIMES[self.detector.times]
        moved = self.celsius, self.scheme == "trapezoid", detect, self.exact
        parts = tuple(self.plan.shape.nodes(name) for name in self.plan.sections)
        return Kind(self.plan.planted, self.plan.ions, *moved, self.plan.held, parts)

    @property
    def exact(self) -> bool:
        """Are events received at their time?"""
        return self.delivery == "exact"

    @property
    def detected(self) -> tuple[int, float]:
        """The node of the detector and its threshold."""
        if self.detector is None:
            return 0, 0.0
        return self.plan.shape.node(self.detector.at), self.detector.threshold

    @property
    def numbers(self) -> int:
        """How many numbers a cell takes."""
        nodes = len(self.plan.shape.parent)
        kept = sum(len(p.nodes) * len(p.mechanism.kept._fields) for p in self.plan.planted)  # type: ignore[attr-defined]
        return 2 * len(self.params) + kept + nodes * (7 + 4 * len(self.plan.ions))

    def new_state(self, values: SimpleNamespace, n: int) -> NoColumns:
        """Cells are held by blocks."""
        return NoColumns()

    def prepare(self, values: SimpleNamespace, clock: Clock) -> dict[str, Floats]:
        """What differs from cell to cell, by name."""
        return {param.name: getattr(values, param.name) for param in named_of(self.params)}

    def with_defaults(self, **values: Any) -> "CableModel":
        """A copy with other default values of its parameters, or another `v`."""
        new: dict[str, Any] = {"v": values.pop("v")} if "v" in values else {}
        known = {param.name: param for param in self.params}
        for name, raw in values.items():
            if name not in known:
                raise DescriptionError(
                    f"{self.name} has no parameter '{name:.60}'.{suggestion(name, known)} It has: "
                    f"{', '.join(known) or 'none'}; others are given where the model is made."
                )
            value = as_number(raw, known[name].unit, f"{name} of {self.name}")
            known[name].check(np.array([value]), self.name)
            known[name] = replace(known[name], default=value)
        return replace(self, params=tuple(known.values()), **new)

    def label(self, array: tuple[Any, ...], row: int) -> str:
        """The name of a row of an array of blocks."""
        plan, node, variable = self.plan, row, ".".join(array[-2:])
        if array[0] == "ion":
            variable = {"e": "e{}", "inside": "{}i", "outside": "{}o"}[array[2]].format(array[1])
        elif array[0] in ("kept", "observed"):
            node = next(p for p in plan.planted if p.mechanism.name == array[1]).nodes[row]
        for name, section in plan.sections.items():
            if node in (nodes := plan.shape.nodes(name)):
                return f"{name}({(node - nodes.start + 0.5) / section.nseg:.3g}).{variable}"
        return variable

    def says(self) -> dict[str, Any]:
        """A number for all that cells of the model are."""
        return {"(cell)": zlib.crc32(self._text.encode())}

    @cached_property
    def _text(self) -> str:
        plan, kind = self.plan, self.block_kind
        parts = (
            vars(plan.shape), plan.said(), plan.ions, kind.celsius, kind.trapezoid, kind.detect, self.detected, self.v
        )  # fmt: skip
        # Added where it is, so that what was saved before is still understood.
        more = ("exact" if kind.exact else "") + (repr(plan.held) if plan.held else "")
        return repr(parts) + repr(self.params) + more


def _variable(name: str, column: Column) -> Variable:
    d = column.declared
    initial = V.initial
    return Variable(name, d.unit, "", initial, d.above, d.at_least, d.at_most)


def _as_dict(model: CableModel, part: str) -> Mapping[Any, Any]:
    given = getattr(model, part)
    if part == "params" and isinstance(given, tuple) and not given:
        return {}
    if not isinstance(given, Mapping):
        raise DescriptionError(f"{part} of {model.name} is {shown(given)}; a dict is needed.")
    return given
