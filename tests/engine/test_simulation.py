"""What happens when: timing by hand, and what may be said, set and read between runs."""

import numpy as np
import pytest

import parsim as ps
from parsim.comm.serial import SerialComm

# A membrane that forgets nothing: it jumps by the weight, and 250 pA move it by 0.1 mV a step of 0.1 ms.
INTEGRATOR = dict(tau_m=1e15, C_m=250.0, E_L=0.0, V_m=0.0, V_th=1e9, V_reset=0.0)


def static(weight=1.0, delay=1.0):
    return ps.static_synapse(weight=weight, delay=delay)


def parrots(net: ps.Network, times, n: int = 1, delay: float = 0.1) -> ps.Population:
    """Parrots that fire at these times (ms), all alike."""
    cells = net.create("parrot_neuron", n)
    source = net.create("spike_generator", spike_times=np.round(np.asarray(times, float) - delay, 6))
    net.connect(source, cells, ps.AllToAll(), static(delay=delay))
    return cells


def jumps(voltage: ps.Recording, cell: int = 0) -> dict[float, float]:
    """By how much a recorded membrane changed, at which sample."""
    steps = np.diff(np.concatenate([[0.0], voltage.values[:, cell]]))
    return {
        float(t): round(float(step), 9)
        for t, step in zip(voltage.times, steps, strict=True)
        if abs(step) > 1e-9
    }


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


# ---- what is said after a run -----------------------------------------------------------------------


def relay(net: ps.Network, times) -> tuple[ps.Population, ps.Population]:
    """Parrots that fire at these times, and others that repeat them after 5 ms."""
    birds, later = parrots(net, times), net.create("parrot_neuron", 2)
    net.connect(birds, later, ps.AllToAll(), static(delay=5.0))
    return birds, later


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("now", [10.0, 10.3, 14.9, 0.0])
def test_spikes_in_flight_arrive_when_a_smaller_delay_shortens_the_interval(now, threads):
    """The same as when everything is said before, because what is new is silent until then."""
    times = [0.4, 5.0, 8.0, 9.9, 10.0, 10.1, 10.2, 10.3, 14.8, 14.9, 15.0, 20.0]
    news = [15.3, 16.0, 16.1]

    def run(early):
        net = ps.Network()
        birds, later = relay(net, times)
        spikes = net.record_spikes(birds + later)
        sim = ps.Simulation(net, threads=threads) if not early else None
        if sim:
            sim.run(now)
            assert sim.interval == 5.0
        loud = parrots(net, news, delay=0.3)
        net.connect(loud, birds + later, ps.AllToAll(), static(delay=0.3))
        sim = sim or ps.Simulation(net, threads=threads)
        sim.run(30.0 - sim.now)
        assert sim.interval == 0.3
        return spikes

    early, late = run(True), run(False)
    assert np.array_equal(early.times, late.times) and np.array_equal(early.gids, late.gids)
    heard = np.sort(np.concatenate([np.add(times, 5.0), np.add(news, 0.3), np.add(news, 5.3)]))
    assert late.times[late.gids == 1] == pytest.approx(heard[heard <= 30.0])


@pytest.mark.parametrize("now", [10.0, 10.3])
def test_a_longer_delay_and_more_cells_of_a_model_can_be_added(now):
    net = ps.Network()
    birds, later = relay(net, [8.0, 9.9, 10.2, 12.0])
    sim = ps.Simulation(net)
    sim.run(now)
    more = net.create("parrot_neuron", 3)
    net.connect(birds, more, ps.AllToAll(), static(delay=17.0))
    spikes = net.record_spikes(later + more)
    sim.run(20.0)
    old = [13.0, 14.9, 15.2, 17.0]
    for gid in later.gids:
        assert spikes.times[spikes.gids == gid].tolist() == old
    new = [t for t in (27.2, 29.0) if t > now + 17.0]  # spikes before `now` know nothing of the connection
    for gid in more.gids:
        assert spikes.times[spikes.gids == gid].tolist() == new


def test_spikes_that_are_not_yet_exchanged_miss_connections_said_after_them():
    net = ps.Network()
    birds, _ = relay(net, [10.1, 10.4])
    sim = ps.Simulation(net)
    sim.run(10.2)
    late = net.create("parrot_neuron")
    net.connect(birds, late, ps.AllToAll(), static(delay=3.0))
    spikes = net.record_spikes(late)
    sim.run(10.0)
    assert spikes.times.tolist() == [13.4]


