"""Poisson spike trains whose rate changes at given times, an independent one for each connection."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Ints
from parsim.clock import Clock
from parsim.jit import kernel, scratch
from parsim.kernels.draws import TARGETS, Tables, counts_of_uniforms, poisson_tables, uniforms_of_all
from parsim.models.base import Param, StimulusModel
from parsim.models.stimuli.piecewise import OFFGRID, Changes, Piecewise, in_force
from parsim.models.stimuli.runs import add_each, spike_steps
from parsim.models.stimuli.window import WINDOW, ordered, window

rates = Piecewise("rate_times", "rate_values")


class Params(NamedTuple):
    changes: Changes
    table: Ints  # of each change
    tables: Tables
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """One table of cumulative probabilities for each rate."""
    first, stop = window(p, clock)
    changes = rates.flat(p, clock)
    distinct, table = np.unique(changes.value, return_inverse=True)
    tables = poisson_tables(distinct * clock.dt * 1e-3)
    return Params(changes, table.astype(np.int64), tables, first, stop)


def check(p: SimpleNamespace) -> str | None:
    """Times that ascend, a rate of at least 0 for each."""
    for values in {id(train): train for train in p.rate_values}.values():
        if (values < 0.0).any():
            return f"rate_values has {values[values < 0.0][0]:g} Hz; rates of at least 0 Hz are needed."
    return rates.check(p) or ordered(p)


@kernel
def drive(p, rows, span, key, page):
    """Run by run, and in it from change to change.

    A change at step s holds from spikes at s on, which are sent in step T = s - 1.
    """
    for j in range(rows.run.size - 1):
        g, delay = rows.stimulus[rows.run[j]], rows.delay[rows.run[j]]
        begin, end = spike_steps(span, delay, key.since, key.until, p.first[g], p.stop[g])
        at = in_force(p.changes, g, begin + 1 - delay)
        while begin < end:
            until = end
            if at + 1 < p.changes.end[g]:
                until = min(end, p.changes.step[at + 1] - 1 + delay)
            if at >= p.changes.begin[g]:
                drive_run(p, rows, j, p.table[at], begin, until, span.origin, key, page)
            begin, at = until, at + 1


@kernel
def drive_run(p, rows, j, table, first, stop, origin, key, page):
    """Some rows at a time; the generator gives the uniforms of two steps at once, and both may be in the run.

    A train belongs to a row, so counts may be keyed by the step in which they arrive.
    """
    u0, u1, counts, n = scratch(TARGETS), scratch(TARGETS), scratch(TARGETS), np.int64(TARGETS)
    thresholds = p.tables.thresholds[p.tables.begin[table] : p.tables.begin[table + 1] - 1]
    base = p.tables.base[table]
    for begin in range(rows.run[j], rows.run[j + 1], n):
        end = min(begin + n, rows.run[j + 1])
        gids, lanes, found = rows.gid[begin:end], rows.lane[begin:end], counts[: end - begin]
        for block in range(first // 2, (stop - 1) // 2 + 1):
            uniforms_of_all(key.seed, key.serial, gids, lanes, block, u0, u1)
            for odd in range(2):
                step = 2 * block + odd
                if first <= step < stop:
                    counts_of_uniforms(u1 if odd else u0, thresholds, base, found)
                    add_each(rows, begin, end, found, 0, page, step - origin)


inhomogeneous_poisson_generator = StimulusModel(
    "inhomogeneous_poisson_generator",
    params=(
        Param("rate_times", (), "ms", "when the rate changes, ascending, in the future", kind="train"),
        Param("rate_values", (), "Hz", "to what it changes, one a time", kind="train"),
        OFFGRID,
        *WINDOW,
    ),
    prepare=prepare,
    drive=drive,
    keeps_sign=True,
    check=check,
    settle=rates.settle,
    reports={"rate_times": rates.reported},
    about="Poisson spike trains whose rate changes at given times, independent for each connection.",
    equations="""\
rate(t) = rate_values[i]   for rate_times[i] <= t < rate_times[i + 1]; 0 before the first
in each step and for each connection, N ~ Poisson(rate(t) dt) spikes at its end t
sent in steps T with origin + start < T <= origin + stop (T is a step's left edge, as in NEST)
(when new ones are set, what is in force stays until the first of them)""",
    source="NEST's inhomogeneous_poisson_generator",
)
