"""Delays that are not whole steps, onto cells that hear exact times and onto others; NEST's in tests/data."""

import json
from pathlib import Path

import numpy as np
import pytest

import parsim as ps

STORED = json.loads((Path(__file__).parents[1] / "data" / "cont_delay.json").read_text())
NAMES = [f"{case['model']}_from_{case['source']}" for case in STORED]


@pytest.mark.parametrize("case", STORED, ids=NAMES)
def test_spikes_and_voltages_are_those_of_nest(case):
    """Between steps to 1e-11 ms and mV, which is rounding."""
    net = ps.Network()
    cell = net.create(case["model"], I_e=350.0)
    for delay, weight in zip(case["delays"], case["weights"], strict=True):
        synapse = ps.cont_delay_synapse(weight=weight, delay=delay)
        times = np.array(case["times"]) - (1.0 if case["source"] == "parrot" else 0.0)
        source = net.create("spike_generator", spike_times=times, precise_times=True)
        if case["source"] == "parrot":
            told = net.create("parrot_neuron_ps")
            net.connect(source, told, ps.OneToOne(), ps.static_synapse(delay=1.0))
            source = told
        net.connect(source, cell, ps.OneToOne(), synapse)
    v, spikes = net.record(cell, "V_m", interval=case["dt"]), net.record_spikes(cell)
    ps.Simulation(net, dt=case["dt"]).run(50.0)
    assert len(spikes) > 1 and spikes.times == pytest.approx(case["spikes"], abs=1e-11)
    assert v.values[: len(case["V_m"]), 0] == pytest.approx(case["V_m"], abs=1e-11)


def network():
    """Exact and other cells that reach each other, and generators, over drawn delays."""
    net = ps.Network(seed=4)
    exact = net.create("iaf_psc_exp_ps", 8, I_e=390.0, V_m=ps.Uniform(-70.0, -56.0))
    steps = net.create("iaf_psc_exp", 5, I_e=390.0, V_m=ps.Uniform(-70.0, -56.0))
    train = net.create("spike_generator", spike_times=np.arange(1, 60) * 0.83, precise_times=True)
    noise = net.create("poisson_generator_ps", rate=900.0)
    drawn = ps.cont_delay_synapse(weight=ps.Normal(60.0, 20.0), delay=ps.Uniform(0.1, 2.5))
    net.connect(train + noise, exact + steps, ps.AllToAll(), drawn)
    net.connect(exact + steps, exact + steps, ps.FixedIndegree(4), drawn)
    return net, net.record_spikes(exact + steps), exact


@pytest.mark.parametrize(("threads", "runs"), [(3, [60.0]), (1, [17.3, 0.1, 42.6])], ids=["ranks", "cuts"])
def test_neither_ranks_nor_cuts_nor_a_restart_change_a_bit(threads, runs, tmp_path):
    found = []
    for n, durations in ((1, [60.0]), (threads, runs)):
        net, spikes, exact = network()
        sim = ps.Simulation(net, dt=0.1, threads=n)
        for duration in durations:
            sim.run(duration)
        found.append((spikes.times, spikes.gids, sim.get(exact, "V_m")))
    net, spikes, exact = network()
    sim = ps.Simulation(net, dt=0.1)
    sim.run(31.7)
    sim.save(tmp_path / "half.h5")
    net, spikes, exact = network()
    sim = ps.Simulation(net, dt=0.1, restore=tmp_path / "half.h5")
    sim.run(28.3)
    late = found[0][0] > 31.7 + 1e-9
    assert np.array_equal(spikes.times, found[0][0][late]) and late.sum() > 20
    assert np.array_equal(sim.get(exact, "V_m"), found[0][2])
    for one, other in zip(*found, strict=True):
        assert np.array_equal(one, other)


def test_delays_are_read_and_set_as_they_are_and_less_than_a_step_is_refused():
    net, _, exact = network()
    sim = ps.Simulation(net, dt=0.1)
    rows = sim.connections(exact, exact)
    delays = rows.get("delay")
    assert np.abs(delays * 10 - np.rint(delays * 10)).max() > 0.1 and delays.min() >= 0.1
    rows.set(delay=1.234)
    assert (rows.get("delay") == 1.234).all()
    with pytest.raises(ps.DescriptionError, match=r"less than one step \(dt = 0.1 ms\)"):
        net.connect(exact, exact, ps.OneToOne(), ps.cont_delay_synapse(delay=0.07))
        ps.Simulation(net, dt=0.1)
