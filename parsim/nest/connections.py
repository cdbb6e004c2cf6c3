"""`GetConnections`: which connections there are."""

from functools import partial
from typing import Any

import numpy as np

from parsim.arrays import Gids
from parsim.nest import errors
from parsim.nest.kernel import kernel
from parsim.nest.nodes import NodeCollection
from parsim.nest.rows import AbstractRows, FixedRows, HeldRows
from parsim.nest.synapses import SynapseCollection
from parsim.nest.wires import Mark

_BETWEEN, _TO_DEVICE, _FROM_DEVICE = range(3)


def GetConnections(
    source: Any = None, target: Any = None, synapse_model: str | None = None, synapse_label: int | None = None
) -> SynapseCollection:
    """Collective: connections from sources to targets of a model; all where nothing is said.

    They come by model, by kind (between cells, to recorders, from generators and meters), by source, and as made.
    """
    for given in (source, target):
        if given is not None and not isinstance(given, NodeCollection):
            raise TypeError(f"{given!r:.60} is no NodeCollection.")
    if synapse_label is not None and (not isinstance(synapse_label, int) or isinstance(synapse_label, bool)):
        raise errors.TypeMismatch(f"synapse_label is {synapse_label!r:.60}; a whole number is needed.")
    if synapse_model is not None:
        kernel.models.synapse(synapse_model)
    kernel.settle()
    kernel.said.tell()
    everyone = range(1, kernel.batches.size + 1)
    pre, post = (everyone if given is None else given.ids for given in (source, target))
    parts = [*_held(pre, post, synapse_model), *_of_recorders(pre, post, synapse_model)]
    if synapse_model in (None, "gap_junction"):
        parts += _junctions(pre, post)
    return _ordered([part for part in parts if part.source.size], synapse_label)


def counted(name: str) -> int:
    """How many connections of a model there are; where a rule draws the number, collective."""
    if name in kernel.wires.uncounted:
        return len(GetConnections(synapse_model=name))
    return kernel.wires.counted(name)


def _ordered(parts: list[AbstractRows], label: int | None) -> SynapseCollection:
    which = np.repeat(np.arange(len(parts)), [part.source.size for part in parts])
    rows = np.concatenate([np.empty(0, np.int64), *(np.arange(part.source.size) for part in parts)])
    source = np.concatenate([np.empty(0, np.int64), *(part.source for part in parts)])
    model = np.array([kernel.models.synapse_number(part.name) for part in parts], np.int64)
    kind = np.array([part.order for part in parts], np.int64)
    order = np.lexsort((source, kind[which], model[which])) if which.size else which
    if label is not None:
        labels = np.concatenate([np.empty(0, np.int64), *(part.labels() for part in parts)])
        order = order[labels[order] == label]
    return SynapseCollection(parts, which[order], rows[order])


def _of_kind(ids: Any, kind: str) -> Gids:
    """Those nodes that are of a kind."""
    found = [b.first + np.asarray(places) for b, places in kernel.batches.pieces(ids) if b.model.kind == kind]
    return np.concatenate([np.empty(0, np.int64), *found])


def _held(pre: Any, post: Any, wanted: str | None) -> list[AbstractRows]:
    """Between cells, and from generators to cells."""
    said, batches = kernel.said, kernel.batches
    targets = _of_kind(post, "neuron")
    if not targets.size:
        return []
    onto = batches.selection(said.network, targets)
    parts: list[AbstractRows] = []
    for kind, order in (("neuron", _BETWEEN), ("stimulator", _FROM_DEVICE)):
        sources = _of_kind(pre, kind)
        if not sources.size:
            continue
        chosen = batches.selection(said.network, sources)
        for native, groups in said.by_synapse(kind).items():
            alone = len(groups) == 1
            for (name, receptor, label), statements in groups.items():
                if wanted not in (None, name):
                    continue
                alike: list[HeldRows] = []
                for one in [native] if alone else statements:
                    find = partial(_found, chosen, onto, one, alone)
                    found = find()
                    if len(found):
                        ends = said.ids_of(found.sources, kind), said.ids_of(found.targets)
                        alike.append(HeldRows(Mark(name, receptor, label=label), find, ends, order))
                        alike[-1].alike = alike
                parts += alike
    return parts