def test_cells_of_two_ports_keep_what_is_on_its_way_when_they_become_more():
    net = ps.Network()
    source = net.create("spike_generator", spike_times=[1.0, 4.0])
    cells = net.create("iaf_psc_exp", 2, tau_syn_ex=1e15, tau_syn_in=1e15)
    birds = parrots(net, [1.0, 4.0])
    net.connect(birds, cells, ps.AllToAll(), static([[3.0], [-3.0]], 2.5))
    net.connect(source, cells, ps.AllToAll(), static([[-5.0], [5.0]], 2.5))
    sim = ps.Simulation(net)
    sim.run(1.7)
    more = net.create("iaf_psc_exp", 3, tau_syn_ex=1e15, tau_syn_in=1e15)
    net.connect(source, more, ps.AllToAll(), static(-1.0, 0.5))
    sim.run(3.0)
    assert sim.get(cells + more, "I_syn_ex") == pytest.approx([3.0, 5.0, 0.0, 0.0, 0.0])
    assert sim.get(cells + more, "I_syn_in") == pytest.approx([-5.0, -3.0, -1.0, -1.0, -1.0])
    sim.run(5.0)
    assert sim.get(cells + more, "I_syn_ex") == pytest.approx([6.0, 10.0, 0.0, 0.0, 0.0])


def test_a_stimulus_said_later_sends_from_then_on():
    net = ps.Network()
    cell = net.create("iaf_psc_delta", **INTEGRATOR)
    bird = net.create("parrot_neuron")
    voltage, spikes = net.record(cell, "V_m", interval=0.1), net.record_spikes(bird)
    sim = ps.Simulation(net)
    sim.run(2.3)
    net.connect(net.create("dc_generator", amplitude=250.0, stop=4.0), cell, ps.AllToAll(), static(delay=0.5))
    source = net.create("poisson_generator", rate=1e5, stop=4.0)
    net.connect(source, bird, ps.AllToAll(), static(delay=0.5))
    net.connect(net.create("spike_generator", spike_times=[2.4, 5.0]), cell, ps.AllToAll(), static(7.0, 3.0))
    sim.run(7.0)
    found = jumps(voltage)
    # Sent first in the step from 2.3 on, used a step after it arrives, as when a run begins.
    assert [t for t, step in found.items() if step == 0.1] == [t / 10 for t in range(30, 46)]
    assert [t for t, step in found.items() if step == 7.0] == [5.4, 8.0]
    assert np.unique(spikes.times).tolist() == [t / 10 for t in range(29, 47)]


# ---- what is set and read between runs --------------------------------------------------------------


def test_states_and_parameters_set_between_runs_count_from_then_on():
    net = ps.Network()
    cells = net.create("iaf_psc_delta", 3, **INTEGRATOR)
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net)
    sim.run(1.7)
    sim.set(cells[1], V_m=5.0)
    sim.set(cells[2], I_e=250.0)
    assert sim.get(cells, "V_m").tolist() == [0.0, 5.0, 0.0]
    assert sim.get(cells, "I_e").tolist() == [0.0, 0.0, 250.0]
    sim.run(1.0)
    assert sim.get(cells, "V_m") == pytest.approx([0.0, 5.0, 1.0])
    sim.set(cells, V_th=4.0, V_reset=-1.0)
    sim.run(0.1)
    assert spikes.times.tolist() == [2.8] and spikes.gids.tolist() == [1]
    assert sim.get(cells, "V_m") == pytest.approx([0.0, -1.0, 1.1])


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_values_are_set_and_got_in_the_order_of_the_selection(threads):
    net = ps.Network()
    a, b, c = net.create("iaf_psc_exp", 3), net.create("iaf_psc_delta", 2), net.create("iaf_psc_exp", 0)
    sim = ps.Simulation(net, threads=threads)
    sim.set((b + a)[::-1], V_m=[-61.0, -62.0, -63.0, -64.0, -65.0], C_m=[1.0, 2.0, 3.0, 4.0, 5.0])
    assert sim.get(a, "V_m").tolist() == [-63.0, -62.0, -61.0] and sim.get(b, "C_m").tolist() == [5.0, 4.0]
    assert sim.get(b + a[[2, 0]] + c, "V_m").tolist() == [-65.0, -64.0, -61.0, -63.0]
    assert sim.get(c, "V_m").tolist() == sim.get(a[[]], "V_m").tolist() == []
    sim.set(c + a[1], V_m=["-0.05 V"])
    sim.set(c, V_m=-1.0)
    assert sim.get(a, "V_m").tolist() == [-63.0, -50.0, -61.0]
    sim.set(a, V_m=lambda gids: -70.0 - gids)
    assert sim.get(a, "V_m").tolist() == [-70.0, -71.0, -72.0]


