"""What happens when: timing by hand."""

import numpy as np
import pytest

import parsim as ps
from tests.timing import INTEGRATOR, jumps, parrots, static

# ---- when things happen -----------------------------------------------------------------------------


def test_a_spike_is_felt_a_delay_later():
    net = ps.Network()
    cells = net.create("iaf_psc_delta", 3, **INTEGRATOR)
    source = net.create("spike_generator", spike_times=[2.0])
    net.connect(
        source, cells, ps.AllToAll(), static(weight=[[1.0], [2.0], [3.0]], delay=[[1.0], [0.1], [2.5]])
    )
    voltage = net.record(cells, "V_m", interval=0.1)
    ps.Simulation(net).run(5.0)
    assert [jumps(voltage, i) for i in range(3)] == [{3.0: 1.0}, {2.1: 2.0}, {4.5: 3.0}]


def test_a_spike_of_a_cell_is_felt_a_delay_later():
    net = ps.Network()
    cells = net.create("iaf_psc_delta", 3, **INTEGRATOR)
    birds = parrots(net, [0.2, 1.9, 2.0, 2.1])
    net.connect(
        birds, cells, ps.AllToAll(), static(weight=[[1.0], [2.0], [3.0]], delay=[[1.0], [0.1], [2.5]])
    )
    voltage, spikes = net.record(cells, "V_m", interval=0.1), net.record_spikes(birds)
    ps.Simulation(net).run(5.0)
    assert spikes.times.tolist() == [0.2, 1.9, 2.0, 2.1]
    assert jumps(voltage, 0) == {1.2: 1.0, 2.9: 1.0, 3.0: 1.0, 3.1: 1.0}
    assert jumps(voltage, 1) == {0.3: 2.0, 2.0: 2.0, 2.1: 2.0, 2.2: 2.0}
    assert jumps(voltage, 2) == {2.7: 3.0, 4.4: 3.0, 4.5: 3.0, 4.6: 3.0}


def test_a_current_jumps_when_the_spike_arrives_and_the_membrane_moves_a_step_later():
    net = ps.Network()
    cell = net.create("iaf_psc_exp")
    net.connect(net.create("spike_generator", spike_times=[2.0]), cell, ps.AllToAll(), static(100.0, 1.0))
    voltage, current = net.record(cell, "V_m", interval=0.1), net.record(cell, "I_syn_ex", interval=0.1)
    ps.Simulation(net).run(4.0)
    assert current.times[current.values[:, 0] > 0][0] == 3.0 and current.values[29, 0] == 100.0
    assert voltage.times[voltage.values[:, 0] > -70.0][0] == 3.1


def test_weights_add_up_and_signs_tell_the_port():
    net = ps.Network()
    cell = net.create("iaf_psc_exp")
    source = net.create("spike_generator", spike_times=[1.0, 1.0, 2.0], spike_weights=[1.0, 0.5, 2.0])
    net.connect(source, cell, ps.Lists([0, 0, 0], [0, 0, 0]), static([10.0, 5.0, -4.0], 1.0))
    sim = ps.Simulation(net)
    sim.run(2.0)
    assert sim.get(cell, "I_syn_ex") == 22.5 and sim.get(cell, "I_syn_in") == -6.0


def test_several_spikes_in_a_step_are_several():
    net = ps.Network()
    bird = net.create("parrot_neuron")
    source = net.create("spike_generator", spike_times=[1.0, 2.0], spike_multiplicities=[3, 0])
    net.connect(source, bird, ps.AllToAll(), static(delay=0.1))
    echo = net.create("parrot_neuron")
    net.connect(bird, echo, ps.AllToAll(), static(weight=50.0, delay=0.2))
    spikes = net.record_spikes(bird + echo)
    ps.Simulation(net).run(3.0)
    assert spikes.times.tolist() == [1.1] * 3 + [1.3] * 3 and spikes.gids.tolist() == [0] * 3 + [1] * 3


