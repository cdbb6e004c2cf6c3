"""What the adaptive exponential integrate-and-fire models share: parameters, their check, a step without a spike.

The linear membrane moves by Magnus' series (`conductance`); the exponential current and the change of w are added by
the classical Runge-Kutta method along the way (Lawson 1967, SIAM Journal on Numerical Analysis 4). A cell that is in
an upstroke, or is moved too far by one step, takes it alone and in parts (`upstroke`).
"""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import inlined, kernel
from parsim.kernels import elementary
from parsim.kernels.maths import exp
from parsim.models.base import Param
from parsim.models.checks import reads
from parsim.models.parts import conductance
from parsim.models.parts.conductance import NODES, WEIGHTS, course, relaxed
from parsim.models.parts.upstroke import steep_from

MEMBRANE = (
    Param("C_m", 281.0, "pF", "capacitance of the membrane", above=0.0),
    Param("g_L", 30.0, "nS", "leak conductance", at_least=0.0),
    Param("t_ref", 0.0, "ms", "duration of the refractory period", at_least=0.0),
    Param("E_L", -70.6, "mV", "resting potential"),
    Param("V_th", -50.4, "mV", "where the exponential current takes over"),
    Param("Delta_T", 2.0, "mV", "steepness of the exponential; 0: V_th is a sharp threshold", at_least=0.0),
    Param("V_peak", 0.0, "mV", "potential at which a spike ends"),
    Param("V_reset", -60.0, "mV", "potential after a spike"),
    Param("a", 4.0, "nS", "how far w follows V_m"),
    Param("b", 80.5, "pA", "what a spike adds to w"),
    Param("tau_w", 144.0, "ms", "time constant of w", above=0.0),
    Param("I_e", 0.0, "pA", "constant input current"),
)
SYNAPSES = conductance.SYNAPSES

FOLLOWED = 4.0  # up to here `relaxed` is near enough to tell how much of V decays in a step
STIFF = 0.5  # decay of V in a step from which a cell is taken alone
UNSURE = 1e-7  # mV that the series of `near_exp` may be wrong by
MOST_ERROR = (
    1e-5  # mV that Simpson's rule may miss of the exponential current; a step that needs more is taken alone
)

BY_SIGN = "g_ex (V_m - E_ex) - g_in (V_m - E_in)"  # the currents of conductances
EQUATIONS = """\
C_m dV_m/dt = -g_L (V_m - E_L) + g_L Delta_T exp((V_m - V_th)/Delta_T)
              - {} - w + I_e + I_stim
tau_w dw/dt = a (V_m - E_L) - w
{}
V_m reaches V_peak: a spike at the end of this step; at once V_m := V_reset and w := w + b. V_m is held for the rest of
the step and t_ref if t_ref > 0; otherwise it goes on within the step, and may reach V_peak again
Delta_T = 0: no exponential current; spikes are at V_th"""


@reads("V_th", "V_reset", "V_peak", "Delta_T")
def below_peak(p: SimpleNamespace) -> str | None:
    """V_reset must lie below where a spike ends, and V_peak not below V_th."""
    low = np.atleast_1d((p.V_peak < p.V_th) & (p.Delta_T > 0.0))
    if low.any():
        at = int(np.argmax(low))
        peak, threshold = (np.broadcast_to(x, low.shape)[at] for x in (p.V_peak, p.V_th))
        return f"V_peak is {peak:g} mV and V_th is {threshold:g} mV; V_peak must be at least V_th."
    name = np.where(np.atleast_1d(p.Delta_T) > 0.0, "V_peak", "V_th")
    ends = np.where(np.atleast_1d(p.Delta_T) > 0.0, p.V_peak, p.V_th)
    wrong = np.atleast_1d(p.V_reset) >= ends
    if not wrong.any():
        return None
    at = int(np.argmax(wrong))
    reset, end, name = (np.broadcast_to(x, wrong.shape)[at] for x in (p.V_reset, ends, name))
    return f"V_reset is {reset:g} mV and {name} is {end:g} mV; V_reset must be below {name}."


class Around(NamedTuple):
    """What goes around the linear membrane."""

    E_L: Floats
    gain: Floats  # what 1 pA adds in a step, mV
    growth: Floats  # what the exponential current adds in a step at V_th, mV
    per_delta: Floats  # 1 / Delta_T, or 0
    V_th: Floats
    V_steep: Floats
    V_reset: Floats
    a: Floats
    rate_w: Floats  # dt / tau_w
    decay_w: Floats


