"""Izhikevich's simple model of a spiking cell, in Euler steps as published or as in its own terms."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.blocks import BLOCK
from parsim.models.base import CellModel, Param, Variable
from parsim.shard.outbox import emit


class State(NamedTuple):
    V_m: Floats
    U_m: Floats


class Params(NamedTuple):
    a: Floats
    b: Floats
    c: Floats
    d: Floats
    I_e: Floats
    V_th: Floats
    V_min: Floats
    consistent: Floats  # 1 or 0
    dt: Floats  # one element


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """As they are; only the length of the step is added."""
    return Params(
        p.a, p.b, p.c, p.d, p.I_e, p.V_th, p.V_min, p.consistent_integration, np.array([clock.dt])
    )  # fmt: skip


@kernel
def advance(s, p, inputs, span, out):
    """Both schemes, of which each cell takes one."""
    rows = inputs.current.shape[0]
    h = p.dt[0]
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            arrived = inputs.spikes[k - span.origin, 0]
            current = inputs.current[(k - span.origin) % rows]

            for i in range(begin, end):
                v, u = s.V_m[i], s.U_m[i]
                whole = v + (h * (0.04 * v * v + 5.0 * v + 140.0 - u + current[i] + p.I_e[i]) + arrived[i])
                half = v + 0.5 * h * (0.04 * v * v + 5.0 * v + 140.0 - u + current[i] + p.I_e[i] + arrived[i])
                half = half + 0.5 * h * (
                    0.04 * half * half + 5.0 * half + 140.0 - u + current[i] + p.I_e[i] + arrived[i]
                )
                consistent = p.consistent[i] > 0.0
                after = whole if consistent else half
                u = u + h * p.a[i] * (p.b[i] * (v if consistent else half) - u)

                after = p.V_min[i] if after < p.V_min[i] else after
                fires = after >= p.V_th[i]
                s.V_m[i] = after
                s.U_m[i] = u + p.d[i] if fires else u

            for i in range(begin, end):
                if s.V_m[i] >= p.V_th[i]:
                    s.V_m[i] = p.c[i]
                    emit(out, i, k + 1)


izhikevich = CellModel(
    "izhikevich",
    params=(
        Param("a", 0.02, "1/ms", "rate at which U_m follows"),
        Param("b", 0.2, "", "how far U_m follows V_m"),
        Param("c", -65.0, "mV", "V_m after a spike"),
        Param("d", 8.0, "mV", "what a spike adds to U_m"),
        Param("V_th", 30.0, "mV", "where the spike is cut"),
        Param("V_min", -np.inf, "mV", "lower bound of the membrane potential", infinite=True),
        Param("I_e", 0.0, "pA", "constant input"),
        Param("consistent_integration", True, "", "one Euler step; else as published", kind="flag"),
    ),
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential", initial=-65.0),
        Variable("U_m", "mV", "recovery variable", initial=-13.0),
    ),
    ports=("all",),
    weight_unit="mV",
    prepare=prepare,
    advance=advance,
    about="Izhikevich's simple model of spiking cells, in Euler steps.",
    equations="""\
dV_m/dt = 0.04 V_m^2 + 5 V_m + 140 - U_m + I_e + I_stim        (currents count as mV/ms)
dU_m/dt = a (b V_m - U_m)
V_m >= V_th at a step's end: a spike; V_m := c, U_m := U_m + d
consistent_integration: one forward Euler step, and a spike of weight w adds w mV
otherwise, as published: V_m in two half steps, then U_m from the new V_m, and a spike of weight w is a current of w
for one step""",
    source="Izhikevich (2003), IEEE Transactions on Neural Networks 14; NEST's izhikevich",
)
