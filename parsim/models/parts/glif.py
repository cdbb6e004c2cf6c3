"""What generalized leaky cells (GLIF) do at and after their spikes: currents, thresholds that move, and resets."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels import elementary
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.after_spikes import MOST, rows_of_lists
from parsim.models.parts.leaky import below_threshold, refractory_steps
from parsim.models.ports import PerReceptor
from parsim.shard.outbox import emit

_LISTS = ("asc_init", "asc_decay", "asc_amps", "asc_r")


def glif_params(leak: str) -> tuple[Param, ...]:
    """Parameters; the leak conductance has this name."""
    return (
        Param("C_m", 58.72, "pF", "capacitance of the membrane", above=0.0),
        Param(leak, 9.43, "nS", "leak conductance", above=0.0),
        Param("t_ref", 3.75, "ms", "after a spike all but synapses stands still for so long", at_least=0.0),
        Param("E_L", -78.85, "mV", "resting potential"),
        Param("V_th", -51.68, "mV", "threshold at rest"),
        Param("V_reset", -78.85, "mV", "potential after a spike, without spike_dependent_threshold"),
        Param("spike_dependent_threshold", False, "", "spikes raise the threshold; V_m is reset by rule", kind="flag"),
        Param("after_spike_currents", False, "", "spikes trigger currents", kind="flag"),
        Param("adapting_threshold", False, "", "the threshold follows V_m", kind="flag"),
        Param("th_spike_add", 0.37, "mV", "what a spike adds to the threshold"),
        Param("th_spike_decay", 0.009, "1/ms", "rate at which that decays", at_least=0.0),
        Param("voltage_reset_fraction", 0.2, "", "part of V_m - E_L before the spike that is left after it"),
        Param("voltage_reset_add", 18.51, "mV", "what is added to that"),
        Param("th_voltage_index", 0.005, "1/ms", "how strongly the threshold follows V_m"),
        Param("th_voltage_decay", 0.09, "1/ms", "rate at which that decays", above=0.0),
        Param("asc_init", (0.0, 0.0), "pA", "currents after spikes at the start", kind="train"),
        Param("asc_decay", (0.003, 0.1), "1/ms", "rates at which they decay", kind="train"),
        Param("asc_amps", (-9.18, -198.94), "pA", "what a spike adds to them", kind="train"),
        Param("asc_r", (1.0, 1.0), "", "what of them is left at a spike", kind="train"),
    )  # fmt: skip


def _start(r: int) -> Callable[[SimpleNamespace], Floats]:
    return lambda p: rows_of_lists(p.asc_init, 0.0)[r]


GLIF_STATES = (
    Variable("I", "pA", "current that stimuli bring in the step"),
    Variable("threshold", "mV", "threshold; it follows from its parts", initial="V_th"),
    Variable("threshold_spike", "mV", "its part that spikes raise"),
    Variable("threshold_voltage", "mV", "its part that follows V_m"),
    Variable("ASCurrents_sum", "pA", "current after spikes, the mean over the step"),
    *(
        Variable(f"ASCurrents_{r + 1}", "pA", f"current {r + 1} after spikes", initial=_start(r), of="ASCurrents")
        for r in range(MOST)
    ),
)  # fmt: skip


class Glif(NamedTuple):
    """What decides when a cell fires and what follows; arrays [cell], of currents [element, cell]."""

    E_L: Floats
    V_th: Floats
    V_reset: Floats
    moves: Floats  # 1 with spike_dependent_threshold
    currents: Floats  # 1 with after_spike_currents
    follows: Floats  # 1 with adapting_threshold
    add: Floats
    decay: Floats  # of threshold_spike over one step
    held: Floats  # what refractoriness leaves of it
    fraction: Floats
    reset_add: Floats
    phi: Floats
    ratio: Floats  # th_voltage_index / th_voltage_decay
    decay_m: Floats  # of the membrane
    decay_v: Floats
    per_g: Floats
    mean: Floats  # of an element over the step
    left: Floats  # of an element at the end of it
    amps: Floats
    kept: Floats  # of an element through a spike and refractoriness
    used: Ints  # one element
    refractory: Ints


def glif(p: SimpleNamespace, leak: Floats, clock: Clock) -> Glif:
    """Of the parameters above."""
    h, rate_m = clock.dt, leak / p.C_m
    k = rows_of_lists(p.asc_decay, 0.0)
    safe = np.where(k * h > 1e-12, k, 1.0)
    mean = np.where(k * h > 1e-12, -elementary.expm1(-safe * h) / (safe * h), 1.0)
    apart = np.where(p.th_voltage_decay == rate_m, rate_m * 1e-9, p.th_voltage_decay - rate_m)
    used = max((one.size for one in p.asc_decay), default=0)
    return Glif(
        p.E_L, p.V_th, p.V_reset, p.spike_dependent_threshold, p.after_spike_currents, p.adapting_threshold,
        p.th_spike_add, elementary.exp(-p.th_spike_decay * h),
        elementary.exp(-p.th_spike_decay * p.t_ref), p.voltage_reset_fraction, p.voltage_reset_add,
        p.th_voltage_index / apart, p.th_voltage_index / p.th_voltage_decay, elementary.exp(-rate_m * h),
        elementary.exp(-p.th_voltage_decay * h), 1.0 / leak, mean, elementary.exp(-k * h),
        rows_of_lists(p.asc_amps, 0.0), rows_of_lists(p.asc_r, 0.0) * elementary.exp(-k * p.t_ref),
        np.array([used], np.int64), refractory_steps(p.t_ref, clock),
    )  # fmt: skip


def check(p: SimpleNamespace) -> str | None:
    """Lists of one length, a known combination of the three flags, and a reset below the threshold."""
    for each in zip(*(getattr(p, name) for name in _LISTS), strict=True):
        if len({one.size for one in each}) > 1:
            sizes = ", ".join(f"{name} {one.size}" for name, one in zip(_LISTS, each, strict=True))
            return f"lists of currents after spikes differ in length ({sizes}); they need as many elements."
        if each[0].size > MOST:
            return f"asc_decay has {each[0].size} elements; a cell can have up to {MOST}."
        if (each[1] < 0.0).any():
            return f"asc_decay has {each[1][each[1] < 0.0][0]:g}; rates of at least 0 are needed."
    alone = (p.adapting_threshold > 0.0) & (
        (p.spike_dependent_threshold == 0.0) | (p.after_spike_currents == 0.0)
    )
    if np.any(alone):
        return "adapting_threshold needs spike_dependent_threshold and after_spike_currents."
    return below_threshold(p)


@kernel
def after_currents(s, q, k, begin, end):
    """The mean current after spikes in this step, and the elements at its end; not of refractory cells."""
    for i in range(begin, end):
        s.ASCurrents_sum[i] = 0.0 if k >= s.free[i] else s.ASCurrents_sum[i]
    for r in range(q.used[0]):
        for i in range(begin, end):
            on = (k >= s.free[i]) & (q.currents[i] > 0.0)
            s.ASCurrents_sum[i] += q.mean[r, i] * s.ASCurrents[r, i] if on else 0.0
            s.ASCurrents[r, i] *= q.left[r, i] if on else 1.0


@kernel
def fire(s, q, before, current, k, begin, end, out):
    """Thresholds after a step that began with voltages `before`, [place], and cells that are above them."""
    for i in range(begin, end):
        j = i - begin
        s.I[i] = current[i]
        if k < s.free[i]:
            s.V_m[i] = before[j]
        else:
            v = before[j] - q.E_L[i]
            if q.moves[i] > 0.0:
                s.threshold_spike[i] *= q.decay[i]
            if q.follows[i] > 0.0:
                goal = (current[i] + s.ASCurrents_sum[i]) * q.per_g[i]
                swing, rest = q.phi[i] * (v - goal), q.ratio[i] * goal
                s.threshold_voltage[i] = (
                    swing * q.decay_m[i] + q.decay_v[i] * (s.threshold_voltage[i] - swing - rest) + rest
                )
            s.threshold[i] = (s.threshold_spike[i] + s.threshold_voltage[i]) + q.V_th[i]
            if s.V_m[i] > s.threshold[i]:
                s.V_m[i] = q.V_reset[i]
                if q.moves[i] > 0.0:
                    s.V_m[i] = q.E_L[i] + (q.fraction[i] * v + q.reset_add[i])
                    s.threshold_spike[i] = s.threshold_spike[i] * q.held[i] + q.add[i]
                    s.threshold[i] = (s.threshold_spike[i] + s.threshold_voltage[i]) + q.V_th[i]
                if q.currents[i] > 0.0:
                    for r in range(q.used[0]):
                        s.ASCurrents[r, i] = q.amps[r, i] + q.kept[r, i] * s.ASCurrents[r, i]
                s.free[i] = k + 1 + q.refractory[i]
                emit(out, i, k + 1)


EQUATIONS = """\
V_m > threshold at a step's end: a spike; V_m := V_reset, and all but synapses stands still for t_ref
threshold = V_th + threshold_spike + threshold_voltage, each 0 unless switched on:
spike_dependent_threshold: threshold_spike decays at th_spike_decay; a spike lets it decay for t_ref at once
and adds th_spike_add; V_m := E_L + voltage_reset_fraction (V - E_L) + voltage_reset_add, V that before the step
after_spike_currents: ASCurrents_j := asc_amps_j + asc_r_j exp(-asc_decay_j t_ref) ASCurrents_j, decaying at asc_decay_j
adapting_threshold: d threshold_voltage/dt = th_voltage_index (V_m - E_L) - th_voltage_decay threshold_voltage, where
V_m - E_L is taken to relax to (I_stim + sum of ASCurrents_j)/g in the step"""


def glif_cell(
    name: str,
    leak: str,
    each: PerReceptor,
    recorded: tuple[Variable, ...],
    drive: str,
    example: str,
    **parts: Any,
) -> CellModel:
    """Of a leak conductance of this name and receptors that have `each`, whose currents `drive` the membrane as said.

    `recorded` are states beside those of all; `parts` are the state, prepare, advance, the unit of weights and what the
    model is about; `example` is what may stand in `with_receptors(...)`.
    """
    return CellModel(
        name,
        params=(*glif_params(leak), *each.params_of("1")),
        recordables=(
            Variable("V_m", "mV", "membrane potential", initial="E_L"),
            *recorded,
            *GLIF_STATES,
            *each.states_of("1"),
        ),
        ports=("1",),
        per_receptor=each,
        check=check,
        equations=f"{drive}\n{EQUATIONS}\nreceptors: {name}.with_receptors({example})",
        source=f"Teeter et al. (2018), Nature Communications 9; NEST's {name}",
        **parts,
    )
