"""A section of a cable cell: a cylinder, and where it grows from."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from parsim.arrays import shown
from parsim.errors import DescriptionError
from parsim.given.plain import as_count, as_text
from parsim.given.values import as_number

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


@dataclass(frozen=True)
class Section:
    """A cylinder, cut into compartments of equal length.

    Parameters
    ----------
    name : str
    L, diam : float
        Length and diameter, um.
    nseg : int
        How many compartments.
    Ra, cm : float
        Axial resistivity, Ohm cm, and capacitance, uF/cm2.
    parent : str, optional
        Where it grows from: `"soma"` is the end of the soma, `"soma(0.5)"` its middle. One section of a cell has none.
    """

    name: str
    L: float = 100.0
    diam: float = 500.0
    nseg: int = 1
    Ra: float = 35.4
    cm: float = 1.0
    parent: str | None = None

    def __post_init__(self) -> None:
        as_text(self.name, "the name of a Section")
        if not re.fullmatch(r"[A-Za-z_][\w.\[\]]*", self.name):
            raise DescriptionError(
                f"the name of a Section is {shown(self.name)}; letters, digits, _ . [ ] are possible."
            )
        for part, unit in (("L", "um"), ("diam", "um"), ("Ra", "Ohm cm"), ("cm", "uF/cm2")):
            value = as_number(getattr(self, part), "", f"{part} of section {self.name}")
            if not 0.0 < value < float("inf"):
                raise DescriptionError(
                    f"{part} of section {self.name} is {value:g} {unit}; it must be greater than 0."
                )
            object.__setattr__(self, part, value)
        object.__setattr__(self, "nseg", as_count(self.nseg, f"nseg of section {self.name}", 1))
        if self.parent is not None:
            as_place(self.parent, f"parent of section {self.name}", 1.0)

    @property
    def grows_from(self) -> Place | None:
        """The point of its parent, None for the first section."""
        return None if self.parent is None else as_place(self.parent, f"parent of section {self.name}", 1.0)