def test_distributions_are_drawn_anew_by_each_set():
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 100, V_m=ps.Uniform(-70.0, -60.0))
    found = []
    for threads in (1, 3):
        sim = ps.Simulation(net, threads=threads)
        draws = [sim.get(cells, "V_m")]
        for _ in range(2):
            sim.set(cells, V_m=ps.Uniform(-70.0, -60.0))
            draws.append(sim.get(cells, "V_m"))
        found.append(draws)
    assert np.array_equal(found[0], found[1])
    assert all(-70.0 <= v.min() < -69.0 and -61.0 < v.max() < -60.0 for v in found[0])
    assert np.abs(np.corrcoef(found[0]) - np.eye(3)).max() < 0.4


def test_nothing_is_set_when_anything_is_wrong():
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 4) + net.create("iaf_psc_delta", 2)
    sim = ps.Simulation(net, threads=2)
    for values, error in (
        (dict(V_m=-60.0, tau_m=-1.0), "tau_m of iaf_psc_exp is -1 ms"),
        (dict(V_m=-60.0, V_reset=-50.0), "V_reset must be below V_th"),
        (dict(V_m=-60.0, tau_m=ps.Uniform(-1.0, 1.0)), "it must be greater than 0 ms"),
        (dict(V_m=-60.0, tau_syn_ex=3.0), "iaf_psc_delta has no parameter 'tau_syn_ex'"),
        (dict(V_m=[-60.0] * 5), "has 5 values"),
    ):
        with pytest.raises(ps.ParsimError, match=error):
            sim.set(cells, **values)
        assert (sim.get(cells, "V_m") == -70.0).all() and (sim.get(cells, "tau_m") == 10.0).all()
    sim.run(1.0)


def test_what_a_stimulus_has_sent_arrives_though_it_is_set():
    net = ps.Network()
    bird = net.create("parrot_neuron")
    source = net.create("spike_generator", spike_times=[5.0, 7.2, 7.3, 8.0])
    net.connect(source, bird, ps.AllToAll(), static(delay=10.0))
    spikes = net.record_spikes(bird)
    sim = ps.Simulation(net)
    sim.run(7.2)
    sim.set(source, spike_times=[9.0, 20.0])
    sim.run(1.0)
    sim.set(source, spike_times=[9.1])
    sim.run(30.0)
    assert spikes.times.tolist() == [15.0, 17.2, 19.1]


def test_a_rate_and_a_current_that_are_set_arrive_a_delay_later():
    net = ps.Network()
    bird, cell = net.create("parrot_neuron"), net.create("iaf_psc_delta", **INTEGRATOR)
    noise, current = net.create("poisson_generator", rate=1e5), net.create("dc_generator", amplitude=250.0)
    net.connect(noise, bird, ps.AllToAll(), static(delay=3.0))
    net.connect(current, cell, ps.AllToAll(), static(delay=3.0))
    spikes, voltage = net.record_spikes(bird), net.record(cell, "V_m", interval=0.1)
    sim = ps.Simulation(net)
    sim.run(5.0)
    sim.set(noise, rate=0.0)
    sim.set(current, amplitude=500.0)
    sim.run(0.7)
    sim.set(current, amplitude=0.0)
    sim.run(5.0)
    assert np.unique(spikes.times).tolist() == [
        t / 10 for t in range(32, 81)
    ]  # sent in steps from 0.1 to 4.9
    steps = list(jumps(voltage).items())
    assert [round(t * 10) for t, _ in steps] == list(range(32, 89))
    assert [step for _, step in steps] == [0.1] * 50 + [0.2] * 7


