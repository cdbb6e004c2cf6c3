"""What users' functions give, asked on every rank alike, so that ranks and checkpoints can be compared.

A rank asks a function for its own cells and connections alone. So a function that gives other values on each rank,
since it draws random numbers or knows the rank, would make a network that no other number of ranks has.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.assembly.cells import values_at
from parsim.assembly.connections import at_targets, of_function
from parsim.assembly.junctions import joined_pairs
from parsim.given.values import Function, functions_of
from parsim.network.coupling import Coupling
from parsim.network.link import Link
from parsim.network.population import Population, Selection
from parsim.network.projection import Projection
from parsim.network.rules import Wiring

PROBES = 1 << 14  # values asked of a function at most; they are spread over all that it is asked for
TOLERANCE = 1e-12  # of what they add up to: processors may differ in a last bit


class Probe(NamedTuple):
    """What a function gives at some gids, or pairs of gids."""

    what: str
    of: str
    where: tuple[Gids, ...]
    values: Floats

    def marks(self) -> Floats:
        """Three numbers that tell these values from others: sums of the finite and the infinite, and a scale."""
        finite = np.isfinite(self.values)
        weights = (np.arange(1, self.values.size + 1) * 0.6180339887498949) % 1.0
        values = np.where(finite, self.values, 0.0)
        infinite = np.where(finite, 0.0, np.sign(self.values))
        return np.array([np.sum(weights * values), np.sum(weights * infinite), np.sum(np.abs(values))])

    def at(self, place: int) -> str:
        """Where a value belongs to."""
        gids = [int(gids[place]) for gids in self.where]
        return f"{self.of} {gids[0]}" + (f" to {gids[1]}" if gids[1:] else "")


def agree(marks: Any, others: Any) -> bool:
    """Do they tell of the same values, but for last bits?"""
    scale = max(marks[2], others[2])
    return bool(np.all(np.abs(np.subtract(marks, others)) <= TOLERANCE * np.array([scale, 1.0, scale])))


def probes(
    populations: list[Population], projections: list[Projection], couplings: list[Coupling | Link], seed: int
) -> list[Probe]:
    """Of all functions in these statements, in order."""
    return [
        *(probe for population in populations for probe in _of_population(population, seed)),
        *(probe for said in projections for probe in _of_projection(said, seed)),
        *(probe for said in couplings for probe in _of_coupling(said, seed)),
    ]


def probes_of_change(cells: Selection, values: dict[str, Any], seed: int) -> list[Probe]:
    """Of functions that give new values of cells or stimuli."""
    found = []
    for part in cells.parts:
        some = _spread(len(part.where))
        at = (
            part.where[some]
            if isinstance(part.where, np.ndarray)
            else part.where.start + part.where.step * some
        )
        gids = part.population.first + at
        found += list(_of_values(part.population, values, gids, seed))
    return found


def _of_population(population: Population, seed: int) -> Iterator[Probe]:
    return _of_values(population, population.values, population.first + _spread(population.size), seed)


def _of_values(population: Population, values: Any, gids: Gids, seed: int) -> Iterator[Probe]:
    model, of = population.model, "gid" if population.model.kind == "cell" else "stimulus"
    for name, value in values.items():
        for function in functions_of(value):
            found = values_at(model, name, function, seed, population.serial, gids, gids - population.first)
            yield Probe(f"{name} of {population!r}", of, (gids,), found)


def _of_projection(said: Projection, seed: int) -> Iterator[Probe]:
    shared = [param.name for param in said.synapse.params if param.per]
    of_pairs = [f for name, value in said.values.items() if name not in shared for f in functions_of(value)]
    of_targets = [f for name in shared for f in functions_of(said.values[name])]
    if not of_pairs and not of_targets:
        return
    wiring = _wiring(said, seed)
    rows = said.rule.for_targets(wiring).rows(wiring)
    some = _spread(rows.source.size)
    sources, targets = said.source.members.at(rows.source[some]), wiring.targets[rows.target[some]]
    yield from _of_rows(said, of_pairs, sources, targets)
    for value in of_targets:
        values = at_targets(said, value, targets, np.zeros(targets.size, np.int64), 0, 0)
        yield Probe(f"{value.what} of {said!r}", "target of gid", (targets,), values)


def _of_coupling(said: Coupling | Link, seed: int) -> Iterator[Probe]:
    if isinstance(said, Coupling) and (functions := functions_of(said.weight)):
        sources, targets = joined_pairs(said, _wiring(said, seed))
        some = _spread(sources.size)
        yield from _of_rows(said, functions, sources[some], targets[some])


def _of_rows(
    said: Projection | Coupling, functions: list[Function], sources: Gids, targets: Gids
) -> Iterator[Probe]:
    for value in functions:
        values = of_function(said, value, sources, targets)
        yield Probe(f"{value.what} of {said!r}", "connection of gid", (sources, targets), values)


def _wiring(said: Projection | Coupling, seed: int) -> Wiring:
    """So many of the statement's targets as have about `PROBES` rows."""
    targets, sources = said.target.members, said.source.members.as_sources(said.source.kind)
    rows = said.rule.expected(sources.size, targets.size) / max(targets.size, 1)
    places = _spread(targets.size, max(1, int(PROBES / max(rows, 1.0))))
    places = places[np.argsort(targets.at(places), kind="stable")]
    return Wiring(seed, said.serial, sources, targets, places, targets.at(places), space=said.space)


def _spread(n: int, most: int = PROBES) -> Ints:
    """All of n places, or so many of them at equal distances."""
    return np.arange(n) if n <= most else np.linspace(0, n - 1, most).astype(np.int64)


def complaint(probe: Probe, everyone: list[Floats]) -> str:
    """A function of which ranks have not got the same values, and the first of these."""
    mine = everyone[0]
    for rank, other in enumerate(everyone):
        apart = ~np.isclose(mine, other, rtol=1e-9, atol=0.0)
        if apart.any():
            place = int(np.argmax(apart))
            return (
                f"the function for {probe.what}, which gives {mine[place]:g} for {probe.at(place)} on rank 0 and "
                f"{other[place]:g} on rank {rank}"
            )
    return f"the function for {probe.what}, which gives other values on some ranks"
