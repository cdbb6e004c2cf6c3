"""Cell of thalamus or cortex after Hill and Tononi: intrinsic currents and a threshold that jumps."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined, kernel
from parsim.kernels import elementary
from parsim.kernels.maths import exp, log
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.firing import peak_gain
from parsim.models.parts.leaky import refractory_steps
from parsim.models.parts.propagators import alpha_propagators
from parsim.shard.outbox import emit

RECEPTORS = ("AMPA", "NMDA", "GABA_A", "GABA_B")
ROW = {"NMDA": "blockable"}  # how the state is called that is not g_
MOST_STIFF = 2.0  # time constants in a piece; above 2.78 the method is not stable
MOST_PIECES = 1000.0
PART = 0.1  # ms: what is integrated in one step of the classical Runge-Kutta method, or less


class State(NamedTuple):
    V_m: Floats
    theta: Floats
    g: Floats  # [receptor, cell]
    dg: Floats
    g_NMDA: Floats
    m_fast_NMDA: Floats
    m_slow_NMDA: Floats
    m_IT: Floats
    h_IT: Floats
    D_IKNa: Floats
    m_Ih: Floats
    I_NaP: Floats
    I_KNa: Floats
    I_T: Floats
    I_h: Floats
    free: Ints  # first step without the current that follows a spike


class Params(NamedTuple):
    E_Na: Floats
    E_K: Floats
    g_NaL: Floats
    g_KL: Floats
    rate: Floats  # 1/ms, as what follows
    rate_theta: Floats
    rate_spike: Floats
    theta_eq: Floats
    E_rev: Floats  # [receptor, cell]
    S_act: Floats
    V_act: Floats
    rate_fast: Floats
    rate_slow: Floats
    instant: Floats
    g_NaP: Floats
    E_NaP: Floats
    N_NaP: Floats
    g_KNa: Floats
    E_KNa: Floats
    rate_D: Floats
    g_T: Floats
    E_T: Floats
    N_T: Floats
    g_h: Floats
    E_h: Floats
    clamp: Floats
    refractory: Ints
    gain: Floats  # [receptor, cell]: what a weight of 1 adds to dg
    decay: Floats  # of g over half a part of a step, [receptor, cell]
    grown: Floats
    decay_rise: Floats
    part: Floats  # ms
    parts: Ints


class Moving(NamedTuple):
    """What moves in a cell within a step, or how fast it does."""

    v: float
    theta: float
    fast: float
    slow: float
    m_t: float
    h_t: float
    d: float
    m_h: float


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Conductances are known in closed form at the beginning, middle and end of each part of a step."""
    parts = int(np.ceil(clock.dt / PART - 1e-9))
    part = clock.dt / parts
    rise, decay = (np.array([getattr(p, f"tau_{how}_{r}") for r in RECEPTORS]) for how in ("rise", "decay"))
    peak = np.array([getattr(p, f"g_peak_{r}") for r in RECEPTORS])
    half = 0.5 * part
    return Params(
        p.E_Na, p.E_K, p.g_NaL, p.g_KL, 1.0 / p.tau_m, 1.0 / p.tau_theta, 1.0 / p.tau_spike, p.theta_eq,
        np.array([getattr(p, f"E_rev_{r}") for r in RECEPTORS]), p.S_act_NMDA, p.V_act_NMDA,
        1.0 / p.tau_Mg_fast_NMDA, 1.0 / p.tau_Mg_slow_NMDA, p.instant_unblock_NMDA,
        p.g_peak_NaP, p.E_rev_NaP, p.N_NaP, p.g_peak_KNa, p.E_rev_KNa, 1.0 / p.tau_D_KNa,
        p.g_peak_T, p.E_rev_T, p.N_T, p.g_peak_h, p.E_rev_h, p.voltage_clamp, refractory_steps(p.t_ref, clock),
        peak * peak_gain(1.0 / decay, 1.0 / rise), elementary.exp(-half / decay),
        alpha_propagators(rise, decay, np.ones_like(rise), half)[1], elementary.exp(-half / rise),
        np.full(1, part), np.full(1, parts),
    )  # fmt: skip


