"""Models that break the laws on purpose, each another, beside one that keeps them."""

from typing import NamedTuple

import numpy as np

import parsim as ps
from parsim.models.base import CellModel


class State(NamedTuple):
    V_m: ps.Floats
    free: ps.Ints


class Params(NamedTuple):
    decay: ps.Floats
    V_th: ps.Floats
    memory: ps.Floats


def prepare(p, clock):
    return Params(ps.exp(-clock.dt / p.tau_m), p.V_th, np.zeros_like(p.V_th))


@ps.kernel
def fire(s, p, i, k, out):
    if s.V_m[i] >= p.V_th[i]:
        s.V_m[i] = 0.0
        s.free[i] = k + 10
        ps.emit(out, i, k + 1)


@ps.kernel
def sound(s, p, inputs, span, out):
    for k in range(span.first, span.stop):
        for i in range(span.begin, span.end):
            v = p.decay[i] * s.V_m[i] + inputs.spikes[k - span.origin, 0, i]
            s.V_m[i] = v if k >= s.free[i] else s.V_m[i]
        for i in range(span.begin, span.end):
            fire(s, p, i, k, out)


@ps.kernel
def of_the_first(s, p, inputs, span, out):
    """All cells decay as the first of those that are moved."""
    for k in range(span.first, span.stop):
        for i in range(span.begin, span.end):
            v = p.decay[span.begin] * s.V_m[i] + inputs.spikes[k - span.origin, 0, i]
            s.V_m[i] = v if k >= s.free[i] else s.V_m[i]
            fire(s, p, i, k, out)


@ps.kernel
def at_the_start(s, p, inputs, span, out):
    """A little is added whenever the kernel is called."""
    for k in range(span.first, span.stop):
        for i in range(span.begin, span.end):
            v = p.decay[i] * s.V_m[i] + inputs.spikes[k - span.origin, 0, i]
            s.V_m[i] = v + (1e-3 if k == span.first else 0.0) if k >= s.free[i] else s.V_m[i]
            fire(s, p, i, k, out)


@ps.kernel
def remembers(s, p, inputs, span, out):
    """What came in is remembered where parameters are."""
    for k in range(span.first, span.stop):
        for i in range(span.begin, span.end):
            p.memory[i] += 1e-3 * inputs.spikes[k - span.origin, 0, i]
            v = p.decay[i] * s.V_m[i] + inputs.spikes[k - span.origin, 0, i] - p.memory[i]
            s.V_m[i] = v if k >= s.free[i] else s.V_m[i]
            fire(s, p, i, k, out)


@ps.kernel
def counts_all(s, p, inputs, span, out):
    """Every cell feels how many there are."""
    for k in range(span.first, span.stop):
        for i in range(span.begin, span.end):
            v = p.decay[i] * s.V_m[i] + inputs.spikes[k - span.origin, 0, i] - 1e-4 * s.V_m.size
            s.V_m[i] = v if k >= s.free[i] else s.V_m[i]
            fire(s, p, i, k, out)


@ps.kernel
def overflows(s, p, inputs, span, out):
    """A product that has more than 64 bits, which Python knows and compiled code does not."""
    for k in range(span.first, span.stop):
        some = ((k * 6364136223846793005) >> 33) % 5
        for i in range(span.begin, span.end):
            v = p.decay[i] * s.V_m[i] + inputs.spikes[k - span.origin, 0, i] + 0.01 * some
            s.V_m[i] = v if k >= s.free[i] else s.V_m[i]
            fire(s, p, i, k, out)


CALLS = []


def prepare_once_more(p, clock):
    """Decays that differ from call to call."""
    CALLS.append(len(CALLS))
    return prepare(p, clock)._replace(V_th=p.V_th + 0.01 * len(CALLS))


def cells(name, advance, prepare=prepare):
    return CellModel(
        name,
        params=(ps.Param("tau_m", 10.0, "ms", above=0.0), ps.Param("V_th", 15.0, "mV", above=0.0)),
        state=State, recordables=(ps.Variable("V_m", "mV"),), ports=("all",), weight_unit="mV",
        prepare=prepare, advance=advance, takes_current=False,
    )  # fmt: skip


KEEPS = cells("keeps", sound)
ONCE_MORE = cells("once_more", sound, prepare_once_more)
# By the law that each breaks, among others that may follow from it.
BROKEN = {
    "ranks": cells("of_the_first", of_the_first),
    "cuts": cells("at_the_start", at_the_start),
    "restart": cells("remembers", remembers),
    "neighbours": cells("counts_all", counts_all),
    "interpreter": cells("overflows", overflows),
    "alone": ONCE_MORE,
    "reset": ONCE_MORE,
}


# ---- of other kinds ----------------------------------------------------------------------------------


class Left(NamedTuple):
    left: ps.Floats


class Weight(NamedTuple):
    weight: ps.Floats


def prepare_weight(p, clock):
    return Weight(p.weight)


@ps.kernel
def uses_up_the_first(s, p, r, spike):
    s.left[0] *= 0.9
    return ps.at_row(p.weight, r) * s.left[0]


SYNAPSE = ps.SynapseModel(
    "uses_up_the_first",
    params=(ps.Param("weight", 1.0), ps.Param("delay", 1.0, "ms", at_least=0.0)),
    state=Left, recordables=(ps.Variable("left", initial=1.0),), prepare=prepare_weight, transmit=uses_up_the_first,
)  # fmt: skip


class Amplitude(NamedTuple):
    amplitude: ps.Floats


def prepare_amplitude(p, clock):
    return Amplitude(p.amplitude)


@ps.kernel
def since_the_call(p, rows, span, key, page):
    for k in range(span.first, span.stop):
        for r in range(rows.slot.size):
            page[k - span.origin, rows.slot[r]] += p.amplitude[rows.stimulus[r]] * (k - span.first)


STIMULUS = ps.StimulusModel(
    "since_the_call", params=(ps.Param("amplitude", 100.0, "pA"),), prepare=prepare_amplitude, drive=since_the_call,
    into="current",
)  # fmt: skip


class Sum(NamedTuple):
    m: ps.Floats


class Top(NamedTuple):
    top: ps.Floats


def prepare_top(p):
    return Top(p.top)


@ps.kernel
def adds_to_the_first(s, p, c, e, q):
    s.m[0] += abs(e.weight)
    if s.m[0] > p.top[e.cell]:
        s.m[0] = 0.0
        ps.net_event(q, e, e.t)


EVENT = ps.EventModel(
    "adds_to_the_first", params=(ps.Param("top", 2.0),), state=Sum, recordables=(ps.Variable("m"),),
    prepare=prepare_top, receive=adds_to_the_first,
)  # fmt: skip
