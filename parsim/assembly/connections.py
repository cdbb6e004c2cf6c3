"""What a statement of connection says about this rank's cells: its rows, weights and delays, group by group."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Gids, Ints
from parsim.assembly.partition import Partition
from parsim.clock import NEAR, Clock
from parsim.errors import BuildError, DescriptionError
from parsim.given.programs import of_ways
from parsim.given.values import (
    AbstractValue,
    Array,
    Constant,
    Function,
    arrays_in,
    functions_of,
    numbers_at,
    with_leaves,
)
from parsim.given.where import Ends, Where
from parsim.models.checks import as_built, check_together, read_by_check
from parsim.models.ports import Entry, entry_of, wrong_sign
from parsim.network.coupling import Coupling
from parsim.network.population import Selection
from parsim.network.projection import Projection
from parsim.network.rules import AbstractRule, Listed, Rows, Wiring
from parsim.network.timeline import MOST_DELAY, too_long
from parsim.shard.group import AbstractGroup

BLOCK_ROWS = 1 << 16  # rows drawn at a time: 256 kB of scratch, which stay in the second-level cache
WEIGHT, DELAY = 1, 2  # lanes of a row's draws


class TargetsHere(NamedTuple):
    """The targets of a statement that one group holds: their places, gids and local indices."""

    group: AbstractGroup
    wiring: Wiring
    local: Ints


def targets_here(
    said: Projection, groups: dict[Any, AbstractGroup], partition: Partition, seed: int
) -> Iterator[TargetsHere]:
    """The statement's own targets, group by group."""
    sources, everyone = said.source.members.as_sources(said.source.kind), said.target.members
    places, gids = partition.own_places(said.target)
    owners = model_of(said.target, places)
    for which, model in enumerate(said.target.models):
        mine = np.flatnonzero(owners == which)
        mine = mine[np.argsort(gids[mine], kind="stable")]
        group = groups[model]
        wiring = Wiring(seed, said.serial, sources, everyone, places[mine], gids[mine], space=said.space)
        yield TargetsHere(group, wiring, np.searchsorted(group.gids, gids[mine]))


def model_of(cells: Selection, places: Ints) -> Ints:
    """Which of `cells.models` each of these members has."""
    models = cells.models
    if len(models) == 1:
        return np.zeros(places.size, np.int64)
    ends = np.cumsum([len(part.where) for part in cells.parts])
    kinds = np.array([models.index(part.population.model) for part in cells.parts], dtype=np.int64)
    return kinds[np.searchsorted(ends, places, side="right")] if kinds.size else np.empty(0, np.int64)


def target_blocks(said: Projection, here: TargetsHere) -> Iterator[tuple[Wiring, Ints]]:
    """The statement's targets in a group, in blocks of about `BLOCK_ROWS` rows, with their local indices."""
    wiring = here.wiring
    n = max(1, int(BLOCK_ROWS / max(rows_per_target(said, wiring), 1.0)))
    for begin in range(0, wiring.targets.size, n):
        yield wiring.block(begin, begin + n), here.local[begin : begin + n]


def row_blocks(
    said: Projection, here: TargetsHere, rule: AbstractRule | Listed | None = None
) -> Iterator[tuple[Rows, Ints]]:
    """The statement's rows onto a group, in blocks, with the local indices that `Rows.target` points into.

    `rule` is the statement's, prepared for these targets, if that has been done.
    """
    rule = rule or said.rule.for_targets(here.wiring)
    for wiring, local in target_blocks(said, here):
        yield rule.rows(wiring), local


def rows_per_target(said: Projection | Coupling, wiring: Wiring) -> float:
    """About how many rows a target has; only the size of blocks hangs on it."""
    return said.rule.expected(wiring.sources.size, wiring.all_targets.size) / max(wiring.all_targets.size, 1)


def entry_to(said: Projection, group: AbstractGroup) -> Entry:
    """The ports of a group by which the statement's input enters; 0 where events tell no receptors apart."""
    inbox = group.inbox
    one = inbox.names_rows and inbox.places == 1 and group.model.told_apart == 1
    return Entry(0, 0) if one else entry_of(group.model, said.receptor)


def check_signs(said: Projection, group: AbstractGroup, weights: Floats) -> None:
    """Weights that had to be drawn first have the sign that the receptor asks for, in models where it asks for one."""
    if complaint := wrong_sign(group.model, said.receptor, weights):
        raise BuildError(f"{said!r}: {complaint}")


