"""The state of all ranks by gid, and back on any number of ranks.

Connections, stimuli and what the user gave are functions of what was said, so they are built again;
saved is what changes: states and parameters of cells, arrivals and spikes on their way, parameters of
stimuli. The statements are built in the stages in which they were built before, for these decide
which small statements share a table, and with it the order of sums.
"""

from functools import partial
from typing import Any

import numpy as np

from parsim.build.connections import source_gids
from parsim.build.stimuli import prepared
from parsim.comm.base import AbstractComm
from parsim.engine.exchange import in_order
from parsim.engine.rank import Rank
from parsim.engine.state import members, put
from parsim.errors import DescriptionError
from parsim.models.spike_times import firsts
from parsim.shard.drive import Prepared, Version
from parsim.shard.group import ClockedGroup

EVENT_COLUMNS = ("time", "gid", "weight", "connection")


def save(rank: Rank) -> tuple[dict[str, Any], dict[str, Any]]:
    """Collective: everything that changes, on rank 0 (elsewhere the arrays are empty)."""
    groups = list(rank.groups.values())
    arrays: dict[str, Any] = {}
    for g, group in enumerate(groups):
        order = np.argsort(rank.comm.gather(group.gids), kind="stable")
        for name, column in columns_of(group).items():
            for part, values in gathered(rank.comm, column, order).items():
                arrays[f"cells/{g}/{name}/{part}"] = values
        arrays[f"arrivals/{g}"] = rank.comm.gather(arrivals(group, rank.now))[order]
        for name, column in events(rank, group).items():
            arrays[f"events/{g}/{name}"] = rank.comm.gather(column)
    arrays["pending"] = rank.comm.gather(rank.pending(rank.origin()))

    for s, source in enumerate(rank.sources.values()):
        for v, version in enumerate(source.versions):
            for name, value in vars(version.prepared.values).items():
                for part, values in packed(value).items():
                    arrays[f"stimuli/{s}/{v}/{name}/{part}"] = values
    about = {
        "seed": rank.network.seed,
        "dt": rank.clock.dt,
        "structure": rank.network.structure,
        "models": [group.model.name for group in groups],
        "stages": rank.stages,
        "now": rank.now,
        "anchor": rank.anchor,
        "spikes": rank.spikes_so_far,
        "sets": rank.sets,
        "versions": [[(v.since, v.until) for v in source.versions] for source in rank.sources.values()],
    }
    return about, arrays


def columns_of(group: ClockedGroup) -> dict[str, Any]:
    """States and parameters by name."""
    parameters = {f"parameter {name}": column for name, column in vars(group.values).items()}
    return group.arrays() | parameters


def gathered(comm: AbstractComm, column: Any, order: Any) -> dict[str, Any]:
    """Collective: a column of all ranks on rank 0, by gid, as `packed` gives it."""
    parts = packed(column)
    if not isinstance(column, list):
        return {"values": comm.gather(column)[order]}
    distinct = comm.gather(np.array([[parts["sizes"].size, len(column)]], np.int64))
    found = {name: comm.gather(part) for name, part in parts.items()}
    before = np.cumsum(distinct[:, 0]) - distinct[:, 0] if len(distinct) else np.empty(0, np.int64)
    which = found["which"] + np.repeat(before, distinct[:, 1] if len(distinct) else 0)
    return found | {"which": which[order]}


def events(rank: Rank, group: ClockedGroup) -> dict[str, Any]:
    """Events on their way to this rank's cells. Connections are named by table, source, target and count."""
    if group.arrivals is None:
        return {}
    time, cell, weight, row = group.arrivals.pending(rank.now)
    names = connection_names(rank, group)[row]
    return {"time": time, "gid": group.gids[cell], "weight": weight, "connection": names}


def connection_names(rank: Rank, group: ClockedGroup) -> Any:
    """What a connection onto the group is called on any number of ranks, [row, 4]: its table, source, target, and the
    how manyth it is between the two.
    """
    columns = [np.empty((0, 4), np.int64)]
    tables = [table for table in rank.tables if table.group is group]
    for t, table in enumerate(tables):
        source, target = source_gids(table), group.gids[table.slot % max(group.gids.size, 1)]
        order = np.lexsort((target, source))
        same = np.concatenate([[False], (np.diff(source[order]) == 0) & (np.diff(target[order]) == 0)])
        begins = np.maximum.accumulate(np.where(same, 0, np.arange(same.size)))[: order.size]
        nth = np.empty(order.size, np.int64)
        nth[order] = np.arange(order.size) - begins
        columns.append(np.stack([np.full(source.size, t), source, target, nth], axis=1))
    return np.concatenate(columns)


def restore_events(rank: Rank, group: ClockedGroup, saved: dict[str, Any]) -> None:
    """Put this rank's events on their way again."""
    assert group.arrivals is not None
    mine = np.isin(saved["gid"], group.gids)
    rows = {tuple(name): row for row, name in enumerate(connection_names(rank, group).tolist())}
    row = [rows[tuple(name)] for name in saved["connection"][mine].tolist()]
    cell = np.searchsorted(group.gids, saved["gid"][mine])
    group.arrivals.put(saved["time"][mine], cell, saved["weight"][mine], np.array(row, np.int32))


