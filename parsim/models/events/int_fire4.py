"""IntFire4: a membrane with a fast excitatory current and an inhibitory one that rises and falls."""

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.jit import inlined, kernel
from parsim.kernels.maths import exp_one
from parsim.models.base import Param, Variable
from parsim.models.checks import reads
from parsim.models.event_model import EventModel, Trace, first_wrong
from parsim.models.parts.firing import aim, convolution, convolved, gap_of, has_reached, peak_gain, starting
from parsim.shard.events.queue import net_event


class State(NamedTuple):
    m: Floats
    e: Floats
    i1: Floats
    i2: Floats
    t0: Floats  # of the last event


class Params(NamedTuple):
    taum: Floats
    km: Floats
    ke: Floats
    ki1: Floats
    ki2: Floats
    gap_e: Floats  # |ke - km|
    gap_1: Floats
    gap_2: Floats
    per_gap_e: Floats  # 1 / gap_e
    per_gap_1: Floats
    per_gap_2: Floats
    ae: Floats
    ai2: Floats
    spread: Floats  # ai1 / (ki1 - ki2)


def prepare(p: SimpleNamespace) -> Params:
    """Rates, and the gains with which a unit input moves i2 or m by 1 at most."""
    km, ke, ki1, ki2 = 1.0 / p.taum, 1.0 / p.taue, 1.0 / p.taui1, 1.0 / p.taui2
    spread = peak_gain(ki2, ki1) / (ki1 - ki2)
    taus, which = np.unique(np.stack([km, ki1, ki2], axis=1), axis=0, return_inverse=True)
    ai2 = inhibitory_gain(*taus.T)[which.reshape(-1)] if p.taum.size else np.empty(0)
    gaps = [gap_of(km, k) for k in (ke, ki1, ki2)]
    per_gaps = [1.0 / gap for gap in gaps]
    columns: Any = (p.taum, km, ke, ki1, ki2, *gaps, *per_gaps, peak_gain(km, ke), ai2, spread)
    return Params(*columns)


def inhibitory_gain(km: Floats, ki1: Floats, ki2: Floats) -> Floats:
    """1 / the peak of what a unit of i1 does to m through an i2 that itself has a peak of 1."""
    unit = peak_gain(ki2, ki1)

    def response(t: Floats) -> Floats:
        return unit * (convolution(km, ki2, t) - convolution(km, ki1, t)) / (ki1 - ki2)

    def rises(t: Floats) -> Any:
        return unit * convolution(ki2, ki1, t) > km * response(t)

    low = np.zeros_like(km)
    high = 1.0 / np.minimum(km, ki2)
    while (still := rises(high)).any():
        high = np.where(still, 2.0 * high, high)
    for _ in range(100):  # at its peak the response hardly depends on t
        middle = 0.5 * (low + high)
        up = rises(middle)
        low, high = np.where(up, middle, low), np.where(up, high, middle)
    return 1.0 / response(low)


@reads("taue", "taui1", "taui2")
def check(p: SimpleNamespace) -> str | None:
    """What makes the tangent of m a bound of when it reaches 1."""
    for name in ("taue", "taui1"):
        tau = getattr(p, name)
        at = first_wrong(tau < p.taui2)
        if at is not None:
            return (
                f"{name} < taui2 does not hold: {name} = {tau[at]:g} ms, taui2 = {p.taui2[at]:g} ms. Inhibition must "
                f"outlast excitation and its own rise; make taui2 greater or {name} smaller."
            )
    return None


@inlined
def after(s, p, i, t):
    """m, e, i1 and i2 at time t."""
    d, km = t - s.t0[i], p.km[i]
    em = exp_one(-km * d)
    ee, by_e = convolved(em, km, p.ke[i], p.gap_e[i], p.per_gap_e[i], d)
    e1, by_1 = convolved(em, km, p.ki1[i], p.gap_1[i], p.per_gap_1[i], d)
    e2, by_2 = convolved(em, km, p.ki2[i], p.gap_2[i], p.per_gap_2[i], d)
    fed = p.spread[i] * s.i1[i]
    inhibition = p.ai2[i] * (s.i2[i] * by_2 + fed * (by_2 - by_1))
    m = s.m[i] * em + p.ae[i] * s.e[i] * by_e + inhibition
    return m, s.e[i] * ee, s.i1[i] * e1, s.i2[i] * e2 + fed * (e2 - e1)