def at_rows(
    said: Projection | Coupling,
    value: AbstractValue,
    rows: Rows,
    targets: Callable[[], Gids],
    lane: int,
    seed: int,
) -> Floats:
    """A weight or delay at each row; `targets()` are the gids the rows lead to."""
    if isinstance(value, Array):
        return rows.of_array(value.values)
    sources = partial(said.source.members.at, rows.source)
    apart = rows.apart or (lambda: said.space.between(sources(), targets()))
    if (found := of_ways(value, apart)) is not None:
        return found
    ends = said.space.ends(sources, targets, apart)
    places = rows.at if arrays_in(value) else rows.draw  # asked for by arrays alone; draws are here already
    where = Where(seed, said.serial, rows.gid, rows.draw, lane, places, ends)
    return _found(said, value, where)


def at_targets(
    said: Projection, value: AbstractValue, targets: Gids, places: Ints, lane: int, seed: int
) -> Floats:
    """At each row what all rows of the statement onto its target have; `places` are those of the targets."""
    return _found(said, value, Where(seed, said.serial, targets, 0, lane, places))


def of_function(said: Projection | Coupling, value: Function, sources: Gids, targets: Gids) -> Floats:
    """What a function of (source gids, target gids) gives for these connections."""
    nothing = np.zeros(sources.size, np.int64)
    where = Where(0, said.serial, nothing, 0, 0, nothing, Ends(lambda: sources, lambda: targets))
    return _found(said, value, where)


def _found(said: Projection | Coupling, value: AbstractValue, where: Where) -> Floats:
    functions = functions_of(value)
    if functions:
        value = with_leaves(value, partial(_named, said))
    try:
        found = numbers_at(value, where)
    except DescriptionError as error:
        raise BuildError(f"{error}") from error.__cause__
    if (functions or value.parts) and not np.isfinite(found).all():
        name = f"{value.describe()} of {said!r}"
        if not value.parts:
            name = f"what the function for {functions_of(value)[0].what} returns"
        raise BuildError(f"{name} is infinite somewhere. Return finite numbers.")
    return found


def _named(said: Projection | Coupling, leaf: AbstractValue) -> AbstractValue:
    return replace(leaf, what=f"{leaf.what} of {said!r}") if isinstance(leaf, Function) else leaf


def delay_steps(said: Projection, delay: Floats, clock: Clock) -> Ints:
    """Delays in steps: distributions and functions to the nearest, numbers and arrays exactly; of synapses with any
    delay to the step in which they end.
    """
    exact = isinstance(said.delay, (Constant, Array))
    check_longest(said, delay, clock)
    if said.synapse.any_delay:
        steps = clock.at_least(delay, "delay")
    else:
        steps = clock.grid(delay, f"delay of {said!r}:") if exact else clock.nearest(delay)
    if steps.min(initial=1) < 1:
        wrong = float(delay[np.argmax(steps < 1)])
        raise BuildError(
            f"delay {wrong:g} ms of {said!r} is less than one step (dt = {clock.dt} ms). "
            f"Use delays of at least {clock.dt} ms or a smaller dt."
        )
    return steps


def check_longest(said: Projection, delay: Floats, clock: Clock) -> None:
    """No delay takes more steps than can be counted in four bytes."""
    if delay.max(initial=0.0) / clock.dt > MOST_DELAY:
        raise BuildError(f"{too_long(said, float(delay.max()), clock)}")


def delay_ms(said: Projection, delay: Floats, model: Any, clock: Clock) -> Floats:
    """Delays as they are, onto cells of a model that hears exact times."""
    check_longest(said, delay, clock)
    least = least_delay(said, model, clock)
    if delay.min(initial=np.inf) < least * (1.0 - NEAR):
        wrong = float(delay[np.argmax(delay < least)])
        raise BuildError(f"{short_delay(said, wrong, model, clock)}")
    return delay


def least_delay(said: Projection, model: Any, clock: Clock) -> float:
    """The smallest that can be kept onto a model, ms: spikes of a step are known elsewhere at its end.

    Event-driven cells that reach each other sooner are moved together, and all of them before cells of sections, which
    hear what came meanwhile. What cells that move by steps fire is received when it is known.
    """
    by_steps = [source.host.clocked for source in said.source.models] if said.source.kind == "cell" else []
    if said.transmitter is not None or not by_steps:
        return clock.dt
    plain = said.synapse.transmit is None
    if is_cable(model):
        at_once = plain and not (any(by_steps) and model.exact)
    elif model.host.clocked:
        at_once = False
    else:
        at_once = plain or not any(by_steps)
    return 0.0 if at_once else clock.dt


def is_cable(model: Any) -> bool:
    """Is it a model of cells of sections, which receive events before steps?"""
    return bool(model.host.clocked and not model.host.delays_in_steps)


