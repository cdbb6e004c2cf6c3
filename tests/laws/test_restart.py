"""Law 3: save, restore on another number of ranks, go on: as if never stopped."""

from dataclasses import replace

import numpy as np
import pytest

import parsim as ps
from tests.cable_models import CABLE, EXACT
from tests.helpers import LAW_PAIRS, alone, outcome, small_network
from tests.shard.test_event_loop import SYNAPSE


@pytest.mark.parametrize(("model", "stimulus"), LAW_PAIRS, ids=str)
def test_a_restored_simulation_goes_on_as_if_never_stopped(model, stimulus, tmp_path):
    whole = alone(model, stimulus)
    for saved_on, restored_on, stop in ((1, 3, 30.0), (3, 2, 17.3), (2, 1, 0.0)):
        file = tmp_path / f"{saved_on}.h5"
        net, cells, spikes, _ = small_network(model, stimulus)
        first = ps.Simulation(net, dt=0.1, threads=saved_on)
        first.run(stop)
        first.save(file)
        before = outcome(first, cells, spikes)

        net, cells, spikes, _ = small_network(model, stimulus)
        net.record(cells[:1], model.recordables[0].name, interval=0.3) if model.recordables else None
        second = ps.Simulation(net, dt=0.1, threads=restored_on, restore=file)
        assert second.now == stop and outcome(second, cells, spikes).states.keys() == before.states.keys()
        second.run(60.0 - stop)
        assert outcome(second, cells, spikes).after(before) == whole
        if len(spikes.cells) == net.n_cells:  # the report counts the spikes of all cells
            assert second.report().spikes == whole.times.size


def test_what_was_set_and_what_was_said_after_a_run_is_restored_too(tmp_path):
    def said():
        net, cells, spikes, source = small_network(stimulus=ps.spike_generator)
        return net, cells, spikes, source

    def grow(net, cells):
        more = net.create("iaf_psc_exp", 5, V_m=ps.Uniform(-70.0, -60.0))
        for i in range(5):
            net.connect(cells[i], more[i], ps.OneToOne(), ps.static_synapse(weight=300.0 + i, delay=0.4))
        return more

    def change(sim, cells, source):
        sim.set(source, spike_times=np.arange(100, 600) * 0.1)
        sim.set(cells, tau_m=ps.Uniform(8.0, 12.0))

    def whole():
        net, cells, spikes, source = said()
        sim = ps.Simulation(net, dt=0.1, threads=2)
        sim.run(9.7)
        change(sim, cells, source)
        sim.run(1.2)
        more = grow(net, cells)
        sim.run(3.3)
        sim.save(tmp_path / "grown.h5")
        sim.run(30.0)
        return spikes.times, spikes.gids, sim.get(cells, "V_m"), sim.get(more, "V_m")

    times, gids, *states = whole()
    assert times[-1] > 20.0

    net, cells, spikes, _source = said()
    more = grow(net, cells)
    sim = ps.Simulation(net, dt=0.1, threads=3, restore=tmp_path / "grown.h5")
    sim.run(30.0)
    late = times > 14.2 + 1e-9
    assert np.array_equal(spikes.times, times[late]) and np.array_equal(spikes.gids, gids[late])
    assert np.array_equal(sim.get(cells, "V_m"), states[0]) and np.array_equal(
        sim.get(more, "V_m"), states[1]
    )


def test_what_connections_remember_is_restored(tmp_path):
    """A network of saturating synapses, of which some are open when it is saved; several connect a pair."""

    def said():
        net = ps.Network(seed=3)
        source = net.create("NetStim", 3, interval=1.5, noise=[1.0, 0.5, 0.0], start=0.0, number=np.inf)
        cells = net.create(SYNAPSE, 11, duration=ps.Uniform(0.5, 4.0))
        wire = ps.static_synapse(weight=ps.Uniform(0.1, 0.4), delay=ps.Uniform(0.1, 3.0))
        net.connect(source, cells, ps.FixedIndegree(4), wire)
        net.connect(cells[:4], cells[4:], ps.FixedIndegree(2), wire)
        return net, cells, net.record_spikes(cells)

    net, cells, spikes = said()
    whole = ps.Simulation(net, dt=0.1)
    whole.run(40.0)
    for saved_on, restored_on, stop in ((1, 3, 20.0), (3, 2, 17.3), (2, 1, 0.0)):
        net2, _, spikes2 = said()
        first = ps.Simulation(net2, dt=0.1, threads=saved_on)
        first.run(stop)
        first.save(tmp_path / "state")
        before = spikes2.times, spikes2.gids
        net3, cells3, spikes3 = said()
        second = ps.Simulation(net3, dt=0.1, threads=restored_on, restore=tmp_path / "state")
        assert stop == 0.0 or second.get(cells3, "open").any()
        second.run(40.0 - stop)
        assert np.array_equal(np.concatenate([before[0], spikes3.times]), spikes.times)
        assert np.array_equal(np.concatenate([before[1], spikes3.gids]), spikes.gids)
        assert np.array_equal(second.get(cells3, "open"), whole.get(cells, "open"))
    assert len(spikes) > 100


def test_a_checkpoint_of_another_network_or_step_is_refused(tmp_path):
    net, *_ = small_network()
    ps.Simulation(net).save(tmp_path / "state.h5")
    other, *_ = small_network(seed=6)
    with pytest.raises(ps.DescriptionError, match="was saved from another network"):
        ps.Simulation(other, restore=tmp_path / "state.h5")
    same, *_ = small_network()
    with pytest.raises(ps.DescriptionError, match=r"was saved at dt = 0\.1 ms; dt is 0\.05 ms"):
        ps.Simulation(same, dt=0.05, restore=tmp_path / "state.h5")
    (tmp_path / "text.h5").write_text("hello")
    with pytest.raises(ps.DescriptionError, match="cannot be read as a checkpoint"):
        ps.Simulation(same, restore=tmp_path / "text.h5")


@pytest.mark.parametrize("stop", [3.3, 11.1])
def test_no_step_is_parted_at_the_time_that_a_prolonged_event_had(stop, tmp_path):
    """AMPA_S moves its connections' events on at each spike; where they were is not saved."""

    def simulation(**given):
        net = ps.Network()
        cells = net.create(replace(EXACT, name="prolonged", place=CABLE.place), 5)
        steps = np.random.default_rng(1).integers(1, 200, (5, 40))
        source = net.create("VecStim", 5, spike_times=[np.sort(row) * 0.1 for row in steps])
        synapse = ps.static_synapse(weight=1e-4, delay=0.43)
        net.connect(source, cells.at("sat"), ps.OneToOne(), synapse)
        return ps.Simulation(net, dt=0.1, progress=False, **given), cells

    (whole, cells), (first, _) = simulation(), simulation()
    whole.run(20.0)
    first.run(stop)
    first.save(tmp_path / "first.h5")
    second, again = simulation(restore=tmp_path / "first.h5")
    second.run(20.0 - stop)
    place = "dend(0.2).v"
    assert (second.get(again, place) == whole.get(cells, place)).all()
