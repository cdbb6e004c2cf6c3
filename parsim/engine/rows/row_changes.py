"""New values of connections: drawn, checked, and put where the rows are held, on all ranks or on none."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids, Ints, with_new
from parsim.assembly.connections import check_signs, entry_to
from parsim.assembly.probes import PROBES, Probe
from parsim.assembly.tables import lane_of
from parsim.engine.agree import check_functions, together
from parsim.engine.rank import Rank
from parsim.engine.rows.held_rows import HeldDrive, HeldTable, Rows, taken
from parsim.engine.rows.own_rows import OwnRows, Share
from parsim.engine.rows.shared_changes import Changed, NewColumn, shared_column
from parsim.errors import BuildError, DescriptionError
from parsim.given.value import AbstractValue
from parsim.given.values import Array, Constant, Function, functions_of, known_numbers, leaves, numbers_at
from parsim.given.where import Ends, Where
from parsim.kernels import rows as kernels
from parsim.network.projection import Projection
from parsim.network.row_variables import declared_of
from parsim.network.timeline import MOST_DELAY
from parsim.shard.drive import drive_rows
from parsim.streams import SET_SERIALS

Act = Callable[[], None]

BLOCK = 1 << 20  # rows that are drawn at a time: 8 MB a number


def change(
    rank: Rank,
    own: OwnRows,
    values: dict[str, AbstractValue],
    n: int,
    said: list[Projection],
    shared: dict[str, str],
) -> None:
    """Collective: new values of some connections of statements, `n` on all ranks, from now on.

    What was sent before arrives as it was sent; only what stimuli have sent is weighed when it arrives. `shared` names
    what others have, too: all onto a "target", or all of a "statement".
    """
    rank.sets += 1
    functions = {name: functions_of(value) for name, value in values.items() if functions_of(value)}
    if functions and rank.comm.size > 1:
        check_functions(rank.comm, _probes(own, functions, n))
    arrays = any(isinstance(leaf, Array) for value in values.values() for leaf in leaves(value))
    place = own.place() if arrays else None
    acts: list[Act] = []

    def plan() -> None:
        new: list[NewColumn] = []
        tables: dict[int, Changed] = {}
        for name, value in values.items():
            column = NewColumn(own, name, _drawn(rank, own, name, value, place, name in shared))
            new.append(shared_column(rank, column, said, shared[name]) if name in shared else column)
        for column in new:
            known = known_numbers(values[column.name]) is not None
            for share, mine in column.split():
                acts.append(_planned(rank, share, column.name, mine, known))
                if isinstance(share.held, HeldTable):
                    changed = tables.setdefault(id(share.held.table), Changed(share.held))
                    changed.put(share, column.name, mine)
        for changed in tables.values():
            changed.check()
            acts.append(changed.held.table.prepare)

    together(rank.comm, plan)
    rank.begin_interval()
    rank.let_rows_hear()
    for act in acts:
        act()
    rank.rows_have_changed()


def put(rank: Rank, share: Share, values: dict[str, Any]) -> None:
    """Known values, by name, to the rows of a share; nothing collective."""
    for name, column in values.items():
        _planned(rank, share, name, column, True)()
    if isinstance(share.held, HeldTable):
        share.held.table.prepare()


def _drawn(
    rank: Rank, own: OwnRows, name: str, value: AbstractValue, place: Ints | None, shared: bool
) -> Any:
    """What the rows here get, [row], or without a dimension where all get the same; do those onto a target share it?"""
    if isinstance(value, Constant):
        return np.array(float(value.value))
    if isinstance(value, Array):
        return value.values if place is None else value.values[place]
    found = np.empty(own.size)
    for block, where in _blocks(rank, own, name, place):
        where = where._replace(draws=0, ends=None) if shared else where
        found[block] = numbers_at(value, where)
    return found


def _blocks(rank: Rank, own: OwnRows, name: str, place: Ints | None) -> Iterator[tuple[slice, Where]]:
    """Where new values are asked: rows of one statement at a time, in blocks, for what is drawn takes room."""
    if own.size == 0:
        return
    cells, n = own.cells()
    groups = dict.fromkeys(share.held.group for share in own.shares)
    gids = np.concatenate([group.gids for group in groups])
    serial = SET_SERIALS + rank.sets
    source = cache(lambda: own.column("source", np.int64))
    before, end = np.zeros(n, np.int64), 0
    said = {one.serial: one for one in rank.network.projections}
    counts = own.counts(rank.network.serials)
    for one in np.flatnonzero(counts):
        begin, end, lane = end, end + int(counts[one]), lane_of(said[int(one)], name)
        for first in range(begin, end, BLOCK):
            block = slice(first, min(first + BLOCK, end))
            target = gids[cells[block]]
            nth = np.empty(target.size, np.int64)
            kernels.how_manyth(cells[block], before, nth)
            places = np.arange(block.start, block.stop) if place is None else place[block]
            ends = _ends(said[int(one)], source, target, block)
            yield block, Where(rank.network.seed, serial, target, nth, lane, places, ends)


def _ends(said: Projection, source: Callable[[], Gids], target: Gids, block: slice) -> Ends:
    """The ends of some rows of a statement."""
    return said.space.ends(lambda: source()[block], lambda: target)


def statements(rank: Rank, share: Share) -> list[Projection]:
    """Those of the rows of a share, in order."""
    serial = share.held.serial
    serials = set(np.unique(share.column("serial")).tolist()) if serial.ndim else {int(serial)}
    return [said for said in rank.network.projections if said.serial in serials]


def _planned(rank: Rank, share: Share, name: str, values: Any, known: bool) -> Act:
    """What puts new values of one name where a share's rows are; an error when they cannot be what they should."""
    said = statements(rank, share)
    try:
        if not known:
            for model, declared in {model: one for s in said for one, model in declared_of(s, name)}.items():
                declared.check(values, model.name)
            for one in said if name == "weight" else ():
                if one.receptor is not None:
                    check_signs(one, share.held.group, values[share.column("serial") == one.serial])
        if name in (kept := share.held.kept):
            return partial(_keep, kept[name], share.rows, _whole(name, kept[name], values))
        if isinstance(share.held, HeldDrive):
            return _planned_drive(share, said[0], name, values)
        assert isinstance(share.held, HeldTable)
        table = share.held.table
        if name == "delay":
            return partial(table.put, name, share.rows, _delays(rank, share, said[0], values, known))
        if name != "weight":
            return partial(table.put, name, share.rows, values)
        if not table.group.model.weighs and table.transmission is None:
            return lambda: None
        _check_ports(share, said, values)
        return partial(_put_weights, share, said, values)
    except DescriptionError as error:
        if known:
            raise
        raise BuildError(f"{error}") from error.__cause__


