"""`Create`, `GetStatus`, defaults and copies of models: functions of NEST that are about nodes and models."""

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from parsim.errors import DescriptionError
from parsim.nest import compartments, errors, readout, status
from parsim.nest.batches import Batch
from parsim.nest.connections import counted
from parsim.nest.correlators import recorder
from parsim.nest.kernel import kernel
from parsim.nest.names import TRANSMITTER, NodeModel
from parsim.nest.nodes import NodeCollection, as_nodes, nodes
from parsim.nest.parameters import Parameter
from parsim.nest.settable import check_native, checked
from parsim.nest.spatial import AbstractPositions
from parsim.nest.spec import as_model_takes, label_of, value_of
from parsim.nest.synapses import SynapseCollection


def Create(model: Any, n: Any = 1, params: Any = None, positions: Any = None) -> NodeCollection:
    """`n` nodes of a model; ids count from 1 over all that was created.

    Raises
    ------
    NESTError, TypeError
        An unknown model or parameter, a value out of bounds; nothing is created then.
    """
    began = time.perf_counter()
    if positions is not None and not isinstance(positions, AbstractPositions):
        raise TypeError(f"positions is {positions!r:.60}; nest.spatial.grid or nest.spatial.free is needed.")
    if isinstance(n, Mapping):
        if params is not None:
            raise ValueError("params are given twice.")
        n, params = 1, n
    n = _count(n)
    found = kernel.models.node(model)
    layer = None
    if positions is not None:
        layer, n = positions.layer(n)
    kernel.settle()
    ids = _added(found, n, layer)
    if params is not None and params != {}:
        try:
            if isinstance(params, (list, tuple)) and len(params) != n:
                raise TypeError(f"there are {len(params)} dicts for {n} nodes; give one for each.")
            status.set_(ids, params)
        except BaseException:
            gone = kernel.batches.drop()
            kernel.recorders = [one for one in kernel.recorders if one not in gone.recorders]
            raise
    kernel.seconds["time_construction_create"] += time.perf_counter() - began
    return nodes(ids)


def _added(model: NodeModel, n: int, layer: Any) -> range:
    batch = kernel.batches.add(model, n, layer)
    if model.kind == "recorder":
        batch.recorders = [recorder(batch.first + k, model, kernel.clock, kernel.prefix) for k in range(n)]
        kernel.recorders += batch.recorders
    return range(batch.first, batch.first + n)


def _count(n: Any) -> int:
    if isinstance(n, (float, np.floating)) and float(n).is_integer():
        n = int(n)
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool):
        raise TypeError(f"n is {n!r:.60}; a whole number is needed.")
    if n == 0:
        raise errors.BadParameterValue("n is 0; at least one node is created.")
    if n < 0:
        raise errors.BadProperty(f"n is {n}; at least one node is created.")
    return int(n)


def GetStatus(nodes: Any, keys: Any = None, output: str = "") -> Any:
    """Of each node a dict, or the value of a key, or a tuple of the values of several keys."""
    if isinstance(nodes, SynapseCollection):
        return _of_connections(nodes, keys, output)
    chosen = _collection(nodes)
    if not len(chosen):
        return ()
    if keys is None:
        dicts = [_everything(node) for node in chosen]
        return to_json(dicts) if output == "json" else tuple(dicts)
    if isinstance(keys, str):
        found: Any = tuple(status.each(chosen.ids, keys))
    else:
        columns = [status.each(chosen.ids, key) for key in keys]
        found = tuple(zip(*columns, strict=True))
    return json.dumps(found, default=lambda v: v.tolist()) if output == "json" else found


def _of_connections(found: SynapseCollection, keys: Any, output: str) -> Any:
    if not len(found):
        return ()
    if keys is None:
        dicts = tuple(one.get() for one in found)
        return json.dumps(dicts) if output == "json" else dicts
    if isinstance(keys, str):
        values = found.get(keys)
        values = [values] if len(found) == 1 else values
        return json.dumps(values) if output == "json" else values
    columns = [found.get(key) for key in keys]
    columns = [[one] for one in columns] if len(found) == 1 else columns
    return tuple(zip(*columns, strict=True))


