"""Masks: NEST's words for parts of space, as masks of the network."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from parsim.errors import DescriptionError
from parsim.given import masks
from parsim.given.masks import AbstractMask
from parsim.nest import errors

_KEYS = {
    "rectangular": ("lower_left", "upper_right"), "box": ("lower_left", "upper_right"), "circular": ("radius",),
    "spherical": ("radius",), "doughnut": ("inner_radius", "outer_radius"), "elliptical": ("major_axis", "minor_axis"),
    "ellipsoidal": ("major_axis", "minor_axis", "polar_axis"),
}  # fmt: skip
_TURNED = ("rectangular", "box", "elliptical", "ellipsoidal")


class GridMask(NamedTuple):
    """Of a layer that is a grid: `shape` nodes, columns and rows; that at `anchor` is where the mask is put."""

    shape: tuple[int, int]
    anchor: tuple[int, int]
    is_mirrored: bool = False

    def mirrored(self) -> "GridMask":
        """The same through the origin."""
        return self._replace(is_mirrored=not self.is_mirrored)

    def on(self, layer: Any) -> AbstractMask:
        """As a rectangle about half a node wider than the nodes in it."""
        if layer.shape is None or len(layer.shape) != 2:
            raise errors.BadProperty("a grid mask needs layers that are grids of two dimensions.")
        step = layer.extent / np.array(layer.shape)
        low = -np.array(self.anchor) - 0.5  # counted to the right and down
        high = low + np.array(self.shape)
        made = masks.rectangle([low[0] * step[0], -high[1] * step[1]], [high[0] * step[0], -low[1] * step[1]])
        return made.mirrored() if self.is_mirrored else made


class Mask:
    """A part of space; `a & b`, `a | b` and `a - b` are others."""

    __slots__ = ("_held",)

    def __init__(self, native: AbstractMask | GridMask) -> None:
        self._held = native

    @property
    def native(self) -> AbstractMask:
        """As a mask of the network, where it hangs on no layer."""
        if isinstance(self._held, GridMask):
            raise errors.KernelException("a grid mask hangs on the layer: it is used in Connect, and alone.")
        return self._held

    @property
    def held(self) -> AbstractMask | GridMask:
        """Whatever it is."""
        return self._held

    def Inside(self, point: Any) -> bool:
        """Does a point lie in it, as seen from where the mask is put?"""
        at = np.asarray(point, np.float64)
        if at.shape != (self.native.dimensions,):
            raise errors.BadProperty(
                f"the point is {point!r:.60}; {self.native.dimensions} numbers are needed."
            )
        return bool(self.native.inside(at[:, None])[0])

    def __and__(self, other: Any) -> "Mask":
        return Mask(_native(lambda: self.native & _other(self, other)))

    def __or__(self, other: Any) -> "Mask":
        return Mask(_native(lambda: self.native | _other(self, other)))

    def __sub__(self, other: Any) -> "Mask":
        return Mask(_native(lambda: self.native - _other(self, other)))

    def __repr__(self) -> str:
        return f"<Mask {self.held!r}>"


def CreateMask(masktype: str, specs: Mapping[str, Any], anchor: Any = None) -> Mask:
    """A mask by its kind: `CreateMask("circular", {"radius": 0.3})`; `anchor` moves it."""
    if masktype == "grid":
        return Mask(_grid_mask(specs, anchor))
    if masktype not in _KEYS:
        raise errors.UndefinedName(f"there is no mask {masktype!r:.60}. There are: {', '.join(_KEYS)}.")
    said = dict(specs)
    if masktype == "ellipsoidal" and "polar_axis" not in said:
        raise errors.unsupported("an ellipsoidal mask without polar_axis", "Give a large one.")
    if missing := [key for key in _KEYS[masktype] if key not in said]:
        raise IndexError(f"the mask {masktype} needs '{missing[0]}'.")
    values = [said.pop(key) for key in _KEYS[masktype]]
    angles = {
        ours: said.pop(key)
        for key, ours in (("azimuth_angle", "angle"), ("polar_angle", "tilt"))
        if masktype in _TURNED and key in said
    }
    n = 3 if masktype in ("box", "spherical", "ellipsoidal") else 2
    if "tilt" in angles and n == 2:
        raise errors.BadProperty(f"polar_angle does not belong to the mask {masktype}, which is flat.")
    moved = _point(anchor, n)
    if masktype in ("circular", "spherical", "doughnut", "elliptical", "ellipsoidal"):
        moved = moved + _point(said.pop("anchor", None), n)
    if said:
        raise errors.UnaccessedDictionaryEntry(
            f"{', '.join(map(str, said))} does not belong to a {masktype} mask."
        )
    return Mask(_native(lambda: _made(masktype, values, angles, moved)))


def _grid_mask(specs: Mapping[str, Any], anchor: Any) -> GridMask:
    said = dict(specs)
    if "shape" not in said:
        raise IndexError("the mask grid needs 'shape'.")
    shape, moved = np.asarray(said.pop("shape")), np.asarray((0, 0) if anchor is None else anchor)
    for name, pair in (("shape", shape), ("anchor", moved)):
        if pair.shape != (2,) or pair.dtype.kind not in "iu":
            raise errors.BadProperty(
                f"{name} of a grid mask is {pair.tolist()!r:.60}; two whole numbers are needed."
            )
    if (shape < 1).any():
        raise errors.BadProperty(f"shape of a grid mask is {shape.tolist()}; both numbers are at least 1.")
    if said:
        raise errors.UnaccessedDictionaryEntry(f"{', '.join(map(str, said))} does not belong to a grid mask.")
    (columns, rows), (x, y) = shape.tolist(), moved.tolist()
    return GridMask((columns, rows), (x, y))


def _made(kind: str, values: list[Any], angles: dict[str, Any], moved: Any) -> AbstractMask:
    if kind in ("rectangular", "box"):
        make: Any = masks.rectangle if kind == "rectangular" else masks.box
        low, high = (_point(corner, moved.size) + moved for corner in values)
        found: AbstractMask = make(low, high, **angles)
        return found
    if kind in ("elliptical", "ellipsoidal"):
        shape: Any = masks.ellipse if kind == "elliptical" else masks.ellipsoid
        found = shape(*values, **angles, anchor=moved)
        return found
    if kind == "doughnut":
        return masks.doughnut(*values, anchor=moved)
    return (masks.circle if kind == "circular" else masks.sphere)(values[0], anchor=moved)


def mask_of(given: Any) -> AbstractMask | GridMask:
    """What conn_spec says as mask: a dict of its kind and maybe of an anchor, or a Mask."""
    if isinstance(given, Mask):
        return given.held
    if not isinstance(given, Mapping):
        raise TypeError(f"mask is {given!r:.60}; a dict such as {{'circular': {{'radius': 0.3}}}} is needed.")
    said = dict(given)
    anchor = said.pop("anchor", None)
    if len(said) != 1:
        raise errors.BadProperty(f"mask is {given!r:.80}; one kind of mask and maybe 'anchor' are needed.")
    ((kind, specs),) = said.items()
    return CreateMask(kind, specs, anchor).held


def _native(make: Any) -> AbstractMask:
    try:
        found: AbstractMask = make()
    except DescriptionError as error:
        raise errors.as_kind(errors.BadProperty, error) from None
    return found


def _other(mask: Mask, other: Any) -> AbstractMask:
    if not isinstance(other, Mask):
        raise NotImplementedError(f"{other!r:.60} is no Mask; both sides must be.")
    return other.native


def _point(given: Any, n: int) -> Any:
    if given is None:
        return np.zeros(n)
    found = np.asarray(given, np.float64)
    if found.shape != (n,):
        raise errors.BadProperty(f"{given!r:.60} has other than {n} coordinates.")
    return found