def _keep(column: Any, rows: Rows, values: Any) -> None:
    """What targets keep of rows, where it is."""
    column[slice(None) if rows is None else rows] = values


def _whole(name: str, column: Any, values: Any) -> Any:
    """Values as a column takes them, which may count."""
    if column.dtype.kind == "i" and (wrong := values != np.rint(values)).any():
        raise DescriptionError(
            f"{name} is {float(np.ravel(values)[np.argmax(wrong)]):g}, and counts; whole numbers are needed."
        )
    return values


def _delays(rank: Rank, share: Share, said: Projection, delays: Floats, exact: bool) -> Any:
    """Delays as a table keeps them: none may be shorter than a step."""
    clock, held = rank.clock, share.held
    assert isinstance(held, HeldTable)
    kept: Any = delays
    if delays.size and (far := delays.max() / clock.dt) > MOST_DELAY:
        raise DescriptionError(
            f"delay {delays.max():g} ms is {far:.3g} steps; at most {MOST_DELAY:,} can be held."
        )
    if held.table.delay.dtype.kind != "f":
        kept = clock.grid(delays, "delay") if exact else clock.nearest(delays)
        if said.synapse.any_delay:
            kept = clock.at_least(delays, "delay")
        short = kept < 1
    else:
        short = delays * (1.0 + 1e-12) < clock.dt
    if held.table.short:
        if ((wrong := delays >= clock.dt) | (delays < 0.0)).any():
            raise DescriptionError(
                f"delay {float(np.ravel(delays)[np.argmax(wrong)]):g} ms of {said!r}: event-driven cells reach "
                f"these targets within a step (dt = {clock.dt} ms), and go on to. Use a delay from 0 to below dt."
            )
    elif np.any(short):
        raise DescriptionError(
            f"delay {float(np.ravel(delays)[np.argmax(short)]):g} ms of {said!r} is less than one step "
            f"(dt = {clock.dt} ms). Use delays of at least {clock.dt} ms, or say shorter ones in connect."
        )
    return kept


