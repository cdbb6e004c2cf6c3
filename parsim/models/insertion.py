"""What stands in a cable cell beside its sections: mechanisms on membrane, point processes at places, a detector."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import shown
from parsim.errors import DescriptionError, suggestion
from parsim.given.plain import as_count, as_text, several
from parsim.given.values import as_number
from parsim.models.mechanism import Mechanism
from parsim.models.mechanisms import NAMES, built_in
from parsim.models.params import Param
from parsim.models.section import Place, as_place
from parsim.shard.cable.playing import Wave

TIMES = {"linear": "interpolated", "neuron": "at_step"}  # of spikes, and the kernels that find them


class Site(NamedTuple):
    """The middle of a compartment, as functions of position are given it.

    `x` is from 0 to 1 along its `section`; `distance` the length of the path from the middle of the first section, um;
    `diam` in um, `area` in um2.
    """

    section: str
    x: float
    distance: float
    diam: float
    area: float


@dataclass(frozen=True)
class Insertion:
    """A mechanism on the membrane of sections; see `insert`."""

    mechanism: Mechanism
    on: tuple[str, ...]  # sections or labels; none: all
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Placed:
    """Instances of a point process under one name; see `place`."""

    name: str
    mechanism: Mechanism
    at: tuple[Place, ...]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Detection:
    """Where a cell fires; see `detector`."""

    at: Place
    threshold: float = 10.0
    times: str = "linear"

    @property
    def fires_at_start(self) -> bool:
        """Does a cell that begins above the threshold fire then?"""
        return self.times == "neuron"


def insert(mechanism: str | Mechanism, on: Any = None, **values: Any) -> Insertion:
    """A density mechanism on sections of a `CableModel`.

    Parameters
    ----------
    mechanism : str or Mechanism
        The name of a built-in mechanism, or one made by `parsim.mechanism`.
    on : str or list of str, optional
        Sections or labels; all sections by default.
    **values
        Parameters in their units: numbers, functions of position `f(site)`, where `site` has `section`, `x`,
        `distance`, `diam` and `area`, or values in time, `played(times, values)`.

    Raises
    ------
    DescriptionError
        No such mechanism or parameter; a point process.
    """
    found = _mechanism(mechanism, ("density",), "insert")
    names = [] if on is None else several(on) or [on]
    if on is not None and not names:
        raise DescriptionError(
            f"{found} is inserted on an empty list; leave `on` out to have it on all sections."
        )
    on = tuple(as_text(name, f"where {found} is inserted") for name in names)
    return Insertion(found, on, _values(found, values))


def place(name: str, mechanism: str | Mechanism, at: Any, **values: Any) -> Placed:
    """A point process of a `CableModel` under a name of its own, which is also where connections can end.

    Parameters
    ----------
    name : str
    mechanism : str or Mechanism
        The name of a built-in point process, or one made by `parsim.mechanism`. An artificial cell has nothing to do
        with where it stands; the cell fires when it does.
    at : str or list of str
        `"dend(0.7)"`; `"soma"` is its middle. Several places have an instance each: see `spread`.
    **values
        As in `insert`.
    """
    as_text(name, "the name of a place")
    if not re.fullmatch(r"[A-Za-z_]\w*", name):
        raise DescriptionError(f"the name of a place is {shown(name)}; letters, digits and _ are possible.")
    found = _mechanism(mechanism, ("point", "artificial"), "place")
    places = several(at) if several(at) is not None else [at]
    if not places:
        raise DescriptionError(f'{name} is at no place; give at least one, such as "soma(0.5)".')
    where = tuple(as_place(one, f"the place of {name}", 0.5) for one in places or ())
    return Placed(name, found, where, _values(found, values))


def spread(section: str, n: int) -> list[str]:
    """`n` places at equal distances along a section, each in the middle of its part."""
    as_text(section, "the section")
    n = as_count(n, "n", 1)
    return [f"{section}({(k + 0.5) / n!r})" for k in range(n)]


def detector(at: str, threshold: float = 10.0, detect: str = "linear") -> Detection:
    """Where and when a cable cell fires: the voltage at a place rises above a threshold (mV).

    `detect="linear"` takes the time from a straight line between the voltages of two steps; `"neuron"` takes 1e-10 ms
    after the first step that ends above, as NEURON does.
    """
    found = as_place(at, "the place of the detector", 0.5)
    if not isinstance(detect, str) or detect not in TIMES:
        raise DescriptionError(f"detect is {shown(detect)}; it must be one of {', '.join(TIMES)}.")
    threshold = as_number(threshold, "mV", "threshold of the detector")
    if not abs(threshold) < float("inf"):
        raise DescriptionError(f"threshold of the detector is {threshold:g} mV; a finite number is needed.")
    return Detection(found, threshold, detect)


def silent(model: str, section: str) -> str:
    """What is wrong with spikes of cells that have no detector."""
    return (
        f"{model} has no detector, so its cells never fire and there are no spikes to send or to record. "
        f'Say where they fire: CableModel(..., detector=ps.detector("{section}(0.5)", threshold=-10.0)).'
    )


def param_of(mechanism: Mechanism, name: str) -> Param:
    """A parameter of a mechanism, of each instance or of all, or an error with the nearest name."""
    known = {p.name: p for p in (*mechanism.params, *mechanism.globals)}
    if name not in known:
        raise DescriptionError(
            f"{mechanism} has no parameter '{name:.60}'.{suggestion(name, known)} It has: "
            f"{', '.join(sorted(known)) or 'none'}."
        )
    return known[name]


def _mechanism(given: Any, kinds: tuple[str, ...], verb: str) -> Mechanism:
    if isinstance(given, str):
        if given not in NAMES:
            raise DescriptionError(
                f"there is no mechanism '{given:.60}'.{suggestion(given, NAMES)} Built in are: {', '.join(NAMES)}. A "
                "file of NMODL is read by parsim.mechanism."
            )
        given = built_in(given)
    if not isinstance(given, Mechanism):
        raise DescriptionError(f"{verb} is given {shown(given)}; a mechanism, or the name of one, is needed.")
    if given.kind not in kinds:
        what = {"density": "a density mechanism; insert it", "point": "a point process; place it"}
        raise DescriptionError(f"{given} is {what.get(given.kind, 'an artificial cell; place it')}.")
    return given


def _values(mechanism: Mechanism, values: Mapping[str, Any]) -> Mapping[str, Any]:
    of_all = [p.name for p in mechanism.globals]
    found: dict[str, Any] = {}
    for name, raw in values.items():
        param = param_of(mechanism, name)
        if callable(raw) and not isinstance(raw, type):
            if name in of_all:
                raise DescriptionError(
                    f"{name} of {mechanism} is one number for all its instances, not a function of position."
                )
            found[name] = raw
            continue
        if isinstance(raw, Wave):
            if name in of_all:
                raise DescriptionError(
                    f"{name} of {mechanism} is one number for all its instances and times."
                )
            check(param, raw.values.tolist(), f"{name} of {mechanism}")
            found[name] = raw
            continue
        found[name] = as_number(raw, param.unit, f"{name} of {mechanism}")
        check(param, [found[name]], f"{name} of {mechanism}")
    return found


def check(param: Param, values: Sequence[float], what: str) -> None:
    """Values keep the bounds of a parameter."""
    param.check(np.array(values, float), "", lambda at: what)
