"""Times that are on the grid but for rounding: cells on the grid hear them at their step, whatever rounding did."""

import numpy as np
import pytest

import parsim as ps
from parsim.clock import Clock, step_of

ACCUMULATED = np.cumsum(np.full(150, 0.3))  # 0.3, 0.6, 0.8999999999999999, 1.2, ... 2.6999999999999997
STEPS = 3 * np.arange(1, 151)


def heard(sources, delay=0.1, dt=0.1, duration=60.0, cuts=(), threads=1, target="iaf_psc_delta"):
    """Times of the spikes of sources, and the steps at whose end a cell on the grid has heard one of each."""
    net = ps.Network()
    cells = [net.create(model, **values) for model, values in sources]
    spikes = [net.record_spikes(cell) for cell in cells]
    listener = net.create(target, len(cells), tau_m=1e9, E_L=0.0, V_m=0.0, V_th=1e9, V_reset=0.0)
    for i, cell in enumerate(cells):
        net.connect(cell, listener[i : i + 1], ps.OneToOne(), ps.static_synapse(weight=1.0, delay=delay))
    voltage = net.record(listener, "V_m", interval=dt)
    sim = ps.Simulation(net, dt=dt, threads=threads)
    for part in (*cuts, duration - sum(cuts)):
        sim.run(part)
    jumps = np.diff(np.concatenate([np.zeros((1, len(cells))), voltage.values]), axis=0) > 0.5
    when = np.rint(voltage.times / dt).astype(int)
    return [s.times for s in spikes], [when[jumps[:, i]] for i in range(len(cells))]


@pytest.mark.parametrize("delay", [0.1, 1.0])
@pytest.mark.parametrize("cuts", [(), (0.3, 0.6, 0.4, 1.1), (1.0,) * 12])
def test_what_event_driven_cells_fire_on_the_grid_arrives_at_its_step_whatever_has_accumulated(delay, cuts):
    sources = [
        ("NetStim", dict(start=0.3, interval=0.3, number=150.0)),
        ("VecStim", dict(spike_times=ACCUMULATED)),
        ("VecStim", dict(spike_times=STEPS * 0.1)),
    ]
    for threads in (1, 2):
        times, steps = heard(sources, delay, cuts=cuts, threads=threads)
        for found in steps:
            assert np.array_equal(found, STEPS + round(delay / 0.1))
        assert np.array_equal(times[0], ACCUMULATED)  # and are kept as they are
        assert np.array_equal(times[1], ACCUMULATED) and np.array_equal(times[2], STEPS * 0.1)
    assert (np.array(ACCUMULATED) != Clock(0.1).times(STEPS)).sum() > 50


@pytest.mark.parametrize("delay", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("cuts", [(), (0.3, 0.6, 0.4, 1.1), (1.0,) * 12])
def test_what_cells_repeat_on_the_grid_arrives_at_its_step_whatever_has_accumulated(delay, cuts):
    """From event-driven cells and a cell with exact times, over one that repeats them and over two."""
    for threads in (1, 2):
        net = ps.Network()
        sources = net.create("NetStim", start=0.3, interval=0.3, number=150.0)
        sources = sources + net.create("VecStim", spike_times=ACCUMULATED)
        sources = sources + net.create("spike_train_injector", spike_times=ACCUMULATED, precise_times=True)
        parrots = net.create("parrot_neuron_ps", 6)
        listener = net.create("iaf_psc_delta", 6, tau_m=1e9, E_L=0.0, V_m=0.0, V_th=1e9, V_reset=0.0)
        synapse = ps.static_synapse(weight=1.0, delay=delay)
        net.connect(sources, parrots[:3], ps.OneToOne(), synapse)
        net.connect(parrots[:3], parrots[3:], ps.OneToOne(), synapse)
        net.connect(parrots, listener, ps.OneToOne(), synapse)
        spikes, voltage = net.record_spikes(parrots), net.record(listener, "V_m", interval=0.1)
        sim = ps.Simulation(net, threads=threads)
        for part in (*cuts, 60.0 - sum(cuts)):
            sim.run(part)
        jumps = np.rint(np.diff(np.concatenate([np.zeros((1, 6)), voltage.values]), axis=0))
        when, n = np.rint(voltage.times / 0.1).astype(int), round(delay / 0.1)
        for i in range(6):
            hops = 1 + i // 3
            assert np.array_equal(np.repeat(when, jumps[:, i].astype(int)), STEPS + (hops + 1) * n)
            found = spikes.times[spikes.gids == parrots.gids[i]]
            assert np.abs(found - (ACCUMULATED + hops * delay)).max() < 5e-14  # and are kept as they are


@pytest.mark.parametrize("said_at", [None, 0.9, 1.0, 1.5, 2.0, 3.0, 4.2])
def test_what_is_just_after_an_edge_at_which_something_is_said_is_heard_once(said_at):
    """A cell put above its threshold fires just after the edge, and over a delay of one interval that is heard just
    after the next; the others send a little after edges and what accumulates there.
    """
    net = ps.Network()
    sources = net.create("iaf_psc_exp_ps", V_m=-50.0, I_e=0.0)
    sources = sources + net.create("VecStim", spike_times=[1.0 + 5e-8, 2.0 + 2e-16, 3.0 + 9e-8])
    sources = sources + net.create("NetStim", start=0.0, interval=0.2, number=20.0)
    parrots = net.create("parrot_neuron_ps", 3)
    net.connect(sources, parrots, ps.OneToOne(), ps.static_synapse(weight=1.0, delay=1.0))
    sent, heard = net.record_spikes(sources), net.record_spikes(parrots)
    sim = ps.Simulation(net)
    if said_at is not None:
        sim.run(said_at)
        others = net.create("parrot_neuron_ps", 2)
        net.connect(others, parrots[:2], ps.OneToOne(), ps.static_synapse(weight=1.0, delay=1.0))
    sim.run(8.0 - (said_at or 0.0))
    for source, parrot, n in zip(sources.gids, parrots.gids, (1, 3, 20), strict=True):
        times = sent.times[sent.gids == source]
        assert times.size == n
        assert np.abs(heard.times[heard.gids == parrot] - (times + 1.0)).max() < 1e-14


@pytest.mark.parametrize("cuts", [(), (0.1,) * 40])
def test_what_stimuli_send_at_the_end_of_the_tolerance_is_heard_once_wherever_runs_are_cut(cuts):
    """There rounding decides on which of two steps a time is; steps that are run one by one agree on which."""
    ends = [t + 1e-7 + k * np.spacing(t) for t in Clock(0.1).times(np.arange(10, 50)) for k in range(-3, 4)]
    net = ps.Network()
    source = net.create("spike_generator", spike_times=ends, precise_times=True, origin=0.3)
    cells = net.create("parrot_neuron_ps") + net.create("IntFire1", refrac=0.0)
    net.connect(source, cells, ps.AllToAll(), ps.static_synapse(weight=1.5, delay=0.7))
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net)
    for part in (*cuts, 8.0 - sum(cuts)):
        sim.run(part)
    for gid in cells.gids:
        found = spikes.times[spikes.gids == gid]
        assert found.size == len(ends) and np.abs(found - (np.array(ends) + 1.0)).max() < 5e-15


