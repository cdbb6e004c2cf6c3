"""Spike response model of a geniculate cell, whose noise is a train that is given."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels import elementary
from parsim.kernels.blocks import BLOCK
from parsim.models.base import CellModel, Param, Variable
from parsim.shard.outbox import emit

THRESHOLD = 1.0  # potentials are parts of it


class State(NamedTuple):
    V_m: Floats
    V_syn: Floats
    dV_syn: Floats  # 1/ms
    V_spike: Floats
    at: Ints  # which number of the noise comes next


class Params(NamedTuple):
    decay: Floats  # of an EPSP over one step
    grown: Floats  # V_syn of dV_syn
    rise: Floats  # dV_syn of a spike of weight 1
    decay_spike: Floats
    V_reset: Floats
    noise: Floats  # of all cells, times V_noise
    begin: Ints  # where in it a cell's is, and how long
    size: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Propagators of one step, and all noise in one array."""
    decay = elementary.exp(-clock.dt / p.tau_epsp)
    size = np.array([one.size for one in p.noise], np.int64)
    noise = np.concatenate([np.zeros(1), *(v * one for v, one in zip(p.V_noise, p.noise, strict=True))])
    return Params(
        decay, clock.dt * decay, p.V_epsp * (np.e / p.tau_epsp), elementary.exp(-clock.dt / p.tau_reset), p.V_reset,
        noise, 1 + np.cumsum(size) - size, size,
    )  # fmt: skip


@kernel
def advance(s, p, inputs, span, out):
    """Exact integration; of weights below 0 there is no effect."""
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            spikes = inputs.spikes[k - span.origin, 0]
            for i in range(begin, end):
                s.V_syn[i] = p.decay[i] * s.V_syn[i] + p.grown[i] * s.dV_syn[i]
                s.dV_syn[i] = p.decay[i] * s.dV_syn[i] + p.rise[i] * spikes[i]
                s.V_spike[i] *= p.decay_spike[i]
                s.V_m[i] = s.V_syn[i] + s.V_spike[i]

            for i in range(begin, end):
                if p.size[i] > 0:
                    at = s.at[i] if s.at[i] < p.size[i] else 0
                    s.V_m[i] += p.noise[p.begin[i] + at]
                    s.at[i] = at + 1
                if s.V_m[i] >= THRESHOLD:
                    s.V_m[i] -= p.V_reset[i]
                    s.V_spike[i] -= p.V_reset[i]
                    emit(out, i, k + 1)


iaf_chs_2007 = CellModel(
    "iaf_chs_2007",
    params=(
        Param("V_reset", 2.31, "", "what a spike takes from the potential, in thresholds", at_least=0.0),
        Param(
            "V_epsp", 0.77, "", "peak of a postsynaptic potential of weight 1, in thresholds", at_least=0.0
        ),
        Param("tau_epsp", 8.5, "ms", "rise time of postsynaptic potentials", above=0.0),
        Param("tau_reset", 15.4, "ms", "time constant with which the reset is forgotten", above=0.0),
        Param("V_noise", 0.0, "", "factor of the noise, in thresholds"),
        Param("noise", (), "", "one number a step, again from the first after the last", kind="train"),
    ),
    state=State,
    recordables=(
        Variable("V_m", "", "potential in thresholds"),
        Variable("V_syn", "", "its part from synapses"),
        Variable("V_spike", "", "its part from the cell's spikes"),
    ),
    weight_unit="",
    takes_current=False,
    prepare=prepare,
    advance=advance,
    about="Spike response model of a geniculate cell, whose noise is a train that is given.",
    equations="""\
V_m = V_syn + V_spike + V_noise noise[k] in step k, which goes round the list
V_syn(t) = sum over spikes of w V_epsp e/tau_epsp t exp(-t/tau_epsp), w <= 0 does nothing (as in NEST)
dV_spike/dt = -V_spike/tau_reset
V_m >= 1 at a step's end: a spike; V_spike := V_spike - V_reset""",
    source="Carandini, Horton and Sincich (2007), Journal of Vision 7; NEST's iaf_chs_2007",
)
