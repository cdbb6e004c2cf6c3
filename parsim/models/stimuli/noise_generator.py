"""Gaussian white noise as a current, constant for a while and drawn for each connection."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.errors import DescriptionError
from parsim.jit import kernel
from parsim.kernels.draws import STREAM
from parsim.kernels.maths import sine
from parsim.models.base import Param, StimulusModel
from parsim.models.checks import reads
from parsim.models.stimuli.runs import add_each, current_steps
from parsim.models.stimuli.window import WINDOW, ordered, window
from parsim.rng import normal, uniform


class Params(NamedTuple):
    mean: Floats
    variance: Floats
    modulation: Floats  # of the variance
    turns: Floats  # in one step
    phase: Floats  # in turns
    hold: Ints  # steps for which a draw holds
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Variances, angles in turns, times in steps."""
    first, stop = window(p, clock)
    hold = clock.grid(p.dt, "dt")
    if (hold < 1).any():
        raise DescriptionError(
            f"dt is {p.dt[np.argmax(hold < 1)]:g} ms; at least one step of {clock.dt} ms is needed."
        )
    turns, phase = p.frequency * clock.dt * 1e-3, p.phase / 360.0
    return Params(p.mean, p.std * p.std, p.std_mod * p.std_mod, turns, phase, hold, first, stop)


@reads("std", "std_mod", "start", "stop")
def check(p: SimpleNamespace) -> str | None:
    """The variance must not become negative."""
    wrong = np.atleast_1d(p.std_mod > p.std)
    if wrong.any():
        at = int(np.argmax(wrong))
        std, std_mod = (np.broadcast_to(x, wrong.shape)[at] for x in (p.std, p.std_mod))
        return f"std_mod is {std_mod:g} pA and std is {std:g} pA; std_mod must not be greater than std."
    return ordered(p)


@kernel
def drive(p, rows, span, key, page):
    """Draw by draw: one holds for the steps T to T + hold, and is named by T.

    The first is made in the first step in which the generator is on, T = first - 1.
    """
    current = np.empty(rows.slot.size)
    for j in range(rows.run.size - 1):
        g, delay = rows.stimulus[rows.run[j]], rows.delay[rows.run[j]]
        begin, end = current_steps(span, delay, key.since, key.until, p.first[g], p.stop[g])
        while begin < end:
            since = max(p.first[g] - 1, 0)
            drawn = since + (begin - since) // p.hold[g] * p.hold[g]
            until = min(drawn + p.hold[g], end)
            draw_run(p, rows, j, g, drawn, key, current)
            for sent in range(begin, until):
                add_each(rows, rows.run[j], rows.run[j + 1], current, 0, page, sent + 1 + delay - span.origin)
            begin = until


@kernel
def draw_run(p, rows, j, g, drawn, key, current):
    """What the rows of run j get from the step `drawn` on."""
    wave = sine(p.turns[g] * (drawn + 1) + p.phase[g])
    spread = np.sqrt(p.variance[g] + p.modulation[g] * wave)
    for i in range(rows.run[j + 1] - rows.run[j]):
        r = rows.run[j] + i
        deviate = normal(uniform(key.seed, key.serial, rows.gid[r], drawn + STREAM, rows.lane[r]))
        current[i] = p.mean[g] + spread * deviate


noise_generator = StimulusModel(
    "noise_generator",
    params=(
        Param("mean", 0.0, "pA", "mean"),
        Param("std", 0.0, "pA", "standard deviation", at_least=0.0),
        Param("std_mod", 0.0, "pA", "modulation of the standard deviation; at most std", at_least=0.0),
        Param("frequency", 0.0, "Hz", "frequency of the modulation", at_least=0.0),
        Param("phase", 0.0, "deg", "phase of the modulation at t = 0, in degrees"),
        Param("dt", 1.0, "ms", "for how long a draw holds, whole steps", above=0.0),
        *WINDOW,
    ),
    prepare=prepare,
    drive=drive,
    into="current",
    check=check,
    about="Gaussian white noise as a current, independent for each connection.",
    equations="""\
I = mean + sqrt(std^2 + std_mod^2 sin(2 pi frequency t + phase)) N(0, 1), drawn anew every dt and held in between
(t is the end of the step in which it is drawn; the window is that of dc_generator, and draws begin with it)""",
    source="NEST's noise_generator",
)
