"""Correlated Poisson spike trains: copies of one train, from which spikes are missing."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.draws import Tables, poisson_count, poisson_tables, thinned
from parsim.models.base import Param, StimulusModel
from parsim.models.stimuli.runs import spike_steps
from parsim.models.stimuli.window import WINDOW, ordered, window


class Params(NamedTuple):
    tables: Tables  # one a rate
    table: Ints  # of each generator
    p_copy: Floats
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """One table of cumulative probabilities for each rate."""
    first, stop = window(p, clock)
    rates, table = np.unique(p.rate, return_inverse=True)
    return Params(poisson_tables(rates * clock.dt * 1e-3), table.astype(np.int64), p.p_copy, first, stop)


@kernel
def drive(p, rows, span, key, page):
    """The mother train belongs to the generator, whoever hears it; which of its spikes are copied to the connection."""
    for j in range(rows.run.size - 1):
        g, delay = rows.stimulus[rows.run[j]], rows.delay[rows.run[j]]
        begin, end = spike_steps(span, delay, key.since, key.until, p.first[g], p.stop[g])
        for step in range(begin, end):
            mother = poisson_count(p.tables, p.table[g], key.seed, key.source, g, step - delay, 0)
            if mother > 0.0:
                for r in range(rows.run[j], rows.run[j + 1]):
                    n = thinned(mother, p.p_copy[g], key.seed, key.serial, rows.gid[r], step, rows.lane[r])
                    page[step - span.origin, rows.slot[r]] += rows.weight[r] * n


mip_generator = StimulusModel(
    "mip_generator",
    params=(
        Param("rate", 0.0, "Hz", "mean rate of the mother train", at_least=0.0),
        Param(
            "p_copy",
            1.0,
            "",
            "probability that a spike is copied; the correlation of two copies",
            at_least=0.0,
            at_most=1.0,
        ),
        *WINDOW,
    ),
    prepare=prepare,
    drive=drive,
    keeps_sign=True,
    check=ordered,
    about="Correlated Poisson spike trains: copies of one mother train, from which spikes are missing.",
    equations="""\
in each step, N ~ Poisson(rate * dt) spikes of the mother train of a generator; each is copied to each connection with
probability p_copy, independently: the copies are Poisson of p_copy * rate, and counts of two correlate by p_copy
sent in steps T with origin + start < T <= origin + stop (T is a step's left edge); NEST
sends them an interval of exchange later, and starts and stops with such intervals""",
    source="Kuhn, Aertsen and Rotter (2003), Neural Computation 15; NEST's mip_generator",
)