def around(p: SimpleNamespace, clock: Clock) -> Around:
    """The exponential current, and w."""
    h, exponential = clock.dt, p.Delta_T > 0.0
    per_delta = np.where(exponential, 1.0, 0.0) / np.where(exponential, p.Delta_T, 1.0)
    return Around(
        p.E_L, h / p.C_m, h * p.g_L * p.Delta_T / p.C_m, per_delta, p.V_th, steep_from(p, clock), p.V_reset,
        p.a, h / p.tau_w, elementary.exp(-h / p.tau_w),
    )  # fmt: skip


def integrals_to_middle(p: SimpleNamespace, h: float) -> tuple[Floats, Floats, Floats, Floats]:
    """What Simpson's rule must see in the middle to integrate what conductances do to V exactly, over C.

    Of t exp(-t/tau) and exp(-t/tau), excitatory, then inhibitory, as `integrals` gives them to h/2.
    """
    sums = [np.zeros_like(p.C_m) for _ in range(4)]
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        ex, in_ = course(p.tau_syn_ex, h * node), course(p.tau_syn_in, h * node)
        for total, values in zip(sums, (ex.rise, ex.decay, in_.rise, in_.decay), strict=True):
            total += 0.25 * (5.0 - 6.0 * node) * weight * h * values / p.C_m
    return sums[0], sums[1], sums[2], sums[3]


class Third(NamedTuple):
    """The next term of Magnus' series, for a conductance while all else is constant, of the force between the two.

    (leak (decay g + rise dg) + both_decay g^2 + mixed g dg + both_rise dg^2) force
    """

    decay: Floats
    rise: Floats
    both_decay: Floats
    mixed: Floats
    both_rise: Floats


def third(tau: Floats, p: SimpleNamespace, h: float) -> Third:
    """Integrals over a step of all that is of third order in G in the solution and not in (F0 + W) (1 - exp(-K)) / K.

    With the constant part G and a course gx, integral gX, they are G^2 g and G g^2 times the two below.
    """
    gain = h / p.C_m
    ends = course(tau, h)
    x_end = (ends.decayed / h, ends.risen / h)
    first = [np.zeros_like(tau) for _ in range(2)]  # integrals of (1 - s) x and (1 - s)^2 x
    second = [np.zeros_like(tau) for _ in range(2)]
    products = [[np.zeros_like(tau) for _ in range(2)] for _ in range(2)]  # of (1 - s) (X(1) - X) y
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        at = course(tau, h * node)
        x, integral = (at.decay, at.rise), (at.decayed / h, at.risen / h)
        for a in range(2):
            first[a] += weight * (1.0 - node) * x[a]
            second[a] += weight * ((1.0 - node) * (1.0 - node)) * x[a]
            for b in range(2):
                products[a][b] += weight * (1.0 - node) * (x_end[a] - integral[a]) * x[b]
    w = [0.5 * x_end[a] - first[a] for a in range(2)]
    once = [0.5 * second[a] - x_end[a] / 6.0 + 0.5 * w[a] for a in range(2)]
    twice = [
        [products[a][b] - x_end[a] * x_end[b] / 3.0 + 0.5 * x_end[a] * w[b] for b in range(2)]
        for a in range(2)
    ]
    return Third(
        gain * once[0], gain * once[1],
        gain * gain * twice[0][0], gain * gain * (twice[0][1] + twice[1][0]), gain * gain * twice[1][1],
    )  # fmt: skip


class Quarters(NamedTuple):
    """Integrals of a conductance of 1 nS, and of one that rises by 1 nS/ms, to quarters of a step, over C_m."""

    first: Floats
    half: Floats
    third: Floats
    first_rise: Floats
    half_rise: Floats
    third_rise: Floats


def quarters(tau: Floats, p: SimpleNamespace, h: float) -> Quarters:
    """What moves V within a step."""
    at = [course(tau, h * part) for part in (0.25, 0.5, 0.75)]
    return Quarters(*(c.decayed / p.C_m for c in at), *(c.risen / p.C_m for c in at))


