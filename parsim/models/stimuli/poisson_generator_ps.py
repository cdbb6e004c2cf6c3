"""Poisson spike trains at exact times, an independent one for each connection."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.draws import THINNED, THINNING, Tables, poisson_count, poisson_tables
from parsim.kernels.events import arrival_time
from parsim.kernels.rows import at_row
from parsim.models.base import Param, StimulusModel
from parsim.models.checks import reads
from parsim.models.parts.waiting import SHORTEST, a_wait, two_draws
from parsim.models.stimuli.runs import spike_steps
from parsim.models.stimuli.window import WINDOW, ordered, window
from parsim.rng import uniform

_BEGINS = (1 << THINNED) - 1  # the number of the draws of a step in which a train begins; spikes are fewer
_AT_ONCE = 1e300  # a hazard for trains that fire whenever they may


class Params(NamedTuple):
    tables: Tables  # one a rate
    table: Ints  # of each generator
    dead: Floats  # steps; 0 where spikes do not hang on those before
    hazard: Floats  # of a train that may fire, in a step
    silent: Floats  # of all time, the part in which a train is dead
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """One table of cumulative probabilities for each rate, and a hazard that with the dead time gives the rate."""
    first, stop = (at - 1 for at in window(p, clock))  # the step that begins with `start` is the first
    rates, table = np.unique(p.rate, return_inverse=True)
    silent, per_step = p.rate * p.dead_time * 1e-3, p.rate * clock.dt * 1e-3
    hazard = np.where(silent < 1.0, per_step / np.where(silent < 1.0, 1.0 - silent, 1.0), _AT_ONCE)
    own = poisson_tables(rates * clock.dt * 1e-3), table.astype(np.int64), p.dead_time / clock.dt
    return Params(*own, hazard, silent, first, stop)


def recalls(p: Params) -> int:
    """Where there is a dead time: the first step of the span that was asked for last, and what was left of the dead
    time and of the wait after it, at its beginning and by now.
    """
    return 5 if (p.dead > 0.0).any() else 0


@kernel
def begin_train(p, g, rows, r, key, begin):
    """A row's train as it is at the beginning of a span, also where that is asked for once more.

    The first time it is as one that has always been going on.
    """
    s = rows.state[r]
    if s[0] != begin:
        s[0], s[1], s[2] = begin, s[3], s[4]
    s[3], s[4] = s[1], s[2]
    if s[4] == 0.0:
        u, v = two_draws(key, key.serial, rows.gid[r], rows.lane[r], begin, _BEGINS)
        s[3], s[4] = p.dead[g] * max(1.0 - u / p.silent[g], 0.0), a_wait(v)


@kernel
def fire(p, g, rows, r, key, step, places):
    """Spikes of a row's train in one step, and where in it each is, of 1, as far as there is room."""
    s, n, at = rows.state[r], 0, 0.0
    dead, wait = s[3], s[4]
    while at + dead + wait / p.hazard[g] <= 1.0:
        at += dead + wait / p.hazard[g]
        if n < places.size:
            places[n] = at
        dead, wait = p.dead[g], a_wait(two_draws(key, key.serial, rows.gid[r], rows.lane[r], step, n)[0])
        n += 1
    waited = 1.0 - at - dead
    s[3], s[4] = max(-waited, 0.0), max(wait - max(waited, 0.0) * p.hazard[g], SHORTEST)
    return n


@kernel
def drive(p, rows, span, key, page):
    """A train belongs to a row; cells on the grid see of a spike the end of its step."""
    for j in range(rows.run.size - 1):
        g, delay = rows.stimulus[rows.run[j]], rows.delay[rows.run[j]]
        begin, end = spike_steps(span, delay, key.since, key.until, p.first[g], p.stop[g])
        if p.dead[g] > 0.0:
            for r in range(
                rows.run[j], rows.run[j + 1] if begin < end and p.hazard[g] > 0.0 else rows.run[j]
            ):
                begin_train(p, g, rows, r, key, begin)
                for step in range(begin, end):
                    n = fire(p, g, rows, r, key, step, page[0, :0])
                    page[step - span.origin, rows.slot[r]] += rows.weight[r] * n
            continue
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
        if p.dead[g] > 0.0:
            if begin < end and p.hazard[g] > 0.0:
                begin_train(p, g, rows, r, key, begin)
                for step in range(begin, end):
                    n = fire(p, g, rows, r, key, step, time[found:])
                    for i in range(found, min(found + n, time.size)):
                        offset = grid.dt * (1.0 - time[i])
                        time[i] = arrival_time(grid, step + 1, offset) + at_row(rows.rest, r)
                        slot[i], weight[i] = rows.slot[r], rows.weight[r]
                    found += n
            continue
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


@reads("rate", "dead_time", "start", "stop")
def check(p: SimpleNamespace) -> str | None:
    """The window is one, and dead times fit into the mean interval, all of which they may take."""
    rate, dead = np.broadcast_arrays(np.ravel(p.rate), np.ravel(p.dead_time))
    wrong = rate * dead > 1000.0
    if not wrong.any():
        return ordered(p)
    at = int(np.argmax(wrong))
    return f"rate is {rate[at]:g} Hz and dead_time {dead[at]:g} ms; dead_time must be at most {1000.0 / rate[at]:g} ms."


poisson_generator_ps = StimulusModel(
    "poisson_generator_ps",
    params=(
        Param("rate", 0.0, "Hz", "mean rate", at_least=0.0),
        Param("dead_time", 0.0, "ms", "after each spike, in which there is no other", at_least=0.0),
        *WINDOW,
    ),
    prepare=prepare,
    drive=drive,
    events=events,
    keeps_sign=True,
    recalls=recalls,
    check=check,
    about="Poisson spike trains at exact times, an independent one for each connection.",
    equations="""\
in each step and for each connection, N ~ Poisson(rate * dt) spikes, each at any time in the step alike
with a dead time, intervals are dead_time + an exponential wait of mean 1/rate - dead_time; the train begins as one that
has always been going on, and stands still while the generator is off
at times from origin + start to origin + stop, at start = 0 from the first step on
cells on the grid hear them at the ends of steps""",
    source="NEST's poisson_generator_ps",
)
