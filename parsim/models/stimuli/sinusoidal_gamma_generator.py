"""Gamma spike trains whose rate follows a sine."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined, kernel
from parsim.kernels.maths import sine
from parsim.models.base import Param, StimulusModel
from parsim.models.checks import reads
from parsim.models.parts.waiting import MOST_DRAWS, gamma_wait
from parsim.models.stimuli.runs import spike_steps
from parsim.models.stimuli.window import WINDOW, ordered, window

_QUARTER = 0.25  # of a turn


class Params(NamedTuple):
    mean: Floats  # of what the clock of a train goes on in a step
    swing: Floats  # of what it has gone on, about the mean
    turns: Floats  # in one step
    phase: Floats  # in turns
    order: Floats
    individual: Floats  # 1 where each connection has a train of its own
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """The integral of order rate(t); without a frequency the rate is that at t = 0."""
    first, stop = window(p, clock)
    turns, per_step = p.frequency * (clock.dt * 1e-3), p.order * (clock.dt * 1e-3)
    turning = turns != 0.0
    still = np.array([float(sine(at)) for at in np.ravel(p.phase) / 360.0]) * p.amplitude
    mean = per_step * np.where(turning, p.rate, p.rate + still)
    swing = np.where(turning, per_step * p.amplitude / np.where(turning, 2.0 * np.pi * turns, 1.0), 0.0)
    return Params(mean, swing, turns, p.phase / 360.0, p.order, p.individual_spike_trains, first, stop)


def recalls(p: Params) -> int:
    """The step up to which a train was made, its clock, and when it is due by that."""
    return 3


@inlined
def moved(p, g, sent):
    """What the clock of a train goes on in a step."""
    begin = p.turns[g] * sent + p.phase[g] + _QUARTER
    return p.mean[g] + p.swing[g] * (sine(begin) - sine(begin + p.turns[g]))


@kernel
def fires(p, g, s, r, key, who, sent, at):
    """Does the train of row r fire in a step that is sent? `who` are the serial, gid and lane of its draws, `at` the
    step that they are keyed by.
    """
    serial, gid, lane = who
    if s[r, 2] == 0.0:
        s[r, 2] = gamma_wait(p.order[g], key, serial, gid, lane, at, 0)
    s[r, 0], s[r, 1] = sent + 1.0, s[r, 1] + moved(p, g, sent)
    if s[r, 2] > s[r, 1]:
        return 0.0
    s[r, 2] += gamma_wait(p.order[g], key, serial, gid, lane, at, MOST_DRAWS)
    return 1.0


@kernel
def drive(p, rows, span, key, page):
    """A train stands still while the generator is off. One that all rows hear is made in each of them, from its first
    step on, by draws that are the generator's.
    """
    for j in range(rows.run.size - 1):
        g, delay = rows.stimulus[rows.run[j]], rows.delay[rows.run[j]]
        begin, end = spike_steps(span, delay, key.since, key.until, p.first[g], p.stop[g])
        if p.mean[g] == 0.0:
            continue
        for step in range(begin, end):
            for r in range(rows.run[j], rows.run[j + 1]):
                if p.individual[g] > 0.0:
                    n = fires(
                        p, g, rows.state, r, key, (key.serial, rows.gid[r], rows.lane[r]), step - delay, step
                    )
                else:
                    n = 0.0
                    for sent in range(max(np.int64(rows.state[r, 0]), p.first[g] + 1), step - delay + 1):
                        n = fires(p, g, rows.state, r, key, (key.source, g, np.int64(0)), sent, sent)
                page[step - span.origin, rows.slot[r]] += rows.weight[r] * n


@reads("rate", "amplitude", "start", "stop")
def check(p: SimpleNamespace) -> str | None:
    """The rate is never below 0."""
    rate, amplitude = np.broadcast_arrays(np.ravel(p.rate), np.ravel(p.amplitude))
    wrong = amplitude > rate
    if not wrong.any():
        return ordered(p)
    at = int(np.argmax(wrong))
    return f"amplitude is {amplitude[at]:g} Hz and rate is {rate[at]:g} Hz; amplitude must be at most rate."


sinusoidal_gamma_generator = StimulusModel(
    "sinusoidal_gamma_generator",
    params=(
        Param("rate", 0.0, "Hz", "mean rate", at_least=0.0),
        Param("amplitude", 0.0, "Hz", "amplitude of the sine, at most the rate", at_least=0.0),
        Param("frequency", 0.0, "Hz", "frequency", at_least=0.0),
        Param("phase", 0.0, "deg", "phase at t = 0, in degrees"),
        Param(
            "order",
            1.0,
            "",
            "order of the gamma distribution of intervals, 1 for a Poisson train",
            at_least=1.0,
        ),
        Param("individual_spike_trains", True, "", "each connection has a train of its own", kind="flag"),
        *WINDOW,
    ),
    prepare=prepare,
    drive=drive,
    keeps_sign=True,
    recalls=recalls,
    check=check,
    about="Gamma spike trains whose rate follows a sine, one for each connection or one for all.",
    equations="""\
rate(t) = rate + amplitude sin(2 pi frequency t + phase)
the integral of order rate(t) from spike to spike, and from the start to the first, is gamma-distributed, of that order
a train stands still while the generator is off; of two spikes in one step the second comes in the next
sent in steps T with origin + start < T <= origin + stop (T is a step's left edge, as in NEST); waits are in continuous
time, in NEST in whole steps""",
    source="Barbieri et al. (2001), J Neurosci Methods 105:25; NEST's sinusoidal_gamma_generator",
)
