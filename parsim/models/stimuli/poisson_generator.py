"""Poisson spike trains, an independent one for each connection."""

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.draws import poisson_counts, poisson_thresholds
from parsim.models.base import Param, StimulusModel
from parsim.models.stimuli.runs import add_each
from parsim.models.stimuli.window import WINDOW, ordered, window
from parsim.shard.drive import drive_rows


class Params(NamedTuple):
    tables: list[tuple[int, Floats]]  # least count and cumulative probabilities, one a rate
    table: Ints  # of each generator
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """One table of cumulative probabilities for each rate."""
    first, stop = window(p, clock)
    rates, table = np.unique(p.rate, return_inverse=True)
    tables = [poisson_thresholds(float(rate) * clock.dt * 1e-3) for rate in rates]
    return Params(tables, table.astype(np.int64), first, stop)


def drive(p: Params, rows: Any, span: Any, key: Any, page: Floats) -> None:
    """One rate after another."""
    for which, (base, thresholds) in enumerate(p.tables):
        mine = rows if len(p.tables) == 1 else _of_table(p, rows, which)
        if mine.slot.size and span.first < span.stop:
            drive_rate(p.first, p.stop, mine, span, key, thresholds, base, page)


def _of_table(p: Params, rows: Any, which: int) -> Any:
    keep = p.table[rows.stimulus] == which
    picked = rows._replace(**{name: getattr(rows, name)[keep] for name in rows._fields[:6]})
    return drive_rows(
        picked.slot, picked.stimulus, picked.gid, picked.lane, picked.weight, picked.delay, rows.across
    )


@kernel
def drive_rate(first, stop, rows, span, key, thresholds, base, page):  # type: ignore[no-untyped-def]
    """Counts of two steps at a time, as one block of the generator gives them.

    A train belongs to a row, so counts may be keyed by the step in which they arrive.
    """
    even, odd = np.empty(rows.slot.size), np.empty(rows.slot.size)
    for block in range(span.first // 2, (span.stop - 1) // 2 + 1):
        poisson_counts(key.seed, key.serial, rows.gid, rows.lane, block, thresholds, base, even, odd)
        if 2 * block >= span.first:
            add(first, stop, rows, 2 * block, key, even, page, 2 * block - span.origin)
        if 2 * block + 1 < span.stop:
            add(first, stop, rows, 2 * block + 1, key, odd, page, 2 * block + 1 - span.origin)


@kernel
def add(first, stop, rows, step, key, counts, page, k):  # type: ignore[no-untyped-def]
    """Counts sent in step T = step - delay, when T lies in the window (first, stop].

    Run by run: 12,500 rows at 1.8 spikes a step took 3.4 ns a row and step with their draws, 7.6 one by one.
    """
    for j in range(rows.run.size - 1):
        begin = rows.run[j]
        sent = step - rows.delay[begin]
        g = rows.stimulus[begin]
        if key.since <= sent < key.until and first[g] < sent <= stop[g]:
            add_each(rows, j, counts, begin, page, k)


poisson_generator = StimulusModel(
    "poisson_generator",
    params=(Param("rate", 0.0, "Hz", "mean rate", at_least=0.0), *WINDOW),
    prepare=prepare,
    drive=drive,
    keeps_sign=True,
    check=ordered,
    about="Poisson spike trains, an independent one for each connection.",
    equations="""\
in each step and for each connection, N ~ Poisson(rate * dt) spikes
sent in steps T with origin + start < T <= origin + stop (T is a step's left edge, as in NEST)""",
    source="NEST's poisson_generator",
)
