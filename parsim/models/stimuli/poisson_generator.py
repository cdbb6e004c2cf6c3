"""Poisson spike trains, an independent one for each connection."""

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.draws import poisson_counts, poisson_thresholds
from parsim.models.base import Param, StimulusModel
from parsim.models.stimuli.window import WINDOW, ordered, window


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
    """Counts of two steps at a time, as one block of the generator gives them.

    A train belongs to a row, so counts may be keyed by the step in which they arrive.
    """
    if span.stop <= span.first:
        return
    for which, (base, thresholds) in enumerate(p.tables):
        mine = rows if len(p.tables) == 1 else _of_table(p, rows, which)
        if mine.slot.size == 0:
            continue
        even, odd = np.empty(mine.slot.size), np.empty(mine.slot.size)
        for block in range(span.first // 2, (span.stop - 1) // 2 + 1):
            poisson_counts(key.seed, key.serial, mine.gid, mine.lane, block, thresholds, base, even, odd)
            for step, counts in ((2 * block, even), (2 * block + 1, odd)):
                if span.first <= step < span.stop:
                    add(p.first, p.stop, mine, step, key.since, key.until, counts, page[step - span.origin])


def _of_table(p: Params, rows: Any, which: int) -> Any:
    keep = p.table[rows.stimulus] == which
    return type(rows)(*(column[keep] for column in rows))


@kernel
def add(first, stop, rows, step, since, until, counts, page):  # type: ignore[no-untyped-def]
    """Counts sent in step T = step - delay, when T lies in the window (first, stop]."""
    for r in range(counts.size):
        sent = step - rows.delay[r]
        g = rows.stimulus[r]
        if since <= sent < until and first[g] < sent <= stop[g]:
            page[rows.slot[r]] += rows.weight[r] * counts[r]


poisson_generator = StimulusModel(
    "poisson_generator",
    params=(Param("rate", 0.0, "Hz", "mean rate", at_least=0.0), *WINDOW),
    prepare=prepare,
    drive=drive,
    check=ordered,
    about="Poisson spike trains, an independent one for each connection.",
    equations="""\
in each step and for each connection, N ~ Poisson(rate * dt) spikes
sent in steps T with origin + start < T <= origin + stop (T is a step's left edge, as in NEST)""",
    source="NEST's poisson_generator",
)
