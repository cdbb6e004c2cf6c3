"""Adaptive exponential cells with two synaptic currents, each with a rise and a decay of its own.

    I' = x - I/tau_decay,   x' = -x/tau_rise,   a spike of weight w: x += |w| gain, or I += |w|

As conductances of `receptors`, of which the membrane feels the mean and the first moment over a step; and where a cell
takes a step alone, as two conductances that are one another's negative, towards far apart potentials: what they bring
is then a current that does not depend on V.
"""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.blocks import BLOCK
from parsim.models.base import Param, Variable
from parsim.models.parts import receptors
from parsim.models.parts.adaptive import MEMBRANE, Around, around
from parsim.models.parts.receptors import Courses, Opened, courses, go_along
from parsim.models.parts.upstroke import Alone, Lines, alone_params, alone_with, runge_kutta

PARAMS = (
    *MEMBRANE,
    Param("tau_syn_ex", 0.2, "ms", "time constant of excitatory synaptic currents", above=0.0),
    Param("tau_syn_in", 2.0, "ms", "time constant of inhibitory synaptic currents", above=0.0),
)
FAR = 500.0  # mV from 0 to where the two conductances lead
SHARE = 0.5 / FAR  # nS of each for 1 pA


class State(NamedTuple):
    V_m: Floats
    w: Floats
    I_syn: Floats  # [excitatory and inhibitory, cell]
    dI_syn: Floats  # x of the equations above
    free: Ints  # first step that is not refractory
    apart: Ints  # 1 while the cell goes through a step alone


class Params(NamedTuple):
    courses: (
        Courses  # with the sign of a current as its E_rev, which is also that of the weights that enter it
    )
    at_once: Floats  # [current, cell] what of a weight enters I itself
    around: Around
    alone: Alone
    leak: Floats  # pA for each mV
    I_e: Floats
    rate: Floats
    rate_x: Floats


def recordables(rising_ex: str, rising_in: str) -> tuple[Variable, ...]:
    """What there is to be seen; said is what the rise of each current means."""
    return (
        Variable("V_m", "mV", "membrane potential", initial="E_L"),
        Variable("I_syn_ex", "pA", "excitatory synaptic current", of="I_syn"),
        Variable("I_syn_in", "pA", "inhibitory synaptic current, at least 0", of="I_syn"),
        Variable("w", "pA", "adaptation current"),
        Variable("dI_syn_ex", "pA/ms", rising_ex, of="dI_syn"),
        Variable("dI_syn_in", "pA/ms", rising_in, of="dI_syn"),
    )


def prepared(p: SimpleNamespace, clock: Clock, rises: bool) -> Params:
    """Of currents that rise as alpha functions, or at once."""
    tau = np.array([p.tau_syn_ex, p.tau_syn_in])
    sign = np.ones_like(tau)
    sign[1] = -1.0
    course = courses(tau, tau, sign, clock.dt)
    course = course._replace(gain=course.gain * sign if rises else np.zeros_like(tau))
    fastest = np.minimum(p.tau_syn_ex, p.tau_syn_in)
    as_two = SimpleNamespace(
        **{name: value for name, value in vars(p).items() if name not in ("tau_syn_ex", "tau_syn_in")},
        E_ex=np.full_like(p.E_L, FAR), E_in=np.full_like(p.E_L, -FAR), tau_syn_ex=fastest, tau_syn_in=fastest,
    )  # fmt: skip
    return Params(
        course, np.zeros_like(tau) if rises else sign, around(p, clock), alone_params(as_two, clock),
        p.g_L + 0.0, p.I_e, 1.0 / tau, 1.0 / tau,
    )  # fmt: skip


@kernel
def add_up(s, c, begin, end, mean, fall, bend):
    """The line of both currents of a block's cells, and how far they leave it, pA."""
    for j in range(end - begin):
        mean[j], fall[j], bend[j] = 0.0, 0.0, 0.0
    for r in range(s.I_syn.shape[0]):
        now, x, sign = s.I_syn[r], s.dI_syn[r], c.E_rev[r]
        of, of_x, falls, falls_x, bent, bent_x = (
            c.mean[r], c.mean_x[r], c.fall[r], c.fall_x[r], c.bend[r], c.bend_x[r],
        )  # fmt: skip
        for i in range(begin, end):
            j = i - begin
            mean[j] += sign[i] * (of[i] * now[i] + of_x[i] * x[i])
            fall[j] += sign[i] * (falls[i] * now[i] + falls_x[i] * x[i])
            bend[j] += bent[i] * abs(now[i]) + bent_x[i] * abs(x[i])


@kernel
def present(o):
    """The current of a cell at this time as two conductances, and how fast they rise."""
    current, _, rising = receptors.present(o)
    return SHARE * current, -SHARE * current, 2.0 * SHARE * rising


@kernel
def ahead(cell, o, t):
    """Both over a time t, as straight lines, and the cell after it."""
    line, after = receptors.ahead(cell, o, t)
    mean, fall = SHARE * line.ex, SHARE * line.ex_fall
    return Lines(mean, fall, -mean, -fall), after


@kernel
def beyond_peak(c, t):
    """As `upstroke.beyond_peak`."""
    cell, steep, x, w, o, x_peak = c
    return runge_kutta(cell, steep, x, w, ahead(cell, o, t)[0], t)[0] - x_peak


@kernel
def advance(s, p, inputs, span, out):
    """One step for all cells; those for which it is too long then take it again, alone."""
    rows, c = inputs.current.shape[0], p.courses
    none, mean, fall, bend = np.zeros(BLOCK), np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            current = inputs.current[(k - span.origin) % rows]
            add_up(s, c, begin, end, mean, fall, bend)
            go_along(s, p, current, k, begin, end, none, mean, none, fall, bend)
            for i in range(begin, end):
                if s.apart[i] > 0:
                    o = Opened(s.I_syn, s.dI_syn, p.rate, p.rate_x, c.E_rev, i, 0.0)
                    alone_with(present, ahead, beyond_peak, s, p.alone, i, k, current[i], o, out)

            for r in range(s.I_syn.shape[0]):
                arrived, now, x = inputs.spikes[k - span.origin, r], s.I_syn[r], s.dI_syn[r]
                decay, grown, decay_x = c.decay[r], c.grown[r], c.decay_x[r]
                gain, at_once = c.gain[r], p.at_once[r]
                for i in range(begin, end):
                    now[i] = decay[i] * now[i] + (grown[i] * x[i] + at_once[i] * arrived[i])
                    x[i] = decay_x[i] * x[i] + gain[i] * arrived[i]