@pytest.mark.parametrize("threads", [1, 2])
def test_parts_of_stimuli_are_set_one_by_one(threads):
    net = ps.Network()
    birds = net.create("parrot_neuron", 4)
    sources = net.create("spike_generator", 4, spike_times=[[1.0], [2.0], [3.0], [4.0]])
    net.connect(sources, birds, ps.OneToOne(), static(delay=0.1))
    spikes = net.record_spikes(birds)
    sim = ps.Simulation(net, threads=threads)
    sim.set(sources[:1] + sources[2:3], spike_times=[[5.0], [6.0, 6.5]])
    sim.set(sources[2:] + sources[:1], stop=[6.2, 10.0, 10.0])
    assert sim.get(sources, "stop").tolist() == [10.0, np.inf, 6.2, 10.0]
    sim.run(8.0)
    assert spikes.times.tolist() == [2.1, 4.1, 5.1, 6.1] and spikes.gids.tolist() == [1, 3, 0, 2]


# ---- the edges --------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
def test_a_network_of_nothing_runs(threads):
    net = ps.Network()
    sim = ps.Simulation(net, threads=threads)
    sim.run(3.3)
    assert sim.now == 3.3 and sim.connections().sources.size == 0 and sim.report().cells == 0
    nobody = net.create("iaf_psc_exp", 0)
    spikes = net.record_spikes(nobody)
    sim.run(1.0)
    assert len(spikes) == 0 and sim.get(nobody, "V_m").size == 0
    assert str(sim.report()).startswith("4.3 ms of model time, 0 cells, 0 connections, 0 spikes")


@pytest.mark.parametrize("threads", [1, 2])
def test_cells_without_connections_run_in_intervals_of_a_millisecond(threads):
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 3, I_e=[0.0, 400.0, 400.0])
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net, threads=threads)
    sim.run(50.5)
    assert sim.interval == 1.0
    assert len(spikes) == 2 and set(spikes.gids.tolist()) == {1, 2}


def test_populations_of_size_0_stand_anywhere():
    def run(extra):
        net = ps.Network(seed=4)
        cells = net.create("iaf_psc_exp", 6, V_m=ps.Uniform(-70.0, -56.0), I_e=380.0)
        net.connect(cells, cells, ps.FixedIndegree(2), static(200.0, 1.5))
        if extra:
            nobody, silent = net.create("iaf_psc_delta", 0), net.create("poisson_generator", 0)
            net.connect(nobody, cells + nobody, ps.AllToAll(), static(5.0, 0.1))
            net.connect(cells, nobody, ps.FixedIndegree(3), static(5.0, 0.1))
            net.connect(silent, cells + nobody, ps.AllToAll())
            net.record(nobody, "V_m")
            net.record_spikes(nobody)
        spikes = net.record_spikes(cells)
        sim = ps.Simulation(net, threads=2)
        sim.run(60.0)
        assert sim.interval == 1.5
        return spikes.times.tolist(), spikes.gids.tolist()

    assert run(False) == run(True) and len(run(False)[0]) > 5


def test_there_may_be_more_threads_than_cells():
    def run(threads):
        net = ps.Network()
        _, later = relay(net, [1.0, 2.0])
        spikes, voltage = net.record_spikes(later), net.record(net.create("iaf_psc_exp", I_e=400.0), "V_m")
        sim = ps.Simulation(net, threads=threads)
        sim.run(10.0)
        return [spikes.times, spikes.gids, voltage.values, voltage.times, *sim.connections()]

    for a, b in zip(run(1), run(9), strict=True):
        assert np.array_equal(a, b)


def test_a_run_of_0_ms_changes_nothing_and_builds_what_is_new():
    net = ps.Network()
    cell = net.create("iaf_psc_exp", I_e=300.0)
    sim = ps.Simulation(net)
    sim.run(0.0)
    assert sim.now == 0.0 and sim.get(cell, "V_m") == -70.0
    sim.run(1.2)
    before = sim.get(cell, "V_m")
    net.connect(cell, cell, ps.AllToAll(), static(delay=0.4))
    sim.run(0.0)
    assert sim.interval == 0.4 and sim.now == 1.2 and sim.get(cell, "V_m") == before
    assert "not run yet" not in str(sim.report())


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (-1.0, r"duration is -1(.0)? ms; .* at least 0"),
        (np.inf, "duration is inf ms"),
        (np.nan, "duration is NaN"),
        (0.25, r"duration 0.25 ms is not a multiple of dt = 0.1 ms. Nearest are 0.2 and 0.3 ms"),
        ([1.0, 2.0], "duration is"),
        ("3 mV", 'duration is "3 mV", a voltage; ms is needed'),
    ],
)
def test_a_duration_is_whole_steps(duration, text):
    sim = ps.Simulation(ps.Network())
    with pytest.raises(ps.DescriptionError, match=text):
        sim.run(duration)
    sim.run("0.5 s")
    assert sim.now == 500.0


