"""A model of a user's own with five gates and three receptors, moved as the built-in cells with channels are."""

from math import exp as exp_of
from typing import NamedTuple

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import parsim as ps
from parsim.arrays import Floats, Ints
from parsim.jit import inlined
from parsim.models.cells import hh_psc_alpha as squid
from parsim.models.parts.columns import V, gates, layout, named, rows
from parsim.own import Formulas, channels, conductances, excitable, exp

RECEPTORS = {"ampa": (0.0, 2.0), "slow": (0.0, 40.0), "gaba": (-80.0, 8.0)}  # reversal potential, mV; tau, ms


class State(NamedTuple):
    V_m: Floats
    m: Floats
    h: Floats
    n: Floats
    a: Floats
    b: Floats
    g: Floats  # [receptor, cell]
    free: Ints


class Constants(NamedTuple):
    per_C: Floats
    g_Na: Floats
    g_K: Floats
    g_L: Floats
    E_Na: Floats
    E_K: Floats
    E_L: Floats
    g_A: Floats
    E_ampa: Floats
    E_slow: Floats
    E_gaba: Floats


CELL = layout(gates=5, rates=3, synapses=3, constants=len(Constants._fields), exponentials=3)
ROWS = named(Constants, CELL.constants)
_, _, _, A, B = gates(5)
E_0, E_1, E_2 = rows(CELL.exponentials, 3)


def prepare(p, clock):
    taus = [getattr(p, f"tau_{name}") for name in RECEPTORS]
    return channels.parameters(p, clock, Constants, taus, p.V_th)


@inlined
def states(s):
    return s.V_m, s.m, s.h, s.n, s.a, s.b, s.g[0], s.g[1], s.g[2]


@inlined
def exponentials(w, j, v):
    """That of the squid's channels; those of a and b, whose rates are sigmoids."""
    w[E_0 + j] = exp((v + 65.0) * (-1.0 / 720.0))
    w[E_1 + j] = exp((v + 50.0) * (-1.0 / 20.0))
    w[E_2 + j] = exp((v + 70.0) * (1.0 / 6.0))


@inlined
def sigmoid(rate, e, per_mV):
    """Opening and closing rate of a gate that is open where e = exp(-(V - V_half) per_mV) is small."""
    share = 1.0 / (1.0 + e)
    slope = rate * per_mV * share * (1.0 - share)
    return rate * share, slope, rate * (1.0 - share), -slope


@inlined
def slopes(w, j, now, at, i, di, g, dg):
    """The channels of a and b carry potassium: a^3 b."""
    r_a, r_b = sigmoid(0.5, w[E_1 + j], 0.05), sigmoid(0.02, w[E_2 + j], -1.0 / 6.0)
    channels.gate(w, j, A, now, at, r_a)
    channels.gate(w, j, B, now, at, r_b)
    a, b = w[A + now + j], w[B + now + j]
    g_a = w[ROWS.g_A + j] * (a * a * a * b)
    dg_a = w[ROWS.g_A + j] * (3.0 * a * a * w[A + at + j] * b + a * a * a * w[B + at + j])
    e_k = w[ROWS.E_K + j]
    r = squid.rates(w[V + now + j] + 65.0, w[E_0 + j])
    channels.derivatives(ROWS, w, j, now, at, r, i + g_a * e_k, di + dg_a * e_k, g + g_a, dg + dg_a)
    channels.bend(w, j, A, now, at, r_a)
    channels.bend(w, j, B, now, at, r_b)


@inlined
def voltage(w, j, now, i, g):
    a = w[A + now + j]
    g_a = w[ROWS.g_A + j] * (a * a * a * w[B + now + j])
    return channels.voltage(ROWS, w, j, now, i + g_a * w[ROWS.E_K + j], g + g_a)


advance, coupled = excitable(
    Formulas(
        CELL, states, exponentials, slopes, voltage, conductances(CELL, ROWS.E_ampa, signs=(1.0, 1.0, 1.0))
    )
)

START = {"V_m": -68.0, "m": 0.05, "h": 0.6, "n": 0.32, "a": 0.1, "b": 0.4}
OWN = ps.CellModel(
    "own_channels",
    params=(
        *(p for p in ps.hh_psc_alpha.params if "tau_syn" not in p.name),
        ps.Param("g_A", 4000.0, "nS", at_least=0.0),
        *(ps.Param(f"E_{name}", reversal, "mV") for name, (reversal, _) in RECEPTORS.items()),
        *(ps.Param(f"tau_{name}", tau, "ms", above=0.0) for name, (_, tau) in RECEPTORS.items()),
    ),
    state=State,
    recordables=(
        *(ps.Variable(name, "mV" if name == "V_m" else "", initial=value) for name, value in START.items()),
        *(ps.Variable(f"g_{name}", "nS", of="g") for name in RECEPTORS),
    ),
    ports=tuple(RECEPTORS),
    weight_unit="nS",
    prepare=prepare,
    advance=advance,
    coupled=coupled,
)
EVENTS = {"ampa": (3.0, 40.0), "slow": (5.0, 20.0), "gaba": (7.0, 30.0)}  # arrival, ms; weight, nS
DURATION, IN_SPIKE, CURRENT = 40.0, 3.3, 1500.0


