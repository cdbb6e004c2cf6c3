"""Spikes at given times, sent straight to the targets."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.models.base import Param, StimulusModel
from parsim.models.stimuli.window import WINDOW, ordered, window


class Params(NamedTuple):
    begin: Ints  # first spike of each generator; [generator + 1]
    step: Ints
    weight: Floats  # weight times multiplicity of each spike
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """All trains one after another, in steps."""
    first, stop = window(p, clock)
    sizes = [train.size for train in p.spike_times]
    steps = [
        clock.grid(train, "spike_times") + clock.grid(np.array([origin]), "origin")
        for train, origin in zip(p.spike_times, p.origin, strict=True)
    ]
    weights = [
        (w if w.size else np.ones(n)) * (m if m.size else np.ones(n))
        for w, m, n in zip(p.spike_weights, p.spike_multiplicities, sizes, strict=True)
    ]
    nothing = np.empty(0)
    return Params(
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        np.concatenate([nothing, *steps]).astype(np.int64),
        np.concatenate([nothing, *weights]),
        first,
        stop,
    )


def check(p: SimpleNamespace) -> str | None:
    """Trains in order, with as many weights and multiplicities as times."""
    for times, weights, multiplicities in zip(
        p.spike_times, p.spike_weights, p.spike_multiplicities, strict=True
    ):
        back = np.flatnonzero(np.diff(times) < 0)
        if back.size:
            a, b = times[back[0]], times[back[0] + 1]
            return f"spike_times go back from {a:g} to {b:g} ms; sort them."
        for name, values in (("spike_weights", weights), ("spike_multiplicities", multiplicities)):
            if values.size not in (0, times.size):
                return f"{name} has {values.size} values for {times.size} spike_times; give one for each, or none."
        if (multiplicities < 0).any() or (multiplicities != np.rint(multiplicities)).any():
            wrong = multiplicities[(multiplicities < 0) | (multiplicities != np.rint(multiplicities))][0]
            return f"spike_multiplicities has {wrong:g}; whole numbers of at least 0 are needed."
    return ordered(p)


@kernel
def drive(p, rows, span, key, page):  # type: ignore[no-untyped-def]
    """A spike at step s over a delay D is read in step s + D - 1, and sent when first < s <= stop."""
    for r in range(rows.slot.size):
        g, d = rows.stimulus[r], rows.delay[r] - 1
        at, end = p.begin[g], p.begin[g + 1]
        while at < end:  # the first spike that is read at span.first or later
            middle = (at + end) // 2
            if p.step[middle] + d < span.first:
                at = middle + 1
            else:
                end = middle
        while at < p.begin[g + 1] and p.step[at] + d < span.stop:
            if key.since < p.step[at] <= key.until and p.first[g] < p.step[at] <= p.stop[g]:
                page[p.step[at] + d - span.origin, rows.slot[r]] += rows.weight[r] * p.weight[at]
            at += 1


spike_generator = StimulusModel(
    "spike_generator",
    params=(
        Param(
            "spike_times", (), "ms", "times of spikes, ascending, on the grid, in the future", kind="train"
        ),
        Param("spike_weights", (), "", "factors of the connection's weight, one a spike", kind="train"),
        Param("spike_multiplicities", (), "", "how many spikes each is, one a spike", kind="train"),
        *WINDOW,
    ),
    prepare=prepare,
    drive=drive,
    check=check,
    in_future=("spike_times",),
    about="Spikes at given times, the same to all its targets.",
    equations="spikes at origin + spike_times that lie in (origin + start, origin + stop]",
    source="NEST's spike_generator",
)
