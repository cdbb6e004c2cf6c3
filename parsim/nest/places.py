"""Functions about where nodes are: `GetPosition`, `Distance`, `FindNearestElement`, `GetTargetNodes` and the like."""

from typing import Any

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.nest import errors
from parsim.nest.connections import GetConnections
from parsim.nest.kernel import kernel
from parsim.nest.layers import Layer, layer_of, points_of, way
from parsim.nest.masks import Mask
from parsim.nest.nodes import NodeCollection, nodes


def GetPosition(nodes: NodeCollection) -> list[Any]:
    """The coordinates of one node, or a list of those of several."""
    found = points_of(_nodes(nodes).ids).tolist()
    return found[0] if len(found) == 1 else found


def Displacement(from_arg: Any, to_arg: NodeCollection) -> list[list[float]]:
    """From points to nodes; as in NEST, of two collections that from the second to the first."""
    of_nodes = isinstance(from_arg, NodeCollection)
    found = _ways(from_arg, to_arg)
    return (-found if of_nodes else found).tolist()


def Distance(from_arg: Any, to_arg: NodeCollection) -> list[float]:
    """How far nodes or points are from nodes; the shortest way where the layer of the second wraps."""
    return np.sqrt((_ways(from_arg, to_arg) ** 2).sum(axis=1)).tolist()


def _ways(start: Any, end: Any) -> Floats:
    onto = _nodes(end)
    to_points, layer = points_of(onto.ids), _layer(onto)
    if isinstance(start, NodeCollection):
        from_points = points_of(start.ids)
    else:
        from_points = _points(start, layer)
    if len(from_points) != len(to_points) and 1 not in (len(from_points), len(to_points)):
        raise ValueError(
            f"there are {len(from_points)} places to go from and {len(to_points)} to go to; give as many, or one."
        )
    return way(from_points, to_points, layer)


def FindNearestElement(layer: NodeCollection, locations: Any, find_all: bool = False) -> Any:
    """The node nearest to a point, or a list of them for several points; `find_all`: all that are as near."""
    if not len(_nodes(layer)):
        raise ValueError("the layer is empty.")
    found: list[Any] = []
    for point in _points(locations, _layer(layer)):
        far = np.array(Distance(point, layer))
        if find_all:
            near = np.flatnonzero(far <= far.min() * (1.0 + 1e-14))
            found.append([layer[int(at)] for at in near])
        else:
            found.append(layer[int(np.argmin(far))])
    return found[0] if np.ndim(locations) == 1 else found


def FindCenterElement(layer: NodeCollection) -> Any:
    """The node nearest to the middle of the layer."""
    return FindNearestElement(layer, _layer(_nodes(layer)).center)


def SelectNodesByMask(layer: NodeCollection, anchor: Any, mask_obj: Mask) -> NodeCollection:
    """Those nodes that lie in a mask that is put at a point."""
    native = mask_obj.native
    at = way(_points(anchor, _layer(_nodes(layer))), points_of(layer.ids), _layer(layer))
    if native.dimensions != at.shape[1]:
        raise errors.BadProperty(
            f"{native!r} has {native.dimensions} dimensions, and the layer {at.shape[1]}."
        )
    return nodes(np.asarray(layer.ids)[native.inside(np.ascontiguousarray(at.T))])


def GetTargetNodes(
    sources: NodeCollection, tgt_layer: NodeCollection, syn_model: str | None = None
) -> tuple[NodeCollection, ...]:
    """Collective: for each source the nodes of a layer that it leads to, each once."""
    return tuple(nodes(np.unique(one)) for one in _others(sources, tgt_layer, syn_model, True))


def GetSourceNodes(
    src_layer: NodeCollection, targets: NodeCollection, syn_model: str | None = None
) -> tuple[NodeCollection, ...]:
    """Collective: for each target the nodes of a layer that lead to it, each once."""
    return tuple(nodes(np.unique(one)) for one in _others(targets, src_layer, syn_model, False))


def GetTargetPositions(
    sources: NodeCollection, tgt_layer: NodeCollection, syn_model: str | None = None
) -> list[list[Any]]:
    """Collective: for each source the positions of its targets, one for each connection."""
    return [_positions(one) for one in _others(sources, tgt_layer, syn_model, True)]


def GetSourcePositions(
    src_layer: NodeCollection, targets: NodeCollection, syn_model: str | None = None
) -> list[list[Any]]:
    """Collective: for each target the positions of its sources, one for each connection."""
    return [_positions(one) for one in _others(targets, src_layer, syn_model, False)]


def _others(ends: Any, layer: Any, model: str | None, of_sources: bool) -> list[Ints]:
    """The ids at the other ends of the connections of each of some nodes."""
    _layer(_nodes(layer))
    pre, post = (_nodes(ends), layer) if of_sources else (layer, _nodes(ends))
    found = GetConnections(pre, post, model)
    columns = [np.array(list(one), np.int64) for one in (found.sources(), found.targets())]
    mine, others = columns if of_sources else columns[::-1]
    order = np.argsort(mine, kind="stable")
    edges = np.searchsorted(mine[order], ends.tolist()), np.searchsorted(mine[order], ends.tolist(), "right")
    return [others[order][a:b] for a, b in zip(*edges, strict=True)]


def _positions(ids: Ints) -> list[Any]:
    if not ids.size:
        return []
    each, back = np.unique(ids, return_inverse=True)
    found: list[Any] = points_of(each)[back].tolist()
    return found


def DumpLayerNodes(layer: NodeCollection, outname: str) -> None:
    """Collective: a file with the id and the coordinates of each node."""
    rows = np.column_stack([np.asarray(_nodes(layer).ids), points_of(layer.ids)])
    _write(outname, rows, 1)


def DumpLayerConnections(
    source_layer: NodeCollection, target_layer: NodeCollection, synapse_model: str, outname: str
) -> None:
    """Collective: a file with source, target, weight, delay and the way from one to the other of each connection."""
    found = GetConnections(_nodes(source_layer), _nodes(target_layer), synapse_model)
    a, b = (np.array(list(one), np.int64) for one in (found.sources(), found.targets()))
    values = [np.atleast_1d(found.get(key)) if len(found) else np.empty(0) for key in ("weight", "delay")]
    start, end = (np.array(_positions(one)).reshape(a.size, -1) for one in (a, b))
    _write(outname, np.column_stack([a, b, *values, way(start, end, _layer(target_layer))]), 2)


def _write(name: str, rows: Floats, n_ids: int) -> None:
    if kernel.comm.rank == 0:
        with open(name, "w") as file:
            for row in rows.tolist():
                numbers = [*(str(int(one)) for one in row[:n_ids]), *(f"{one:g}" for one in row[n_ids:])]
                file.write(" ".join(numbers) + "\n")


def _nodes(given: Any) -> NodeCollection:
    if not isinstance(given, NodeCollection):
        raise TypeError(f"{given!r:.60} is no NodeCollection.")
    return given


def _layer(layer: NodeCollection) -> Layer:
    points_of(layer.ids[:1])
    found = layer_of(layer.ids)
    if found is None:
        raise errors.LayerExpected("the nodes are of several Creates; take those of one.")
    return found


def _points(given: Any, layer: Layer) -> Floats:
    try:
        found = np.atleast_2d(np.asarray(given, np.float64))
    except (TypeError, ValueError):
        raise TypeError(f"{given!r:.60} are no points; give a list of coordinates.") from None
    if found.ndim != 2 or found.shape[1] != layer.center.size:
        raise ValueError(f"{given!r:.60} are no points of {layer.center.size} coordinates.")
    return found
