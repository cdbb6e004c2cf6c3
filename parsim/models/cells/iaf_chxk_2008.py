"""Leaky integrate-and-fire with alpha-shaped conductances, one of which follows its own spikes."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.clock import Clock, heard_by, last_time_of
from parsim.jit import kernel
from parsim.kernels.blocks import BLOCK
from parsim.kernels.maths import exp
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.conductance import ROWS_OF_G
from parsim.models.parts.in_pieces import first_event
from parsim.models.parts.leaking import Felt, Leaking, leaking, membrane
from parsim.shard.outbox import emit_at

EX, IN, AHP = range(3)  # rows of the conductances


class State(NamedTuple):
    V_m: Floats
    g: Floats  # [conductance, cell]
    dg: Floats


class Params(NamedTuple):
    leaking: Leaking
    I_e: Floats
    V_th: Floats
    g_ahp: Floats  # what a spike adds to the rise of the afterhyperpolarization
    rate_ahp: Floats  # 1/ms
    anew: Floats  # 1 with ahp_bug


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Courses of the three conductances over a step, and the membrane."""
    tau = np.array([p.tau_syn_ex, p.tau_syn_in, p.tau_ahp])
    of = leaking(p, clock, tau, tau, np.array([p.E_ex, p.E_in, p.E_ahp]))
    return Params(of, p.I_e, p.V_th, p.g_ahp_peak * (np.e / p.tau_ahp), 1.0 / p.tau_ahp, p.ahp_bug)


@kernel
def advance(s, p, inputs, span, out):
    """Magnus' series to fourth order; spikes are heard at the ends of steps, and told when V crossed V_th."""
    events, grid, rows, c = inputs.events, inputs.grid, inputs.current.shape[0], p.leaking.courses
    heard, h = heard_by(grid, span.first, span.origin), p.leaking.dt[0]
    force, after, event = np.empty(BLOCK), np.empty(BLOCK), np.empty(np.int64(BLOCK), np.int64)
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for i in range(begin, end):
            event[i - begin] = first_event(events, i, heard)
        for k in range(span.first, span.stop):
            current = inputs.current[(k - span.origin) % rows]
            for i in range(begin, end):
                force[i - begin] = p.I_e[i] + current[i]
            membrane(Felt(s.V_m, s.g, s.dg), p.leaking, force, begin, end, after)
            for r in range(3):
                g, x, decay, grown, decay_x = s.g[r], s.dg[r], c.decay[r], c.grown[r], c.decay_x[r]
                for i in range(begin, end):
                    g[i] = decay[i] * g[i] + grown[i] * x[i]
                    x[i] = decay_x[i] * x[i]

            for i in range(begin, end):
                before, now = s.V_m[i], after[i - begin]
                s.V_m[i] = now
                if before < p.V_th[i] <= now:
                    offset = h * (now - p.V_th[i]) / (now - before)
                    left = p.g_ahp[i] * exp(-offset * p.rate_ahp[i])
                    kept = 1.0 - p.anew[i]
                    s.g[AHP, i] = kept * s.g[AHP, i] + left * offset
                    s.dg[AHP, i] = kept * s.dg[AHP, i] + left
                    emit_at(out, i, k + 1, offset)
                e, last = event[i - begin], events.start[i + 1]
                while e < last and events.time[e] <= last_time_of(grid, k + 1):
                    port = EX if events.weight[e] > 0.0 else IN
                    s.dg[port, i] += c.gain[port, i] * abs(events.weight[e])
                    e += 1
                event[i - begin] = e


iaf_chxk_2008 = CellModel(
    "iaf_chxk_2008",
    params=(
        Param("C_m", 1000.0, "pF", "capacitance of the membrane", above=0.0),
        Param("g_L", 100.0, "nS", "leak conductance", at_least=0.0),
        Param("E_L", -60.0, "mV", "resting potential"),
        Param("V_th", -45.0, "mV", "spike threshold"),
        Param("I_e", 0.0, "pA", "constant input current"),
        Param("E_ex", 20.0, "mV", "excitatory reversal potential"),
        Param("E_in", -90.0, "mV", "inhibitory reversal potential"),
        Param("tau_syn_ex", 1.0, "ms", "rise time of excitatory conductances", above=0.0),
        Param("tau_syn_in", 1.0, "ms", "rise time of inhibitory conductances", above=0.0),
        Param("E_ahp", -95.0, "mV", "reversal potential of afterhyperpolarization"),
        Param("g_ahp_peak", 443.8, "nS", "peak of the conductance after a spike; NEST's g_ahp", at_least=0.0),
        Param("tau_ahp", 0.5, "ms", "its rise time", above=0.0),
        Param(
            "ahp_bug", False, "", "a spike begins the conductance anew, and adds nothing to it", kind="flag"
        ),
    ),
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential", initial="E_L"),
        *ROWS_OF_G,
        Variable("g_ahp", "nS", "conductance of afterhyperpolarization", of="g"),
        Variable("dg_ex", "nS/ms", "how fast excitation rises, but for its decay", of="dg"),
        Variable("dg_in", "nS/ms", "how fast inhibition rises, but for its decay", of="dg"),
        Variable("dg_ahp", "nS/ms", "how fast afterhyperpolarization rises, but for its decay", of="dg"),
    ),
    prepare=prepare,
    advance=advance,
    precise=True,
    weight_unit="nS",
    about="Leaky integrate-and-fire with alpha-shaped conductances, one of which follows its own spikes; no reset.",
    equations="""\
C_m dV_m/dt = -g_L (V_m - E_L) - g_ex (V_m - E_ex) - g_in (V_m - E_in) - g_ahp (V_m - E_ahp) + I_e + I_stim
g_X(t) = sum over spikes of |w| e/tau_syn_X t exp(-t/tau_syn_X)        (a weight of w nS peaks at |w| nS)
w > 0 enters g_ex, w <= 0 enters g_in, at the end of the step in which a spike arrives
V_m >= V_th at a step's end and not at its beginning: a spike where a straight line crosses; from then on g_ahp gains an
alpha function that peaks at g_ahp_peak after tau_ahp, or is that alone with ahp_bug""",
    source="Casti et al. (2008), Journal of Computational Neuroscience 24; NEST's iaf_chxk_2008",
)
