"""`PlotLayer` and its like: where nodes are and whom they are connected to, in figures of matplotlib."""

from typing import Any

import numpy as np

from parsim.nest import errors
from parsim.nest.figures import pyplot
from parsim.nest.layers import layer_of, points_of
from parsim.nest.masks import GridMask, mask_of
from parsim.nest.nodes import NodeCollection
from parsim.nest.places import GetSourcePositions, GetTargetPositions

FINE = 200  # points a side at which masks are looked at


def PlotLayer(layer: NodeCollection, fig: Any = None, nodecolor: Any = "b", nodesize: float = 20) -> Any:
    """All nodes of a layer, in a figure that is made where none is given, and returned."""
    figure, axes = _axes(fig, _dimensions(layer))
    axes.scatter(*points_of(layer.ids).T, s=nodesize, c=nodecolor)
    return figure


def PlotTargets(
    source: NodeCollection, tgt_layer: NodeCollection, syn_type: str | None = None, fig: Any = None,
    mask: Any = None, probability_parameter: Any = None, **style: Any,
) -> Any:  # fmt: skip
    """Collective: a node, its targets in a layer, and around it a mask and how probable connections are.

    `style` is of src_color, src_size, tgt_color, tgt_size, mask_color and probability_cmap.
    """
    _one(source)
    others = GetTargetPositions(source, tgt_layer, syn_type)[0]
    said = _styled(style, {"src_color": "red", "src_size": 50, "tgt_color": "blue", "tgt_size": 20})
    sizes, colors = (said["src_size"], said["tgt_size"]), (said["src_color"], said["tgt_color"])
    around = (mask, said["mask_color"], probability_parameter, said["probability_cmap"])
    return _ends(source, tgt_layer, others, fig, sizes, colors, around)


def PlotSources(
    src_layer: NodeCollection, target: NodeCollection, syn_type: str | None = None, fig: Any = None,
    mask: Any = None, probability_parameter: Any = None, **style: Any,
) -> Any:  # fmt: skip
    """Collective: a node, its sources in a layer, and around it a mask and how probable connections are.

    `style` is as in `PlotTargets`.
    """
    _one(target)
    others = GetSourcePositions(src_layer, target, syn_type)[0]
    said = _styled(style, {"tgt_color": "red", "tgt_size": 50, "src_color": "blue", "src_size": 20})
    sizes, colors = (said["tgt_size"], said["src_size"]), (said["tgt_color"], said["src_color"])
    around = (mask, said["mask_color"], probability_parameter, said["probability_cmap"])
    return _ends(target, src_layer, others, fig, sizes, colors, around)


def _styled(style: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    known = {"mask_color": "yellow", "probability_cmap": "Greens"} | defaults
    if unknown := set(style) - set(known):
        raise TypeError(f"{', '.join(sorted(unknown))} is no style; there are {', '.join(sorted(known))}.")
    return known | style


def PlotProbabilityParameter(
    source: NodeCollection, parameter: Any = None, mask: Any = None, edges: Any = (-0.5, 0.5, -0.5, 0.5),
    shape: Any = (100, 100), ax: Any = None, prob_cmap: Any = "Greens", mask_color: Any = "yellow",
) -> None:  # fmt: skip
    """A Parameter of the way from a node as an image of the plane within `edges`, and the outline of a mask."""
    _one(source)
    if parameter is None and mask is None:
        raise ValueError("there is nothing to plot: give parameter, mask or both.")
    axes = pyplot().gca() if ax is None else ax
    if parameter is not None:
        points, (x, _) = _grid(edges, shape)
        values = np.array(parameter.apply(source, points.T.tolist())).reshape(x.shape)
        style = {"cmap": prob_cmap, "vmin": 0.0, "vmax": 1.0, "zorder": -10}
        axes.imshow(np.clip(values, 0.0, 1.0), origin="lower", extent=edges, **style)
    if mask is not None:
        _outline(axes, source, mask, mask_color, edges)


def _ends(
    node: Any, layer: Any, others: Any, fig: Any, sizes: Any, colors: Any, around: Any
) -> Any:  # fmt: skip
    """One node and those at the other ends of its connections."""
    mask, mask_color, parameter, colormap = around
    n = _dimensions(layer)
    figure, axes = _axes(fig, n)
    if len(others):
        axes.scatter(*np.array(others, np.float64).T, s=sizes[1], c=colors[1])
    axes.scatter(*points_of(node.ids).T, s=sizes[0], c=colors[0], zorder=99)
    if (mask is not None or parameter is not None) and n == 3:
        raise errors.unsupported("A mask or probability in three dimensions", "Plot them of a plane.")
    if mask is not None or parameter is not None:
        places = points_of(layer.ids)
        low, high = places.min(axis=0), places.max(axis=0)
        edges = (low[0], high[0], low[1], high[1])
        PlotProbabilityParameter(
            node, parameter, mask, edges, ax=axes, prob_cmap=colormap, mask_color=mask_color
        )
    return figure


def _one(node: Any) -> None:
    if not isinstance(node, NodeCollection) or len(node) != 1:
        raise TypeError(f"{node!r:.60} is to be a collection of one node.")


def _dimensions(layer: Any) -> int:
    if not isinstance(layer, NodeCollection) or layer_of(layer.ids) is None:
        raise TypeError(f"{layer!r:.60} is to be a collection of nodes with positions.")
    return int(points_of(layer.ids).shape[1])


def _axes(figure: Any, dimensions: int) -> tuple[Any, Any]:
    """The axes of a figure: flat, or in three dimensions."""
    figure = pyplot().figure() if figure is None else figure
    if figure.axes:
        return figure, figure.gca()
    return figure, figure.add_subplot(111, projection="3d" if dimensions == 3 else None)


def _grid(edges: Any, shape: Any) -> tuple[Any, Any]:
    """Points of a plane [2, point], and the same by row and column."""
    left, right, below, above = edges
    grid = np.meshgrid(np.linspace(left, right, int(shape[0])), np.linspace(below, above, int(shape[1])))
    return np.stack([one.ravel() for one in grid]), grid


def _outline(axes: Any, node: Any, mask: Any, color: Any, edges: Any) -> None:
    points, (x, y) = _grid(edges, (FINE, FINE))
    held = mask_of(mask)
    shape: Any = held.on(layer_of(node.ids)) if isinstance(held, GridMask) else held
    inside = shape.inside(points - points_of(node.ids).T).reshape(x.shape)
    axes.contour(x, y, inside.astype(float), levels=[0.5], colors=[color], zorder=-1)