@inlined
def sigmoid(x):
    """1/(1 + exp(-x))."""
    return 1.0 / (1.0 + exp(-x))


@inlined
def power(x, n):
    """x^n for x > 0."""
    return exp(n * log(x))


@inlined
def persistent_sodium(p, i, v):
    """pA for a capacity of tau_m, as all currents."""
    return -p.g_NaP[i] * power(sigmoid((v + 55.7) / 7.7), p.N_NaP[i]) * (v - p.E_NaP[i])


@inlined
def sodium_activated(p, i, v, d):
    """Potassium current of the level d that depolarization raises."""
    return -p.g_KNa[i] / (1.0 + power(0.25 / max(d, 1e-300), 3.5)) * (v - p.E_KNa[i])


@inlined
def low_threshold(p, i, v, m, h):
    """Calcium current T."""
    return -p.g_T[i] * power(max(m, 1e-300), p.N_T[i]) * h * (v - p.E_T[i])


@inlined
def pacemaker(p, i, v, m):
    """Current h."""
    return -p.g_h[i] * m * (v - p.E_h[i])


@inlined
def unblocked_at(p, i, v):
    """The part of NMDA channels that magnesium does not block in the end."""
    return sigmoid(p.S_act[i] * (v - p.V_act[i]))


@inlined
def unblocked(p, i, v, goal, fast, slow):
    """The part that it does not block now."""
    share = 0.51 - 0.0028 * v
    blocking = share * min(goal, fast) + (1.0 - share) * min(goal, slow)
    return goal if p.instant[i] > 0.0 else blocking


@kernel
def slopes(p, i, y, g, spiking, current):
    """Derivatives in time; `g` are the conductances of the receptors."""
    v = y.v
    goal = unblocked_at(p, i, v)
    free = g[1] * unblocked(p, i, v, goal, y.fast, y.slow)
    synaptic = -(g[0] * (v - p.E_rev[0, i]) + free * (v - p.E_rev[1, i]))
    synaptic -= g[2] * (v - p.E_rev[2, i]) + g[3] * (v - p.E_rev[3, i])
    leak = -p.g_NaL[i] * (v - p.E_Na[i]) - p.g_KL[i] * (v - p.E_K[i])
    intrinsic = persistent_sodium(p, i, v) + sodium_activated(p, i, v, y.d)
    intrinsic += low_threshold(p, i, v, y.m_t, y.h_t) + pacemaker(p, i, v, y.m_h)
    dv = (leak + synaptic + intrinsic + current) * p.rate[i] - spiking * p.rate_spike[i] * (v - p.E_K[i])
    tau_m_t = 0.13 + 0.22 / (exp(-(v + 132.0) / 16.7) + exp((v + 16.8) / 18.2))
    tau_h_t = 8.2 + (56.6 + 0.27 * exp((v + 115.2) / 5.0)) / (1.0 + exp((v + 86.0) / 3.2))
    rate_h = exp(-14.59 - 0.086 * v) + exp(-1.87 + 0.0701 * v)
    return Moving(
        0.0 if p.clamp[i] > 0.0 else dv,
        -(y.theta - p.theta_eq[i]) * p.rate_theta[i],
        (goal - y.fast) * p.rate_fast[i],
        (goal - y.slow) * p.rate_slow[i],
        (sigmoid((v + 59.0) / 6.2) - y.m_t) / tau_m_t,
        (sigmoid(-(v + 83.0) / 4.0) - y.h_t) / tau_h_t,
        0.025 * sigmoid((v + 10.0) / 5.0) - (y.d - 0.001) * p.rate_D[i],
        (sigmoid(-(v + 75.0) / 5.5) - y.m_h) * rate_h,
    )


@inlined
def moved(y, by, t):
    """After a time t at such slopes."""
    return Moving(
        y.v + t * by.v, y.theta + t * by.theta, y.fast + t * by.fast, y.slow + t * by.slow,
        y.m_t + t * by.m_t, y.h_t + t * by.h_t, y.d + t * by.d, y.m_h + t * by.m_h,
    )  # fmt: skip


