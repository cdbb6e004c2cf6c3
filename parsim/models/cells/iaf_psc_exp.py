"""Leaky integrate-and-fire with exponential synaptic currents, integrated exactly."""

from math import factorial
from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined, kernel, lean_kernel
from parsim.kernels import elementary
from parsim.kernels.blocks import BLOCK, before, shared_in_blocks
from parsim.kernels.maths import exp, exprel
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.leaky import (
    CURRENTS,
    MEMBRANE,
    SYNAPSES,
    below_threshold,
    membrane,
    refractory_steps,
)
from parsim.models.parts.propagators import alpha_propagators
from parsim.rng import uniform
from parsim.shard.coupled.gap import SLOPE_END, SLOPE_MIDDLE, SLOPE_START, V_END, V_MIDDLE, V_START, driven
from parsim.shard.outbox import emit
from parsim.streams import CELL_NOISE


class State(NamedTuple):
    V_m: Floats
    I_syn_ex: Floats
    I_syn_in: Floats
    free: Ints  # first step that is not refractory


class Step(NamedTuple):
    """What is read of every cell in every step, `shared_in_blocks`."""

    E_L: Floats
    decay: Floats  # of the membrane over one step
    drive: Floats  # what I_e adds in one step, mV
    gain: Floats  # what 1 pA adds in one step, mV
    v_from_ex: Floats
    v_from_in: Floats
    decay_ex: Floats
    decay_in: Floats
    V_th: Floats
    delta: Floats


