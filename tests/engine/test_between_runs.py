"""What may be said, set and read between runs, and when it counts."""

import numpy as np
import pytest

import parsim as ps
from tests.timing import INTEGRATOR, jumps, parrots, relay, static

# ---- what is said after a run -----------------------------------------------------------------------


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
