"""IntFire1: a membrane that decays, is moved at once by its inputs, and is deaf for a while after a spike."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats
from parsim.jit import kernel
from parsim.kernels.maths import exp_one
from parsim.models.base import Param, Variable
from parsim.models.event_model import EventModel, Trace
from parsim.shard.events.queue import net_event

PULSE = 0.5  # ms that M shows a spike


class State(NamedTuple):
    m: Floats
    t0: Floats  # of the last event that was heard
    free: Floats  # when the cell hears again


class Params(NamedTuple):
    rate: Floats  # 1 / tau
    refrac: Floats


def prepare(p: SimpleNamespace) -> Params:
    """Rates."""
    return Params(1.0 / p.tau, p.refrac)


@kernel
def membrane(s, p, i, t):
    """m at time t; 0 from a spike on."""
    return s.m[i] * exp_one((s.t0[i] - t) * p.rate[i])


@kernel
def receive(s, p, c, e, q):
    """A refractory cell ignores what arrives; one that is free again at `t` hears what arrives at `t`."""
    i = e.cell
    if e.t >= s.free[i]:
        m = membrane(s, p, i, e.t) + e.weight
        s.t0[i] = e.t
        s.m[i] = m
        if m > 1.0:
            s.m[i] = 0.0
            s.free[i] = e.t + p.refrac[i]
            net_event(q, e, e.t)


@kernel
def start(s, p, e, q):
    """Time begins; the cell is not refractory."""
    s.t0[e.cell] = e.t
    s.free[e.cell] = e.t


@kernel
def catch_up(s, p, i, t):
    """The membrane at time t; during the refractory period it stays 0."""
    if t >= s.free[i]:
        s.m[i] = membrane(s, p, i, t)
        s.t0[i] = t


@kernel
def trace(s, p, i, t):
    """A spike of height 2 and the trough after it, then the membrane."""
    if t < s.free[i]:
        return 2.0 if t - s.t0[i] < PULSE else -1.0
    return membrane(s, p, i, t)


IntFire1 = EventModel(
    "IntFire1",
    params=(
        Param("tau", 10.0, "ms", "membrane time constant", above=0.0),
        Param("refrac", 5.0, "ms", "refractory period", at_least=0.0),
    ),
    state=State,
    recordables=(Variable("m", "", "membrane after the last event"),),
    traces=(Trace("M", "", "membrane; 2, then -1, while refractory", trace),),
    prepare=prepare,
    receive=receive,
    start=start,
    catch_up=catch_up,
    about="Leaky integrator of pulses, with a refractory period; exact times.",
    equations="""\
tau dm/dt = -m;  an event of weight w: m := m + w
m > 1: a spike, m := 0; events are ignored for refrac ms
M: 2 for 0.5 ms after a spike, then -1 while refractory, else m""",
    source="Carnevale and Hines, The NEURON Book, chapter 10; NEURON's IntFire1",
)