def test_a_spike_generator_is_on_after_start_and_until_stop():
    net = ps.Network()
    bird = net.create("parrot_neuron")
    times = np.arange(1, 60) / 10
    source = net.create("spike_generator", spike_times=times, start=1.0, stop=2.5)
    net.connect(source, bird, ps.AllToAll(), static(delay=1.0))
    spikes = net.record_spikes(bird)
    ps.Simulation(net).run(6.0)
    assert np.array_equal(spikes.times, np.arange(21, 36) / 10)  # sent at 1.1 to 2.5


def test_origin_moves_spike_times_and_their_window():
    net = ps.Network()
    bird = net.create("parrot_neuron")
    source = net.create("spike_generator", spike_times=[0.5, 1.0, 1.5, 2.0], origin=3.0, start=0.5, stop=1.5)
    net.connect(source, bird, ps.AllToAll(), static(delay=0.1))
    spikes = net.record_spikes(bird)
    ps.Simulation(net).run(6.0)
    assert spikes.times.tolist() == [4.1, 4.6]


@pytest.mark.parametrize(
    ("start", "stop", "delay", "first", "last"),
    [
        (1.0, 3.0, 1.0, 2.1, 4.0),
        (1.0, 3.0, 0.1, 1.2, 3.1),
        (0.0, 3.0, 1.0, 1.2, 4.0),
        (0.1, 3.0, 0.5, 0.7, 3.5),
    ],
)
def test_a_current_acts_from_start_to_stop_a_delay_later(start, stop, delay, first, last):
    """As in NEST: during (start + delay, stop + delay], a step less when it is on from the beginning."""
    net = ps.Network()
    cell = net.create("iaf_psc_delta", **INTEGRATOR)
    source = net.create("dc_generator", amplitude=250.0, start=start, stop=stop)
    net.connect(source, cell, ps.AllToAll(), static(2.0, delay))
    voltage = net.record(cell, "V_m", interval=0.1)
    ps.Simulation(net).run(5.0)
    found = jumps(voltage)
    assert set(found.values()) == {0.2}
    steps = np.rint(np.array([first, last]) * 10).astype(int)
    assert np.array_equal(np.rint(np.array(list(found)) * 10), np.arange(steps[0], steps[1] + 1))


def test_currents_add_up():
    net = ps.Network()
    cell = net.create("iaf_psc_delta", I_e=250.0, **INTEGRATOR)
    sources = net.create("dc_generator", 3, amplitude=[250.0, 500.0, 1000.0])
    net.connect(sources, cell, ps.AllToAll(), static(weight=[[1.0, 1.0, -0.5]], delay=0.1))
    sim = ps.Simulation(net)
    sim.run(0.2)
    assert sim.get(cell, "V_m") == pytest.approx(0.2)  # I_e alone: the others begin at the third step
    sim.run(1.0)
    assert sim.get(cell, "V_m") == pytest.approx(0.2 + 10 * (0.1 + 0.1 + 0.2 - 0.2))


@pytest.mark.parametrize(
    ("origin", "start", "stop", "first", "last"),
    [
        (0.0, 0.0, 3.0, 0.2, 3.1),
        (0.0, 1.0, 2.5, 1.2, 2.6),
        (1.5, 0.5, 1.5, 2.2, 3.1),
        (-1.0, 0.5, 3.0, 0.1, 2.1),
    ],
)
def test_a_poisson_generator_fires_from_two_steps_after_start_to_one_after_stop(
    origin, start, stop, first, last
):
    net = ps.Network()
    birds = net.create("parrot_neuron", 20)
    source = net.create(
        "poisson_generator", rate=20_000.0, origin=origin, start=start, stop=stop
    )  # 2 spikes a step
    net.connect(source, birds, ps.AllToAll(), static(delay=1.0))
    spikes = net.record_spikes(birds)
    ps.Simulation(net).run(6.0)
    steps = np.unique(np.rint((spikes.times - 1.0) * 10).astype(int))
    assert np.array_equal(steps, np.arange(round(first * 10), round(last * 10) + 1))


