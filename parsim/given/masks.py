"""Masks: parts of space about a source, in which its targets lie."""

import functools
import itertools
import operator
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, shown
from parsim.errors import DescriptionError
from parsim.given.numbers import as_numbers, as_one
from parsim.kernels import elementary

Inside = NDArray[np.bool_]


class AbstractMask(ABC):
    """A part of space about the origin; `a & b`, `a | b` and `a - b` are others."""

    @property
    @abstractmethod
    def box(self) -> tuple[Floats, Floats]:
        """The least and the greatest of each coordinate in it, [dimension]."""

    @abstractmethod
    def inside(self, at: Floats) -> Inside:
        """Which points lie in it, of [dimension, n]."""

    @abstractmethod
    def mirrored(self) -> "AbstractMask":
        """The same through the origin: a source as seen from a target, in place of a target from a source."""

    @abstractmethod
    def moved(self, by: Floats) -> "AbstractMask":
        """The same elsewhere."""

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return self.box[0].size

    def __and__(self, other: Any) -> "AbstractMask":
        return Combined(self, _as_mask(other, self), "and")

    def __or__(self, other: Any) -> "AbstractMask":
        return Combined(self, _as_mask(other, self), "or")

    def __sub__(self, other: Any) -> "AbstractMask":
        return Combined(self, _as_mask(other, self), "and not")


@final
@dataclass(frozen=True, repr=False)
class Round(AbstractMask):
    """Within `outer` of the anchor, and beyond `inner`, where that is not below 0."""

    outer: float
    inner: float
    anchor: tuple[float, ...]

    def __repr__(self) -> str:
        moved = f", anchor={self.anchor}" if any(self.anchor) else ""
        if self.inner >= 0.0:
            return f"doughnut({self.inner:g}, {self.outer:g}{moved})"
        return f"{'circle' if len(self.anchor) == 2 else 'sphere'}({self.outer:g}{moved})"

    def mirrored(self) -> AbstractMask:
        return replace(self, anchor=_opposite(self.anchor))

    def moved(self, by: Floats) -> AbstractMask:
        return replace(self, anchor=_further(self.anchor, by))

    @property
    def squares(self) -> tuple[float, float]:
        """Of the radii; below 0 where nothing is left out."""
        return self.outer * self.outer, self.inner * self.inner if self.inner >= 0.0 else -1.0

    @property
    def box(self) -> tuple[Floats, Floats]:
        return np.array(self.anchor) - self.outer, np.array(self.anchor) + self.outer

    def inside(self, at: Floats) -> Inside:
        far = sum((x - a) * (x - a) for x, a in zip(at, self.anchor, strict=True))
        within: Inside = far <= self.outer * self.outer
        return within & (far > self.inner * self.inner) if self.inner >= 0.0 else within


@final
@dataclass(frozen=True, repr=False)
class Straight(AbstractMask):
    """From one corner to the other, turned about its middle: a rectangle or box, or the ellipse that fits into it."""

    low: tuple[float, ...]
    high: tuple[float, ...]
    turned: tuple[float, float]  # cosine and sine of the angle
    elliptic: bool
    tilted: tuple[float, float] = (1.0, 0.0)  # the same of the tilt, which is done first

    def __repr__(self) -> str:
        kinds = ("ellipse", "ellipsoid") if self.elliptic else ("rectangle", "box")
        turned = "" if self.turned[1] == 0.0 == self.tilted[1] else ", turned"
        return f"{kinds[len(self.low) - 2]} from {self.low} to {self.high}{turned}"

    @property
    def box(self) -> tuple[Floats, Floats]:
        middle, half = self._middle_and_half
        if self.tilted[1] != 0.0:
            c, s = (abs(part) for part in self.tilted)
            half[0], half[2] = c * half[0] + s * half[2], s * half[0] + c * half[2]
        c, s = (abs(part) for part in self.turned)
        half[:2] = c * half[0] + s * half[1], s * half[0] + c * half[1]
        return middle - half, middle + half

    def mirrored(self) -> AbstractMask:
        return replace(self, low=_opposite(self.high), high=_opposite(self.low))

    def moved(self, by: Floats) -> AbstractMask:
        return replace(self, low=_further(self.low, by), high=_further(self.high, by))

    @property
    def _middle_and_half(self) -> tuple[Floats, Floats]:
        low, high = np.array(self.low), np.array(self.high)
        return (low + high) / 2.0, (high - low) / 2.0

    def inside(self, at: Floats) -> Inside:
        middle, half = self._middle_and_half
        x = [one - m for one, m in zip(at, middle, strict=True)]
        (c, s), part = self.turned, x[:2]
        if s != 0.0:
            x[0], x[1] = c * part[0] + s * part[1], c * part[1] - s * part[0]
        if self.tilted[1] != 0.0:
            c, s = self.tilted
            x[0], x[2] = c * x[0] - s * x[2], s * x[0] + c * x[2]
        if self.elliptic:
            within: Inside = sum((one / h) * (one / h) for one, h in zip(x, half, strict=True)) <= 1.0
            return within
        return np.all([np.abs(one) <= h * (1.0 + 1e-12) for one, h in zip(x, half, strict=True)], axis=0)


