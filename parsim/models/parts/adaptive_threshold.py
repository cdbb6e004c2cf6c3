"""A threshold that each spike raises and that falls back with two time constants; the membrane is not reset."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels import elementary
from parsim.models.base import Param, Variable
from parsim.models.parts.leaky import CURRENTS, refractory_steps
from parsim.shard.outbox import emit

RECORDABLES = (
    Variable("V_m", "mV", "membrane potential", initial="E_L"),
    Variable("V_th", "mV", "threshold; it follows from its parts", initial="omega"),
    Variable("V_th_alpha_1", "mV", "its part that falls with tau_1"),
    Variable("V_th_alpha_2", "mV", "its part that falls with tau_2"),
    *CURRENTS,
)


def params_with(C_m: float, tau_m: float, omega: float, alpha_1: float, alpha_2: float) -> tuple[Param, ...]:
    """Parameters of a membrane under exponential currents, and of its threshold, with these defaults."""
    return (
        Param("C_m", C_m, "pF", "capacitance of the membrane", above=0.0),
        Param("tau_m", tau_m, "ms", "time constant of the membrane", above=0.0),
        Param("E_L", -70.0, "mV", "resting potential"),
        Param("I_e", 0.0, "pA", "constant input current"),
        Param("tau_syn_ex", 1.0, "ms", "time constant of excitatory synaptic currents", above=0.0),
        Param("tau_syn_in", 3.0, "ms", "time constant of inhibitory synaptic currents", above=0.0),
        Param("t_ref", 2.0, "ms", "duration of the refractory period, in which V_m goes on", at_least=0.0),
        Param("omega", omega, "mV", "threshold at rest"),
        Param("alpha_1", alpha_1, "mV", "what a spike adds to the part that falls with tau_1"),
        Param("alpha_2", alpha_2, "mV", "what a spike adds to the part that falls with tau_2"),
        Param("tau_1", 10.0, "ms", "time constant of the first part", above=0.0),
        Param("tau_2", 200.0, "ms", "time constant of the second part", above=0.0),
    )


class Threshold(NamedTuple):
    """What moves it."""

    omega: Floats
    decay_1: Floats
    decay_2: Floats
    alpha_1: Floats
    alpha_2: Floats
    refractory: Ints


def threshold(p: SimpleNamespace, clock: Clock) -> Threshold:
    """Of the parameters above."""
    decay_1, decay_2 = elementary.exp(-clock.dt / p.tau_1), elementary.exp(-clock.dt / p.tau_2)
    return Threshold(p.omega, decay_1, decay_2, p.alpha_1, p.alpha_2, refractory_steps(p.t_ref, clock))


@kernel
def fall(s, q, begin, end):
    """Thresholds after a step without a spike."""
    for i in range(begin, end):
        s.V_th_alpha_1[i] *= q.decay_1[i]
        s.V_th_alpha_2[i] *= q.decay_2[i]
        s.V_th[i] = q.omega[i] + (s.V_th_alpha_1[i] + s.V_th_alpha_2[i])


@kernel
def fire_and_raise(s, q, k, begin, end, out):
    """Cells that are at their thresholds fire and raise them."""
    for i in range(begin, end):
        if (s.V_m[i] >= s.V_th[i]) & (k >= s.free[i]):
            s.V_th_alpha_1[i] += q.alpha_1[i]
            s.V_th_alpha_2[i] += q.alpha_2[i]
            s.V_th[i] += q.alpha_1[i] + q.alpha_2[i]
            s.free[i] = k + 1 + q.refractory[i]
            emit(out, i, k + 1)