def test_poisson_spikes_come_at_their_rate_in_every_target_and_step():
    net = ps.Network(seed=2)
    birds = net.create("parrot_neuron", 200)
    source = net.create("poisson_generator", 2, rate=[800.0, 1_200.0])
    net.connect(source, birds, ps.AllToAll(), static(delay=0.1))
    spikes = net.record_spikes(birds)
    ps.Simulation(net).run(100.1)
    expected = 200 * 2.0 * 99.9  # 0.2 spikes a step from 0.3 to 100.1
    assert abs(len(spikes) - expected) < 4 * np.sqrt(expected)
    counts = np.bincount(spikes.gids, minlength=200)
    assert counts.var() / counts.mean() == pytest.approx(1.0, abs=4 * np.sqrt(2 / 200))
    by_step = np.bincount(np.rint(spikes.times * 10).astype(int), minlength=1002)[3:1002]
    assert by_step.var() / by_step.mean() == pytest.approx(1.0, abs=4 * np.sqrt(2 / 999))


def test_poisson_trains_are_independent_for_every_connection():
    net = ps.Network(seed=3)
    birds = net.create("parrot_neuron", 4)
    source = net.create("poisson_generator", rate=2_000.0)
    net.connect(source, birds, ps.AllToAll(), static(delay=0.1))
    twice = net.create("iaf_psc_delta", **INTEGRATOR)
    net.connect(source, twice, ps.Lists([0, 0], [0, 0]), static([1.0, 100.0], 0.1))
    net.connect(source, twice, ps.AllToAll(), static(10_000.0, 0.1))
    spikes, voltage = net.record_spikes(birds), net.record(twice, "V_m", interval=0.1)
    ps.Simulation(net).run(400.0)
    bins = np.zeros((7, 4001))
    np.add.at(bins, (spikes.gids, np.rint(spikes.times * 10).astype(int)), 1)
    digits = np.rint(np.diff(voltage.values[:, 0])).astype(int)
    bins[4:, 2:] = digits % 100, digits // 100 % 100, digits // 10_000
    assert bins.sum(axis=1) == pytest.approx(800, abs=4 * np.sqrt(800))
    correlation = np.corrcoef(bins[:, 3:])
    assert np.abs(correlation - np.eye(7)).max() < 4 / np.sqrt(4_000)


def test_delays_may_last_many_intervals():
    net = ps.Network()
    birds = parrots(net, [0.3, 7.0, 7.1])
    near, far = net.create("parrot_neuron"), net.create("parrot_neuron", 3)
    net.connect(birds, near, ps.AllToAll(), static(delay=0.2))
    net.connect(birds, far, ps.AllToAll(), static(delay=[[25.6], [25.7], [60.1]]))
    spikes = net.record_spikes(near + far)
    sim = ps.Simulation(net)
    sim.run(80.0)
    assert sim.interval == 0.2
    expected = {1: 0.2, 2: 25.6, 3: 25.7, 4: 60.1}
    for gid, delay in expected.items():
        assert spikes.times[spikes.gids == gid] == pytest.approx([0.3 + delay, 7.0 + delay, 7.1 + delay])
    assert len(spikes) == 12


@pytest.mark.parametrize("dt", [0.1, 0.05, 0.125, 1.0])
def test_times_are_exact_multiples_of_dt(dt):
    net = ps.Network()
    bird = net.create("parrot_neuron")
    times = np.arange(1, 41) * dt
    net.connect(net.create("spike_generator", spike_times=times), bird, ps.AllToAll(), static(delay=dt))
    spikes = net.record_spikes(bird)
    sim = ps.Simulation(net, dt=dt)
    sim.run(42 * dt)
    assert sim.dt == dt and np.array_equal(spikes.times, np.round(np.arange(2, 42) * dt, 9))
    assert sim.now == round(42 * dt, 9)