@pytest.mark.parametrize("dt", [0.1, 0.025, 1 / 64])
def test_a_spike_at_the_very_beginning_arrives_after_its_delay(dt):
    times, steps = heard([("NetStim", dict(start=0.0, interval=2.0, number=3.0))], 8 * dt, dt, duration=8.0)
    assert times[0].tolist() == [0.0, 2.0, 4.0]
    assert steps[0].tolist() == [8, 8 + round(2.0 / dt), 8 + round(4.0 / dt)]


def test_a_millionth_of_a_step_after_the_grid_is_on_it_and_more_is_in_the_next_step():
    """Times 0.9 and 1.1 millionths of a step after the grid, one before it, and one half a step after it."""
    times = [1.0 + 0.9e-7, 2.0 + 1.1e-7, 3.0 - 1e-7, 4.05]
    sources = [
        ("VecStim", dict(spike_times=times)),
        ("spike_train_injector", dict(spike_times=times, precise_times=True)),
        ("VecStim", dict(spike_times=[0.1 * (1.0 + 0.5e-6)])),
    ]
    found, steps = heard(sources, 1.0)
    assert steps[0].tolist() == steps[1].tolist() == [20, 31, 40, 51] and steps[2].tolist() == [11]
    assert np.abs(found[0] - times).max() < 1e-15 and np.abs(found[1] - times).max() < 2e-15
    grid = Clock(0.1).for_kernels
    near = [0.0, 0.3, np.nextafter(0.3, 1), 0.30000011, 1e9 + 0.3]
    assert [step_of(grid, t) for t in near] == [0, 3, 3, 4, 10**10 + 3]


def test_cells_that_hear_exact_times_hear_them_to_rounding():
    """Also just after the edge of an interval, over delays of one interval, and from cells that repeat them."""
    times = [1.0, 1.0 + 2e-16, 1.0 + 5e-8, 2.0 - 5e-8, 3.0 + 5e-8, 3.1, 5.0 + 1e-15]
    net = ps.Network()
    exact = net.create("spike_train_injector", spike_times=times, precise_times=True)
    events = net.create("VecStim", spike_times=times)
    parrots = net.create("parrot_neuron_ps", 2)
    counters = net.create("IntFire1", 2, refrac=0.0)
    synapse = ps.static_synapse(weight=1.5, delay=1.0)
    for source in (exact, events):
        place = slice(0, 1) if source is exact else slice(1, 2)
        net.connect(source, parrots[place], ps.OneToOne(), synapse)
        net.connect(source, counters[place], ps.OneToOne(), synapse)
    spikes = net.record_spikes(parrots + counters)
    ps.Simulation(net, threads=2).run(10.0)
    for gid in (*parrots.gids, *counters.gids):
        found = spikes.times[spikes.gids == gid]
        assert found.size == len(times) and np.abs(found - (np.array(times) + 1.0)).max() < 1e-14


def test_a_run_and_its_parts_and_a_sample_at_every_step_give_the_same_traces_and_spikes():
    def run(parts, interval):
        net = ps.Network()
        source = net.create("NetStim", 2, start=0.0, interval=[0.3, 0.7], number=np.inf)
        cells = net.create("IntFire2", 3, taum=5.0, ib=[0.9, 1.1, 1.3])
        net.connect(source, cells, ps.AllToAll(), ps.static_synapse(weight=0.3, delay=0.1))
        trace, spikes = net.record(cells, "M", interval=interval), net.record_spikes(source + cells)
        sim = ps.Simulation(net)
        for part in parts:
            sim.run(part)
        return trace.values[:: round(1.0 / interval)], spikes.times, spikes.gids

    whole = run((20.0,), 1.0)
    for parts, interval in (((0.3, 0.1, 0.5, 19.1), 0.1), ((0.7,) * 20 + (6.0,), 0.5)):
        other = run(parts, interval)
        assert np.array_equal(whole[1], other[1]) and np.array_equal(whole[2], other[2])
        assert len(whole[1]) > 90
