"""Masks: NEST's words for parts of space, as masks of the network."""

from collections.abc import Mapping
from typing import Any

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


class Mask:
    """A part of space; `a & b`, `a | b` and `a - b` are others."""

    __slots__ = ("native",)

    def __init__(self, native: AbstractMask) -> None:
        self.native = native

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
        return f"<Mask {self.native!r}>"


def CreateMask(masktype: str, specs: Mapping[str, Any], anchor: Any = None) -> Mask:
    """A mask by its kind: `CreateMask("circular", {"radius": 0.3})`; `anchor` moves it."""
    if masktype == "grid":
        raise errors.unsupported("a grid mask", "Give a rectangular mask.")
    if masktype not in _KEYS:
        raise errors.UndefinedName(f"there is no mask {masktype!r:.60}. There are: {', '.join(_KEYS)}.")
    said = dict(specs)
    if masktype == "ellipsoidal" and "polar_axis" not in said:
        raise errors.unsupported("an ellipsoidal mask without polar_axis", "Give a large one.")
    if missing := [key for key in _KEYS[masktype] if key not in said]:
        raise IndexError(f"the mask {masktype} needs '{missing[0]}'.")
    values = [said.pop(key) for key in _KEYS[masktype]]
    angle = said.pop("azimuth_angle", 0.0) if masktype in _TURNED else 0.0
    if masktype in _TURNED and said.pop("polar_angle", 0.0):
        raise errors.unsupported("polar_angle", "Masks turn by azimuth_angle.")
    n = 3 if masktype in ("box", "spherical", "ellipsoidal") else 2
    moved = _point(anchor, n)
    if masktype in ("circular", "spherical", "doughnut", "elliptical", "ellipsoidal"):
        moved = moved + _point(said.pop("anchor", None), n)
    if said:
        raise errors.UnaccessedDictionaryEntry(
            f"{', '.join(map(str, said))} does not belong to a {masktype} mask."
        )
    return Mask(_native(lambda: _made(masktype, values, angle, moved)))


def _made(kind: str, values: list[Any], angle: Any, moved: Any) -> AbstractMask:
    if kind in ("rectangular", "box"):
        make = masks.rectangle if kind == "rectangular" else masks.box
        low, high = (_point(corner, moved.size) + moved for corner in values)
        return make(low, high, angle=angle)
    if kind in ("elliptical", "ellipsoidal"):
        shape = masks.ellipse if kind == "elliptical" else masks.ellipsoid
        found: AbstractMask = shape(*values, angle=angle, anchor=moved)
        return found
    if kind == "doughnut":
        return masks.doughnut(*values, anchor=moved)
    return (masks.circle if kind == "circular" else masks.sphere)(values[0], anchor=moved)


def mask_of(given: Any) -> AbstractMask:
    """What conn_spec says as mask: a dict of its kind and maybe of an anchor, or a Mask."""
    if isinstance(given, Mask):
        return given.native
    if not isinstance(given, Mapping):
        raise TypeError(f"mask is {given!r:.60}; a dict such as {{'circular': {{'radius': 0.3}}}} is needed.")
    said = dict(given)
    anchor = said.pop("anchor", None)
    if len(said) != 1:
        raise errors.BadProperty(f"mask is {given!r:.80}; one kind of mask and maybe 'anchor' are needed.")
    ((kind, specs),) = said.items()
    return CreateMask(kind, specs, anchor).native


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
