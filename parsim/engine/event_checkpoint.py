"""What waits at cells that hear exact times, by gid, and back on any number of ranks."""

from typing import Any

import numpy as np

from parsim.assembly.tables import source_gids
from parsim.engine.rank import Rank
from parsim.shard.event_group import EventGroup
from parsim.shard.group import ClockedGroup
from parsim.shard.outbox import outbox
from parsim.shard.queue import RESERVE, SENT, make_queue
from parsim.shard.waiting import Movable, Waiting, movable, put, waiting

NO_NAME = np.full((1, 4), -1)  # of what came over no connection


def save_arrivals(rank: Rank, group: ClockedGroup) -> dict[str, Any]:
    """Events on their way to this rank's cells of a group."""
    assert group.arrivals is not None
    time, cell, weight, row = group.arrivals.pending(rank.now)
    return {
        "time": time,
        "gid": group.gids[cell],
        "weight": weight,
        "connection": named(connection_names(rank, group), row),
    }


def restore_arrivals(rank: Rank, group: ClockedGroup, saved: dict[str, Any]) -> None:
    """Put this rank's events on their way again."""
    assert group.arrivals is not None
    mine = np.isin(saved["gid"], group.gids)
    row = rows_of(connection_names(rank, group), saved["connection"][mine])
    cell = np.searchsorted(group.gids, saved["gid"][mine])
    group.arrivals.put(saved["time"][mine], cell, saved["weight"][mine], row.astype(np.int32))


def save_queue(rank: Rank, group: EventGroup) -> dict[str, Any]:
    """What waits at this rank's cells of a group, and what their connections remember; no cell is in an island now."""
    names = connection_names(rank, group)
    held, events = movable(group.queue), waiting(group.queue)
    over_connection = events.source != SENT  # then `order` is the connection, else how many were sent before
    found = {
        "cell/gid": group.gids,
        "cell/at": held.at,
        "cell/connection": named(names, held.row),
        "cell/weight": held.weight,
        "cell/sent": held.sent,
        "event/gid": group.gids[events.slot],
        "event/connection": named(names, events.row),
        "event/order": np.where(over_connection, -1, events.order),
        "row/connection": names,
    }
    found |= {f"event/{name}": getattr(events, name) for name in ("time", "source", "weight", "flag")}
    found |= {f"row/{name}": column for name, column in group.connections._asdict().items()}
    return found


def restore_queue(rank: Rank, group: EventGroup, saved: dict[str, Any]) -> None:
    """Let wait again what waited at this rank's cells; no cell is in an island now."""
    names = connection_names(rank, group)
    mine = np.argsort(saved["cell/gid"], kind="stable")
    mine = mine[np.isin(saved["cell/gid"][mine], group.gids)]
    held = Movable(
        saved["cell/at"][mine],
        rows_of(names, saved["cell/connection"][mine]),
        saved["cell/weight"][mine],
        saved["cell/sent"][mine],
    )
    here = np.isin(saved["event/gid"], group.gids)
    row = rows_of(names, saved["event/connection"][here])
    order = np.where(saved["event/source"][here] == SENT, saved["event/order"][here], row)
    events = Waiting(
        np.searchsorted(group.gids, saved["event/gid"][here]), saved["event/time"][here],
        saved["event/source"][here], order, row, saved["event/weight"][here], saved["event/flag"][here],
    )  # fmt: skip
    group.out = outbox(RESERVE)
    queue = make_queue(group.gids, group.queue.own.size, group.seed, group.grid, group.out)
    group.queue = put(queue, np.arange(group.gids.size), held, events)

    known = np.isin(saved["row/connection"][:, 2], group.gids)
    rows = rows_of(names, saved["row/connection"][known])
    for name, column in group.connections._asdict().items():
        column[rows] = saved[f"row/{name}"][known]


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


def named(names: Any, rows: Any) -> Any:
    """The names of connections, [n, 4]; row -1 is none."""
    return np.concatenate([NO_NAME, names])[np.asarray(rows, dtype=np.int64) + 1]


def rows_of(names: Any, wanted: Any) -> Any:
    """The reverse of `named`, [n]."""
    known = np.concatenate([NO_NAME, names])
    _, which = np.unique(np.concatenate([known, wanted]), axis=0, return_inverse=True)
    place = np.zeros(which.max() + 1, np.int64)
    which = which.reshape(-1)
    place[which[: len(known)]] = np.arange(len(known))
    return place[which[len(known) :]] - 1
