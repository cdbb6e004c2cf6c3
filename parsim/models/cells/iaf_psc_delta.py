"""Leaky integrate-and-fire whose membrane jumps at each spike, integrated exactly."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.blocks import BLOCK
from parsim.kernels.maths import exp
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.leaky import MEMBRANE, V_MIN, below_threshold, membrane, refractory_steps
from parsim.shard.outbox import emit


class State(NamedTuple):
    V_m: Floats
    free: Ints  # first step that is not refractory
    kept: Floats  # refractory input to be added when the membrane is free, mV


class Params(NamedTuple):
    E_L: Floats
    decay: Floats  # of the membrane over one step
    drive: Floats  # what I_e adds in one step, mV
    gain: Floats  # what 1 pA adds in one step, mV
    V_th: Floats
    V_reset: Floats
    V_min: Floats
    refractory: Ints
    keeps: Floats  # 1 where refractory input is kept
    rate: Floats  # dt / tau_m
    any_keeps: Ints  # one element


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Propagators of one step."""
    decay, gain = membrane(p, clock)
    return Params(
        E_L=p.E_L, decay=decay, drive=gain * p.I_e, gain=gain,
        V_th=p.V_th, V_reset=p.V_reset, V_min=p.V_min, refractory=refractory_steps(p.t_ref, clock),
        keeps=p.refractory_input, rate=clock.dt / p.tau_m,
        any_keeps=np.array([np.any(p.refractory_input > 0)], dtype=np.int64),
    )  # fmt: skip


@kernel
def advance(s, p, inputs, span, out):
    """Exact integration; spikes that meet a refractory membrane are lost, or kept where asked."""
    rows = inputs.current.shape[0]
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            jump = inputs.spikes[k - span.origin, 0]
            current = inputs.current[(k - span.origin) % rows]
            if p.any_keeps[0] > 0:
                keep(s, p, jump, k, begin, end)

            for i in range(begin, end):
                v = p.E_L[i] + (
                    p.decay[i] * (s.V_m[i] - p.E_L[i]) + (p.drive[i] + p.gain[i] * current[i])
                    + (jump[i] + s.kept[i])
                )  # fmt: skip
                v = v if v > p.V_min[i] else p.V_min[i]
                s.V_m[i] = v if k >= s.free[i] else s.V_m[i]
                s.kept[i] = 0.0 if k >= s.free[i] else s.kept[i]

            for i in range(begin, end):
                if s.V_m[i] >= p.V_th[i]:
                    s.V_m[i] = p.V_reset[i]
                    s.free[i] = k + 1 + p.refractory[i]
                    emit(out, i, k + 1)


@kernel
def keep(s, p, jump, k, begin, end):
    """Refractory input decays as the membrane would until it is free."""
    for i in range(begin, end):
        left = s.free[i] - k
        if left > 0 and p.keeps[i] > 0.0:
            s.kept[i] += jump[i] * exp(-left * p.rate[i])


iaf_psc_delta = CellModel(
    "iaf_psc_delta",
    params=(
        *MEMBRANE,
        V_MIN,
        Param("refractory_input", False, "", "keep spikes that meet a refractory membrane", kind="flag"),
    ),
    state=State,
    recordables=(Variable("V_m", "mV", "membrane potential", initial="E_L"),),
    ports=("all",),
    weight_unit="mV",
    prepare=prepare,
    advance=advance,
    check=below_threshold,
    about="Leaky integrate-and-fire whose membrane jumps by the weight at each spike, integrated exactly.",
    equations="""\
dV_m/dt = -(V_m - E_L)/tau_m + (I_e + I_stim)/C_m; a spike of weight w adds w mV
V_m >= V_th at a step's end: a spike; V_m := V_reset, held for t_ref
refractory_input: a spike that arrives r steps before the end of refractoriness adds w exp(-r dt/tau_m) then""",
    source="Rotter and Diesmann (1999), Biological Cybernetics 81; NEST's iaf_psc_delta",
)
