"""What an event-driven cell model is: a frozen value whose kernel is called when something happens."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar

from parsim.errors import DescriptionError
from parsim.jit import belongs_to, kernel
from parsim.models.archived import with_archived
from parsim.models.base import AbstractModel, Param, Reports, Settle, Variable, _no_check, with_defaults
from parsim.models.declared import NoState, check_declared, check_traces, new_columns
from parsim.shard.events.event_group import EventGroup
from parsim.shard.group import AbstractGroup


@dataclass(frozen=True)
class Trace:
    """A quantity that can be recorded at any time: `at(s, p, i, t)` is its value at cell i at time t."""

    name: str
    unit: str = ""
    text: str = ""
    at: Callable[..., float] | None = None


@kernel
def nothing(s, p, e, q):
    """What most models do at the start and after a change."""


@kernel
def stay(s, p, i, t):
    """What models do whose states do not move between events."""


@dataclass(frozen=True, eq=False, repr=False)
class EventModel(AbstractModel):
    """A cell that is moved by events, each at its own time, and does nothing in between.

    Parameters
    ----------
    name : str
    params : tuple of Param
        What a user sets; one number per cell, or a "train".
    state : NamedTuple class
        Fields annotated `Floats` or `Ints`, one array element per cell.
    recordables : tuple of Variable
        Fields of `state` with unit and initial value, as they were after the last event.
    traces : tuple of Trace
        What can be recorded at any time, computed from the state in closed form.
    connection : NamedTuple class, optional
        State of each incoming connection beside its weight: arrays [row], 0 at the beginning. Only
        connections with a state can have events of their own. Where there are several `ports`, the field `port`,
        which is no state, has that of each row: `c.port[e.row]`, also for what stimuli send.
    ports : tuple of str
        Where events enter, the receptors by name; with ("ex", "in") the sign of the weight tells them apart.
    prepare : function (values) -> NamedTuple of arrays
        What the user gave, as arrays [cell], to what the kernels need; called when values change.
    receive : kernel (s, p, c, e, q)
        State, parameters and connection state, an `Event` and a `Queue`. Brings cell `e.cell` to time
        `e.t`; may call net_event, net_send, net_move and connection_move.
    start : kernel (s, p, e, q)
        Called once for a new cell, at the time `e.t`: sets clocks and sends the first self-event.
    catch_up : kernel (s, p, i, t)
        Brings the state of a cell to time t; called before a user changes something.
    changed : kernel (s, p, e, q)
        Called after that: moves self-events to where they now belong.
    settle, reports
        As in `CellModel`.
    alone : bool
        True when of s and p `receive` reads and writes nothing but numbers at `e.cell`, and uses `e.cell` for nothing
        else: it may then be given those numbers alone, with an `e.cell` of 0, and compiled code holds them in
        registers from one event to the next. Not for models with a "train".
    receives : bool
        False when nothing can be connected to such cells.
    """

    name: str
    params: tuple[Param, ...]
    state: type
    prepare: Callable[[SimpleNamespace], Any]
    receive: Callable[..., None]
    start: Callable[..., None] = nothing
    catch_up: Callable[..., None] = stay
    changed: Callable[..., None] = nothing
    recordables: tuple[Variable, ...] = ()
    traces: tuple[Trace, ...] = ()
    connection: type = NoState
    ports: tuple[str, ...] = ("ex", "in")
    check: Callable[[SimpleNamespace], str | None] = _no_check
    weighs: bool = True
    settle: Settle | None = None
    reports: Reports = field(default_factory=dict)
    alone: bool = False
    receives: bool = True
    takes_current: bool = False
    precise: bool = True
    weight_unit: str = ""
    about: str = ""
    equations: str = ""
    source: str = ""
    kind: str = field(default="cell", init=False)
    host: ClassVar[type[AbstractGroup]] = EventGroup

    def __post_init__(self) -> None:
        check_declared(self)
        check_traces(self, Trace)
        if (self.told_apart > 1) != ("port" in self.connection._fields):  # type: ignore[attr-defined]
            raise DescriptionError(
                f"{self.name} has the receptors {', '.join(self.ports)}, and its connections "
                f"{', '.join(self.connection._fields) or 'no fields'}. "  # type: ignore[attr-defined]
                "Several receptors, and no others, need the field port."
            )
        names = [v.name for v in self.recordables] + [p.name for p in self.params]
        for trace in self.traces:
            if trace.name in names:
                raise DescriptionError(
                    f"{self.name} has a trace and a parameter or state that are both called "
                    f"'{trace.name}'; rename one."
                )
        if self.alone and any(p.kind == "train" for p in self.params):
            raise DescriptionError(
                f"{self.name} has a train, of which a cell has more than one number, and alone=True, by which "
                "`receive` is given one of each. Leave out alone=True."
            )
        for act in (
            self.receive,
            self.start,
            self.changed,
            self.catch_up,
            *(trace.at for trace in self.traces),
        ):
            belongs_to(act, self.name)
        if self.receives:
            with_archived(self)

    @property
    def has_connection_events(self) -> bool:
        """Have connections a state, and may they have events of their own?"""
        return any(name != "port" for name in self.connection._fields)  # type: ignore[attr-defined]

    @property
    def kept_of_connections(self) -> tuple[Variable, ...]:
        """The state of connections."""
        fields = self.connection._fields  # type: ignore[attr-defined]
        return tuple(Variable(name) for name in fields if name != "port")

    def with_defaults(self, **values: Any) -> "EventModel":
        """A copy with other default values."""
        return with_defaults(self, values)  # type: ignore[no-any-return]

    def new_state(self, values: SimpleNamespace, n: int) -> Any:
        """The initial state of `n` cells."""
        return new_columns(self.state, self.recordables, values, n)

    def new_connections(self, rows: int) -> Any:
        """The state of `rows` connections."""
        return new_columns(self.connection, (), SimpleNamespace(), rows)


def first_wrong(holds: Any) -> int | None:
    """Where the first cell is that does not keep a condition."""
    wrong = (~holds).nonzero()[0]
    return int(wrong[0]) if wrong.size else None