@kernel
def pieces(s, p, i, half):
    """In how many pieces a part of a step is integrated, so that it is stable; `half` is what half of one does.

    That is [decay, grown, decay_rise; receptor]. With conductances below some 300 a part is one piece.
    """
    total = p.g_NaL[i] + p.g_KL[i]
    for r in range(4):
        half[0, r], half[1, r], half[2, r] = p.decay[r, i], p.grown[r, i], p.decay_rise[r, i]
        total += s.g[r, i] + p.part[0] * s.dg[r, i]
    stiff = total * p.rate[i] * p.part[0]
    if not stiff > MOST_STIFF:
        return 1
    n = min(np.ceil(stiff / MOST_STIFF), MOST_PIECES)
    for r in range(4):
        decay, rise = exp(log(p.decay[r, i]) / n), exp(log(p.decay_rise[r, i]) / n)
        apart = p.decay[r, i] - p.decay_rise[r, i]
        share = (decay - rise) / apart if abs(apart) > 1e-9 else decay / (p.decay[r, i] * n)
        half[0, r], half[1, r], half[2, r] = decay, p.grown[r, i] * share, rise
    return int(n)


@inlined
def half_on(s, i, g, half):
    """Conductances after half a piece."""
    for r in range(4):
        s.g[r, i] = half[0, r] * s.g[r, i] + half[1, r] * s.dg[r, i]
        s.dg[r, i] *= half[2, r]
        g[r] = s.g[r, i]


@kernel
def piece(s, p, i, y, g, half, t, spiking, current):
    """The classical Runge-Kutta method over a time t."""
    one = slopes(p, i, y, g, spiking, current)
    half_on(s, i, g, half)
    two = slopes(p, i, moved(y, one, 0.5 * t), g, spiking, current)
    three = slopes(p, i, moved(y, two, 0.5 * t), g, spiking, current)
    half_on(s, i, g, half)
    four = slopes(p, i, moved(y, three, t), g, spiking, current)
    y = moved(moved(y, one, t / 6.0), two, t / 3.0)
    return moved(moved(y, three, t / 3.0), four, t / 6.0)


@kernel
def advance(s, p, inputs, span, out):
    """Cell by cell."""
    rows, g, half = inputs.current.shape[0], np.empty(4), np.empty((3, 4))
    for k in range(span.first, span.stop):
        current = inputs.current[(k - span.origin) % rows]
        for i in range(span.begin, span.end):
            y = Moving(
                s.V_m[i], s.theta[i], s.m_fast_NMDA[i], s.m_slow_NMDA[i], s.m_IT[i], s.h_IT[i], s.D_IKNa[i],
                s.m_Ih[i],
            )  # fmt: skip
            for r in range(4):
                g[r] = s.g[r, i]
            spiking = 1.0 if k < s.free[i] else 0.0
            for _ in range(p.parts[0]):
                n = pieces(s, p, i, half)
                for _ in range(n):
                    y = piece(s, p, i, y, g, half, p.part[0] / n, spiking, current[i])
            for r in range(4):
                s.dg[r, i] += p.gain[r, i] * inputs.spikes[k - span.origin, r, i]

            goal = unblocked_at(p, i, y.v)
            s.V_m[i], s.theta[i] = y.v, y.theta
            s.m_fast_NMDA[i], s.m_slow_NMDA[i] = (
                min(y.fast, goal),
                min(y.slow, goal),
            )  # blocking takes no time
            s.m_IT[i], s.h_IT[i], s.D_IKNa[i], s.m_Ih[i] = y.m_t, y.h_t, y.d, y.m_h
            s.I_NaP[i], s.I_KNa[i] = persistent_sodium(p, i, y.v), sodium_activated(p, i, y.v, y.d)
            s.I_T[i], s.I_h[i] = low_threshold(p, i, y.v, y.m_t, y.h_t), pacemaker(p, i, y.v, y.m_h)
            if y.v >= y.theta and k >= s.free[i]:
                s.V_m[i] = s.theta[i] = p.E_Na[i]
                s.free[i] = k + 1 + p.refractory[i]
                emit(out, i, k + 1)
            s.g_NMDA[i] = s.g[1, i] * unblocked(
                p, i, s.V_m[i], unblocked_at(p, i, s.V_m[i]), s.m_fast_NMDA[i], s.m_slow_NMDA[i]
            )


