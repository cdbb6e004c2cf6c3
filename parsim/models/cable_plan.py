"""A cable cell as what its blocks need: a tree of nodes, mechanisms planted on them, and where things begin."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import shown
from parsim.errors import DescriptionError, suggestion
from parsim.models.insertion import Detection, Insertion, Placed, Site, check, param_of
from parsim.models.ions import OTHER, RESTS, Held, Rest
from parsim.models.mechanism import Mechanism
from parsim.models.section import Place, Section
from parsim.models.shape import Shape, shape_of
from parsim.shard.cable.block import Planted, in_order, ions_of, through_points
from parsim.shard.cable.playing import Played, Wave
from parsim.shard.cable.reversals import follows_at, written_by
from parsim.shard.cable.spread import Contact

_PARTS = {"e{}": "e", "{}i": "inside", "{}o": "outside"}


class Plan(NamedTuple):
    """Of one cell. `planted` is in the order in which mechanisms move; `instances` says of a place which mechanism is
    there, and which of its instances.
    """

    shape: Shape
    sections: dict[str, Section]
    labels: dict[str, tuple[str, ...]]
    planted: tuple[Planted, ...]
    ions: dict[str, Rest]
    instances: dict[str, tuple[int, range]]
    held: tuple[str, ...] = ()  # ions whose reversal potentials follow nothing

    @property
    def fires(self) -> bool:
        """Does a mechanism fire?"""
        return any(p.mechanism.fires for p in self.planted)

    def sections_of(self, name: str) -> tuple[str, ...]:
        """The sections of a label or of one name; none where there is no such thing."""
        return self.labels.get(name, (name,) if name in self.sections else ())

    def receiving(self) -> list[tuple[str, tuple[int, int, int]]]:
        """The instances that receive events, by name: the mechanism, its instance and its node."""
        found = []
        for name, (at, rows) in self.instances.items():
            p = self.planted[at]
            if p.mechanism.arguments is not None:
                names = [name] if len(rows) == 1 else [f"{name}[{k}]" for k in range(len(rows))]
                found += [(one, (at, row, p.nodes[row])) for one, row in zip(names, rows, strict=True)]
        return found

    def said(self) -> list[Any]:
        """All that mechanisms are, as plain values."""
        found: list[Any] = [
            (m.name, m.text, list(p.nodes), {k: np.ravel(v).tolist() for k, v in p.values.items()})
            for p in self.planted
            for m in [p.mechanism]
        ]
        played = [
            (
                at,
                one.name,
                one.which.tolist(),
                [(w.times.tolist(), w.values.tolist(), w.steps) for w in one.waves],
            )
            for at, p in enumerate(self.planted)
            for one in p.played
        ]
        return found + played

    def in_turn(self, ports: tuple[str, ...]) -> dict[str, tuple[int, int]]:
        """Of names that stand for several of these ports the first, and how many there are."""
        several = {name: (f"{name}[0]", len(rows)) for name, (_, rows) in self.instances.items()}
        return {name: (ports.index(first), n) for name, (first, n) in several.items() if first in ports}


def plan(
    sections: Sequence[Section], insertions: Sequence[Insertion], placed: Sequence[Placed],
    labels: Mapping[str, Sequence[str]], starts: Mapping[str, float | Held],
) -> Plan:  # fmt: skip
    """Lay out a cell, or an error that names what does not fit. `starts` are reversal potentials and concentrations."""
    by_name = {section.name: section for section in sections}
    for one in placed:
        for at in one.at:
            check_section(at.section, by_name, f"{one.name} ({one.mechanism})")
    shape = shape_of(sections, [at for one in placed for at in one.at])
    known = _labels(labels, by_name)
    _check_names(by_name, known, placed)
    sites = _sites(by_name, shape)
    merged: dict[Mechanism, list[tuple[int, Mapping[str, Any], Site]]] = {}
    for insertion in insertions:
        where = insertion.on or tuple(by_name)
        for name in where:
            check_section(name, {**known, **by_name}, str(insertion.mechanism))
        chosen = [s for name in where for s in known.get(name, (name,))]
        _insert(merged.setdefault(insertion.mechanism, []), insertion, chosen, shape, sites)
    instances: dict[str, tuple[Mechanism, range]] = {}
    for one in placed:
        rows = merged.setdefault(one.mechanism, [])
        instances[one.name] = (one.mechanism, range(len(rows), len(rows) + len(one.at)))
        rows += [(shape.node(at), one.values, _site_at(at, shape, sites, by_name)) for at in one.at]
    _check_mechanisms(list(merged))
    _check_writers(merged)
    tree = shape.tree()
    planted = [
        through_points(replace(_planted(m, rows), contacts=_contacts(m, rows, shape, by_name)), tree)
        for m, rows in merged.items()
    ]
    planted = in_order(planted)
    order = [p.mechanism for p in planted]
    parts = [shape.nodes(name) for name in by_name]
    return Plan(
        shape, by_name, known, tuple(planted), _ions(planted, starts, parts),
        {name: (order.index(m), rows) for name, (m, rows) in instances.items()}, _held(starts),
    )  # fmt: skip


def check_section(name: str, known: Mapping[str, Any], what: str) -> None:
    """There is a section, or a label, of this name."""
    if name not in known:
        raise DescriptionError(
            f"{what} is on '{name:.60}', which is no section of the cell.{suggestion(name, known)} There are: "
            f"{', '.join(list(known)[:20])}{', ...' if len(known) > 20 else ''}."
        )


def _labels(labels: Mapping[str, Sequence[str]], by_name: dict[str, Section]) -> dict[str, tuple[str, ...]]:
    found = {}
    for label, names in labels.items():
        for name in names:
            check_section(name, by_name, f"label {label}")
        found[label] = tuple(dict.fromkeys(names))
    return found


def _check_names(by_name: dict[str, Section], labels: Mapping[str, Any], placed: Sequence[Placed]) -> None:
    seen: dict[str, str] = dict.fromkeys(by_name, "a section")
    for kind, names in (("a label", labels), ("a place", [one.name for one in placed])):
        for name in names:
            if name in seen:
                raise DescriptionError(f"'{name}' is the name of {seen[name]} and of {kind}; rename one.")
            seen[name] = kind


def _sites(by_name: dict[str, Section], shape: Shape) -> dict[int, Site]:
    """Of each compartment, by node."""
    sites: dict[int, Site] = {}
    for name, section in by_name.items():
        for k, node in enumerate(shape.nodes(name)):
            x = (k + 0.5) / section.nseg
            sites[node] = Site(name, x, distance(Place(name, x), by_name), shape.diam[node], shape.area[node])
    return sites


def _site_at(at: Place, shape: Shape, sites: dict[int, Site], by_name: dict[str, Section]) -> Site:
    node = shape.node(at)
    area = sites[node].area if node in sites else 0.0
    return Site(at.section, at.x, distance(at, by_name), shape.diam[node], area)


def distance(at: Place, by_name: Mapping[str, Section]) -> float:
    """The path from the middle of the first section, um, between middles of compartments, as in NEURON."""
    length = 0.0
    while (point := by_name[at.section].grows_from) is not None:
        length += _middle(at, by_name) * by_name[at.section].L
        at = point
    start = _middle(Place(at.section, 0.5), by_name)
    return length + abs(_middle(at, by_name) - start) * by_name[at.section].L


def _middle(at: Place, by_name: Mapping[str, Section]) -> float:
    """Where on a section the compartment at a place has its middle; ends are themselves."""
    n = by_name[at.section].nseg
    return at.x if at.x in (0.0, 1.0) else (min(int(at.x * n + 1e-9), n - 1) + 0.5) / n


def _insert(
    rows: list[tuple[int, Mapping[str, Any], Site]], insertion: Insertion, sections: list[str], shape: Shape,
    sites: dict[int, Site],
) -> None:  # fmt: skip
    taken = {node for node, _, _ in rows}
    for name in sections:
        for node in shape.nodes(name):
            if node in taken:
                raise DescriptionError(
                    f"{insertion.mechanism} is inserted twice on section {name}; insert it once."
                )
            taken.add(node)
            rows.append((node, insertion.values, sites[node]))
    rows.sort(key=lambda row: row[0])


def _planted(m: Mechanism, rows: list[tuple[int, Mapping[str, Any], Site]]) -> Planted:
    given = dict.fromkeys(name for _, said, _ in rows for name in said)
    values: dict[str, Any] = {}
    played = []
    for name in given:
        param = param_of(m, name)
        raw = [said.get(name, param.default) for _, said, _ in rows]
        if any(isinstance(one, Wave) for one in raw):
            played.append(_played(name, raw))
        found = [_value(m, name, one, site) for one, (_, _, site) in zip(raw, rows, strict=True)]
        check(param, found, f"{name} of {m}")
        if name in [p.name for p in m.globals]:
            if len(set(found)) > 1:
                raise DescriptionError(
                    f"{name} of {m} is one number for all its instances, and is said to be {found[0]:g} and "
                    f"{next(x for x in found if x != found[0]):g}."
                )
            values[name] = found[0]
        else:
            values[name] = np.array(found).reshape(-1, 1)
    return Planted(m, [node for node, _, _ in rows], values, played=played)


def _played(name: str, raw: Sequence[Any]) -> Played:
    """Which instances follow which values in time."""
    waves = {id(one): one for one in raw if isinstance(one, Wave)}
    number = {key: k for k, key in enumerate(waves)}
    return Played(name, np.array([number.get(id(one), -1) for one in raw], np.int64), tuple(waves.values()))


def _value(m: Mechanism, name: str, raw: Any, site: Site) -> float:
    if isinstance(raw, Wave):
        return raw.at(0.0)
    if not callable(raw):
        return float(raw)
    try:
        return float(raw(site))
    except Exception as error:
        raise DescriptionError(
            f"the function for {name} of {m} raised {type(error).__name__} at {site.section}({site.x:g}): {error}. "
            f"It is given one thing, which has: {', '.join(site._fields)}."
        ) from error


def _check_mechanisms(mechanisms: list[Mechanism]) -> None:
    """What cable cells cannot move, and names that stand for two things."""
    for m in mechanisms:
        if twice := [other for other in mechanisms if other.name == m.name and other is not m]:
            raise DescriptionError(f"two mechanisms are called {twice[0]}; rename one.")


def _contacts(
    m: Mechanism, rows: list[tuple[int, Mapping[str, Any], Site]], shape: Shape, by_name: dict[str, Section]
) -> list[Contact]:
    """The compartments of a mechanism between which its states diffuse: neighbours, across points without area."""
    if not m.diffuses:
        return []
    length = {node: by_name[site.section].L / by_name[site.section].nseg for node, _, site in rows}
    found = []
    for node in length:
        parent = shape.parent[node]
        while parent >= 0 and shape.area[parent] == 0.0:
            parent = shape.parent[parent]
        if parent in length:
            found.append(Contact(node, parent, length[node], length[parent]))
    return found


def _check_writers(merged: Mapping[Mechanism, list[tuple[int, Mapping[str, Any], Site]]]) -> None:
    """Of a concentration there is one writer at a place."""
    writers: dict[tuple[str, int], Mechanism] = {}
    for m, rows in merged.items():
        for written in (
            name for ion in m.ions for name in ion.write if name in (f"{ion.name}i", f"{ion.name}o")
        ):
            for node, _, site in rows:
                if (other := writers.setdefault((written, node), m)) is not m:
                    raise DescriptionError(
                        f"{other} and {m} both write {written} on section {site.section}; one of them can be there."
                    )


def _ions(
    planted: Sequence[Planted], starts: Mapping[str, float | Held], sections: Sequence[range]
) -> dict[str, Rest]:
    """What ions begin with; `sections` are their nodes."""
    names = ions_of(planted)
    parts = {form.format(x): (x, part) for x in names for form, part in _PARTS.items()}
    found: dict[str, Rest] = {}
    for x in names:
        said = {ion.valence: p.mechanism for p in planted for ion in p.mechanism.ions if ion.name == x}
        valences = [v for v in said if v is not None]
        rest = RESTS.get(x, OTHER)
        if x not in RESTS and valences:
            rest = rest._replace(valence=valences[0])
        elif x not in RESTS and follows_at(x, planted, sections):
            raise DescriptionError(
                f"e{x} follows from concentrations, and nobody says what valence {x} has; write VALENCE in its USEION."
            )
        for v in valences:
            if v != rest.valence:
                other = f"{said[valences[0]]}" if x not in RESTS else "everybody else"
                raise DescriptionError(
                    f"ion {x} has valence {v:g} in {said[v]} and {rest.valence:g} in {other}; one must be wrong."
                )
        found[x] = rest
    for name, value in starts.items():
        if name not in parts:
            raise DescriptionError(
                f"ions gives '{name:.60}', which no mechanism of the cell has.{suggestion(name, parts)} There are: "
                f"{', '.join(parts) or 'none'}."
            )
        x, part = parts[name]
        number = value.value if isinstance(value, Held) else value
        if part != "e" and isinstance(value, Held):
            raise DescriptionError(
                f"{name} is held at {number:g}; only reversal potentials can be, such as e{x}. A concentration that no "
                "mechanism writes stays as it is: give the number."
            )
        if part != "e" and not 0.0 <= number < float("inf"):
            raise DescriptionError(f"{name} is {number:g} mM; a concentration is at least 0.")
        if part == "e" and not isinstance(value, Held):
            _check_follows(x, number, planted, sections)
        found[x] = found[x]._replace(**{part: number})
    return found


def _held(starts: Mapping[str, float | Held]) -> tuple[str, ...]:
    return tuple(sorted(name[1:] for name, value in starts.items() if isinstance(value, Held)))


def _check_follows(x: str, number: float, planted: Sequence[Planted], parts: Sequence[range]) -> None:
    """A reversal potential that is given is not computed everywhere."""
    moving = [p for p in planted if x in written_by(p.mechanism)]
    uses = {n for p in planted for n in p.nodes if x in (ion.name for ion in p.mechanism.ions)}
    if moving and uses <= follows_at(x, planted, parts):
        raise DescriptionError(
            f"e{x} is given, and follows from concentrations, for {moving[0].mechanism} writes them. Hold it by "
            f'ions={{"e{x}": ps.held({number:g})}}, or leave it out.'
        )


def check_stays(x: str, rows: Sequence[int], plan: Plan, what: str) -> None:
    """A reversal potential that is set stays at some of the nodes, or an error: the next step would overwrite it."""
    if x in plan.held:
        return
    parts = {name: set(plan.shape.nodes(name)) for name in plan.sections}
    if not set(rows) <= follows_at(x, plan.planted, list(parts.values())):
        return
    writing = [p for p in plan.planted if x in written_by(p.mechanism)]
    # A point without area belongs to no section; what is there is of any that meets there.
    where = next((name for name, nodes in parts.items() if nodes & set(rows)), None)
    near, there = (set(rows), "") if where is None else (parts[where], f" in section {where}")
    writer = next((p for p in writing if near & set(p.nodes)), writing[0]).mechanism
    raise DescriptionError(
        f"{what} follows from the concentrations of {x}{there}, for {writer} writes them, so the next step would "
        f'overwrite what is set. Hold it by ions={{"e{x}": ps.held(...)}} in the CableModel, or set the concentrations.'
    )


def check_detector(given: Any, plan: Plan, name: str) -> None:
    """What was given as the detector of a model is one, and the only thing that has its cells fire."""
    if not isinstance(given, Detection):
        raise DescriptionError(f'detector of {name} is {shown(given)}; give ps.detector("soma(0.5)").')
    check_section(given.at.section, plan.sections, f"{name}: the detector")
    if firing := [p.mechanism for p in plan.planted if p.mechanism.fires]:
        raise DescriptionError(
            f"{name}: {firing[0]} fires by net_event, and there is a detector; a cell fires by one of them. Leave the "
            "detector out."
        )
