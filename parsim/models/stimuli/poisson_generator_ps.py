"""Poisson spike trains at exact times, an independent one for each connection."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.draws import THINNED, THINNING, Tables, poisson_count, poisson_tables
from parsim.kernels.events import arrival_time
from parsim.kernels.rows import at_row
from parsim.models.base import Param, StimulusModel
from parsim.models.stimuli.runs import spike_steps
from parsim.models.stimuli.window import WINDOW, ordered, window
from parsim.rng import uniform


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


@kernel
def drive(p, rows, span, key, page):
    """A train belongs to a row; cells on the grid see of a spike the end of its step."""
    for j in range(rows.run.size - 1):
        g, delay = rows.stimulus[rows.run[j]], rows.delay[rows.run[j]]
        begin, end = spike_steps(span, delay, key.since, key.until, p.first[g], p.stop[g])
        for step in range(begin, end):
            for r in range(rows.run[j], rows.run[j + 1]):
                n = poisson_count(p.tables, p.table[g], key.seed, key.serial, rows.gid[r], step, rows.lane[r])
                page[step - span.origin, rows.slot[r]] += rows.weight[r] * n


@kernel
def events(p, rows, span, key, grid, time, slot, weight):
    """The same spikes, each anywhere in its step; returns how many, also those beyond the arrays."""
    found = 0
    for r in range(rows.slot.size):
        g, delay = rows.stimulus[r], rows.delay[r]
        begin, end = spike_steps(span, delay, key.since, key.until, p.first[g], p.stop[g])
        for step in range(begin, end):
            n = poisson_count(p.tables, p.table[g], key.seed, key.serial, rows.gid[r], step, rows.lane[r])
            for one in range(int(n)):
                if found < time.size:
                    draw = THINNING + (step << THINNED) + one
                    offset = grid.dt * uniform(key.seed, key.serial, rows.gid[r], draw, rows.lane[r])
                    time[found] = arrival_time(grid, step + 1, offset) + at_row(rows.rest, r)
                    slot[found] = rows.slot[r]
                    weight[found] = rows.weight[r]
                found += 1
    return found


poisson_generator_ps = StimulusModel(
    "poisson_generator_ps",
    params=(Param("rate", 0.0, "Hz", "mean rate", at_least=0.0), *WINDOW),
    prepare=prepare,
    drive=drive,
    events=events,
    keeps_sign=True,
    check=ordered,
    about="Poisson spike trains at exact times, an independent one for each connection.",
    equations="""\
in each step and for each connection, N ~ Poisson(rate * dt) spikes, each at any time in the step alike
sent in steps T with origin + start < T <= origin + stop (T is a step's left edge)
cells on the grid hear them at the ends of steps; there is no dead time, which NEST's generator may have""",
    source="NEST's poisson_generator_ps",
)
