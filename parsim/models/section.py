"""A section of a cable cell: how long and thick it is, and where it grows from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import shown
from parsim.errors import DescriptionError
from parsim.given.numbers import as_numbers
from parsim.given.plain import as_count, as_text
from parsim.given.values import as_number
from parsim.models.nseg import DLambda, Every
from parsim.models.profile import Profile, through

_PLACE = re.compile(r"\s*([A-Za-z_][\w.\[\]]*)\s*(?:\(\s*([-+0-9.eE]+)\s*\))?\s*")


class Place(NamedTuple):
    """A point of a section: `x` is 0 at its beginning and 1 at its end."""

    section: str
    x: float

    def __str__(self) -> str:
        return f"{self.section}({self.x:g})"


def as_place(said: str, what: str, x: float) -> Place:
    """`"dend(0.3)"`, or `"dend"`, which is the point at `x`."""
    found = _PLACE.fullmatch(said) if isinstance(said, str) else None
    if found is None:
        raise DescriptionError(
            f'{what} is {shown(said)}; a section and a point of it are needed, as "dend(0.5)".'
        )
    if found[2] is not None:
        x = as_number(found[2], "", what)
    if not 0.0 <= x <= 1.0:
        raise DescriptionError(f"{what} is {shown(said)}; points go from 0 to 1 along a section.")
    return Place(found[1], x)


Points = Sequence[tuple[float, float, float, float]]


@dataclass(frozen=True)
class Section:
    """An unbranched piece of a cell, cut into compartments of equal length.

    Parameters
    ----------
    name : str
    L : float
        Length, um.
    diam : float or (float, float, ...)
        Diameter, um; or diameters at equal distances from its beginning to its end, with straight lines between.
    nseg : int or rule
        How many compartments, or `every(um)`, `d_lambda(0.1)`.
    Ra, cm : float
        Axial resistivity, Ohm cm, and capacitance, uF/cm2.
    parent : str, optional
        Where it grows from: `"soma"` is the end of the soma, `"soma(0.5)"` its middle. One section of a cell has none.
    points : list of (x, y, z, diameter), optional
        At least two points, um, in place of `L` and `diam`: the section goes through them in straight lines.
    """

    name: str
    L: float = 100.0
    diam: Any = 500.0
    nseg: Any = 1
    Ra: float = 35.4
    cm: float = 1.0
    parent: str | None = None
    points: Points | None = None

    def __post_init__(self) -> None:
        as_text(self.name, "the name of a Section")
        if not re.fullmatch(r"[A-Za-z_][\w.\[\]]*", self.name):
            raise DescriptionError(
                f"the name of a Section is {shown(self.name)}; letters, digits, _ . [ ] are possible."
            )
        for part, unit in (("L", "um"), ("Ra", "Ohm cm"), ("cm", "uF/cm2")):
            object.__setattr__(self, part, self._positive(part, getattr(self, part), unit))
        if self.points is None:
            several = isinstance(self.diam, (list, tuple)) and len(self.diam) > 1
            given = [self._positive("diam", d, "um") for d in (self.diam if several else [self.diam])]
            object.__setattr__(self, "diam", tuple(given) if several else given[0])
        else:
            self._take_points()
        if isinstance(self.nseg, (Every, DLambda)):
            object.__setattr__(self, "nseg", self.nseg(self.profile, self.Ra, self.cm))
        object.__setattr__(self, "nseg", as_count(self.nseg, f"nseg of section {self.name}", 1))
        if self.parent is not None:
            as_place(self.parent, f"parent of section {self.name}", 1.0)

    def _positive(self, part: str, raw: Any, unit: str) -> float:
        value = as_number(raw, "", f"{part} of section {self.name}")
        if not 0.0 < value < float("inf"):
            raise DescriptionError(
                f"{part} of section {self.name} is {value:g} {unit}; it must be greater than 0."
            )
        return value

    def _take_points(self) -> None:
        what = f"points of section {self.name}"
        rows = as_numbers(self.points, "", what)
        if rows.ndim != 2 or rows.shape[0] < 2 or rows.shape[1] != 4 or not np.isfinite(rows).all():
            raise DescriptionError(
                f"{what} are an array of shape {rows.shape}; at least two rows of (x, y, z, diameter) are needed."
            )
        for diam in rows[:, 3]:
            self._positive("diam", float(diam), "um")
        object.__setattr__(self, "points", tuple(map(tuple, rows.tolist())))
        profile = self.profile
        own = {
            "L": self._positive("L", profile.s[-1], "um"),
            "diam": profile.between(0.0, profile.s[-1]).diam,
        }
        for part, value in own.items():
            if (given := getattr(self, part)) not in (value, getattr(type(self), part)):
                raise DescriptionError(
                    f"{part} of section {self.name} is {shown(given)}, and its points say {value:g} um; leave one out."
                )
            object.__setattr__(self, part, value)

    @property
    def profile(self) -> Profile:
        """Its diameter along its length."""
        if self.points is not None:
            return through(self.points)
        if isinstance(self.diam, tuple):
            return Profile(tuple(np.linspace(0.0, self.L, len(self.diam)).tolist()), self.diam)
        return Profile((0.0, self.L), (self.diam, self.diam))

    @property
    def grows_from(self) -> Place | None:
        """The point of its parent, None for the first section."""
        return None if self.parent is None else as_place(self.parent, f"parent of section {self.name}", 1.0)