def network(tolerance, cells=1):
    """Cells that all receptors drive once."""
    net = ps.Network(seed=2)
    made = net.create(OWN, cells, I_e=CURRENT, tolerance=tolerance)
    for receptor, (time, weight) in EVENTS.items():
        train = net.create("spike_generator", spike_times=[time - 1.0])
        synapse = ps.static_synapse(weight=weight, delay=1.0, receptor=receptor)
        net.connect(train, made, ps.AllToAll(), synapse)
    return net, made


def linoid(y):
    return 1.0 if y == 0.0 else y / np.expm1(y)


def right_hand_side(t, y):
    """The equations as they are printed."""
    p = {q.name: q.default for q in OWN.params}
    v, m, h, n, a, b, *g = y.tolist()
    sigma_a, sigma_b = 1.0 / (1.0 + exp_of(-(v + 50) / 20)), 1.0 / (1.0 + exp_of((v + 70) / 6))
    rates = (
        (m, linoid(-(v + 40) / 10), 4 * exp_of(-(v + 65) / 18)),
        (h, 0.07 * exp_of(-(v + 65) / 20), 1 / (1 + exp_of(-(v + 35) / 10))),
        (n, 0.1 * linoid(-(v + 55) / 10), 0.125 * exp_of(-(v + 65) / 80)),
        (a, 0.5 * sigma_a, 0.5 * (1 - sigma_a)),
        (b, 0.02 * sigma_b, 0.02 * (1 - sigma_b)),
    )
    i = CURRENT - p["g_Na"] * m**3 * h * (v - p["E_Na"]) - p["g_L"] * (v - p["E_L"])
    i -= (p["g_K"] * n**4 + p["g_A"] * a**3 * b) * (v - p["E_K"])
    i -= sum(x * (v - reversal) for x, (reversal, _) in zip(g, RECEPTORS.values(), strict=True))
    gating = [opening * (1.0 - x) - closing * x for x, opening, closing in rates]
    decay = [-x / tau for x, (_, tau) in zip(g, RECEPTORS.values(), strict=True)]
    return [i / p["C_m"], *gating, *decay]


def truth(end):
    """All variables at that time, by a tight solution."""
    y, now = np.array([*START.values(), 0.0, 0.0, 0.0]), 0.0
    for row, (time, weight) in enumerate(EVENTS.values()):
        if time < end:
            y = solve_ivp(right_hand_side, (now, time), y, method="DOP853", rtol=1e-11, atol=1e-12).y[:, -1]
            y[6 + row] += weight
            now = time
    return solve_ivp(right_hand_side, (now, end), y, method="DOP853", rtol=1e-11, atol=1e-12).y[:, -1]


def errors(tolerance):
    """Of all variables in the spike, and after all receptors had theirs."""
    net, cells = network(tolerance)
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net, dt=0.1)
    found = []
    for end in (IN_SPIKE, DURATION):
        sim.run(end - sim.now)
        found.append([sim.get(cells, v.name)[0] for v in OWN.recordables] - truth(end))
    assert len(spikes.times) == 1  # in a spike substeps of both orders are taken
    return np.abs(found)


def test_five_gates_and_three_receptors_follow_their_equations_to_the_tolerance():
    coarse, fine = errors(1e-3), errors(1e-6)
    # Each substep keeps the error of its embedded method, of order 4, to the tolerance; what is gone on with is of
    # order 5, and the few substeps of one upstroke together stay below it too. A thousandth of the tolerance means
    # substeps of a quarter, which bring two digits at least.
    assert coarse[0].max() < 1e-3
    assert fine[0].max() < 1e-6
    assert fine[0].max() < 0.01 * coarse[0].max()
    # At rest nothing is left of that but the error of the exact solution.
    assert max(coarse[1].max(), fine[1].max()) < 1e-7


@pytest.mark.parametrize("threads", [2, 3])
def test_their_bits_hang_on_no_number_of_ranks_also_where_they_are_joined(threads):
    def run(threads):
        net, cells = network(1e-4, cells=5)
        net.couple(cells, cells, ps.Lists([0, 1, 2, 3], [1, 2, 3, 4]), weight=20.0)
        sim = ps.Simulation(net, dt=0.1, threads=threads)
        sim.set(cells, V_m=[-68.0, -60.0, -66.0, -50.0, -70.0])
        sim.run(12.0)
        return [sim.get(cells, v.name).tobytes() for v in OWN.recordables]

    assert run(threads) == run(1)
