"""What many independent Poisson processes with a dead time send together."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.errors import DescriptionError
from parsim.jit import kernel
from parsim.kernels.maths import sine
from parsim.models.base import Param, StimulusModel
from parsim.models.checks import reads
from parsim.models.parts.waiting import MOST_DRAWS, a_wait, two_draws
from parsim.models.stimuli.runs import spike_steps
from parsim.models.stimuli.window import WINDOW, ordered, window


class Params(NamedTuple):
    hazard: Floats  # of a process that may fire, in one step
    dead: Floats  # steps
    interval: Floats  # between two spikes of a process, steps
    n_proc: Ints
    turns: Floats  # in one step
    amplitude: Floats
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """A hazard in place of the rate, 0 where that is; times in steps."""
    first, stop = window(p, clock)
    if (wrong := p.n_proc[(p.n_proc % 1.0 != 0.0) | (p.n_proc > MOST_DRAWS)]).size:
        raise DescriptionError(f"n_proc is {wrong[0]:g}; a whole number of at most {MOST_DRAWS} is needed.")
    on = p.rate > 0.0
    interval = 1000.0 / np.where(on, p.rate, 1.0)
    hazard = np.where(on, clock.dt / np.where(on, interval - p.dead_time, 1.0), 0.0)
    own = hazard, p.dead_time / clock.dt, interval / clock.dt, p.n_proc.astype(np.int64)
    return Params(*own, p.frequency * (clock.dt * 1e-3), p.relative_amplitude, first, stop)


def recalls(p: Params) -> int:
    """Two clocks of a train, of the steps in which it was on and of their hazards; of each process when it may fire
    again by the one, and when it does by the other.
    """
    return 2 + 2 * int(p.n_proc.max(initial=0))


@kernel
def count(p, g, rows, r, key, step, hazard):
    """Spikes of all processes of row r in one step, of which none fires twice in one.

    A process that is dead has what it will wait for afterwards in place of when it is due, below 0.
    """
    s, gid, lane = rows.state, rows.gid[r], rows.lane[r]
    clock, steps, sent = s[r, 0], s[r, 1], 0.0
    for c in range(p.n_proc[g]):
        back, due = s[r, 2 + 2 * c], s[r, 3 + 2 * c]
        if due == 0.0:  # somewhere within an interval
            u, v = two_draws(key, key.serial, gid, lane, step, c)
            at, due = u * p.interval[g], a_wait(v)
            back, due = (steps + p.dead[g] - at, -due) if at < p.dead[g] else (steps, clock + due)
        if due < 0.0 and back <= steps + 1.0:
            due = clock + hazard * max(back - steps, 0.0) - due
        if 0.0 < due <= clock + hazard:
            back = steps + (due - clock) / hazard + p.dead[g]
            due = -a_wait(two_draws(key, key.serial, gid, lane, step, MOST_DRAWS + c)[0])
            due = clock + hazard * (back - steps) - due if back <= steps + 1.0 else due
            sent += 1.0
        s[r, 2 + 2 * c], s[r, 3 + 2 * c] = back, due
    s[r, 0], s[r, 1] = clock + hazard, steps + 1.0
    return sent


@kernel
def drive(p, rows, span, key, page):
    """Each row has processes of its own, which stand still while the generator is off."""
    for j in range(rows.run.size - 1):
        g, delay = rows.stimulus[rows.run[j]], rows.delay[rows.run[j]]
        begin, end = spike_steps(span, delay, key.since, key.until, p.first[g], p.stop[g])
        if p.hazard[g] == 0.0:
            continue
        for step in range(begin, end):
            hazard = p.hazard[g] * (1.0 + p.amplitude[g] * sine(p.turns[g] * (step - delay)))
            for r in range(rows.run[j], rows.run[j + 1]):
                n = count(p, g, rows, r, key, step, hazard)
                page[step - span.origin, rows.slot[r]] += rows.weight[r] * n


@reads("rate", "dead_time")
def there_is_time(p: SimpleNamespace) -> str | None:
    """Dead times fit into the mean interval."""
    rate, dead = np.broadcast_arrays(np.ravel(p.rate), np.ravel(p.dead_time))
    wrong = rate * dead >= 1000.0
    if not wrong.any():
        return None
    at = int(np.argmax(wrong))
    return f"rate is {rate[at]:g} Hz and dead_time {dead[at]:g} ms; dead_time must be below {1000.0 / rate[at]:g} ms."


def check(p: SimpleNamespace) -> str | None:
    """The window is one, and there is time to fire."""
    return there_is_time(p) or ordered(p)


ppd_sup_generator = StimulusModel(
    "ppd_sup_generator",
    params=(
        Param("rate", 0.0, "Hz", "mean rate of each process", at_least=0.0),
        Param("dead_time", 0.0, "ms", "after each spike, in which a process does not fire", at_least=0.0),
        Param("n_proc", 1.0, "", "number of processes", at_least=1.0),
        Param("frequency", 0.0, "Hz", "of the sine that the hazard follows", at_least=0.0),
        Param("relative_amplitude", 0.0, "", "of that sine, of the mean hazard", at_least=0.0, at_most=1.0),
        *WINDOW,
    ),
    prepare=prepare,
    drive=drive,
    keeps_sign=True,
    recalls=recalls,
    check=reads("rate", "dead_time", "start", "stop")(check),
    about="What many independent Poisson processes with a dead time send together, others for each connection.",
    equations="""\
hazard(t) = (1 + relative_amplitude sin(2 pi frequency t)) / (1/rate - dead_time), and 0 for dead_time after a spike
at first each of n_proc processes is somewhere within an interval, as when nothing is modulated
in each step, the spikes of all of them
sent in steps T with origin + start < T <= origin + stop (T is a step's left edge, as in NEST); waits are in continuous
time, in NEST in whole steps""",
    source="Deger, Helias, Boucsein and Rotter (2012), J Comput Neurosci 32:443; NEST's ppd_sup_generator",
)