def _check_ports(share: Share, said: list[Projection], weights: Any) -> None:
    """Events at exact times know their receptor by the connection, which so keeps the sign that chose it."""
    held = share.held
    if not held.group.inbox.names_rows:
        return
    for one in said:
        entry = entry_to(one, held.group)
        if entry.positive != entry.other:
            port = taken(held.rows_of.port, share.rows, held.size)
            turns = np.where(weights > 0.0, *entry) != port
            if np.any(turns & (share.column("serial") == one.serial)):
                raise DescriptionError(
                    f"a weight of {one!r} would change its sign, which chooses the receptor of "
                    f"{held.group.model.name}; what is on its way there is told apart by its connection. Keep the "
                    "signs, or name receptors."
                )


def _put_weights(share: Share, said: list[Projection], weights: Any) -> None:
    """Weights to the rows of a table, which enter by another port where their sign says so."""
    held = share.held
    assert isinstance(held, HeldTable)
    table, cells = held.table, held.group.gids.size
    table.put("weight", share.rows, weights)
    if table.transmission is not None:
        weights = table.transmission.signed(weights, share.rows)
    for one in said:
        entry = entry_to(one, held.group)
        if entry.positive != entry.other and not held.group.inbox.names_rows:
            rows, those = np.empty(0, np.int64) if share.rows is None else share.rows, weights
            if held.serial.ndim:  # then rows are named
                mine = share.column("serial") == one.serial
                rows, those = rows[mine], weights[mine] if weights.ndim else weights
            kernels.move_by_sign(rows, those, *entry, cells, table.slot)


def _planned_drive(share: Share, said: Projection, name: str, values: Any) -> Act:
    """The same for connections from stimuli, of which what is on its way is computed when it arrives."""
    held = share.held
    assert isinstance(held, HeldDrive)
    if name == "delay":
        raise DescriptionError(
            f"delays of {said!r} cannot be changed: what stimuli have sent is computed when it arrives, a delay after "
            "that. Connect the stimuli to a parrot_neuron, and change the delays of its connections."
        )
    drive, group = held.drive, held.group
    if name != "weight" or not group.model.weighs:
        return lambda: None
    weight = with_new(drive.rows.weight.copy(), share.rows, values, held.size)
    weight = np.array(np.broadcast_to(weight, held.size))
    check_signs(said, group, weight)
    if drive.numbered:
        _check_ports(Share(held, None), [said], weight)

    def act() -> None:
        rows, slot = drive.rows, drive.rows.slot
        if rows.across:  # the first port is that of weights above 0
            slot = slot % rows.across + np.where(weight > 0.0, 0, rows.across)
        drive.changed.add(name)
        new = drive_rows(slot, rows.stimulus, rows.gid, rows.lane, weight, rows.delay, rows.across, rows.rest)
        drive.take(new._replace(state=rows.state))

    return act


def _probes(own: OwnRows, functions: dict[str, list[Function]], n: int) -> list[Probe]:
    """Collective: what functions give for some connections, asked on every rank alike."""
    some = np.unique(np.linspace(0, n - 1, min(n, PROBES)).astype(np.int64)) if n else np.empty(0, np.int64)
    place = own.place()
    assert place is not None
    at = np.searchsorted(place, some)
    mine = at[(at < place.size) & (place[np.minimum(at, place.size - 1)] == some)] if place.size else at[:0]
    columns = (place, own.column("source", np.int64), own.column("target", np.int64))
    places, sources, targets = (own.comm.allgather(column[mine])[0] for column in columns)
    order = np.argsort(places)
    where: tuple[Gids, ...] = (sources[order], targets[order])

    def asked() -> list[Probe]:
        return [
            Probe(
                f"{name} of connections",
                "connection of gid",
                where,
                function.called(order.size, "connections", *where),
            )
            for name, several in functions.items()
            for function in several
            if order.size
        ]

    return together(own.comm, asked)
