"""How often events of channels come so and so long after each other: sums over pairs, in order of time."""

from typing import NamedTuple

from parsim.arrays import Floats, Ints
from parsim.jit import kernel


class Marked(NamedTuple):
    """Events by time, in steps; those before `first` were counted already and are there for what comes after them."""

    step: Ints
    channel: Ints
    weight: Floats
    first: int


class LagBins(NamedTuple):
    """Lags of at most `reach` bins of `width` steps; pairs are counted whose later event is within `begin` to `end`."""

    width: int
    reach: int
    begin: int
    end: int


class Pulses(NamedTuple):
    """Channels that were on from a step to another, by when they went off; those before `first` were counted."""

    channel: Ints
    on: Ints
    off: Ints
    first: int


@kernel
def correlate(events, bins, seen, counts, sums, lost):
    """Of channels 0 and 1: `counts` and `sums` of products of weights by lag, [2 reach + 1]; how many are `seen`.

    A lag is the time of channel 1 after channel 0. The sums are Kahan's, `lost` is what they have yet to give back.
    """
    width, reach = bins.width, bins.reach
    for i in range(events.first, events.step.size):
        if events.step[i] < bins.begin or events.step[i] > bins.end:
            continue
        seen[events.channel[i]] += 1
        sign = 2 * events.channel[i] - 1
        j = i - 1
        while j >= 0 and 2 * (events.step[i] - events.step[j]) <= (2 * reach + 1) * width:
            lag = sign * (events.step[i] - events.step[j])
            at = reach + (2 * lag + width) // (2 * width)
            if events.channel[j] != events.channel[i] and at <= 2 * reach:
                counts[at] += 1
                more = events.weight[i] * events.weight[j] - lost[at]
                total = sums[at] + more
                lost[at] = (total - sums[at]) - more
                sums[at] = total
            j -= 1


@kernel
def correlate_all(events, bins, seen, counts, sums):
    """Of all channels, by how long the first is after the second: `counts` and `sums`, [first, second, reach + 1].

    Each event is a pair with itself. A pair in the bin 0 counts both ways, but for events of one channel at one time.
    """
    width, reach = bins.width, bins.reach
    for i in range(events.first, events.step.size):
        if events.step[i] < bins.begin or events.step[i] > bins.end:
            continue
        a = events.channel[i]
        seen[a] += 1
        j = i
        while j >= 0 and 2 * (events.step[i] - events.step[j]) < (2 * reach + 1) * width:
            lag, b = events.step[i] - events.step[j], events.channel[j]
            at = (2 * lag + width) // (2 * width)
            product = events.weight[i] * events.weight[j]
            counts[a, b, at] += 1
            sums[a, b, at] += product
            if at == 0 and (lag != 0 or a != b):
                counts[b, a, 0] += 1
                sums[b, a, 0] += product
            j -= 1


@kernel
def overlap(pulses, bins, counts):
    """For how many steps the first channel is on and the second was so a lag before, [first, second, 2 reach + 1].

    Pairs of pulses are counted when the later of them has ended.
    """
    width, reach = bins.width, bins.reach
    for i in range(pulses.first, pulses.off.size):
        if pulses.off[i] < bins.begin or pulses.off[i] > bins.end:
            continue
        a = pulses.channel[i]
        j = i
        while j >= 0 and pulses.off[j] + reach * width > pulses.on[i]:
            b = pulses.channel[j]
            for k in range(-reach, reach + 1):
                on = max(pulses.on[i], pulses.on[j] + k * width)
                steps = min(pulses.off[i], pulses.off[j] + k * width) - on
                if steps > 0:
                    counts[a, b, reach + k] += steps
                    if i != j:
                        counts[b, a, reach - k] += steps
            j -= 1
