"""Where nodes are: what `Create(..., positions=)` was given, and the layer that it comes to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.errors import DescriptionError
from parsim.given import layouts
from parsim.given.layouts import AXES, AbstractLayout
from parsim.given.value import AbstractValue
from parsim.given.where import Where
from parsim.nest import errors
from parsim.nest.batches import Batch
from parsim.nest.kernel import kernel


@dataclass(frozen=True, eq=False)
class Layer:
    """Nodes of one `Create` in space; `shape` is that of a grid, None where points are free."""

    layout: AbstractLayout
    center: Floats
    extent: Floats
    wrap: bool
    shape: tuple[int, ...] | None

    def points(self, places: Any) -> Floats:
        """Where some of them are, [node, dimension]."""
        which = np.asarray(places, np.int64)
        return np.ascontiguousarray(self.layout.at(Where(0, 0, which, 0, 0, which)).T)

    def said(self, places: Any) -> dict[str, Any]:
        """What `spatial` gives of some of them."""
        found: dict[str, Any] = {
            "center": self.center.copy(), "edge_wrap": self.wrap, "extent": self.extent.copy(),
            "network_size": len(places),
        }  # fmt: skip
        if self.shape is not None:
            return found | {"shape": np.array(self.shape)}
        return found | {"positions": self.points(places)}


def grid_layer(shape: Any, center: Any, extent: Any, wrap: bool) -> Layer:
    """Points in the middle of boxes of equal size."""
    made = _native(lambda: layouts.grid(shape, extent=extent, center=center, wrap=wrap))
    assert made.extent is not None
    return Layer(made, made.center, made.extent, wrap, tuple(int(n) for n in shape))


def free_layer(points: Floats, extent: Any, wrap: bool) -> Layer:
    """Points as they are; where no extent is given, it is the next whole number."""
    if points.ndim != 2 or points.shape[1] not in layouts.DIMENSIONS:
        raise errors.BadProperty(
            f"positions have the shape {points.shape}; two or three numbers a node are needed."
        )
    low, high = points.min(axis=0), points.max(axis=0)
    center = (low + high) / 2.0
    if extent is None:
        if len(points) == 1:
            raise errors.KernelException("one node says nothing of how wide its space is; give extent.")
        sides = np.ceil(high - low)
    else:
        sides = np.asarray(extent, np.float64)
        if sides.shape != center.shape:
            raise errors.BadProperty(
                f"extent is {extent!r:.60}; {center.size} numbers are needed, one a dimension."
            )
        if (np.abs(points - center) > sides / 2.0).any():
            raise errors.BadProperty(
                f"positions lie outside of the extent {sides.tolist()} about {center.tolist()}."
            )
    bounds: dict[str, Any] = {"extent": sides, "center": center, "wrap": True} if wrap else {}
    return Layer(_native(lambda: layouts.free(points, **bounds)), center, sides, wrap, None)


def _native(make: Any) -> AbstractLayout:
    try:
        made: AbstractLayout = make()
    except DescriptionError as error:
        raise errors.as_kind(errors.BadProperty, error) from None
    return made


def layer_of(ids: range | Ints) -> Layer | None:
    """The layer in which all of these nodes are; None where they are in none, or in several."""
    found = {batch.layer for batch, _ in kernel.batches.pieces(ids)}
    return found.pop() if len(found) == 1 else None


def points_of(ids: range | Ints) -> Floats:
    """Where nodes are, [node, dimension]."""
    parts = []
    for batch, places in kernel.batches.pieces(ids):
        if batch.layer is None:
            raise errors.LayerExpected(
                f"{batch.model.name} with the ids {batch.first} to {batch.first + batch.size - 1} have no positions; "
                "Create them with positions=nest.spatial.grid([20, 20])."
            )
        parts.append(batch.layer.points(places))
    return np.concatenate(parts)


def distances(sources: Ints, targets: Ints) -> Floats:
    """How far each source is from its target, by ids; NaN where one of them is in no layer."""
    found = np.full(sources.size, np.nan)
    for batch, mine in _by_layer(targets):
        for other, both in _by_layer(sources[mine]):
            if batch.layer is not None and other.layer is not None:
                at = mine[both]
                start, end = (
                    b.layer.points(ids[at] - b.first) for b, ids in ((other, sources), (batch, targets))
                )
                if start.shape[1] == end.shape[1]:
                    found[at] = np.sqrt((way(start, end, batch.layer) ** 2).sum(axis=1))
    return found


def _by_layer(ids: Ints) -> Iterator[tuple[Batch, Ints]]:
    """Where those of each batch are among these."""
    order = np.argsort(ids, kind="stable")
    begin = 0
    for batch, places in kernel.batches.pieces(ids[order]):
        yield batch, order[begin : begin + len(places)]
        begin += len(places)


def way(start: Floats, end: Floats, layer: Layer) -> Floats:
    """From some points to others, [pair, dimension]; the shortest where the layer wraps."""
    found: Floats = end - start
    if layer.wrap:
        found -= np.floor(found / layer.extent + 0.5) * layer.extent
    return found


@final
@dataclass(frozen=True, repr=False)
class NodePosition(AbstractValue):
    """One coordinate of where a node is; `where.places` are ids."""

    axis: int

    def at(self, where: Where) -> Floats:
        try:
            found = points_of(where.places)
        except errors.LayerExpected as error:
            raise errors.as_kind(errors.KernelException, error) from None
        if self.axis >= found.shape[1]:
            raise DescriptionError(f"{self.describe()} is asked of nodes that are in two dimensions.")
        return np.ascontiguousarray(found[:, self.axis])

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        return self

    def describe(self) -> str:
        return f"pos.{AXES[self.axis]}"