def _found(sources: Any, targets: Any, of: Any, is_model: bool) -> Any:
    """Connections of a synapse model, or of one statement, as the simulation has them now."""
    simulation = kernel.said.tell()
    if is_model:
        return simulation.connections(sources, targets, synapse=of)
    found = simulation.connections(of, targets)
    return found[np.isin(found.sources, sources.gids)] if len(found) else found


def Disconnect(*args: Any, conn_spec: Any = None, syn_spec: Any = None) -> None:
    """Collective: take away the connections that were found, or one of each pair of nodes.

    `Disconnect(found)`, or `Disconnect(pre, post, conn_spec="one_to_one", syn_spec="static_synapse")`.

    Raises
    ------
    NESTErrors.InexistentConnection
        A pair that is not connected; nothing is taken away then.
    """
    if len(args) == 1 and isinstance(args[0], SynapseCollection):
        if conn_spec is not None or syn_spec is not None:
            raise TypeError("connections that were found are taken away as they are.")
        args[0].disconnect()
        return
    if len(args) != 2 or not all(isinstance(one, NodeCollection) for one in args):
        raise TypeError("Disconnect takes connections, or two NodeCollections.")
    pre, post = args
    rule = (
        "one_to_one" if conn_spec is None else conn_spec if isinstance(conn_spec, str) else conn_spec["rule"]
    )
    model = "static_synapse" if syn_spec is None else syn_spec
    name = model if isinstance(model, str) else model.get("synapse_model", "static_synapse")
    if rule == "one_to_one":
        if len(pre) != len(post):
            raise errors.DimensionMismatch(
                f"there are {len(pre)} sources and {len(post)} targets; as many are needed."
            )
        pairs = list(zip(pre.tolist(), post.tolist(), strict=True))
    elif rule == "all_to_all":
        pairs = [(a, b) for a in pre.tolist() for b in post.tolist()]
    else:
        raise errors.BadProperty(f"Disconnect by {rule!r:.40}: give one_to_one or all_to_all.")
    found = GetConnections(pre, post, name)
    first: dict[tuple[int, int], int] = {}
    for at, pair in enumerate(zip(found.sources(), found.targets(), strict=True)):
        first.setdefault(pair, at)
    if missing := [pair for pair in pairs if pair not in first]:
        raise errors.InexistentConnection(f"there is no {name} from {missing[0][0]} to {missing[0][1]}.")
    found.picked(np.array(sorted({first[pair] for pair in pairs}))).disconnect()


def _of_recorders(pre: Any, post: Any, wanted: str | None) -> list[AbstractRows]:
    parts: list[AbstractRows] = []
    for name, sources, targets, weight, delay, receptors in kernel.wires.recorded:
        if wanted not in (None, name):
            continue
        keep = np.isin(sources, np.asarray(pre)) & np.isin(targets, np.asarray(post))
        n = int(keep.sum())
        to_device = kernel.batches.of(int(targets[0])).model.kind == "recorder"
        ends = sources[keep], targets[keep]
        columns = np.broadcast_to(weight, keep.size)[keep], np.full(n, delay)
        order = _TO_DEVICE if to_device else _FROM_DEVICE
        for receptor in np.unique(receptors[keep]).tolist():
            mine = receptors[keep] == receptor
            part = FixedRows(name, (ends[0][mine], ends[1][mine]), columns[0][mine], columns[1][mine], order)
            part.receptor = receptor
            parts.append(part)
    return parts


def _junctions(pre: Any, post: Any) -> list[AbstractRows]:
    """Each is two connections, one in each direction."""
    if not kernel.said.tell().network.couplings:
        return []
    found = kernel.said.tell().junctions(everywhere=True)
    a, b = kernel.said.ids_of(found.a), kernel.said.ids_of(found.b)
    source, target = np.concatenate([a, b]), np.concatenate([b, a])
    keep = np.isin(source, np.asarray(pre)) & np.isin(target, np.asarray(post))
    weight = np.concatenate([found.weights, found.weights])[keep]
    return [
        FixedRows("gap_junction", (source[keep], target[keep]), weight, np.full(weight.size, 1.0), _BETWEEN)
    ]
