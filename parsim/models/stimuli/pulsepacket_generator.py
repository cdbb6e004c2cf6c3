"""Packets of spikes around given times, the same to all targets."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.draws import STREAM
from parsim.models.base import Param, StimulusModel
from parsim.models.stimuli.runs import add_same
from parsim.models.stimuli.window import WINDOW, ordered, window
from parsim.models.times import HALF_TIC
from parsim.rng import normal, uniform

MOST = 1 << 20  # spikes a packet
FARTHEST = 8.4  # standard deviations; no normal deviate is greater


class Params(NamedTuple):
    begin: Ints  # first packet of each generator; [generator + 1]
    centre: Floats  # in steps, ascending
    lane: Ints  # counts the packets of a generator in the same step
    activity: Ints
    spread: Floats  # in steps
    slack: float  # half a tic, in steps
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """All packets one after another, in steps."""
    first, stop = window(p, clock)
    centres = [clock.counted(np.sort(times), "pulse time") for times in p.pulse_times]
    lanes = [np.arange(c.size) - np.searchsorted(np.rint(c), np.rint(c)) for c in centres]
    return Params(
        np.concatenate([[0], np.cumsum([c.size for c in centres])]).astype(np.int64),
        np.concatenate([np.empty(0), *centres]),
        np.concatenate([np.empty(0), *lanes]).astype(np.int64),
        p.activity.astype(np.int64),
        clock.counted(p.sdev, "sdev"),
        HALF_TIC / clock.dt,
        first,
        stop,
    )


def check(p: SimpleNamespace) -> str | None:
    """Pulses from 0 on, of whole numbers of spikes."""
    for times in {id(train): train for train in p.pulse_times}.values():
        if (times < 0.0).any():
            return f"pulse_times has {times[times < 0.0][0]:g} ms; times of at least 0 ms are needed."
    activity = np.atleast_1d(p.activity)
    if (wrong := activity != np.rint(activity)).any():
        return f"activity is {activity[wrong][0]:g}; a whole number of spikes is needed."
    return ordered(p)


@kernel
def drive(p, rows, span, key, page):
    """Rows stand by stimulus: its spikes of the steps that matter are counted once, and added run by run."""
    shortest, longest = 2**40, 0
    for j in range(rows.run.size - 1):
        shortest, longest = min(shortest, rows.delay[rows.run[j]]), max(longest, rows.delay[rows.run[j]])
    since, until = span.first - longest, span.stop - shortest
    counts = np.empty(max(until - since, 0))
    counted = -1
    for j in range(rows.run.size - 1):
        g, delay = rows.stimulus[rows.run[j]], rows.delay[rows.run[j]]
        if g != counted:
            count(p, g, key, since, until, counts)
            counted = g
        for k in range(span.first, span.stop):
            if counts[k - delay - since] > 0.0:
                add_same(rows, j, counts[k - delay - since], page, k - span.origin)


@kernel
def count(p, g, key, since, until, counts):
    """How many spikes generator g sends in each of the steps [since, until).

    A spike belongs to its stimulus, whoever hears it, so the draws are keyed by `key.source`. It is sent in the
    first step that is not before its time, when the generator is on.
    """
    counts[: until - since] = 0.0
    begin, end = max(since, key.since, p.first[g]), min(until, key.until, p.stop[g])
    reach = FARTHEST * p.spread[g] + 2.0
    for c in range(p.begin[g], p.begin[g + 1]):
        centre = p.centre[c]
        if begin < end and begin - reach < centre < end + reach:
            draw = STREAM + np.int64(np.rint(centre)) * MOST
            for i in range(p.activity[g]):
                deviate = normal(uniform(key.seed, key.source, g, draw + i, p.lane[c]))
                sent = np.int64(np.ceil(centre + p.spread[g] * deviate - p.slack))
                if begin <= sent < end:
                    counts[sent - since] += 1.0


pulsepacket_generator = StimulusModel(
    "pulsepacket_generator",
    params=(
        Param("pulse_times", (), "ms", "centres of the packets", kind="train"),
        Param("activity", 0.0, "", "spikes in each packet", at_least=0.0, at_most=float(MOST - 1)),
        Param("sdev", 0.0, "ms", "standard deviation of spike times in a packet", at_least=0.0),
        *WINDOW,
    ),
    prepare=prepare,
    drive=drive,
    keeps_sign=True,
    check=check,
    about="Packets of spikes around given times, the same spikes to all its targets.",
    equations="""\
each pulse time gives `activity` spikes at normally distributed times around it, with the deviation sdev
a spike is sent in the first step T that is not before its time, and counts as a spike at T + dt,
when origin + start <= T < origin + stop
(as in NEST, where the window cuts whole intervals between exchanges; here it cuts spike by spike)""",
    source="NEST's pulsepacket_generator",
)
