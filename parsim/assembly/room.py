"""Does what is said fit into this machine? Asked before anything is drawn, of what is known by then."""

from typing import Any

import numpy as np

from parsim.assembly.tables import SPARSE
from parsim.clock import Clock
from parsim.errors import BuildError
from parsim.memory import machine_memory, readable
from parsim.models.base import StimulusModel
from parsim.network.coupling import Coupling
from parsim.network.link import Link
from parsim.network.population import Population
from parsim.network.projection import Projection
from parsim.shard.mailbox import bytes_of

MOST_DRAWS = 1e11  # of one statement on one rank: some ten minutes


def check_room(
    populations: list[Population], projections: list[Projection], couplings: list[Coupling | Link], ranks: int
) -> None:
    """An error when one of these statements alone would not fit into memory, or be drawn for hours."""
    for population in populations:
        _check_cells(population, ranks)
    for said in projections:
        _check_rows(said, said.source.kind == "stimulus", ranks)
    for coupling in couplings:
        _check_rows(coupling, False, ranks)


def check_delays(groups: Any, interval: int, longest: int, dt: float) -> None:
    """An error when there is no room for what is on its way over the longest delay."""
    steps = interval + longest
    need = sum(bytes_of(steps, group.inbox.mailbox.ports * group.gids.size + 1) for group in groups)
    if need > machine_memory():
        raise BuildError(
            f"the longest delay is {longest:,} steps ({longest * dt:g} ms). What is on its way would take "
            f"{readable(need)}; this machine has {readable(machine_memory())}. Use shorter delays, or a greater dt."
        )


def _check_cells(population: Population, ranks: int) -> None:
    model: Any = population.model
    if isinstance(model, StimulusModel):
        ranks, columns = 1, len(model.params)  # every process holds all
    else:
        columns = model.numbers
    need = 8.0 * columns * population.size / ranks
    if need > machine_memory():
        raise BuildError(
            f"{population!r} would take at least {readable(need)} on each rank; this machine has "
            f"{readable(machine_memory())}. Create fewer{'' if ranks == 1 else ', or use more ranks'}."
        )


def _check_rows(said: Any, driven: bool, ranks: int) -> None:
    n_sources, n_targets = len(said.source), len(said.target)
    rows = said.rule.expected(n_sources, n_targets)
    word = {Coupling: "junctions", Link: "links"}.get(type(said), "connections")
    begin = f"{said!r} by {said.rule!r} is expected to make {_count(rows)} {word}"
    mine = rows / ranks
    if isinstance(said, Coupling) or not said.rule.by_target:
        places = n_sources + n_targets
    else:
        places = int(min(n_sources, SPARSE * mine) + n_targets / ranks)
    need = mine * _bytes_of_row(said, driven) + 12.0 * rows / max(n_targets, 1) + 8.0 * places
    if need > machine_memory():
        where = f", {_count(mine)} of them on each of {ranks} ranks" if ranks > 1 else ""
        raise BuildError(
            f"{begin}{where}. These take at least {readable(need)}; this machine has "
            f"{readable(machine_memory())}. Use a rule that makes fewer, or more ranks on more machines."
        )
    draws = said.rule.draws(n_sources, n_targets) / (1 if isinstance(said, Coupling) else ranks)
    if draws > MOST_DRAWS:
        raise BuildError(
            f"{begin}, and {_count(draws)} random numbers would be drawn for them on each rank, which takes hours. "
            f"At most {MOST_DRAWS:.0e} are drawn. Use another rule, or smaller populations."
        )


def _bytes_of_row(said: Any, driven: bool) -> int:
    if isinstance(said, Coupling):
        return 2 * 7 * 8  # two ends of seven columns
    if isinstance(said, Link):
        return 8 * 8  # three columns, and two places with a slot or an array
    if driven:
        return 7 * 8
    weighs = any(model.weighs for model in said.target.models)
    own = {name for name, value in said.values.items() if value.constant_or_none is None}
    others = len(own - {"weight", "delay"}) + len(said.synapse.state._fields)  # type: ignore[attr-defined]
    return 4 + 8 * (weighs and "weight" in own) + 4 * ("delay" in own) + 8 * others


def _count(n: float) -> str:
    return f"{n:,.0f}" if n < 1e18 else f"{n:.3g}"


def extremes(delay: Any, clock: Clock) -> tuple[int, int]:
    """The whole steps that no delay is shorter and none longer than; `delay` is in steps or ms."""
    if delay.dtype.kind != "f":
        return int(delay.min()), int(delay.max())
    # 3 steps of 0.1 ms are 2.9999999999999996 times dt.
    return int(delay.min() / clock.dt * (1.0 + 1e-12)), int(np.ceil(delay.max() / clock.dt)) + 1
