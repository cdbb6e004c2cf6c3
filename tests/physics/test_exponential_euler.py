"""Cells by exponential Euler: its formula by hand, its order, and what it is traded for."""

from math import exp

import numpy as np
import pytest

import parsim as ps
from parsim.errors import DescriptionError
from tests.physics.test_hodgkin_huxley import at_rest, rates, state_names

MODELS = (ps.hh_cond_exp_traub, ps.hh_psc_alpha)
METHOD = "exponential_euler"


def trace(model, accurate, dt, duration, weight, **values):
    """V every 0.2 ms and spike times of one cell that fires; its gates begin at rest at -60 mV."""
    net = ps.Network()
    start = dict(zip(state_names(accurate), at_rest(accurate, -60.0), strict=True))
    cell = net.create(model, 1, **start, **values)
    train = net.create("spike_generator", spike_times=[3.0, 9.0])
    net.connect(train, cell, ps.OneToOne(), ps.static_synapse(weight=weight, delay=1.0))
    voltage, spikes = net.record(cell, "V_m", interval=0.2), net.record_spikes(cell)
    ps.Simulation(net, dt=dt, progress=False).run(duration)
    return voltage.values[:, 0], spikes.times


@pytest.mark.parametrize("accurate", MODELS, ids=str)
def test_one_step_is_the_exact_solution_of_what_is_held(accurate):
    p = {q.name: q.default for q in accurate.params}
    dt, v, (m, h, n) = 0.1, -55.0, (0.1, 0.5, 0.4)
    net = ps.Network()
    start = dict(zip(state_names(accurate), (v, m, h, n), strict=True))
    cell = net.create(accurate(method=METHOD), 1, I_e=100.0, **start)
    sim = ps.Simulation(net, dt=dt, progress=False)
    sim.run(dt)

    def moved(x, rate, rest):
        return rest + (x - rest) * exp(-rate * dt)

    am, bm, ah, bh, an, bn = rates(accurate.name, v, p)
    g_na, g_k, g_l = p["g_Na"] * m**3 * h, p["g_K"] * n**4, p["g_L"]
    g = g_na + g_k + g_l
    i = g_na * p["E_Na"] + g_k * p["E_K"] + g_l * p["E_L"] + 100.0
    expected = [
        moved(v, g / p["C_m"], i / g),
        *(moved(x, a + b, a / (a + b)) for x, a, b in ((m, am, bm), (h, ah, bh), (n, an, bn))),
    ]
    found = [sim.get(cell, name)[0] for name in state_names(accurate)]
    assert np.allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("accurate", MODELS, ids=str)
def test_half_the_step_is_half_the_error(accurate):
    """Below threshold, where errors are not those of the times of spikes."""
    weight, current = (2.0, -300.0) if accurate is ps.hh_cond_exp_traub else (200.0, -100.0)
    truth, spikes = trace(accurate, accurate, 0.0125, 16.0, weight, I_e=current, tolerance=1e-7)
    assert spikes.size == 0
    errors = [
        np.abs(trace(accurate(method=METHOD), accurate, dt, 16.0, weight, I_e=current)[0] - truth).max()
        for dt in (0.1, 0.05, 0.025, 0.0125)
    ]
    ratios = np.array(errors[:-1]) / errors[1:]
    assert ((ratios > 1.8) & (ratios < 2.2)).all(), ratios  # 2 at order 1, once steps are small
    assert errors[0] < 1.0


@pytest.mark.parametrize("accurate", MODELS, ids=str)
def test_spikes_come_as_much_later_as_steps_are_longer(accurate):
    """Of a cell that fires again and again; each spike is late after the one before, so that it adds up."""
    weight, current = (2.0, 300.0) if accurate is ps.hh_cond_exp_traub else (200.0, 2500.0)
    _, truth = trace(accurate, accurate, 0.0125, 40.0, weight, I_e=current)
    late = []
    for dt in (0.1, 0.05, 0.025, 0.0125):
        _, spikes = trace(accurate(method=METHOD), accurate, dt, 40.0, weight, I_e=current)
        assert spikes.size == truth.size >= 3
        late.append(np.abs(spikes - truth)[-1] / truth.size)
    ratios = np.array(late[:-1]) / late[1:]
    assert late[0] < 1.5 and ((ratios > 1.7) & (ratios < 2.3)).all(), late  # times are whole steps


@pytest.mark.parametrize("accurate", MODELS, ids=str)
def test_conductances_of_0_are_no_division_by_0(accurate):
    net = ps.Network()
    values = {"g_Na": 0.0, "g_K": 0.0, "g_L": 0.0}
    cell = net.create(accurate(method=METHOD), 1, V_m=-65.0, I_e=100.0, **values)
    sim = ps.Simulation(net, dt=0.1, progress=False)
    sim.run(1.0)
    capacitance = {q.name: q.default for q in accurate.params}["C_m"]
    assert sim.get(cell, "V_m")[0] == pytest.approx(-65.0 + 100.0 / capacitance, abs=1e-9)


def test_the_method_is_chosen_by_name():
    model = ps.hh_psc_alpha(method=METHOD)
    assert model is ps.hh_psc_alpha_exponential_euler
    assert ps.Network().create("hh_psc_alpha_exponential_euler", 2).model is model
    with pytest.raises(
        DescriptionError, match=r"hh_psc_alpha has no method 'rk4'. It has: 'exponential_euler'\."
    ):
        ps.hh_psc_alpha(method="rk4")
    with pytest.raises(DescriptionError, match="no other than its own"):
        ps.iaf_psc_exp(method=METHOD)
    with pytest.raises(DescriptionError, match="method"):
        ps.hh_psc_alpha(method=3)
    with pytest.raises(DescriptionError, match="tolerance"):
        ps.Network().create(model, tolerance=1e-3)


def test_defaults_of_ones_own_hold_for_the_method_too():
    own = ps.hh_psc_alpha.with_defaults(C_m=150.0, tolerance=1e-3, V_m=-70.0)(method=METHOD)
    net = ps.Network()
    cell = net.create(own, 1)
    sim = ps.Simulation(net, progress=False)
    assert (sim.get(cell, "C_m")[0], sim.get(cell, "V_m")[0]) == (150.0, -70.0)
