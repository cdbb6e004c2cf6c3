"""A sinusoidal current."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.maths import sine
from parsim.models.base import Param, StimulusModel
from parsim.models.stimuli.runs import add_same, current_steps
from parsim.models.stimuli.window import WINDOW, ordered, window


class Params(NamedTuple):
    amplitude: Floats
    offset: Floats
    turns: Floats  # in one step
    phase: Floats  # in turns
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Angles in turns."""
    first, stop = window(p, clock)
    return Params(p.amplitude, p.offset, p.frequency * clock.dt * 1e-3, p.phase / 360.0, first, stop)


@kernel
def drive(p, rows, span, key, page):
    """As in NEST, what is sent in a step is the current at its end; the phase is that at t = 0."""
    for j in range(rows.run.size - 1):
        g, delay = rows.stimulus[rows.run[j]], rows.delay[rows.run[j]]
        begin, end = current_steps(span, delay, key.since, key.until, p.first[g], p.stop[g])
        for sent in range(begin, end):
            current = p.offset[g] + p.amplitude[g] * sine(p.turns[g] * (sent + 1) + p.phase[g])
            add_same(rows, j, current, page, sent + 1 + delay - span.origin)


ac_generator = StimulusModel(
    "ac_generator",
    params=(
        Param("amplitude", 0.0, "pA", "amplitude of the sine"),
        Param("offset", 0.0, "pA", "constant that is added"),
        Param("frequency", 0.0, "Hz", "frequency", at_least=0.0),
        Param("phase", 0.0, "deg", "phase at t = 0, in degrees"),
        *WINDOW,
    ),
    prepare=prepare,
    drive=drive,
    into="current",
    check=ordered,
    about="A sinusoidal current, times the weight of the connection.",
    equations="""\
I_stim(t) = weight * (offset + amplitude sin(2 pi frequency (t - delay - dt) + phase))
            for origin + start + delay < t <= origin + stop + delay
(t is the end of a step; start does not move the phase)""",
    source="NEST's ac_generator",
)