def check_rows(said: Projection, values: SimpleNamespace, delay: Any, clock: Clock) -> None:
    """No contradiction among the values of rows, which are all known now; delays are as a table keeps them."""
    known = vars(values)
    if "delay" in read_by_check(said.synapse):
        known = known | {"delay": in_ms(delay, clock)}
    as_built(lambda: check_together(said.synapse, known))


def in_ms(delay: Any, clock: Clock) -> Floats:
    """Delays as a table keeps them, in ms."""
    return delay if delay.dtype.kind == "f" else np.asarray(clock.times(delay.astype(np.int64)))


def short_delay(said: Projection, delay: float, model: Any, clock: Clock) -> str:
    """What is wrong with a delay that is not rounded."""
    if least_delay(said, model, clock) == 0.0:
        return f"delay {delay:g} ms of {said!r} is negative. Use delays of at least 0."
    less = f"delay {delay:g} ms of {said!r} is less than one step (dt = {clock.dt} ms)"
    if said.transmitter is not None:
        return (
            f"{less}, which connections cannot have that feel a volume transmitter. Use delays of at least "
            f"{clock.dt} ms, a smaller dt, or another synapse."
        )
    if said.source.kind != "cell":
        why = "what generators send comes a step later or more"
    elif said.synapse.transmit is not None:
        why = f"{said.synapse.name} is so fast between event-driven cells alone"
    elif is_cable(model):
        why = 'with delivery="exact" only event-driven cells reach cells of sections within a step'
    else:
        why = f"{model.name} is reached over a step or more"
    return f"{less}; {why}. Use a delay of at least {clock.dt} ms or a smaller dt."


def of_event_driven(cells: Selection, gids: Gids) -> NDArray[np.bool_]:
    """Which of these gids, members of a selection, are event-driven cells?"""
    found = np.zeros(gids.size, bool)
    for one in {part.population for part in cells.parts}:
        model: Any = one.model
        if not model.host.clocked:
            found |= (gids >= one.first) & (gids < one.first + one.size)
    return found


def reaches_within_a_step(said: Projection, clock: Clock) -> bool:
    """May it join event-driven cells by delays of less than a step?"""
    sources, targets = (
        any(not model.host.clocked for model in end.models) for end in (said.source, said.target)
    )
    return sources and targets and bool(said.delay.limits[0] < clock.dt)


def are_shortcuts(said: Projection, model: Any, clock: Clock) -> bool:
    """May it bring spikes of event-driven cells to those of a model, of sections, within a step?"""
    if said.source.kind != "cell" or all(source.host.clocked for source in said.source.models):
        return False
    return is_cable(model) and said.synapse.transmit is None and bool(said.delay.limits[0] < clock.dt)


def models_of_shortcuts(projections: list[Projection], clock: Clock) -> set[Any]:
    """The models of sections whose cells may so be reached."""
    return {
        model for said in projections for model in said.target.models if are_shortcuts(said, model, clock)
    }


def row_blocks_here(said: Coupling, partition: Partition, seed: int) -> Iterator[tuple[Rows, Gids]]:
    """The rows onto this rank's targets, of whatever model, in blocks, with the gids that `Rows.target` points into."""
    places, gids = partition.own_places(said.target)
    order = np.argsort(gids, kind="stable")
    places, gids = places[order], gids[order]
    wiring = Wiring(
        seed, said.serial, said.source.members, said.target.members, places, gids, space=said.space
    )
    rule = said.rule.for_targets(wiring)
    n = max(1, int(BLOCK_ROWS / max(rows_per_target(said, wiring), 1.0)))
    for begin in range(0, gids.size, n):
        block = wiring.block(begin, begin + n)
        yield rule.rows(block), block.targets


def row_blocks_of_all(said: Projection | Coupling, seed: int) -> Iterator[tuple[Rows, Gids]]:
    """All rows of a statement, in blocks, with the gids of their targets; nothing is kept between blocks."""
    sources, everyone, rule = said.source.members, said.target.members, said.rule
    nothing = np.empty(0, np.int64)
    wiring = Wiring(seed, said.serial, sources, everyone, nothing, nothing, space=said.space)
    if not rule.by_target:
        for rows in rule.rows_of_all(wiring):
            yield rows, everyone.at(rows.target.astype(np.int64))
        return
    n = max(1, int(BLOCK_ROWS / max(rows_per_target(said, wiring), 1.0)))
    for begin in range(0, everyone.size, n):
        places = np.arange(begin, min(begin + n, everyone.size))
        places = places[np.argsort(everyone.at(places), kind="stable")]
        block = wiring._replace(places=places, targets=everyone.at(places))
        rows = rule.for_targets(block).rows(block)
        yield rows, block.targets[rows.target]
