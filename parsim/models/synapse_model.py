"""What a synapse model is: how a spike becomes an arrival, and what each connection remembers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from keyword import iskeyword
from types import SimpleNamespace
from typing import Any

import numpy as np

from parsim.arrays import shown
from parsim.clock import Clock
from parsim.errors import BuildError, DescriptionError, suggestion
from parsim.given.plain import as_text
from parsim.given.values import held
from parsim.jit import belongs_to
from parsim.models.base import AbstractModel
from parsim.models.checks import called
from parsim.models.declared import NoState, check_parts, check_states, new_columns
from parsim.models.params import Param, Variable, find_settable

WEIGHT_AND_DELAY = ("weight", "delay")


def no_check(values: SimpleNamespace) -> str | None:
    """Nothing contradicts."""
    return None


@dataclass(frozen=True, eq=False, repr=False)
class SynapseModel(AbstractModel):
    """How a spike becomes an arrival. Calling it says a synapse: `static_synapse(weight=20.0, delay=1.5)`.

    `receptor=` names the receptor of the target that it leads to, where the sign of its weight does not say so; `vt=`
    is the `VolumeTransmitter` that connections feel, where they do.

    Parameters
    ----------
    name : str
    params : tuple of Param
        "weight", "delay" (ms), and whatever else a connection has. What all connections of a table share is kept once.
        One with `per="target"` has one value for each target of a statement, one with `per="statement"` a single one.
    state : NamedTuple class, optional
        What a connection remembers: fields annotated `Floats` or `Ints`, one array element per connection.
    recordables : tuple of Variable
        Fields of `state` with unit and initial value: a number, a parameter's name, or a function of the parameters.
        One that is called as a parameter begins as that was said, as a weight does that changes.
    prepare : function (values, clock) -> NamedTuple of arrays
        What was said, but for the delay, to what the kernel needs; `values` has arrays [connection], or without a
        dimension where all share one value, so that arithmetic on them gives the same.
    transmit : kernel (s, p, r, spike) -> float
        What connection `r` brings to its target for a `Spike`, once for each spike of its source, in order of time; NaN
        when nothing. It reads parameters by `at_row(p.tau, r)` and its state at `s.x[r]`, which it changes, and draws
        by `draw(spike, r, k)`. Without it, a connection brings its weight.
    history : bool
        True when connections ask when their target has fired: `transmit(s, p, r, spike, target)` then gets a `Target`.
    hear : kernel (s, p, r, echo), optional
        With a history: called for each spike of the target, an `Echo`, in order of time, when it has come back to the
        connection, that is a delay after it; before `transmit`, where both are at the same time.
    dose : kernel (s, p, r, dose), optional
        With a history: connections feel a volume transmitter, which is then named by `vt=`; called for each of its
        spikes, a `Dose`, in order of time together with `hear`, and before it where both are at the same time.
    leave : kernel (s, p, r, spike), optional
        What a spike leaves in states `per="source"`, after `transmit`: once for all connections of its source while
        these share it, else for each. Kernels find such a state at `s.x[shared_at(spike, r)]`, of an echo or a dose,
        too, and no other changes it.
    check : function (values) -> str or None
        A sentence when values of the parameters contradict each other; `values` are as for `prepare`.
    any_delay : bool
        True when delays onto cells that hear exact times are not whole steps, but any from one on; onto others they are
        rounded up.
    sign : str
        The parameter that says by its sign where a connection of weight 0 enters, such as the greatest weight.
    """

    name: str
    params: tuple[Param, ...]
    state: type = NoState
    recordables: tuple[Variable, ...] = ()
    prepare: Callable[[SimpleNamespace, Clock], Any] | None = None
    transmit: Callable[..., float] | None = None
    history: bool = False
    hear: Callable[..., None] | None = None
    dose: Callable[..., None] | None = None
    leave: Callable[..., None] | None = None
    vt: Any = None  # the volume transmitter of connections that name none
    check: Callable[[SimpleNamespace], str | None] = no_check
    sign: str = "weight"
    any_delay: bool = False
    about: str = ""
    equations: str = ""
    source: str = ""
    kind: str = field(default="synapse", init=False)

    def __post_init__(self) -> None:
        check_parts(self)
        check_states(self)
        names = [param.name for param in self.params]
        for name in WEIGHT_AND_DELAY:
            if name not in names:
                raise DescriptionError(
                    f"{self.name} has no parameter '{name}', which every synapse needs. It has: {', '.join(names)}."
                )
        if (self.transmit is None) != (self.prepare is None):
            raise DescriptionError(
                f"{self.name} has one of prepare and transmit; both are needed, or none for a weight that stays."
            )
        if self.hear is not None and not (self.history and self.transmit is not None):
            raise DescriptionError(
                f"{self.name} hears spikes of its target; that takes transmit, prepare and history=True, too."
            )
        if self.dose is not None and not (self.history and self.transmit is not None):
            raise DescriptionError(
                f"{self.name} feels a volume transmitter; that takes transmit, prepare and history=True, too."
            )
        self._check_shared()
        self._check_per_source()
        if self.sign not in names:
            raise DescriptionError(
                f"{self.name} takes the sign of its parameter '{self.sign:.60}', which it has not. It has: "
                f"{', '.join(names)}."
            )
        for act in (self.transmit, self.hear, self.dose, self.leave):
            belongs_to(act, self.name)

    def _check_shared(self) -> None:
        """What connections share is nothing that each has for itself."""
        states, per = {variable.name for variable in self.recordables}, {p.name: p.per for p in self.params}
        for param in self.params:
            if not param.per:
                continue
            what = f"{param.name} of {self.name} is said per {param.per}, but"
            if param.name in WEIGHT_AND_DELAY or param.name in states:
                raise DescriptionError(f"{what} each connection has its own. Leave out per.")
            if isinstance(param.default, str) and per.get(param.default, param.per) != param.per:
                raise DescriptionError(
                    f"{what} it is {param.default} by default, which is not. Give both the same per."
                )

    def _check_per_source(self) -> None:
        """What connections of a source share is left by its spikes, and hangs on parameters alone."""
        names, states = [param.name for param in self.params], self.per_source
        if (self.leave is None) != (not states) or (states and self.transmit is None):
            raise DescriptionError(
                f"{self.name} has one of leave and states per source; both are needed, or none, with transmit."
            )
        for variable in (v for v in self.recordables if v.per):
            what = f"{variable.name} of {self.name}"
            if variable.name in WEIGHT_AND_DELAY or variable.of:
                raise DescriptionError(
                    f"{what} is per source, but each connection has its own. Leave out per."
                )
            if not isinstance(variable.initial, (str, int, float)):
                raise DescriptionError(
                    f"{what} is per source; its initial must be a number or the name of a parameter."
                )
            for name in variable.reads:
                if name not in names:
                    raise DescriptionError(
                        f"{what} reads '{name:.60}', which is no parameter.{suggestion(name, names)} It has: "
                        f"{', '.join(names)}."
                    )

    @property
    def per_source(self) -> tuple[str, ...]:
        """The states that connections of a source share while they are alike."""
        return tuple(variable.name for variable in self.recordables if variable.per)

    @property
    def shared_along(self) -> tuple[str, ...]:
        """The parameters in which they must be alike for that."""
        held = [v for v in self.recordables if v.per]
        begun = [v.initial for v in held if isinstance(v.initial, str)]
        return tuple(dict.fromkeys([name for v in held for name in v.reads] + begun))

    def __call__(self, *, receptor: str | None = None, vt: Any = None, **values: Any) -> "Synapse":
        params = [param.name for param in self.params]
        # A name such as NEST's lambda cannot be written as an argument, but in a dict.
        values = {f"{name}_" if iskeyword(name) else name: raw for name, raw in values.items()}
        for name in values:
            if name in (variable.name for variable in self.recordables if variable.name not in params):
                raise DescriptionError(
                    f"{name} is a state of {self.name}, which begins as the model says. It takes: "
                    f"{', '.join(params)}."
                )
            find_settable(self, name)
        if receptor is not None:
            receptor = as_text(receptor, "receptor")
        if vt is not None and self.dose is None:
            raise DescriptionError(f"{self.name} feels no volume transmitter. Leave out vt.")
        said = {name: held(raw, f"{name} of {self.name}") for name, raw in values.items()}
        return Synapse(self, said, receptor, self.vt if vt is None else vt)

    def with_defaults(self, **values: Any) -> "SynapseModel":
        """A copy with other default values."""
        synapse = self(**values)
        said, vt = synapse.values, synapse.vt
        return replace(
            self, vt=vt, params=tuple(replace(p, default=said.get(p.name, p.default)) for p in self.params)
        )

    @property
    def others(self) -> tuple[Param, ...]:
        """What a connection has beside weight and delay."""
        return tuple(param for param in self.params if param.name not in WEIGHT_AND_DELAY)

    def prepared(self, values: SimpleNamespace, clock: Clock) -> Any:
        """What the kernels need of values: arrays [connection], or without a dimension."""
        assert self.prepare is not None
        act = self.prepare
        made = called(f"prepare of {self.name}", lambda: act(values, clock), BuildError)
        if not hasattr(made, "_fields"):
            raise BuildError(f"prepare of {self.name} gives {shown(made)}; a NamedTuple of arrays is needed.")
        return type(made)(*(np.asarray(column) for column in made))

    def new_state(self, values: SimpleNamespace, n: int, sources: int) -> Any:
        """The initial state of `n` connections; what is per source is of `sources`, or of as many as there are."""
        return new_columns(self.state, self.recordables, values, n, sources)


@dataclass(frozen=True, eq=False)
class Synapse:
    """A synapse model with the values of one connect call, as the user gave them."""

    model: SynapseModel
    values: Mapping[str, Any]
    receptor: str | None = None
    vt: Any = None  # a VolumeTransmitter

    def __repr__(self) -> str:
        beside = {"receptor": self.receptor, "vt": self.vt}
        said = dict(self.values) | {name: given for name, given in beside.items() if given is not None}
        return f"{self.model.name}({', '.join(f'{k}={shown(v, 40)}' for k, v in said.items())})"
