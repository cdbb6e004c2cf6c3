"""IntFire3: a membrane with a bias, fast excitatory and slower inhibitory currents."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats
from parsim.jit import inlined, kernel
from parsim.kernels.maths import exp_one, log
from parsim.models.base import Param, Variable
from parsim.models.checks import reads
from parsim.models.event_model import EventModel, Trace, first_wrong
from parsim.models.parts.firing import aim, convolved, gap_of, has_reached, peak_gain, rising_time, starting
from parsim.shard.events.queue import NEVER, net_event, net_move


class State(NamedTuple):
    m: Floats
    e: Floats
    i: Floats
    t0: Floats  # of the last event
    fires: Floats  # the time of a spike that has been found exactly


class Params(NamedTuple):
    ib: Floats
    taum: Floats
    km: Floats
    ke: Floats
    ki: Floats
    gap_e: Floats  # |ke - km|
    gap_i: Floats
    per_gap_e: Floats  # 1 / gap_e
    per_gap_i: Floats
    ae: Floats
    ai: Floats


def prepare(p: SimpleNamespace) -> Params:
    """Rates, and the gains with which a unit input moves m by 1 at most."""
    km, ke, ki = 1.0 / p.taum, 1.0 / p.taue, 1.0 / p.taui
    gap_e, gap_i = gap_of(km, ke), gap_of(km, ki)
    ae, ai = peak_gain(km, ke), peak_gain(km, ki)
    return Params(p.ib, p.taum, km, ke, ki, gap_e, gap_i, 1.0 / gap_e, 1.0 / gap_i, ae, ai)


@reads("taue", "taui")
def check(p: SimpleNamespace) -> str | None:
    """Inhibition must outlast excitation."""
    at = first_wrong(p.taue < p.taui)
    if at is None:
        return None
    return (
        f"taue < taui does not hold: taue = {p.taue[at]:g} ms, taui = {p.taui[at]:g} ms. Inhibition must decay more "
        "slowly than excitation; make taui greater or taue smaller."
    )


@inlined
def after(s, p, i, t):
    """m and the currents ae e and ai i at time t."""
    d, ib, km = t - s.t0[i], p.ib[i], p.km[i]
    em = exp_one(-km * d)
    ee, by_e = convolved(em, km, p.ke[i], p.gap_e[i], p.per_gap_e[i], d)
    ei, by_i = convolved(em, km, p.ki[i], p.gap_i[i], p.per_gap_i[i], d)
    excitation, inhibition = p.ae[i] * s.e[i], p.ai[i] * s.i[i]
    m = ib + (s.m[i] - ib) * em + excitation * by_e + inhibition * by_i
    return m, s.e[i] * ee, s.i[i] * ei


@inlined
def top_of(p, i, e, inh):
    """What m rises to at most: a negative current only wanes, a positive one falls."""
    return p.ib[i] + p.taum[i] * max(p.ae[i] * e + p.ai[i] * inh, 0.0)


@kernel
def receive(s, p, c, e, q):
    """An input moves a current; a self-event fires the cell or aims again."""
    i = e.cell
    m, exc, inh = after(s, p, i, e.t)
    if e.flag == 0:
        exc += e.weight if e.weight > 0.0 else 0.0
        inh += 0.0 if e.weight > 0.0 else e.weight
        s.m[i], s.e[i], s.i[i], s.t0[i] = m, exc, inh, e.t
        aim(q, e, m, top_of(p, i, exc, inh), p.taum[i])
        return
    drive = p.ib[i] + p.taum[i] * (p.ae[i] * exc + p.ai[i] * inh)
    if e.t == s.fires[i] or has_reached(e, m, drive, p.taum[i]):
        s.m[i], s.e[i], s.i[i], s.t0[i] = 0.0, exc, inh, e.t
        s.fires[i] = -1.0
        net_event(q, e, e.t)
        aim(q, e, 0.0, top_of(p, i, exc, inh), p.taum[i])
    else:
        look_on(s, p, e, q, m, exc, inh, drive)


@kernel
def look_on(s, p, e, q, m, exc, inh, drive):
    """Aim again while the current falls; from its minimum on, only the bias lifts m, at a time to be found."""
    i, taum = e.cell, p.taum[e.cell]
    down, up = p.ae[i] * exc * p.ke[i], -p.ai[i] * inh * p.ki[i]
    falls = 0.0  # how long the current falls
    if down > up:
        falls = log(down / up) / (p.ke[i] - p.ki[i]) if up > 0.0 else NEVER
    if falls > 0.0 and drive > 1.0 and taum * (1.0 - m) / (drive - m) < falls:
        aim(q, e, m, drive, taum)
    elif p.ib[i] <= 1.0 or falls == NEVER:
        net_move(q, e, NEVER)
    else:
        a, b = p.ae[i] * exc, p.ai[i] * inh
        t = e.t + rising_time(p.ib[i], m, p.km[i], a, p.ke[i], b, p.ki[i], falls)
        s.fires[i] = t
        net_move(q, e, t)


@kernel
def catch_up(s, p, i, t):
    """m, e and i at time t."""
    s.m[i], s.e[i], s.i[i] = after(s, p, i, t)
    s.t0[i] = t


@kernel
def changed(s, p, e, q):
    """The next spike, from the state as it is."""
    i = e.cell
    s.fires[i] = -1.0
    aim(q, e, s.m[i], top_of(p, i, s.e[i], s.i[i]), p.taum[i])


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
    """ai i at time t."""
    return p.ai[i] * after(s, p, i, t)[2]


IntFire3 = EventModel(
    "IntFire3",
    params=(
        Param("taue", 5.0, "ms", "time constant of excitation; smaller than taui", above=0.0),
        Param("taui", 10.0, "ms", "time constant of inhibition", above=0.0),
        Param("taum", 30.0, "ms", "membrane time constant", above=0.0),
        Param("ib", 0.0, "", "bias; above 1 the cell fires by itself"),
    ),
    state=State,
    recordables=(
        Variable("m", "", "membrane after the last event"),
        Variable("e", "", "excitation after the last event", at_least=0.0),
        Variable("i", "", "inhibition after the last event", at_most=0.0),
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
    about="A membrane with a bias, fast excitation and slower inhibition.",
    equations="""\
taue de/dt = -e;  taui di/dt = -i;  dm/dt = (ib - m)/taum + ae e + ai i
an event of weight w > 0: e := e + w, else i := i + w;  ae and ai: a unit event moves m by 1 at most
m reaches 1: a spike, m := 0; e and i stay""",
    source="named in Carnevale and Hines, The NEURON Book, chapter 10; equations by analogy with IntFire4",
)
