"""What every cell that can be a target has for the synapses that lead to it: time constants of traces of its spikes.

In NEST they are parameters of the neuron, too: a trace is of the cell, however many connections read it.
"""

from collections.abc import Iterable
from typing import Any

from parsim.models.params import Param, Variable

ARCHIVED = (
    Param("tau_minus", 20.0, "ms", "of the trace of its spikes that plastic synapses read", above=0.0),
    Param("tau_minus_triplet", 110.0, "ms", "of the slower trace that triplet rules read", above=0.0),
)
# What can be recorded and read of that history, in the order in which it has them.
TRACES = (
    Variable("Kminus", "", "trace of its spikes: each adds 1, and it decays with tau_minus"),
    Variable("Kminus_triplet", "", "the slower trace of its spikes, which decays with tau_minus_triplet"),
)
_NAMES = tuple(param.name for param in ARCHIVED)


def with_archived(model: object) -> None:
    """Give a model these parameters, once, and none that it has by itself."""
    taken = {one.name for one in _own(model)}
    added = tuple(param for param in ARCHIVED if param.name not in taken)
    object.__setattr__(model, "params", (*model.params, *added))  # type: ignore[attr-defined]


def gives_history(model: object) -> bool:
    """Has a model the parameters that a history of its spikes needs?"""
    return set(_NAMES) <= {param.name for param in model.params}  # type: ignore[attr-defined]


def traces_of(model: object) -> tuple[Variable, ...]:
    """Traces of its spikes that a model's cells have where something asks for them, beside what it has by itself."""
    if not gives_history(model):
        return ()
    taken = {one.name for one in _own(model)}
    return tuple(trace for trace in TRACES if trace.name not in taken)


def trace_number(model: object, name: str) -> int | None:
    """Which of the traces that a history has it is, from 0, if it is one."""
    return (
        TRACES.index(found[0]) if (found := [one for one in traces_of(model) if one.name == name]) else None
    )


def _own(model: object) -> Iterable[Any]:
    """What a model declares by itself."""
    return (*model.params, *getattr(model, "recordables", ()), *model.traces)  # type: ignore[attr-defined]


def names_by_lane(model: object) -> list[str]:
    """Parameters and states of a model in the order of their draws: a model's own come first."""
    names = [p.name for p in model.params] + [v.name for v in getattr(model, "recordables", ())]  # type: ignore[attr-defined]
    return sorted(names, key=lambda name: name in _NAMES)
