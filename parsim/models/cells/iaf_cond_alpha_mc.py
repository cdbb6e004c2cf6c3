"""Integrate-and-fire cell of three compartments with alpha-shaped synaptic conductances."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined, kernel
from parsim.kernels.maths import exp
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.leaky import below_threshold, refractory_steps
from parsim.shard.outbox import emit

COMPARTMENTS = ("soma", "proximal", "distal")
KINDS = ("ex", "in")
PART = 0.025  # ms, or less: a step of the classical Runge-Kutta method; wrong by 6e-8 mV after input of 1 to 10 nS
DECAYED = 0.25  # of the fastest membrane in such a part, or less
MOST_PARTS = 1 << 12


class State(NamedTuple):
    V_m: Floats  # [compartment, cell]
    g: Floats  # [receptor, cell]: excitatory and inhibitory of each compartment in turn
    dg: Floats  # nS/ms
    free: Ints  # first step that is not refractory


class Params(NamedTuple):
    C_m: Floats  # [compartment, cell]
    g_L: Floats
    E_L: Floats
    I_e: Floats
    E_rev: Floats  # [receptor, cell]
    rate: Floats  # 1/ms, of the conductances
    gain: Floats  # e / tau: a weight of 1 nS peaks at 1 nS
    g_sp: Floats
    g_pd: Floats
    V_th: Floats
    V_reset: Floats
    refractory: Ints
    dt: Floats  # [1]
    parts: Ints  # [1] in which a step is taken at least


class Volts(NamedTuple):
    """Of the compartments, or how fast they change."""

    soma: float
    proximal: float
    distal: float


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """What belongs to compartments or receptors stands in rows."""
    of, tau = (
        lambda name: np.array([getattr(p, f"{name}_{at}") for at in COMPARTMENTS]),
        _of_receptors(p, "tau_syn"),
    )
    return Params(
        of("C_m"), of("g_L"), of("E_L"), of("I_e"), _of_receptors(p, "E"), 1.0 / tau, np.e / tau, p.g_sp, p.g_pd,
        p.V_th, p.V_reset, refractory_steps(p.t_ref, clock), np.full(1, clock.dt),
        np.full(1, int(np.ceil(clock.dt / PART - 1e-9))),
    )  # fmt: skip


def _of_receptors(p: SimpleNamespace, name: str) -> Floats:
    return np.array([getattr(p, f"{name}_{kind}_{at}") for at in COMPARTMENTS for kind in KINDS])


@inlined
def into(p, i, g, c, v):
    """What flows into compartment c, but for what comes from its neighbours, pA."""
    synapses = g[2 * c] * (v - p.E_rev[2 * c, i]) + g[2 * c + 1] * (v - p.E_rev[2 * c + 1, i])
    return (p.I_e[c, i] - p.g_L[c, i] * (v - p.E_L[c, i])) - synapses


@inlined
def slopes(p, i, y, g, current):
    """mV/ms."""
    at_soma, at_proximal, at_distal = current
    to_soma, to_distal = p.g_sp[i] * (y.proximal - y.soma), p.g_pd[i] * (y.proximal - y.distal)
    soma = (into(p, i, g, 0, y.soma) + (to_soma + at_soma)) / p.C_m[0, i]
    proximal = (into(p, i, g, 1, y.proximal) + (at_proximal - (to_soma + to_distal))) / p.C_m[1, i]
    distal = (into(p, i, g, 2, y.distal) + (to_distal + at_distal)) / p.C_m[2, i]
    return Volts(soma, proximal, distal)


@inlined
def moved(y, by, t):
    """After a time t at such slopes."""
    return Volts(y.soma + t * by.soma, y.proximal + t * by.proximal, y.distal + t * by.distal)


@inlined
def half_on(s, i, g, grown, decay):
    """Conductances after half a part of a step, `grown` ms, in which they decay so much."""
    for r in range(6):
        s.g[r, i] = decay[r] * (s.g[r, i] + grown * s.dg[r, i])
        s.dg[r, i] *= decay[r]
        g[r] = s.g[r, i]


@inlined
def parts_of(s, p, i):
    """Parts of the step in which no membrane decays by much, however strong conductances are."""
    fastest = 0.0
    for c in range(3):
        total = p.g_L[c, i] + (p.g_sp[i] if c < 2 else 0.0) + (p.g_pd[i] if c > 0 else 0.0)
        for r in range(2 * c, 2 * c + 2):
            total += abs(s.g[r, i]) + p.dt[0] * abs(s.dg[r, i])
        fastest = max(fastest, total / p.C_m[c, i])
    wanted = np.ceil(fastest * p.dt[0] / DECAYED)
    return max(p.parts[0], int(wanted)) if wanted < MOST_PARTS else MOST_PARTS


@kernel
def through_step(s, p, i, y, g, decay, current):
    """The classical Runge-Kutta method, part after part."""
    parts = parts_of(s, p, i)
    t = p.dt[0] / parts
    for r in range(6):
        decay[r] = exp(-0.5 * t * p.rate[r, i])
        g[r] = s.g[r, i]
    for _ in range(parts):
        one = slopes(p, i, y, g, current)
        half_on(s, i, g, 0.5 * t, decay)
        two = slopes(p, i, moved(y, one, 0.5 * t), g, current)
        three = slopes(p, i, moved(y, two, 0.5 * t), g, current)
        half_on(s, i, g, 0.5 * t, decay)
        four = slopes(p, i, moved(y, three, t), g, current)
        y = moved(moved(y, one, t / 6.0), two, t / 3.0)
        y = moved(moved(y, three, t / 3.0), four, t / 6.0)
    return y


@kernel
def advance(s, p, inputs, span, out):
    """Cell by cell; all potentials of a refractory cell stay where they are, while conductances go on."""
    rows, g, decay = inputs.current.shape[0], np.empty(6), np.empty(6)
    cells = inputs.current.shape[1] // 3
    for k in range(span.first, span.stop):
        current = inputs.current[(k - span.origin) % rows]
        for i in range(span.begin, span.end):
            y = Volts(s.V_m[0, i], s.V_m[1, i], s.V_m[2, i])
            at = current[i], current[cells + i], current[2 * cells + i]
            y = through_step(s, p, i, y, g, decay, at)
            for r in range(6):
                s.dg[r, i] += p.gain[r, i] * inputs.spikes[k - span.origin, r, i]
            if k >= s.free[i]:
                s.V_m[0, i], s.V_m[1, i], s.V_m[2, i] = y.soma, y.proximal, y.distal
            if k >= s.free[i] and y.soma >= p.V_th[i]:
                s.V_m[0, i] = p.V_reset[i]
                s.free[i] = k + 1 + p.refractory[i]
                emit(out, i, k + 1)


def _compartment(at: str, C_m: float, g_L: float) -> tuple[Param, ...]:
    return (
        Param(f"C_m_{at}", C_m, "pF", f"capacitance of the {at} compartment", above=0.0),
        Param(f"g_L_{at}", g_L, "nS", f"leak conductance, {at}", at_least=0.0),
        Param(f"E_L_{at}", -70.0, "mV", f"resting potential, {at}"),
        Param(f"E_ex_{at}", 0.0, "mV", f"excitatory reversal potential, {at}"),
        Param(f"E_in_{at}", -85.0, "mV", f"inhibitory reversal potential, {at}"),
        Param(f"tau_syn_ex_{at}", 0.5, "ms", f"time constant of excitatory conductances, {at}", above=0.0),
        Param(f"tau_syn_in_{at}", 2.0, "ms", f"time constant of inhibitory conductances, {at}", above=0.0),
        Param(f"I_e_{at}", 0.0, "pA", f"constant input current, {at}"),
    )


iaf_cond_alpha_mc = CellModel(
    "iaf_cond_alpha_mc",
    params=(
        Param("V_th", -55.0, "mV", "spike threshold of the soma"),
        Param("V_reset", -60.0, "mV", "potential of the soma after a spike"),
        Param("t_ref", 2.0, "ms", "duration of the refractory period", at_least=0.0),
        Param("g_sp", 2.5, "nS", "conductance between soma and proximal dendrite", at_least=0.0),
        Param("g_pd", 1.0, "nS", "conductance between proximal and distal dendrite", at_least=0.0),
        *_compartment("soma", 150.0, 10.0),
        *_compartment("proximal", 75.0, 5.0),
        *_compartment("distal", 150.0, 10.0),
    ),
    state=State,
    recordables=(
        *(
            Variable(f"V_m_{at}", "mV", f"membrane potential, {at}", initial=f"E_L_{at}", of="V_m")
            for at in COMPARTMENTS
        ),
        *(
            Variable(f"g_{kind}_{at}", "nS", f"{kind} conductance, {at}", of="g")
            for at in COMPARTMENTS
            for kind in KINDS
        ),
        *(
            Variable(f"dg_{kind}_{at}", "nS/ms", f"how fast that rises, but for its decay, {at}", of="dg")
            for at in COMPARTMENTS
            for kind in KINDS
        ),
    ),
    ports=tuple(f"{at}_{kind}" for at in COMPARTMENTS for kind in ("exc", "inh")),
    currents=COMPARTMENTS,
    weight_unit="nS",
    prepare=prepare,
    advance=advance,
    check=below_threshold,
    about="Leaky integrate-and-fire cell with a soma and two dendritic compartments, with alpha-shaped conductances.",
    equations="""\
C_m dV_m/dt = -g_L (V_m - E_L) - g_ex (V_m - E_ex) - g_in (V_m - E_in) + I_e + I of neighbours, in each compartment
I into the soma from the proximal dendrite: g_sp (V_m_proximal - V_m_soma); I_stim enters where it is said
I into the distal dendrite from the proximal one: g_pd (V_m_proximal - V_m_distal); what enters there leaves here
g_X(t) = sum over spikes of w e/tau_syn_X t exp(-t/tau_syn_X)        (a weight of w nS peaks at w nS)
V_m_soma >= V_th at a step's end: a spike; V_m_soma := V_reset; all V_m are held for t_ref""",
    source="Meffin, Burkitt and Grayden (2004), Journal of Computational Neuroscience 16; NEST's iaf_cond_alpha_mc",
)