def _everything(node: NodeCollection) -> dict[str, Any]:
    found: dict[str, Any] = node.get()
    return found


def SetStatus(nodes: Any, params: Any, val: Any = None) -> None:
    """New values for nodes: a dict, a list of dicts, or a key and its value."""
    if isinstance(params, str):
        params = {params: val}
    (nodes if isinstance(nodes, SynapseCollection) else _collection(nodes)).set(params)


def _collection(given: Any) -> NodeCollection:
    return as_nodes(given)


# ---- models ----------------------------------------------------------------------------------------


def GetDefaults(model: str, keys: Any = None, output: str = "") -> Any:
    """What nodes or connections of a model begin with: a dict, a value, or a list of values."""
    kernel.settle()
    found = _defaults(model)
    if isinstance(keys, str):
        found = found[keys]
    elif keys is not None and not isinstance(keys, Iterable):
        found = found[keys]
    elif keys is not None:
        found = [found[key] for key in keys]  # type: ignore[assignment]
    return json.dumps(found, default=lambda v: v.tolist()) if output == "json" else found


def _defaults(name: str) -> dict[str, Any]:
    models = kernel.models
    if isinstance(name, str) and name in models.synapses:
        synapse = models.synapses[name]
        return {
            "receptor_type": 0, "weight_recorder": _nodes(synapse.recorder), **synapse.defaults,
            **({TRANSMITTER: _nodes(synapse.transmitter)} if synapse.feels else {}),
            "element_type": "synapse", "has_delay": not synapse.is_gap, "num_connections": counted(name),
            "requires_symmetric": synapse.is_gap, "sizeof": 32, "synapse_model": name,
            "synapse_modelid": sorted(models.synapses).index(name),
        }  # fmt: skip
    model = _node_model(name)
    batch = Batch(0, 1, model)
    if model.kind == "recorder":
        batch.recorders = [recorder(0, model, kernel.clock)]
    found = {key: status.values_of(batch, range(1), key)[0] for key in status.keys_of(batch)}
    return found | {"type_id": model.type_id, "global_id": 0, "vp": -1, "thread": -1, "elementsize": 0}


def _nodes(node: int | None) -> NodeCollection:
    return NodeCollection([] if node is None else [node])


def _node_model(name: Any) -> NodeModel:
    try:
        return kernel.models.node(name)
    except errors.UnknownModelName as error:
        raise errors.as_kind(errors.UnknownComponent, error) from None


def SetDefaults(model: str, params: Any, val: Any = None) -> None:
    """Other defaults, for what is created or connected from now on: a dict, or a key and its value."""
    if isinstance(params, str):
        params = {params: val}
    if not isinstance(params, Mapping):
        raise TypeError(f"defaults are {params!r:.60}; a dict is needed.")
    if params:
        kernel.models.put(model, _checked_defaults(model, params))