def test_a_simulation_that_was_replaced_says_so():
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 2)
    old = ps.Simulation(net)
    new = ps.Simulation(net, dt=0.2)
    for act in (lambda: old.run(1.0), lambda: old.get(cells, "V_m"), lambda: old.set(cells, V_m=1.0)):
        with pytest.raises(ps.DescriptionError, match="a newer Simulation has taken this network over"):
            act()
    new.run(1.0)
    with pytest.raises(ps.DescriptionError, match=r"dt cannot be changed to 0.1 ms: it is 0.2 ms"):
        new.dt = 0.1


# ---- what goes wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 3])
def test_a_state_that_is_no_number_ends_the_run_and_is_named(threads):
    net = ps.Network()
    net.create("iaf_psc_delta", 4)
    cells = net.create("iaf_psc_exp", 3)
    source = net.create("spike_generator", spike_times=[2.0, 2.0, 2.0])
    net.connect(source, cells[1], ps.AllToAll(), static(-1e308, 1.5))
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net, threads=threads)
    sim.run(1.0)
    with pytest.raises(ps.SimulationError) as error:
        sim.run(5.0)
    rank = 5 % threads
    text = f"V_m of gid 5 (iaf_psc_exp) became -inf between t = 3 and 4 ms on rank {rank}. Look for weights"
    assert text in str(error.value)
    with pytest.raises(ps.SimulationError, match=r"cannot go on, because it has failed before: .*gid 5"):
        sim.run(1.0)
    assert len(spikes) == 0


@pytest.mark.parametrize("threads", [1, 2])
def test_more_spikes_than_an_outbox_holds_end_the_run(threads):
    net = ps.Network()
    birds = net.create("parrot_neuron", 2)
    source = net.create("spike_generator", spike_times=[1.0], spike_multiplicities=[100_000])
    net.connect(source, birds[1], ps.AllToAll(), static(delay=0.5))
    sim = ps.Simulation(net, threads=threads)
    with pytest.raises(ps.SimulationError) as error:
        sim.run(5.0)
    assert "parrot_neuron emitted more spikes in one interval than the outbox holds (65536)" in str(
        error.value
    )
    assert "gid 1 at t = 1.5 ms" in str(error.value) and f"on rank {threads - 1}" in str(error.value)


def test_a_statement_that_cannot_be_built_stops_the_simulation_for_good():
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 3)
    sim = ps.Simulation(net, threads=2)
    sim.run(1.0)
    net.create("iaf_psc_exp", 2, tau_m=ps.Uniform(-1.0, 0.0))
    with pytest.raises(ps.BuildError, match=r"tau_m of .* it must be greater than 0 ms"):
        sim.run(1.0)
    for act in (lambda: sim.run(1.0), lambda: sim.get(cells, "V_m"), lambda: sim.set(cells, V_m=1.0)):
        with pytest.raises(ps.SimulationError, match=r"cannot go on, because it has failed before: .*tau_m"):
            act()


def test_a_delay_below_a_step_is_an_error_at_the_call():
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 3)
    net.connect(cells, cells, ps.AllToAll(), static(delay=0.1))
    with pytest.raises(
        ps.DescriptionError, match=r"delay 0.1 ms of .* is less than one step \(dt = 0.2 ms\)"
    ):
        ps.Simulation(net, dt=0.2)
    sim = ps.Simulation(net)
    with pytest.raises(ps.DescriptionError, match=r"less than one step"):
        net.connect(cells, cells, ps.AllToAll(), static(delay=0.01))
    assert len(net.projections) == 1
    sim.run(1.0)