@final
@dataclass(frozen=True, repr=False)
class Combined(AbstractMask):
    """Points that are in one mask and another, in one or the other, or in one and not the other."""

    a: AbstractMask
    b: AbstractMask
    how: str

    def __repr__(self) -> str:
        return f"({self.a!r} {self.how} {self.b!r})"

    @property
    def box(self) -> tuple[Floats, Floats]:
        (low, high), (other_low, other_high) = self.a.box, self.b.box
        if self.how == "or":
            return np.minimum(low, other_low), np.maximum(high, other_high)
        if self.how == "and":
            return np.maximum(low, other_low), np.minimum(high, other_high)
        return low, high

    def mirrored(self) -> AbstractMask:
        return replace(self, a=self.a.mirrored(), b=self.b.mirrored())

    def moved(self, by: Floats) -> AbstractMask:
        return replace(self, a=self.a.moved(by), b=self.b.moved(by))

    def inside(self, at: Floats) -> Inside:
        a, b = self.a.inside(at), self.b.inside(at)
        return a | b if self.how == "or" else a & b if self.how == "and" else a & ~b


def circle(radius: Any, *, anchor: Any = (0.0, 0.0)) -> AbstractMask:
    """Within `radius` of the anchor, which is where the source is if nothing is said; the border belongs to it."""
    return _round(radius, None, anchor, 2)


def sphere(radius: Any, *, anchor: Any = (0.0, 0.0, 0.0)) -> AbstractMask:
    """The same in three dimensions."""
    return _round(radius, None, anchor, 3)


def doughnut(inner: Any, outer: Any, *, anchor: Any = (0.0, 0.0)) -> AbstractMask:
    """Within the radius `outer`, and beyond `inner`; the outer border belongs to it, the inner does not."""
    return _round(outer, inner, anchor, 2)


def rectangle(lower_left: Any, upper_right: Any, *, angle: Any = 0.0) -> AbstractMask:
    """From one corner to the other, as seen from the source, turned by `angle` (degrees) about its middle."""
    return _straight(lower_left, upper_right, (angle, 0.0), False, 2)


def box(lower_left: Any, upper_right: Any, *, angle: Any = 0.0, tilt: Any = 0.0) -> AbstractMask:
    """The same in three dimensions: first tilted (degrees) from z towards x, then turned from x towards y."""
    return _straight(lower_left, upper_right, (angle, tilt), False, 3)


def ellipse(major: Any, minor: Any, *, angle: Any = 0.0, anchor: Any = (0.0, 0.0)) -> AbstractMask:
    """An ellipse of these axes from side to side, the major one along x unless turned by `angle` (degrees)."""
    return _ellipse((major, minor), ("major", "minor"), (angle, 0.0), anchor)


def ellipsoid(
    major: Any, minor: Any, polar: Any, *, angle: Any = 0.0, tilt: Any = 0.0, anchor: Any = (0.0, 0.0, 0.0)
) -> AbstractMask:
    """The same in three dimensions, with the polar axis along z unless tilted as a box is."""
    return _ellipse((major, minor, polar), ("major", "minor", "polar"), (angle, tilt), anchor)