def _at_rest(which: Callable[[Floats], Floats]) -> Callable[[SimpleNamespace], Floats]:
    """Of V_m at rest, which the leaks alone decide."""
    return lambda p: which(_rest(p))


def _rest(p: SimpleNamespace) -> Floats:
    return (p.g_NaL * p.E_Na + p.g_KL * p.E_K) / (p.g_NaL + p.g_KL)


def _logistic(x: Floats) -> Floats:
    return 1.0 / (1.0 + elementary.exp(-x))


def _unblocked(p: SimpleNamespace) -> Floats:
    return _logistic(p.S_act_NMDA * (_rest(p) - p.V_act_NMDA))


def _level(p: SimpleNamespace) -> Floats:
    return 0.001 + p.tau_D_KNa * 0.025 * _logistic((_rest(p) + 10.0) / 5.0)


def _synapse(name: str, peak: float, rise: float, decay: float, reversal: float) -> tuple[Param, ...]:
    return (
        Param(f"g_peak_{name}", peak, "", f"peak conductance of {name} for a weight of 1", at_least=0.0),
        Param(f"tau_rise_{name}", rise, "ms", f"time constant with which {name} rises", above=0.0),
        Param(f"tau_decay_{name}", decay, "ms", f"time constant with which {name} decays", above=0.0),
        Param(f"E_rev_{name}", reversal, "mV", f"reversal potential of {name}"),
    )


def _intrinsic(name: str, reversal: float) -> tuple[Param, ...]:
    return (
        Param(f"g_peak_{name}", 1.0, "", f"peak conductance of the current {name}", at_least=0.0),
        Param(f"E_rev_{name}", reversal, "mV", f"reversal potential of the current {name}"),
    )


