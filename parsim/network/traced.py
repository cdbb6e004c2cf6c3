"""Traces of spikes that cells have where something asks for them: connections that learn, or a recording."""

from typing import Any

from parsim.errors import DescriptionError
from parsim.models.archived import trace_number
from parsim.models.params import find_settable
from parsim.network.network import Network
from parsim.network.recording import Recording


def is_asked_for(network: Network, model: Any) -> bool:
    """Do connections onto cells of a model, or recordings of some, ask for their history? Alike on all ranks."""
    return any(said.synapse.history and model in said.target.models for said in network.projections) or any(
        isinstance(said, Recording)
        and model in said.cells.models
        and trace_number(model, said.variable) is not None
        for said in network.recordings
    )


def check_readable(network: Network, model: Any, name: Any) -> None:
    """Cells of a model have a parameter, state or trace of this name, or an error with the nearest."""
    if isinstance(name, str) and name in (trace.name for trace in model.traces):
        return
    if not isinstance(name, str) or trace_number(model, name) is None:
        find_settable(model, name)
    elif not is_asked_for(network, model):
        raise DescriptionError(
            f"{name} of {model.name} is not kept, for nothing asks for it. Cells have it from when connections that "
            f"learn lead to some of their model, or from net.record(cells, '{name}') on."
        )
