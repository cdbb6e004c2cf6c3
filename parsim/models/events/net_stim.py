"""NetStim: spikes at intervals between regular and Poisson, on and off by events."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats, Ints
from parsim.jit import kernel
from parsim.models.base import Param
from parsim.models.event_model import EventModel
from parsim.rng import exponential
from parsim.shard.events.queue import NEVER, draw, net_event, net_move


class State(NamedTuple):
    on: Ints  # 1 while a sequence goes on
    sent: Ints  # spikes of this sequence so far
    drawn: Ints  # random numbers so far


class Params(NamedTuple):
    interval: Floats
    number: Floats
    start: Floats
    noise: Floats


def prepare(p: SimpleNamespace) -> Params:
    """As the user gave them."""
    return Params(p.interval, p.number, p.start, p.noise)


@kernel
def next_interval(s, p, e, q):
    """A fixed part and a random one, of the mean that is left."""
    i = e.cell
    noise = p.noise[i]
    u = draw(q, e, s.drawn[i], 0)
    s.drawn[i] += 1
    return p.interval[i] * ((1.0 - noise) + noise * exponential(u))


@kernel
def begin(s, p, e, q, t):
    """A new sequence, whose first spike is the random part of an interval after `t`."""
    i = e.cell
    s.sent[i] = 0
    if p.number[i] >= 1.0:
        s.on[i] = 1
        first = t + next_interval(s, p, e, q) - p.interval[i] * (1.0 - p.noise[i])
        net_move(q, e, max(first, e.t))


@kernel
def receive(s, p, c, e, q):
    """A self-event is a spike; a positive weight begins a sequence when none goes on, a negative one ends it."""
    i = e.cell
    if e.flag == 1:
        net_event(q, e, e.t)
        s.sent[i] += 1
        if s.sent[i] < p.number[i]:
            net_move(q, e, e.t + next_interval(s, p, e, q))
        else:
            s.on[i] = 0
    elif e.weight > 0.0 and s.on[i] == 0:
        begin(s, p, e, q, e.t)
    elif e.weight < 0.0:
        s.on[i] = 0
        net_move(q, e, NEVER)


@kernel
def start(s, p, e, q):
    """The first sequence; what would have begun before the cell was there begins with it."""
    if p.start[e.cell] >= 0.0:
        begin(s, p, e, q, p.start[e.cell])


NetStim = EventModel(
    "NetStim",
    params=(
        Param("interval", 10.0, "ms", "mean time between spikes", above=0.0),
        Param("number", 10.0, "", "spikes of a sequence; may be infinite", at_least=0.0, infinite=True),
        Param(
            "start", 50.0, "ms", "most likely time of the first spike; below 0: only when an event says so"
        ),
        Param("noise", 0.0, "", "0: regular, 1: Poisson", at_least=0.0, at_most=1.0),
    ),
    state=State,
    prepare=prepare,
    receive=receive,
    start=start,
    about="Spikes at intervals between regular and Poisson; events switch it on and off.",
    equations="""\
intervals (1 - noise) interval + noise interval X, X exponential of mean 1; the first spike at start + noise interval X
an event of weight w > 0 begins a sequence when none goes on, as if start were now; w < 0 ends it""",
    source="NEURON's NetStim",
)