ht_neuron = CellModel(
    "ht_neuron",
    params=(
        Param("E_Na", 30.0, "mV", "reversal potential of the sodium leak; V_m and threshold at a spike"),
        Param("E_K", -90.0, "mV", "reversal potential of the potassium leak, and after a spike"),
        Param("g_NaL", 0.2, "", "sodium leak", at_least=0.0),
        Param("g_KL", 1.0, "", "potassium leak", above=0.0),
        Param("tau_m", 16.0, "ms", "time constant of all currents but that after a spike", above=0.0),
        Param("theta_eq", -51.0, "mV", "threshold at rest"),
        Param("tau_theta", 2.0, "ms", "time constant of the threshold", above=0.0),
        Param("tau_spike", 1.75, "ms", "time constant of the current after a spike", above=0.0),
        Param("t_ref", 2.0, "ms", "how long that current flows", at_least=0.0),
        *_synapse("AMPA", 0.1, 0.5, 2.4, 0.0),
        *_synapse("NMDA", 0.075, 4.0, 40.0, 0.0),
        Param("V_act_NMDA", -25.57, "mV", "where half of the NMDA channels are unblocked"),
        Param("S_act_NMDA", 0.081, "1/mV", "how steeply that depends on V_m"),
        Param("tau_Mg_fast_NMDA", 0.68, "ms", "time constant of fast unblocking", above=0.0),
        Param("tau_Mg_slow_NMDA", 22.7, "ms", "time constant of slow unblocking", above=0.0),
        Param("instant_unblock_NMDA", False, "", "unblocking takes no time", kind="flag"),
        *_synapse("GABA_A", 0.33, 1.0, 7.0, -70.0),
        *_synapse("GABA_B", 0.0132, 60.0, 200.0, -90.0),
        *_intrinsic("NaP", 30.0),
        Param("N_NaP", 3.0, "", "power of its activation", above=0.0),
        *_intrinsic("KNa", -90.0),
        Param("tau_D_KNa", 1250.0, "ms", "time constant of the level that opens it", above=0.0),
        *_intrinsic("T", 0.0),
        Param("N_T", 2.0, "", "power of its activation", above=0.0),
        *_intrinsic("h", -40.0),
        Param("voltage_clamp", False, "", "V_m stays where it is, but for spikes", kind="flag"),
    ),
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential", initial=_rest),
        Variable("theta", "mV", "threshold", initial="theta_eq"),
        *(Variable(f"{ROW.get(r, 'g')}_{r}", "", f"conductance of {r}", of="g") for r in RECEPTORS),
        Variable("g_NMDA", "", "the part of it that is not blocked"),
        *(
            Variable(f"dg_{r}", "1/ms", f"how fast that of {r} rises, but for its decay", of="dg")
            for r in RECEPTORS
        ),
        Variable("m_fast_NMDA", "", "fast unblocking", initial=_unblocked),
        Variable("m_slow_NMDA", "", "slow unblocking", initial=_unblocked),
        Variable("m_IT", "", "activation of T", initial=_at_rest(lambda v: _logistic((v + 59.0) / 6.2))),
        Variable("h_IT", "", "inactivation of T", initial=_at_rest(lambda v: _logistic(-(v + 83.0) / 4.0))),
        Variable("D_IKNa", "", "level that depolarization raises", initial=_level),
        Variable("m_Ih", "", "activation of h", initial=_at_rest(lambda v: _logistic(-(v + 75.0) / 5.5))),
        Variable("I_NaP", "", "persistent sodium current"),
        Variable("I_KNa", "", "potassium current that depolarization opens"),
        Variable("I_T", "", "calcium current with a low threshold"),
        Variable("I_h", "", "pacemaker current"),
    ),
    ports=RECEPTORS,
    weight_unit="",
    prepare=prepare,
    advance=advance,
    about="Cell of thalamus or cortex after Hill and Tononi: intrinsic currents and a threshold that jumps.",
    equations="""\
tau_m dV_m/dt = -g_NaL (V_m - E_Na) - g_KL (V_m - E_K) - g_AMPA (V_m - E_rev_AMPA) - g_NMDA m (V_m - E_rev_NMDA)
                - g_GABA_A (V_m - E_rev_GABA_A) - g_GABA_B (V_m - E_rev_GABA_B) + I_NaP + I_KNa + I_T + I_h + I_stim
V_m >= theta at a step's end: a spike; V_m := theta := E_Na, and for t_ref dV_m/dt has the term -(V_m - E_K)/tau_spike
dtheta/dt = -(theta - theta_eq)/tau_theta
g_X(t) = sum over spikes of w g_peak_X c_X (exp(-t/tau_decay_X) - exp(-t/tau_rise_X)), peaking at w g_peak_X
m = a min(m_inf, m_fast) + (1 - a) min(m_inf, m_slow), a = 0.51 - 0.0028 V_m, or m_inf with instant_unblock_NMDA;
m_inf = s(S_act_NMDA (V_m - V_act_NMDA)), s(x) = 1/(1 + exp(-x)); m_fast and m_slow rise to it with
tau_Mg_*_NMDA and fall to it at the end of a step
I_NaP = -g_peak_NaP s((V_m + 55.7)/7.7)^N_NaP (V_m - E_rev_NaP)
I_KNa = -g_peak_KNa (V_m - E_rev_KNa)/(1 + (0.25/D)^3.5), dD/dt = 0.025 s((V_m + 10)/5) - (D - 0.001)/tau_D_KNa
I_T = -g_peak_T m_T^N_T h_T (V_m - E_rev_T), I_h = -g_peak_h m_h (V_m - E_rev_h); m_T, h_T, m_h as in the source""",
    source="Hill and Tononi (2005), Journal of Neurophysiology 93; NEST's ht_neuron",
)
