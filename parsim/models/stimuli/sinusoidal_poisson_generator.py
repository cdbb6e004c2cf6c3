"""Poisson spike trains whose rate follows a sine."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined, kernel
from parsim.kernels.draws import Tables, poisson_count, poisson_tables, thinned
from parsim.kernels.maths import sine
from parsim.models.base import Param, StimulusModel
from parsim.models.stimuli.runs import add_same, spike_steps
from parsim.models.stimuli.window import WINDOW, ordered, window


class Params(NamedTuple):
    tables: Tables  # one a peak rate
    table: Ints  # of each generator
    rate: Floats  # as a share of the peak rate
    amplitude: Floats
    turns: Floats  # in one step
    phase: Floats  # in turns
    individual: Floats  # 1 where each connection has a train of its own
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Tables of counts at the peak of the sine, from which spikes are taken away."""
    first, stop = window(p, clock)
    peak, table = np.unique(p.rate + p.amplitude, return_inverse=True)
    of_peak = 1.0 / np.maximum(p.rate + p.amplitude, 1e-300)
    return Params(
        poisson_tables(peak * clock.dt * 1e-3), table.astype(np.int64), p.rate * of_peak, p.amplitude * of_peak,
        p.frequency * clock.dt * 1e-3, p.phase / 360.0, p.individual_spike_trains, first, stop,
    )  # fmt: skip


@inlined
def count(p, g, share, seed, serial, gid, step, lane):
    """Spikes in one step: those at the peak rate, of which each stays with the share that the rate is of it, if any."""
    most = poisson_count(p.tables, p.table[g], seed, serial, gid, step, lane)
    return thinned(most, share, seed, serial, gid, step, lane)


@kernel
def drive(p, rows, span, key, page):
    """As in NEST, the rate of a step is that at its end, where it also starts and stops; the phase is that at t = 0.

    A train of a connection is keyed by the step in which it arrives, one that all hear by that in which it is sent.
    """
    for j in range(rows.run.size - 1):
        g, delay = rows.stimulus[rows.run[j]], rows.delay[rows.run[j]]
        begin, end = spike_steps(span, delay, key.since, key.until, p.first[g] - 2, p.stop[g] - 2)
        for step in range(begin, end):
            sent, k = step - delay, step - span.origin
            share = p.rate[g] + p.amplitude[g] * sine(p.turns[g] * (sent + 1) + p.phase[g])
            if p.individual[g] > 0.0:
                for r in range(rows.run[j], rows.run[j + 1]):
                    n = count(p, g, share, key.seed, key.serial, rows.gid[r], step, rows.lane[r])
                    page[k, rows.slot[r]] += rows.weight[r] * n
            else:
                add_same(rows, j, count(p, g, share, key.seed, key.source, g, sent, 0), page, k)


sinusoidal_poisson_generator = StimulusModel(
    "sinusoidal_poisson_generator",
    params=(
        Param("rate", 0.0, "Hz", "mean rate", at_least=0.0),
        Param(
            "amplitude",
            0.0,
            "Hz",
            "amplitude of the sine; the rate is never below 0",
            at_least=0.0,
        ),
        Param("frequency", 0.0, "Hz", "frequency", at_least=0.0),
        Param("phase", 0.0, "deg", "phase at t = 0, in degrees"),
        Param("individual_spike_trains", True, "", "each connection has a train of its own", kind="flag"),
        *WINDOW,
    ),
    prepare=prepare,
    drive=drive,
    keeps_sign=True,
    check=ordered,
    about="Poisson spike trains whose rate follows a sine, one for each connection or one for all.",
    equations="""\
rate(t) = rate + amplitude sin(2 pi frequency t + phase), and 0 where that is below 0
in each step, N ~ Poisson(rate(t) dt) spikes at its end t: for each connection, or the same for all of a generator
sent at times t > 0 with origin + start <= t < origin + stop (as in NEST; start does not move the phase)""",
    source="NEST's sinusoidal_poisson_generator",
)
