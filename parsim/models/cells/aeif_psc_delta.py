"""Adaptive exponential integrate-and-fire whose membrane jumps at each spike."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.blocks import BLOCK
from parsim.models.base import CellModel, Variable
from parsim.models.parts.adaptive import EQUATIONS, MEMBRANE, Around, around, below_peak
from parsim.models.parts.receptors import go_along
from parsim.models.parts.upstroke import Alone, Open, alone, alone_params
from parsim.shard.outbox import emit


class State(NamedTuple):
    V_m: Floats
    w: Floats
    free: Ints  # first step that is not refractory
    apart: Ints  # 1 while the cell goes through a step alone


class Params(NamedTuple):
    around: Around
    alone: Alone
    leak: Floats  # pA for each mV
    I_e: Floats


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """The membrane, without any conductance but its own."""
    closed = SimpleNamespace(**vars(p), E_ex=p.E_L, E_in=p.E_L, tau_syn_ex=p.tau_w, tau_syn_in=p.tau_w)
    return Params(around(p, clock), alone_params(closed, clock), p.g_L + 0.0, p.I_e)


@kernel
def advance(s, p, inputs, span, out):
    """One step for all cells, some of them alone; at its end membranes jump, and those that come to V_peak fire."""
    rows, none, q = inputs.current.shape[0], np.zeros(BLOCK), p.alone
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            jump = inputs.spikes[k - span.origin, 0]
            current = inputs.current[(k - span.origin) % rows]
            go_along(s, p, current, k, begin, end, none, none, none, none, none)
            for i in range(begin, end):
                if s.apart[i] > 0:
                    alone(s, q, i, k, current[i], Open(0.0, 0.0, 0.0, 0.0), out)

            for i in range(begin, end):
                s.V_m[i] += jump[i] if k >= s.free[i] else 0.0
            for i in range(begin, end):
                if s.V_m[i] >= q.V_peak[i]:
                    s.V_m[i], s.w[i] = q.V_reset[i], s.w[i] + q.b[i]
                    s.free[i] = k + 1 + q.refractory[i]
                    emit(out, i, k + 1)


aeif_psc_delta = CellModel(
    "aeif_psc_delta",
    params=MEMBRANE,
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential", initial="E_L"),
        Variable("w", "pA", "adaptation current"),
    ),
    ports=("all",),
    prepare=prepare,
    advance=advance,
    check=below_peak,
    weight_unit="mV",
    about="Adaptive exponential integrate-and-fire whose membrane jumps by the weight at each spike.",
    equations=EQUATIONS.format(
        "0",
        "a spike of weight w that arrives at a step's end adds w to V_m, unless V_m is held: then it is lost\n"
        "(NEST adds it after the first part of its own step: the same where V_m is not in an upstroke)",
    ).replace("- 0 - w", "- w"),
    source="Brette and Gerstner (2005), Journal of Neurophysiology 94; NEST's aeif_psc_delta",
)