# ---- reporting --------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_report_adds_up(threads):
    net = ps.Network(seed=1)
    cells = net.create("iaf_psc_exp", 20, I_e=500.0)
    net.connect(cells, cells, ps.FixedIndegree(5), static(1.0, 1.5))
    spikes = net.record_spikes(cells)
    net.record(cells, "V_m", interval=0.1)
    sim = ps.Simulation(net, threads=threads)
    assert "not run yet" in str(sim.report())
    for _ in range(3):
        sim.run(20.3)
        for _ in range(20):
            sim.get(cells, "V_m")
    report = sim.report()
    assert (report.time, report.cells, report.connections, report.interval) == (60.9, 20, 100, 1.5)
    assert report.spikes == len(spikes) > 0
    seconds = dict(zip(report.NAMES, report.seconds.T, strict=True))
    assert all(column.shape == (threads,) and (column >= 0.0).all() for column in seconds.values())
    parts = sum(seconds[name] for name in ("drive", "integrate", "deliver", "exchange", "wait", "record"))
    assert (parts <= seconds["run"]).all() and (parts > 0.5 * seconds["run"]).all()
    assert report.bytes_sent.shape == (threads,) and (report.bytes_sent > 0).all() == (threads > 1)
    assert report.memory.shape == (1,) and report.memory[0] > 10.0

    text = str(report)
    assert text.splitlines()[0] == (
        f"60.9 ms of model time, 20 cells, 100 connections, {len(spikes)} spikes on {threads} "
        f"rank{'s' if threads > 1 else ''}; interval 1.5 ms"
    )
    assert "real-time factor" in text
    for name in (*report.NAMES[:-1], "sent (MB)", "memory (MB)"):
        assert any(line.startswith(f"{name} ") for line in text.splitlines())


class Hushed(SerialComm):
    """A rank that can be forbidden to communicate."""

    hushed = False

    def __getattribute__(self, name: str):
        if name in SerialComm.__abstractmethods__ | COLLECTIVES and object.__getattribute__(self, "hushed"):
            raise AssertionError(f"{name} communicates")
        return object.__getattribute__(self, name)


COLLECTIVES = frozenset(
    (
        "allgather",
        "gather",
        "gather_objects",
        "allgather_objects",
        "bcast",
        "maximum",
        "total",
        "any",
        "barrier",
    )
)


def test_no_property_communicates():
    """So any rank may read any of them, alone."""
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 3, I_e=500.0)
    spikes, voltage = net.record_spikes(cells), net.record(cells, "V_m", everywhere=True)
    comm = Hushed()
    sim = ps.Simulation(net, comm=comm)
    sim.run(20.0)
    comm.hushed = True
    with pytest.raises(AssertionError, match="maximum communicates"):
        comm.maximum(np.zeros(1))
    assert spikes.times.size == spikes.gids.size == len(spikes) > 0
    assert voltage.values.shape == (20, 3) and len(voltage) == voltage.times.size == 20
    assert voltage.gids.tolist() == [0, 1, 2]
    assert (sim.now, sim.dt, sim.interval, sim.comm.rank, sim.comm.size) == (20.0, 0.1, 1.0, 0, 1)
    assert "20 ms of model time" in str(sim.report())
    assert len(cells) == 3 and repr(cells) and cells.gids.size == 3


class Counting(SerialComm):
    """A rank that counts how often spikes are exchanged."""

    def __init__(self):
        super().__init__()
        self.exchanges = 0

    def allgather(self, mine, note=0):
        self.exchanges += 1
        return super().allgather(mine, note)


def test_spikes_are_exchanged_once_an_interval_however_a_run_is_cut():
    """And once more where something was said or set, for what event-driven cells fire at that very time."""
    net = ps.Network()
    cells = net.create("IntFire1", 2)
    net.connect(cells, cells, ps.AllToAll(), ps.static_synapse(weight=0.1, delay=2.0))
    net.create("parrot_neuron", 1)  # so that quiet intervals are not skipped
    comm = Counting()
    sim = ps.Simulation(net, dt=0.5, comm=comm)
    counts = []
    for change in (False, False, True, False):
        if change:
            sim.set(cells, m=0.5)
        before = comm.exchanges
        sim.run(4.0)
        counts.append(comm.exchanges - before)
    assert counts == [3, 2, 3, 2]