def _round(outer: Any, inner: Any, anchor: Any, n: int) -> AbstractMask:
    radius, least = _length(outer, "radius"), -1.0 if inner is None else as_one(inner, "", "inner")
    if inner is not None and not 0.0 <= least < radius:
        raise DescriptionError(
            f"inner is {shown(inner)} and outer {radius:g}; inner must be at least 0 and less than outer."
        )
    return Round(radius, least, _point(anchor, n, "anchor"))


def _straight(low: Any, high: Any, angles: tuple[Any, Any], elliptic: bool, n: int) -> AbstractMask:
    a, b = _point(low, n, "lower_left"), _point(high, n, "upper_right")
    if not all(x < y for x, y in zip(a, b, strict=True)):
        raise DescriptionError(
            f"lower_left is {shown(low)} and upper_right {shown(high)}; the first must be less everywhere."
        )
    turned, tilted = (
        (float(elementary.cos(one)), float(elementary.sin(one)))
        for one in (
            as_one(raw, "", what) / 360.0 * (2.0 * np.pi)
            for raw, what in zip(angles, ("angle", "tilt"), strict=True)
        )
    )
    return Straight(a, b, turned, elliptic, tilted)


def _ellipse(
    axes: tuple[Any, ...], names: tuple[str, ...], angles: tuple[Any, Any], anchor: Any
) -> AbstractMask:
    sides = [_length(axis, name) for axis, name in zip(axes, names, strict=True)]
    if sides[0] < sides[1]:
        raise DescriptionError(f"major is {sides[0]:g} and minor {sides[1]:g}; major must not be less.")
    middle = _point(anchor, len(sides), "anchor")
    low, high = (
        [m + sign * side / 2.0 for m, side in zip(middle, sides, strict=True)] for sign in (-1.0, 1.0)
    )
    return _straight(low, high, angles, True, len(sides))


def images(mask: AbstractMask, period: Floats) -> list[AbstractMask]:
    """Where space wraps after `period` (infinite where not): what of a mask is met by the shortest way, image by image.

    Of a mask that reaches further than half of a period some is nearer the other way round.
    """
    low, high = mask.box
    wraps = np.isfinite(period)
    half = np.where(wraps, period / 2.0, np.inf)
    if (low >= -half).all() and (high <= half).all():
        return [mask]
    first, last = (np.floor(np.where(wraps, end / period + 0.5, 0.0)) for end in (low, high))
    turns = itertools.product(*(range(int(a), int(b) + 1) for a, b in zip(first, last, strict=True)))
    wide = np.where(wraps, half, np.maximum(np.abs(low), np.abs(high)) + 1.0)
    cell = Straight(tuple((-wide).tolist()), tuple(wide.tolist()), (1.0, 0.0), False)
    found = [cell & mask.moved(-np.array(turn) * np.where(wraps, period, 0.0)) for turn in turns]
    return [one for one in found if (one.box[0] <= one.box[1]).all()]


def folded(mask: AbstractMask, period: Floats) -> AbstractMask:
    """All of a mask as it is met by the shortest way."""
    return functools.reduce(operator.or_, images(mask, period))


def _further(point: tuple[float, ...], by: Floats) -> tuple[float, ...]:
    return tuple((np.array(point) + by).tolist())


def _opposite(point: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(-x for x in point)


def _length(raw: Any, what: str) -> float:
    found = as_one(raw, "", what)
    if not 0.0 < found < np.inf:
        raise DescriptionError(f"{what} is {shown(raw)}; a number greater than 0 is needed.")
    return found


def _point(raw: Any, n: int, what: str) -> tuple[float, ...]:
    found = as_numbers(raw, "", what)
    if found.shape != (n,) or not np.isfinite(found).all():
        raise DescriptionError(f"{what} is {shown(raw)}; {n} finite numbers are needed.")
    return tuple(found.tolist())


def _as_mask(other: Any, mask: AbstractMask) -> AbstractMask:
    if not isinstance(other, AbstractMask) or other.dimensions != mask.dimensions:
        raise DescriptionError(
            f"{shown(other)} is no mask of {mask.dimensions} dimensions, as the first one is."
        )
    return other