def _checked_defaults(name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    models = kernel.models
    if any(isinstance(value, Parameter) for value in params.values()):
        raise ValueError("a default is a number; give a Parameter to Create or Connect.")
    if isinstance(name, str) and name in models.synapses:
        named = {"weight_recorder": models.record}
        if models.synapses[name].feels:
            named[TRANSMITTER] = models.let_feel
        ids = {key: _only(key, params[key]) for key in named if key in params}
        found = {key: _synapse_default(name, key, value) for key, value in params.items() if key not in named}
        for key, node in ids.items():
            named[key](name, node)
        return found
    model = _node_model(name)
    batch = Batch(1, 1, model)
    if model.kind == "recorder":
        recorder(0, model, kernel.clock).check(params, False)
        return {key: checked(batch, key, value, range(1)) for key, value in params.items()}
    found = {}
    for key, value in compartments.flat(model, params).items():
        if key not in model.defaults and key not in model.fixed:
            raise errors.UnaccessedDictionaryEntry(f"{name} has no '{key!s:.60}'.")
        if isinstance(value, (list, tuple, np.ndarray)) and not isinstance(
            model.defaults.get(key), (list, tuple)
        ):
            raise ValueError(f"{key} of {name} is {value!r:.60}; one number is needed.")
        found[key] = checked(batch, key, value, range(1))
    check_native(batch, range(1), found, kernel.clock, kernel.now_steps)
    return {
        key: tuple(np.ravel(value).tolist()) if isinstance(model.defaults.get(key), tuple) else value
        for key, value in found.items() if key in model.defaults
    }  # fmt: skip


def _only(name: str, given: Any) -> int:
    """The id of the one node of a model."""
    ids = as_nodes(given).tolist()
    if len(ids) != 1 or kernel.batches.of(ids[0]).model.type_id != name:
        raise errors.BadProperty(f"{name} is {given!r:.60}; one node of that model is needed.")
    return ids[0]


def _synapse_default(name: str, key: str, value: Any) -> Any:
    known = kernel.models.synapses[name].defaults
    if key == "receptor_type":
        return int(value)
    if key == "synapse_label" and key in known:
        return label_of(value)
    if key not in known:
        raise errors.UnaccessedDictionaryEntry(
            f"{name} has no '{key!s:.60}'. It has: {', '.join(sorted(known))}."
        )
    if isinstance(known[key], list):
        return _table(name, key, value)
    if isinstance(value, (list, tuple, np.ndarray)):
        raise ValueError(f"{key} of {name} is {value!r:.60}; one number is needed.")
    number = value_of(name, key, value)
    native = kernel.models.synapses[name].native
    return as_model_takes(number, kernel.clock, native) if key == "delay" else number


def _table(name: str, key: str, value: Any) -> list[int]:
    """A list of numbers that all connections of a model go by."""
    try:
        readout.with_tables(kernel.models.synapses[name].native, {key: value})
    except DescriptionError as error:
        raise errors.as_kind(errors.BadProperty, error) from None
    return [int(one) for one in value]


def CopyModel(existing: str, new: str, params: Any = None) -> None:
    """A model of nodes or connections under a new name, with other defaults."""
    if params is not None and not isinstance(params, Mapping):
        raise TypeError(f"defaults are {params!r:.60}; a dict is needed.")
    kernel.models.copy(existing, new)
    kernel.models.changed = True
    if params:
        try:
            kernel.models.put(new, _checked_defaults(new, params))
        except BaseException:
            kernel.models.forget(new)
            raise


def to_json(obj: Any, **kwargs: Any) -> str:
    """JSON of what NEST's functions return; arrays are lists in it."""
    return json.dumps(obj, default=lambda v: v.tolist(), **kwargs)


def GetNodes(properties: Mapping[str, Any] | None = None, local_only: bool = False) -> NodeCollection:
    """All nodes of which the status has these values."""
    found = range(1, kernel.batches.size + 1)
    if not properties or not len(found):
        return nodes(found)
    keep = np.ones(len(found), bool)
    for key, wanted in properties.items():
        try:
            keep &= np.array([value is not None and value == wanted for value in status.each(found, key)])
        except KeyError:
            keep[:] = False
    return nodes(np.asarray(found)[keep])


def GetLocalNodeCollection(nc: NodeCollection) -> NodeCollection:
    """Those of the nodes that this process answers for: all, on every rank."""
    if not isinstance(nc, NodeCollection):
        raise TypeError(f"{nc!r:.60} is no NodeCollection; give what Create returns.")
    return nc


def PrintNodes() -> None:
    """Which nodes there are, a line for each run of one model."""
    runs: list[list[Any]] = []
    for batch in kernel.batches.all:
        if runs and runs[-1][2] == batch.model.name:
            runs[-1][1] += batch.size
        else:
            runs.append([batch.first, batch.first + batch.size - 1, batch.model.name])
    width = len(str(kernel.batches.size))
    for first, last, name in runs:
        span = (
            f"{first:>{width}} .. {last:>{width}}"
            if last > first
            else f"{first:>{width}}" + " " * (width + 4)
        )
        print(f"{span} {name}")