@inlined
def missed(first, half, third, whole, seen):
    """What Simpson's rule misses of the means over a step of exp(x) and of (1 - s) exp(x).

    The first is what the exponential current does to V, the second how much of that passes by the end of the step. The
    rule knows x at the start, where it is 0, in the middle, as `seen`, and at the end. Boole's rule, with x at all
    quarters, counts as the truth: its error is 100 times smaller at dt/tau_syn = 0.5.
    """
    early, middle, in_middle = near_exp(first), near_exp(half), near_exp(seen)
    late, last = near_exp(0.5 * third), near_exp(0.5 * whole)
    late, last = late * late, last * last
    mean = (7.0 + 7.0 * last) + 32.0 * (early + late) + 12.0 * middle
    passing = (7.0 + 24.0 * early) + (8.0 * late + 6.0 * middle)
    return (
        (1.0 / 90.0) * mean - (1.0 / 6.0) * (1.0 + last + 4.0 * in_middle),
        (1.0 / 90.0) * passing - (1.0 / 6.0) * (1.0 + 2.0 * in_middle),
    )


@inlined
def moved(v, push, lost):
    """Where a linear membrane is that would be pushed by so much, and how much of a difference in V is left."""
    share = relaxed(lost)
    return v + push * share, 1.0 - lost * share if lost < FOLLOWED else 1e-3


@inlined
def around_linear(q, i, v, w, v_half, kept_half, v_full, kept_full, error_mean, error_passing):
    """V and w of cell i after a step, and whether the step may be taken so.

    `v_half` and `v_full` are where the linear membrane would be with w as it is; `error_mean` and `error_passing` are
    what Simpson's rule misses of the exponential current, as shares; see `missed`.
    """
    grown = q.growth[i] * exp((v - q.V_th[i]) * q.per_delta[i])
    kept_second = kept_full / kept_half
    w1 = q.rate_w[i] * (q.a[i] * (v - q.E_L[i]) - w)

    v2 = v_half + 0.5 * kept_half * grown
    x2 = q.per_delta[i] * (v2 - v)
    grown_2 = grown * near_exp(x2)
    n2 = grown_2 - 0.5 * q.gain[i] * w1
    w2 = q.rate_w[i] * (q.a[i] * (v2 - q.E_L[i]) - (w + 0.5 * w1))

    v3 = v_half + 0.5 * n2
    grown_3 = grown_2 * near_exp(q.per_delta[i] * (v3 - v2))
    n3 = grown_3 - 0.5 * q.gain[i] * w2
    w3 = q.rate_w[i] * (q.a[i] * (v3 - q.E_L[i]) - (w + 0.5 * w2))

    v4 = v_full + kept_second * n3
    x4 = q.per_delta[i] * (v4 - v3)
    n4 = grown_3 * near_exp(x4) - q.gain[i] * w3
    w4 = q.rate_w[i] * (q.a[i] * (v4 - q.E_L[i]) - (w + w3))

    correction = grown * (error_mean - (1.0 - kept_full) * error_passing)
    v_next = v_full + (1.0 / 6.0) * (kept_full * grown + n4 + 2.0 * kept_second * (n2 + n3)) + correction
    w_next = w + (1.0 / 6.0) * (w1 + w4 + 2.0 * (w2 + w3))

    far = max(abs(x2), abs(x4))
    far_4 = (far * far) * (far * far)
    good = (
        (v < q.V_steep[i]) & (v_next < q.V_steep[i]) & (1.0 - kept_full + q.rate_w[i] < STIFF)
        & (grown * (far_4 * far_4) < 5040.0 * UNSURE) & (far < 2.0) & (abs(correction) < MOST_ERROR)
    )  # fmt: skip
    return v_next, w_next, good


@inlined
def w_held(q, i, w):
    """w after a step with V at V_reset."""
    goal = q.a[i] * (q.V_reset[i] - q.E_L[i])
    return goal + (w - goal) * q.decay_w[i]


@kernel
def go_around(s, q, k, begin, end, v_half, kept_half, v_full, kept_full, error_mean, error_passing):
    """A block's cells take step k, but for those that must take it alone: these stay, and are marked."""
    for i in range(begin, end):
        v, w, j = s.V_m[i], s.w[i], i - begin
        v_next, w_next, good = around_linear(
            q, i, v, w, v_half[j], kept_half[j], v_full[j], kept_full[j], error_mean[j], error_passing[j]
        )
        free = k >= s.free[i]
        s.V_m[i] = (v_next if good else v) if free else q.V_reset[i]
        s.w[i] = (w_next if good else w) if free else w_held(q, i, w)
        s.apart[i] = (0 if good else 1) if free else 0


@inlined
def near_exp(x: float) -> float:
    """e^x by Taylor's series to degree 6, for small x."""
    x2 = x * x
    return (1.0 + x) + x2 * (
        (0.5 + x * (1.0 / 6.0)) + x2 * ((1.0 / 24.0 + x * (1.0 / 120.0)) + x2 * (1.0 / 720.0))
    )
