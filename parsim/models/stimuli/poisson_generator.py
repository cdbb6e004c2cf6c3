"""Poisson spike trains, an independent one for each connection."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel, scratch
from parsim.kernels.draws import (
    SOME,
    TARGETS,
    Tables,
    count_of,
    counts_of_uniforms,
    poisson_tables,
    uniforms_of_all,
)
from parsim.models.base import Param, StimulusModel
from parsim.models.stimuli.runs import add_each
from parsim.models.stimuli.window import WINDOW, ordered, window


class Params(NamedTuple):
    tables: Tables  # one a rate
    table: Ints  # of each generator
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """One table of cumulative probabilities for each rate."""
    first, stop = window(p, clock)
    rates, table = np.unique(p.rate, return_inverse=True)
    return Params(poisson_tables(rates * clock.dt * 1e-3), table.astype(np.int64), first, stop)


class Chosen(NamedTuple):
    """What is known of each of some rows: where its rate's table is, and in which steps it counts."""

    begin: Ints
    guided: Ints
    parts: Floats
    base: Ints
    since: Ints
    until: Ints


@kernel
def drive(p, rows, span, key, page):
    """Some rows at a time. A train belongs to a row, so counts may be keyed by the step in which they arrive.

    The generator gives the uniforms of two steps at once. Those of a step after the span are kept for the next one,
    and no counts are made of them.
    """
    n, whole, one_rate = np.int64(TARGETS), np.int64, p.tables.base.size == 1
    u0, counts, known = scratch(TARGETS), scratch(TARGETS), rows.drawn[0]
    chosen = Chosen(
        scratch(TARGETS).view(whole), scratch(TARGETS).view(whole), scratch(TARGETS),
        scratch(TARGETS).view(whole), scratch(TARGETS).view(whole), scratch(TARGETS).view(whole),
    )  # fmt: skip
    j, after = 0, 0
    for begin in range(0, rows.slot.size, n):
        end = min(begin + n, rows.slot.size)
        while rows.run[j + 1] <= begin:
            j += 1
        after = max(after, j)
        while rows.run[after] < end:
            after += 1
        by_run = one_rate or (after - j) * SOME <= end - begin
        if not by_run:
            choose(p, rows, begin, end, key, chosen)
        gids, lanes, u1 = rows.gid[begin:end], rows.lane[begin:end], rows.ahead[begin:end]
        for block in range(span.first // 2, (span.stop - 1) // 2 + 1):
            if block != known or 2 * block >= span.first:
                uniforms_of_all(key.seed, key.serial, gids, lanes, block, u0, u1)
            for odd in range(2):
                step, u = 2 * block + odd, u1 if odd else u0
                if step < span.first or step >= span.stop:
                    continue
                if one_rate:
                    counts_of_uniforms(u, p.tables.thresholds[:-1], p.tables.base[0], counts[: end - begin])
                if by_run:
                    add_runs(p, rows, j, begin, end, step, key, u, counts, page, step - span.origin)
                else:
                    add_rows(p.tables, rows, begin, end, step, chosen, u, page, step - span.origin)
    rows.drawn[0] = (span.stop - 1) // 2


@kernel
def choose(p, rows, begin, end, key, chosen):
    """What `add_rows` needs of rows [begin, end), side by side."""
    tables = p.tables
    for i in range(end - begin):
        g, delay = rows.stimulus[begin + i], rows.delay[begin + i]
        m = p.table[g]
        chosen.begin[i], chosen.guided[i] = tables.begin[m], tables.guided[m]
        chosen.parts[i], chosen.base[i] = tables.guided[m + 1] - tables.guided[m], tables.base[m]
        chosen.since[i] = max(key.since, p.first[g] + 1) + delay
        chosen.until[i] = min(key.until, p.stop[g] + 1) + delay


@kernel
def add_rows(tables, rows, begin, end, step, chosen, u, page, k):
    """What the uniforms of rows [begin, end) mean for their rates, row by row."""
    for i in range(np.uint64(end - begin)):
        r = np.uint64(begin) + i
        count = count_of(u[i], tables, chosen.begin[i], chosen.guided[i], chosen.parts[i], chosen.base[i])
        count = count if (chosen.since[i] <= step) & (step < chosen.until[i]) else 0.0
        page[k, np.uint64(rows.slot[r])] += rows.weight[r] * count


@kernel
def add_runs(p, rows, j, begin, end, step, key, u, counts, page, k):
    """The same run by run, of which j holds row `begin`; `counts` are made already if there is but one rate.

    12,500 rows at 1.8 spikes a step took 3.4 ns a row and step with their draws, 7.6 one by one.
    """
    tables, at = p.tables, begin
    while at < end:
        until = min(rows.run[j + 1], end)
        sent, g = step - rows.delay[at], rows.stimulus[at]
        if key.since <= sent < key.until and p.first[g] < sent <= p.stop[g]:
            if tables.base.size > 1:
                m, here = p.table[g], counts[at - begin : until - begin]
                thresholds = tables.thresholds[tables.begin[m] : tables.begin[m + 1] - 1]
                counts_of_uniforms(u[at - begin :], thresholds, tables.base[m], here)
            add_each(rows, at, until, counts, at - begin, page, k)
        at = until
        j += 1


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