def arrivals(group: ClockedGroup, now: int) -> Any:
    """What is on its way, [cell, step from now, port]."""
    box = group.mailbox
    ring = box.ring.reshape(len(box.ring), box.ports, box.cells)
    origin = now - (now - box.anchor) % box.interval
    ahead = [(step - box.anchor) % len(ring) for step in range(now, origin + len(ring))]
    return np.ascontiguousarray(ring[ahead].transpose(2, 0, 1)).reshape(box.cells, -1)


def packed(value: Any) -> dict[str, Any]:
    """An array as it is; a list of trains as one array of those that differ, their sizes, and which each is."""
    if not isinstance(value, list):
        return {"values": value}
    first, which = firsts(value)
    return {
        "values": np.concatenate([np.empty(0), *(value[i] for i in first)]),
        "sizes": np.array([value[i].size for i in first], np.int64),
        "which": which,
    }


def unpacked(name: str, arrays: dict[str, Any], trains: bool) -> Any:
    """The reverse of `packed`."""
    values = arrays[f"{name}/values"]
    if not trains:
        return values
    found = np.split(values, np.cumsum(arrays[f"{name}/sizes"])[:-1])
    return [found[i] for i in arrays[f"{name}/which"]]


def check(about: dict[str, Any], rank: Rank, path: Any) -> None:
    """The checkpoint is one of this network with this dt."""
    net = rank.network
    if about["dt"] != rank.clock.dt:
        raise DescriptionError(
            f"{path} was saved at dt = {about['dt']} ms; dt is {rank.clock.dt} ms. Use the same."
        )
    if (about["seed"], about["structure"]) != (net.seed, net.structure):
        raise DescriptionError(
            f"{path} was saved from another network (seed {about['seed']}, here {net.seed}). Make the same create and "
            "connect calls in the same order, with the same seed, before Simulation(..., restore=...)."
        )


def restore(rank: Rank, about: dict[str, Any], arrays: dict[str, Any]) -> None:
    """Put this rank's share of a checkpoint into a rank that has built the same stages; nothing collective."""
    rank.now, rank.sets = about["now"], about["sets"]
    origin = rank.now - (rank.now - about["anchor"]) % rank.interval
    for g, group in enumerate(rank.groups.values()):
        everyone = np.sort(all_gids(rank, group))
        mine = np.searchsorted(everyone, group.gids)
        for name, column in columns_of(group).items():
            saved = unpacked(f"cells/{g}/{name}", arrays, isinstance(column, list))
            put(column, np.arange(mine.size), members(saved, mine))
        group.prepare(rank.clock)
        put_arrivals(group, arrays[f"arrivals/{g}"][mine], rank.now, origin)
        if group.arrivals is not None:
            group.arrivals.lay_out(group.gids.size, origin, rank.interval, rank.longest)
            restore_events(rank, group, {name: arrays[f"events/{g}/{name}"] for name in EVENT_COLUMNS})
    rank.anchor = origin

    spikes = in_order(arrays["pending"], origin, rank.precise)
    for group, out in zip(rank.groups.values(), rank.outboxes, strict=True):
        here = np.isin(spikes.gids, group.gids)
        n = int(here.sum())
        out.cell[:n], out.count[0] = np.searchsorted(group.gids, spikes.gids[here]), n
        out.step[:n], out.offset[:n] = spikes.steps[here], spikes.offsets[here]
    rank.count_spikes(about["spikes"], spikes.gids.size)

    for s, source in enumerate(rank.sources.values()):
        names = vars(source.values)
        source.versions = [
            Version(
                rank.once((s, v), partial(stimuli, source.model, names, f"stimuli/{s}/{v}", arrays, rank)),
                *times,
            )
            for v, times in enumerate(about["versions"][s])
        ]


def all_gids(rank: Rank, group: ClockedGroup) -> Any:
    """The gids of a model's cells on all ranks."""
    mine = [p.gids for p in rank.network.populations if p.model is group.model]
    return np.concatenate([np.empty(0, np.int64), *mine])


def put_arrivals(group: ClockedGroup, saved: Any, now: int, origin: int) -> None:
    """The reverse of `arrivals`, into a mailbox laid out anew from the interval's origin."""
    box = group.mailbox
    box.anchor = origin
    ring = box.ring.reshape(len(box.ring), box.ports, box.cells)
    ring[:] = 0.0
    steps = saved.reshape(box.cells, -1, box.ports).transpose(1, 2, 0)
    ring[now - origin : now - origin + len(steps)] = steps


def stimuli(model: Any, names: dict[str, Any], saved: str, arrays: dict[str, Any], rank: Rank) -> Prepared:
    """Parameters of stimuli, called as in `names`, as they were saved."""
    columns = {
        name: unpacked(f"{saved}/{name}", arrays, isinstance(held, list)) for name, held in names.items()
    }
    return prepared(model, columns, rank.clock)