@kernel
def receive(s, p, c, e, q):
    """An input moves a current; a self-event fires the cell or aims again.

    A positive current falls, since excitation is what decays first, and a negative one only lets m fall:
    the tangent of m is an upper bound for good.
    """
    i = e.cell
    m, exc, i1, i2 = after(s, p, i, e.t)
    if e.flag == 0:
        exc += e.weight if e.weight > 0.0 else 0.0
        i1 += 0.0 if e.weight > 0.0 else e.weight
        s.m[i], s.e[i], s.i1[i], s.i2[i], s.t0[i] = m, exc, i1, i2, e.t
        aim(q, e, m, p.taum[i] * (p.ae[i] * exc + p.ai2[i] * i2), p.taum[i])
        return
    top = p.taum[i] * (p.ae[i] * exc + p.ai2[i] * i2)
    if has_reached(e, m, top, p.taum[i]):
        s.m[i], s.e[i], s.i1[i], s.i2[i], s.t0[i] = 0.0, exc, i1, i2, e.t
        net_event(q, e, e.t)
        m = 0.0
    aim(q, e, m, top, p.taum[i])


@kernel
def catch_up(s, p, i, t):
    """m, e, i1 and i2 at time t."""
    s.m[i], s.e[i], s.i1[i], s.i2[i] = after(s, p, i, t)
    s.t0[i] = t


@kernel
def changed(s, p, e, q):
    """The next spike, from the state as it is."""
    i = e.cell
    aim(q, e, s.m[i], p.taum[i] * (p.ae[i] * s.e[i] + p.ai2[i] * s.i2[i]), p.taum[i])


@kernel
def membrane(s, p, i, t):
    """m at time t."""
    return after(s, p, i, t)[0]


@kernel
def excitation(s, p, i, t):
    """ae e at time t."""
    return p.ae[i] * after(s, p, i, t)[1]


@kernel
def inhibition(s, p, i, t):
    """ai2 i2 at time t."""
    return p.ai2[i] * after(s, p, i, t)[3]


IntFire4 = EventModel(
    "IntFire4",
    params=(
        Param("taue", 5.0, "ms", "time constant of excitation; smaller than taui2", above=0.0),
        Param("taui1", 10.0, "ms", "rise of inhibition; smaller than taui2", above=0.0),
        Param("taui2", 20.0, "ms", "decay of inhibition", above=0.0),
        Param("taum", 50.0, "ms", "membrane time constant", above=0.0),
    ),
    state=State,
    recordables=(
        Variable("m", "", "membrane after the last event"),
        Variable("e", "", "excitation after the last event", at_least=0.0),
        Variable("i1", "", "source of inhibition after the last event", at_most=0.0),
        Variable("i2", "", "inhibition after the last event", at_most=0.0),
    ),
    traces=(
        Trace("M", "", "membrane", membrane),
        Trace("E", "1/ms", "excitatory current", excitation),
        Trace("I", "1/ms", "inhibitory current", inhibition),
    ),
    prepare=prepare,
    receive=receive,
    start=starting(changed),
    catch_up=catch_up,
    changed=changed,
    check=check,
    about="A membrane with fast excitation and slower inhibition of its own rise and decay.",
    equations="""\
taue de/dt = -e;  taui1 di1/dt = -i1;  di2/dt = -i2/taui2 + ai1 i1;  dm/dt = -m/taum + ae e + ai2 i2
an event of weight w > 0: e := e + w, else i1 := i1 + w
ae, ai1, ai2: a unit of e lifts m by 1 at most, a unit of i1 moves i2, and through it m, by 1 at most
m reaches 1: a spike, m := 0; the currents stay""",
    source="Carnevale and Hines, The NEURON Book, chapter 10; van Elburg and van Ooyen (2009); NEURON's IntFire4",
)
