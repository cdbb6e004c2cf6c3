"""VecStim: spikes at given times, off the grid."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.jit import kernel
from parsim.models.base import Param
from parsim.models.event_model import EventModel
from parsim.shard.events.queue import net_event, net_move

BUNCH = 50  # spikes fired at once
MOST = 400_000  # spikes at one instant; a cell with too many self-events at one is taken for a loop without an end


class State(NamedTuple):
    next: Ints  # which of the cell's times comes next


class Params(NamedTuple):
    begin: Ints  # the first time of each cell, [cell + 1]
    time: Floats


def prepare(p: SimpleNamespace) -> Params:
    """All trains one after another."""
    sizes = np.array([train.size for train in p.spike_times], dtype=np.int64)
    begin = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return Params(begin, np.concatenate([np.empty(0), *p.spike_times]))


def check(p: SimpleNamespace) -> str | None:
    """Times from 0 on, in order."""
    for train in p.spike_times:
        if train.size and train[0] < 0.0:
            return (
                f"spike_times has {train[0]:g} ms, which would never be sent: times begin at 0. Leave it out."
            )
        back = np.flatnonzero(np.diff(train) < 0.0)
        if back.size:
            return f"spike_times go back from {train[back[0]]:g} to {train[back[0] + 1]:g} ms; sort them."
        if (many := train[MOST:] == train[:-MOST]).any():
            return f"spike_times has {train[:-MOST][many][0]:g} ms more than {MOST:,} times; these cannot all be sent."
    return None


@kernel
def receive(s, p, c, e, q):
    """A self-event is a spike, or as many as have this time and one call may fire."""
    i = e.cell
    for _ in range(BUNCH):
        net_event(q, e, e.t)
        s.next[i] += 1
        at = p.begin[i] + s.next[i]
        if at >= p.begin[i + 1] or p.time[at] != e.t:
            break
    wait(s, p, e, q)


@kernel
def wait(s, p, e, q):
    """The next time that is not past."""
    i = e.cell
    while p.begin[i] + s.next[i] < p.begin[i + 1]:
        t = p.time[p.begin[i] + s.next[i]]
        if t >= e.t:
            net_move(q, e, t)
            return
        s.next[i] += 1


@kernel
def changed(s, p, e, q):
    """The first time that is not past, among the new ones."""
    s.next[e.cell] = 0
    net_move(q, e, np.inf)
    wait(s, p, e, q)


VecStim = EventModel(
    "VecStim",
    params=(
        Param(
            "spike_times",
            (),
            "ms",
            "times of spikes from 0 on, ascending; past ones are left out",
            kind="train",
        ),
    ),
    state=State,
    prepare=prepare,
    receive=receive,
    start=wait,
    changed=changed,
    check=check,
    receives=False,
    about="Spikes at given times, off the grid.",
    equations="a spike at each of spike_times",
    source="NEURON's VecStim",
)
