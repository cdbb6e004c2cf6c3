"""The state of all ranks by gid, and back on any number of ranks.

Connections, stimuli and what the user gave are functions of what was said, so they are built again;
saved is what changes: states and parameters of cells, arrivals and spikes on their way, parameters of
stimuli. The statements are built in the stages in which they were built before, for these decide
which small statements share a table, and with it the order of sums.
"""

from functools import partial
from typing import Any

import numpy as np

from parsim.assembly.stimuli import prepared
from parsim.comm.base import AbstractComm
from parsim.engine.event_checkpoint import restore_arrivals, restore_queue, save_arrivals, save_queue
from parsim.engine.exchange import in_order
from parsim.engine.rank import Rank
from parsim.engine.state import members, put
from parsim.errors import DescriptionError
from parsim.models.spike_times import firsts
from parsim.shard.drive import Prepared, Version
from parsim.shard.event_group import EventGroup
from parsim.shard.group import ClockedGroup
from parsim.shard.outbox import appended


def save(rank: Rank) -> tuple[dict[str, Any], dict[str, Any]]:
    """Collective: everything that changes, on rank 0 (elsewhere the arrays are empty)."""
    groups = list(rank.groups.values())
    arrays: dict[str, Any] = {}
    pending = rank.pending(rank.origin())
    rank.event_driven.disband()
    for g, group in enumerate(groups):
        order = np.argsort(rank.comm.gather(group.gids), kind="stable")
        for name, column in columns_of(group).items():
            for part, values in gathered(rank.comm, column, order).items():
                arrays[f"cells/{g}/{name}/{part}"] = values
        arrays[f"arrivals/{g}"] = rank.comm.gather(arrivals(group, rank.now))[order]
        if group.arrivals is not None:
            for name, column in save_arrivals(rank, group).items():
                arrays[f"events/{g}/{name}"] = rank.comm.gather(column)
        if isinstance(group, EventGroup):
            for name, column in save_queue(rank, group).items():
                arrays[f"queue/{g}/{name}"] = rank.comm.gather(column)
        if group.gap is not None:
            arrays[f"gap/{g}"] = rank.comm.gather(rank.relaxer.columns(group))[order]
    rank.shard.form_islands()
    arrays["pending"] = rank.comm.gather(pending)

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
        "relaxation": rank.relaxer.about(),
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


def arrivals(group: ClockedGroup, now: int) -> Any:
    """What is on its way, [cell, step from now, port]."""
    box = group.mailbox
    ring = box.ring.reshape(len(box.ring), box.ports, box.cells)
    origin = now - (now - box.anchor) % box.interval
    ahead = [(step - box.anchor) % len(ring) for step in range(now, origin + len(ring))]
    return np.ascontiguousarray(ring[ahead].transpose(2, 0, 1)).reshape(box.cells, len(ahead) * box.ports)


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


def below(folder: str, arrays: dict[str, Any]) -> dict[str, Any]:
    """What stands in a folder of the file, by name."""
    return {name.removeprefix(folder): array for name, array in arrays.items() if name.startswith(folder)}


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
    rank.event_driven.disband()
    for g, group in enumerate(rank.groups.values()):
        everyone = np.sort(all_gids(rank, group))
        mine = np.searchsorted(everyone, group.gids)
        for name, column in columns_of(group).items():
            saved = unpacked(f"cells/{g}/{name}", arrays, isinstance(column, list))
            put(column, np.arange(mine.size), members(saved, mine))
        group.prepare(rank.clock)
        put_arrivals(group, arrays[f"arrivals/{g}"][mine], rank.now, origin)
        if group.arrivals is not None:
            group.arrivals.lay_out(group.gids.size, origin, rank.interval, rank.shard.longest)
            restore_arrivals(rank, group, below(f"events/{g}/", arrays))
        if isinstance(group, EventGroup):
            restore_queue(rank, group, below(f"queue/{g}/", arrays))
    rank.shard.form_islands()
    rank.anchor = origin
    if rank.relaxer.active:
        restore_window(rank, about["relaxation"], arrays)

    spikes = in_order(arrays["pending"], origin, rank.precise, rank.clock.for_kernels)
    for group in rank.groups.values():
        here = np.isin(spikes.gids, group.gids)
        cells = np.searchsorted(group.gids, spikes.gids[here])
        group.out = appended(group.out, cells, spikes.steps[here], spikes.offsets[here])
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


def restore_window(rank: Rank, about: dict[str, Any], arrays: dict[str, Any]) -> None:
    """What coupled cells' partners do up to the end of the window that was being gone through."""
    columns = {
        group: arrays[f"gap/{g}"][np.searchsorted(np.sort(all_gids(rank, group)), group.gids)]
        for g, group in enumerate(rank.groups.values())
        if group.gap is not None
    }
    rank.relaxer.restore(about, columns)


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
    steps = saved.reshape(box.cells, saved.shape[1] // box.ports, box.ports).transpose(1, 2, 0)
    ring[now - origin : now - origin + len(steps)] = steps


def stimuli(model: Any, names: dict[str, Any], saved: str, arrays: dict[str, Any], rank: Rank) -> Prepared:
    """Parameters of stimuli, called as in `names`, as they were saved."""
    columns = {
        name: unpacked(f"{saved}/{name}", arrays, isinstance(held, list)) for name, held in names.items()
    }
    return prepared(model, columns, rank.clock)
