"""What the leaky integrate-and-fire models share: parameters, the membrane over one step, their check."""

from types import SimpleNamespace

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.errors import DescriptionError
from parsim.kernels import elementary
from parsim.models.base import Param, Variable
from parsim.models.checks import reads

MEMBRANE = (
    Param("C_m", 250.0, "pF", "capacitance of the membrane", above=0.0),
    Param("tau_m", 10.0, "ms", "time constant of the membrane", above=0.0),
    Param("t_ref", 2.0, "ms", "duration of the refractory period", at_least=0.0),
    Param("E_L", -70.0, "mV", "resting potential"),
    Param("V_th", -55.0, "mV", "spike threshold"),
    Param("V_reset", -70.0, "mV", "potential after a spike"),
    Param("I_e", 0.0, "pA", "constant input current"),
)
SYNAPSES = (
    Param("tau_syn_ex", 2.0, "ms", "time constant of excitatory synaptic currents", above=0.0),
    Param("tau_syn_in", 2.0, "ms", "time constant of inhibitory synaptic currents", above=0.0),
)
CURRENTS = (
    Variable("I_syn_ex", "pA", "excitatory synaptic current"),
    Variable("I_syn_in", "pA", "inhibitory synaptic current"),
)
V_MIN = Param("V_min", -np.inf, "mV", "lower bound of the membrane potential", infinite=True)


@reads("V_th", "V_reset")
def below_threshold(p: SimpleNamespace) -> str | None:
    """V_reset must lie below V_th, else a cell would fire for ever."""
    wrong = np.atleast_1d(p.V_reset >= p.V_th)
    if not wrong.any():
        return None
    at = int(np.argmax(wrong))
    reset, threshold = (np.broadcast_to(x, wrong.shape)[at] for x in (p.V_reset, p.V_th))
    return f"V_reset is {reset:g} mV and V_th is {threshold:g} mV; V_reset must be below V_th."


def membrane(p: SimpleNamespace, clock: Clock) -> tuple[Floats, Floats]:
    """Decay of the membrane over one step, and what 1 pA adds to it in mV."""
    return elementary.exp(-clock.dt / p.tau_m), -elementary.expm1(-clock.dt / p.tau_m) * p.tau_m / p.C_m


def refractory_steps(t_ref: Floats, clock: Clock) -> Ints:
    """Whole steps that cover the refractory period."""
    return clock.at_least(t_ref, "t_ref")


def exact_refractory_steps(t_ref: Floats, clock: Clock) -> Ints:
    """The same for cells that fire between steps, which need at least one."""
    steps = refractory_steps(t_ref, clock)
    if (steps < 1).any():
        wrong = float(t_ref[np.argmax(steps < 1)])
        raise DescriptionError(
            f"t_ref is {wrong:g} ms; a cell that fires between steps needs at least one step (dt = {clock.dt} ms)."
        )
    return steps