class Params(NamedTuple):
    step: Step
    E_L: Floats
    decay_ex: Floats
    decay_in: Floats
    V_th: Floats
    V_reset: Floats
    refractory: Ints
    hazard: Floats  # expected spikes in one step at threshold; used where delta > 0
    delta: Floats
    C_m: Floats
    I_e: Floats
    leak: Floats  # 1 / tau_m; this and what follows is used where cells are coupled
    rate_ex: Floats
    rate_in: Floats
    dt: float


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Propagators of one step."""
    decay, gain = membrane(p, clock)
    v_from_ex = alpha_propagators(p.tau_syn_ex, p.tau_m, p.C_m, clock.dt)[1]
    v_from_in = alpha_propagators(p.tau_syn_in, p.tau_m, p.C_m, clock.dt)[1]
    decay_ex, decay_in = (elementary.exp(-clock.dt / tau) for tau in (p.tau_syn_ex, p.tau_syn_in))
    step = Step(
        p.E_L, decay, gain * p.I_e, gain, v_from_ex, v_from_in, decay_ex, decay_in, p.V_th, p.delta
    )  # fmt: skip
    return Params(
        step=Step(*map(shared_in_blocks, step)), E_L=p.E_L, decay_ex=decay_ex, decay_in=decay_in,
        V_th=p.V_th, V_reset=p.V_reset, refractory=refractory_steps(p.t_ref, clock),
        hazard=p.rho * clock.dt * 1e-3, delta=p.delta,
        C_m=p.C_m, I_e=p.I_e, leak=1.0 / p.tau_m, rate_ex=1.0 / p.tau_syn_ex, rate_in=1.0 / p.tau_syn_in,
        dt=clock.dt,
    )  # fmt: skip


@kernel
def advance(s, p, inputs, span, out):
    """Exact integration; a refractory membrane stays where it is while its currents move on."""
    rows, q = inputs.current.shape[0], p.step
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        rest, decay = before(q.E_L, begin), before(q.decay, begin)
        drive, gain = before(q.drive, begin), before(q.gain, begin)
        from_ex, from_in = before(q.v_from_ex, begin), before(q.v_from_in, begin)
        decay_ex, decay_in = before(q.decay_ex, begin), before(q.decay_in, begin)
        for k in range(span.first, span.stop):
            ex = inputs.spikes[k - span.origin, 0]
            in_ = inputs.spikes[k - span.origin, 1]
            current = inputs.current[(k - span.origin) % rows]

            for i in range(begin, end):
                v = q.E_L[i - rest] + (
                    q.decay[i - decay] * (s.V_m[i] - q.E_L[i - rest])
                    + (q.drive[i - drive] + q.gain[i - gain] * current[i])
                    + (q.v_from_ex[i - from_ex] * s.I_syn_ex[i] + q.v_from_in[i - from_in] * s.I_syn_in[i])
                )
                s.V_m[i] = v if k >= s.free[i] else s.V_m[i]
                s.I_syn_ex[i] = q.decay_ex[i - decay_ex] * s.I_syn_ex[i] + ex[i]
                s.I_syn_in[i] = q.decay_in[i - decay_in] * s.I_syn_in[i] + in_[i]

            fire(s, p, inputs, k, begin, end, out)


_SERIES = tuple(6.0 / factorial(m + 4) for m in range(15))


@inlined
def rate_of_change(p, g, c, current, ex, in_, i, s, after):
    """dV/dt less its part in V at the fraction s of half a step; synaptic currents were `ex`, `in_` `after` ms ago."""
    synaptic = ex * exp(-after * p.rate_ex[i]) + in_ * exp(-after * p.rate_in[i])
    return (((p.I_e[i] + current) + synaptic) + (driven(c, i, s) - g * p.E_L[i])) / p.C_m[i]


@inlined
def response(z):
    """The integrals of exp(-z (1 - u)) u^k over u from 0 to 1, for k = 0 to 3 and z >= 0."""
    x = z if z < 1.0 else 1.0
    low = 0.0
    for m in range(14, -1, -1):  # the series of k = 3: (-z)^m 3! / (m + 4)!
        low = _SERIES[m] - x * low
    small_3 = low
    small_2 = (1.0 - x * small_3) * (1.0 / 3.0)
    small_1 = (1.0 - x * small_2) * 0.5
    y = z if z > 1.0 else 1.0
    large_0 = exprel(-y)
    large_1 = (1.0 - large_0) / y
    large_2 = (1.0 - 2.0 * large_1) / y
    large_3 = (1.0 - 3.0 * large_2) / y
    small = z < 1.0
    return (
        1.0 - x * small_1 if small else large_0, small_1 if small else large_1,
        small_2 if small else large_2, small_3 if small else large_3,
    )  # fmt: skip


@inlined
def decayed_together(a, b, h):
    """The integral of exp(-a (h - t)) exp(-b t) over t from 0 to h."""
    return exp(-min(a, b) * h) * (h * exprel(-abs(a - b) * h))


@inlined
def half_step(p, g, c, current, ex, in_, i, v):
    """The membrane half a step on, and the slope there, exactly for the polynomial that partners add up to."""
    rate = p.leak[i] + g / p.C_m[i]
    half = 0.5 * p.dt
    r_0, r_1, r_2, r_3 = response(rate * half)
    brought = (c[0, i] + ((p.I_e[i] + current) - g * p.E_L[i])) * r_0 + (
        c[1, i] * r_1 + (c[2, i] * r_2 + c[3, i] * r_3)
    )
    synaptic = ex * decayed_together(rate, p.rate_ex[i], half) + in_ * decayed_together(
        rate, p.rate_in[i], half
    )
    v = p.E_L[i] + (exp(-rate * half) * (v - p.E_L[i]) + (half * brought + synaptic) / p.C_m[i])
    return v, rate_of_change(p, g, c, current, ex, in_, i, 1.0, half) - rate * (v - p.E_L[i])


@kernel
def coupled(s, p, inputs, gap, span, out):
    """As `advance`, with the current through gap junctions, which a refractory membrane does not feel either."""
    rows = inputs.current.shape[0]
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            ex = inputs.spikes[k - span.origin, 0]
            in_ = inputs.spikes[k - span.origin, 1]
            current = inputs.current[(k - span.origin) % rows]
            w = gap.wave[k - gap.first]
            one, two = gap.drive[k - gap.first, :4], gap.drive[k - gap.first, 4:]

            for i in range(begin, end):
                g, start = gap.g[i], s.V_m[i]
                syn_ex, syn_in = s.I_syn_ex[i], s.I_syn_in[i]
                rest = rate_of_change(p, g, one, current[i], syn_ex, syn_in, i, 0.0, 0.0)
                slope = rest - (p.leak[i] + g / p.C_m[i]) * (start - p.E_L[i])
                v_half, slope_half = half_step(p, g, one, current[i], syn_ex, syn_in, i, start)
                syn_ex = syn_ex * exp(-0.5 * p.dt * p.rate_ex[i])
                syn_in = syn_in * exp(-0.5 * p.dt * p.rate_in[i])
                v_end, slope_end = half_step(p, g, two, current[i], syn_ex, syn_in, i, v_half)

                moves = k >= s.free[i]
                w[V_START, i] = start
                w[V_MIDDLE, i] = v_half if moves else start
                w[V_END, i] = v_end if moves else start
                w[SLOPE_START, i] = slope if moves else 0.0
                w[SLOPE_MIDDLE, i] = slope_half if moves else 0.0
                w[SLOPE_END, i] = slope_end if moves else 0.0
                s.V_m[i] = v_end if moves else start
                s.I_syn_ex[i] = p.decay_ex[i] * s.I_syn_ex[i] + ex[i]
                s.I_syn_in[i] = p.decay_in[i] * s.I_syn_in[i] + in_[i]

            fire(s, p, inputs, k, begin, end, out)


@lean_kernel
def fire(s, p, inputs, k, begin, end, out):
    """Cells that have come to threshold in step k fire.

    In most steps of a block there are none, which is found out for many cells at a time: 0.6 ns a cell in place of 1,
    and of 3.4 where references to all these arrays are counted.
    """
    delta, threshold, may_fire = before(p.step.delta, begin), before(p.step.V_th, begin), False
    for i in range(begin, end):
        may_fire |= (p.step.delta[i - delta] > 0.0) | (s.V_m[i] >= p.step.V_th[i - threshold])
    if not may_fire:
        return
    for i in range(begin, end):
        if p.delta[i] > 0.0:
            fires = k >= s.free[i] and escapes(s, p, inputs, k, i)
        else:
            fires = s.V_m[i] >= p.V_th[i]
        if fires:
            s.V_m[i] = p.V_reset[i]
            s.free[i] = k + 1 + p.refractory[i]
            emit(out, i, k + 1)


@kernel
def escapes(s, p, inputs, k, i):
    """Does a cell with a soft threshold fire in step k? A draw of its own decides."""
    expected = p.hazard[i] * exp((s.V_m[i] - p.V_th[i]) / p.delta[i])
    return uniform(inputs.seed, CELL_NOISE, inputs.gids[i], k, 0) < 1.0 - exp(-expected)


iaf_psc_exp = CellModel(
    "iaf_psc_exp",
    params=(
        *MEMBRANE,
        *SYNAPSES,
        Param("rho", 0.01, "Hz", "rate of firing at threshold; used where delta > 0", at_least=0.0),
        Param("delta", 0.0, "mV", "width of a soft threshold; 0 makes it sharp", at_least=0.0),
    ),
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential", initial="E_L"),
        *CURRENTS,
    ),
    prepare=prepare,
    advance=advance,
    coupled=coupled,
    check=below_threshold,
    about="Leaky integrate-and-fire with exponential synaptic currents, integrated exactly.",
    equations="""\
dV_m/dt = -(V_m - E_L)/tau_m + (I_syn_ex + I_syn_in + I_e + I_stim)/C_m
dI_syn_X/dt = -I_syn_X/tau_X; a spike of weight w adds w pA
w > 0 enters I_syn_ex, w <= 0 enters I_syn_in
delta = 0: V_m >= V_th at a step's end is a spike; V_m := V_reset, held for t_ref
delta > 0: a spike with probability 1 - exp(-rho dt exp((V_m - V_th)/delta)) in each step""",
    source="Rotter and Diesmann (1999), Biological Cybernetics 81; NEST's iaf_psc_exp",
)
