"""IntFire2: a membrane driven by a current that decays to a bias; each input is a jump of the current."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats
from parsim.jit import anew, inlined, kernel
from parsim.kernels.maths import exp_and_expm1
from parsim.models.base import Param, Variable
from parsim.models.checks import reads
from parsim.models.event_model import EventModel, Trace, first_wrong
from parsim.models.parts.firing import aim, has_reached, rising_time, starting
from parsim.shard.events.queue import net_event, net_move


class State(NamedTuple):
    m: Floats
    i: Floats
    t0: Floats  # of the last event
    fires: Floats  # the time of a spike that has been found exactly


class Params(NamedTuple):
    ib: Floats
    taum: Floats
    km: Floats
    ks: Floats
    gap: Floats  # km - ks
    gain: Floats  # km / gap


def prepare(p: SimpleNamespace) -> Params:
    """Rates."""
    km, ks = 1.0 / p.taum, 1.0 / p.taus
    gap = (p.taus - p.taum) / (p.taus * p.taum)
    return Params(p.ib, p.taum, km, ks, gap, km / gap)


@reads("taum", "taus")
def check(p: SimpleNamespace) -> str | None:
    """The current must outlast the membrane."""
    at = first_wrong(p.taus > p.taum)
    if at is None:
        return None
    return (
        f"taum < taus does not hold: taum = {p.taum[at]:g} ms, taus = {p.taus[at]:g} ms. The synaptic current must "
        "decay more slowly than the membrane; make taus greater or taum smaller."
    )


@inlined
def after(s, p, i, t):
    """m and i at time t."""
    d, ib = t - s.t0[i], p.ib[i]
    es, less = exp_and_expm1(-p.ks[i] * d, -p.gap[i] * d)
    x = -es * less  # exp(-d / taus) - exp(-d / taum)
    above = s.i[i] - ib
    return ib + (s.m[i] - ib) * (es - x) + above * p.gain[i] * x, ib + above * es


@kernel
def receive(s, p, c, e, q):
    """An input moves the current; a self-event fires the cell or aims again."""
    i = e.cell
    m, current = after(s, p, i, e.t)
    if e.flag == 0:
        current += e.weight
        s.m[i], s.i[i], s.t0[i] = m, current, e.t
        aim(q, e, m, max(current, p.ib[i]), p.taum[i])
    elif e.t == s.fires[i] or has_reached(e, m, current, p.taum[i]):
        s.m[i], s.i[i], s.t0[i] = 0.0, current, e.t
        s.fires[i] = -1.0
        net_event(q, e, e.t)
        aim(q, e, 0.0, max(current, p.ib[i]), p.taum[i])
    elif current >= p.ib[i]:
        aim(q, e, m, current, p.taum[i])
    else:
        find(s, p, e, q)


@kernel
def find(s, p, e, q):
    """The exact time of the next spike of a cell whose current rises to its bias.

    It is rarely asked for: what follows from the rates alone is not to be worked out for every cell.
    """
    i = e.cell
    km, ks = anew(p.km[i]), anew(p.ks[i])
    below = km * (s.i[i] - p.ib[i])
    d = rising_time(p.ib[i], s.m[i], km, 0.0, km, below, ks, 0.0)
    t = max(s.t0[i] + d, e.t)
    s.fires[i] = t
    net_move(q, e, t)


@kernel
def catch_up(s, p, i, t):
    """m and i at time t."""
    s.m[i], s.i[i] = after(s, p, i, t)
    s.t0[i] = t


@kernel
def changed(s, p, e, q):
    """The next spike, from the state as it is."""
    i = e.cell
    s.fires[i] = -1.0
    aim(q, e, s.m[i], max(s.i[i], p.ib[i]), p.taum[i])


@kernel
def membrane(s, p, i, t):
    """m at time t."""
    return after(s, p, i, t)[0]


@kernel
def synaptic(s, p, i, t):
    """i at time t."""
    return after(s, p, i, t)[1]


IntFire2 = EventModel(
    "IntFire2",
    params=(
        Param("taus", 20.0, "ms", "time constant of the synaptic current; greater than taum", above=0.0),
        Param("taum", 10.0, "ms", "membrane time constant", above=0.0),
        Param("ib", 0.0, "", "bias to which the current decays; above 1 the cell fires by itself"),
    ),
    state=State,
    recordables=(
        Variable("m", "", "membrane after the last event"),
        Variable("i", "", "current after the last event", initial="ib"),
    ),
    traces=(Trace("M", "", "membrane", membrane), Trace("I", "", "synaptic current", synaptic)),
    prepare=prepare,
    receive=receive,
    start=starting(changed),
    catch_up=catch_up,
    changed=changed,
    check=check,
    alone=True,
    about="A membrane driven by a current that decays to a bias; fires at a rate proportional to its input.",
    equations="""\
taus di/dt = ib - i;  taum dm/dt = i - m;  an event of weight w: i := i + w
m reaches 1: a spike, m := 0; i stays""",
    source="Carnevale and Hines, The NEURON Book, chapter 10; NEURON's IntFire2",
)
