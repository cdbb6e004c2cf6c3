"""Rows over which event-driven cells are heard within a step: a table of their own."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Gids
from parsim.assembly.connections import of_event_driven
from parsim.clock import Clock
from parsim.kernels.sources import every_gid, gids_of
from parsim.network.projection import Projection
from parsim.shard.drive import Drive
from parsim.shard.events.queue import STIMULUS
from parsim.shard.rows.table import Table


def split(whole: Table, clock: Clock, said: list[Projection], again: Callable[[int], Table]) -> list[Table]:
    """The rows that are served as an interval ends, and the short ones; on all ranks of the same synapse.

    `again(k)` makes the kth anew, as it was said.
    """
    short = _are_short(whole, clock, said)
    if not short.any():
        columns = {name: getattr(whole, name) for name in ("serial", "slot", "weight", "delay", "port")}
        nothing = {name: column[:0] if column.ndim else column for name, column in columns.items()}
        none = every_gid(0, np.zeros(1, np.int64))
        parts = [whole, replace(whole, sources=none, short=True, anew=None, **nothing)]
    else:
        parts = [picked(whole, ~short), replace(picked(whole, short), short=True)]
        if whole.transmission is not None:
            whole.transmission.number_pairs(whole)
    if whole.transmission is not None:
        for which, (part, keep) in enumerate(zip(parts, (~short, short), strict=True)):
            if part is not whole:
                part.transmission = whole.transmission.picked(keep, part.sources)
                part.weight = part.transmission.columns().get("weight", part.weight)
                part.anew = partial(again, which)
    return parts


def _are_short(table: Table, clock: Clock, said: list[Projection]) -> NDArray[np.bool_]:
    """Which rows take the spikes of event-driven cells less than a step?"""
    n = table.slot.size
    if table.delay.min(initial=np.inf) >= clock.dt:
        return np.zeros(n, bool)
    sources, found = source_gids(table), np.zeros(n, bool)
    for one in said:
        found |= of_event_driven(one.source, sources)
    return found & (table.delay < clock.dt)


def picked(table: Table, keep: Any) -> Table:
    """The rows for which `keep` is true."""
    n = table.slot.size
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(keep)])[table.sources.start]
    serial, weight, delay = (spread(c, n)[keep] for c in (table.serial, table.weight, table.delay))
    port = table.port[keep] if table.port.ndim else table.port
    columns = dict(serial=serial, slot=table.slot[keep], weight=weight, delay=delay, port=port)
    return replace(table, sources=table.sources._replace(start=start), **columns)


def spread(values: Any, n: int) -> Any:
    """One value a row, also where all rows share it."""
    return values if values.ndim else np.broadcast_to(values, n)


def source_gids(rows: Table | Drive) -> Gids:
    """The source of each row; of those from stimuli, what stands for all of these."""
    if isinstance(rows, Drive):
        return np.full(rows.rows.slot.size, STIMULUS)
    table = rows
    return np.repeat(gids_of(table.sources), np.diff(table.sources.start))
