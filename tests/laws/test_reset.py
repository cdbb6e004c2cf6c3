"""Law 7: a simulation that was reset is a new one: the same spikes and states, whatever was done before."""

import numpy as np
import pytest

import parsim as ps
from parsim.io import reading
from tests.cable_models import LINKED
from tests.helpers import LAW_PAIRS, alone, couple, outcome, run_small, small_network


@pytest.mark.parametrize(("model", "stimulus"), LAW_PAIRS, ids=str)
def test_after_a_reset_all_is_as_in_a_new_simulation(model, stimulus):
    whole = alone(model, stimulus)
    net, cells, spikes, _ = small_network(model, stimulus)
    sim = ps.Simulation(net, dt=0.1, threads=2)
    sim.run(23.4)
    if model.recordables:
        name = model.recordables[0].name
        sim.set(cells[:3], **{name: sim.get(cells[:3], name) + 0.5})
    sim.run(5.0)
    sim.reset()
    assert sim.now == 0.0 and len(spikes) == 0
    sim.run(60.0)
    assert outcome(sim, cells, spikes) == whole and len(spikes) > 0


@pytest.mark.parametrize("model", [ps.hh_psc_alpha_gap, LINKED], ids=str)
def test_coupled_cells_begin_anew_too(model):
    whole = run_small(model, prepare=couple)
    net, cells, spikes, _ = small_network(model)
    couple(net, cells)
    sim = ps.Simulation(net, dt=0.1)
    sim.run(23.4)
    sim.reset()
    sim.run(60.0)
    assert outcome(sim, cells, spikes) == whole


def test_what_was_said_after_a_run_is_there_from_the_beginning():
    def said(grow):
        net, cells, spikes, _ = small_network(stimulus=ps.spike_generator)
        sim = None if grow is None else ps.Simulation(net, dt=0.1, threads=2, progress=False)
        if sim is not None:
            sim.run(grow)
        more = net.create("iaf_psc_exp", 5, V_m=ps.Uniform(-70.0, -60.0))
        for i in range(5):
            net.connect(cells[i], more[i], ps.OneToOne(), ps.static_synapse(weight=300.0 + i, delay=0.4))
        return net, cells, more, spikes, sim

    net, cells, more, spikes, _ = said(None)
    new = ps.Simulation(net, dt=0.1, progress=False)
    new.run(60.0)
    expected = spikes.times, spikes.gids, new.get(cells, "V_m"), new.get(more, "V_m")
    net, cells, more, spikes, sim = said(11.3)
    sim.run(5.0)
    sim.reset()
    sim.run(60.0)
    found = spikes.times, spikes.gids, sim.get(cells, "V_m"), sim.get(more, "V_m")
    assert len(spikes) > 0 and all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


def test_parameters_can_be_kept():
    def run(currents, keep):
        net = ps.Network(seed=2)
        cells = net.create("iaf_psc_exp", 20, I_e=ps.Uniform(300.0, 600.0))
        noise = net.create("poisson_generator", rate=1_000.0)
        net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(weight=20.0, delay=1.0))
        spikes = net.record_spikes(cells)
        sim = ps.Simulation(net, threads=2, progress=False)
        if keep is not None:
            sim.run(30.0)
        if currents is not None:
            sim.set(cells, I_e=currents)
            sim.set(noise, rate=3_000.0)
        if keep is not None:
            sim.run(10.0)
            sim.reset(keep=keep)
        sim.run(60.0)
        return spikes.times.tolist(), spikes.gids.tolist(), sim.get(cells, "I_e").tolist()

    currents = np.linspace(350.0, 650.0, 20)
    assert run(currents, ("parameters",)) == run(currents, None)
    assert run(currents, ()) == run(currents, ("weights",)) == run(None, None) != run(currents, None)


def test_files_are_written_anew(tmp_path):
    net, cells, spikes, _ = small_network()
    net.record_spikes(cells, to=tmp_path / "spikes.h5")
    net.record(cells, "V_m", interval=0.3, to=tmp_path / "traces.h5")
    sim = ps.Simulation(net, dt=0.1, progress=False)
    sim.run(50.0)
    sim.reset()
    sim.run(30.0)
    times, gids = reading.read_spikes(tmp_path / "spikes.h5")
    assert np.array_equal(times, spikes.times) and np.array_equal(gids, spikes.gids)
    assert reading.read_traces(tmp_path / "traces.h5")[0].size == 100


@pytest.mark.parametrize("keep", ["weights", ("states",), 3, None, [["weights"]], ("weights", 1)], ids=str)
def test_what_cannot_be_kept_is_refused(keep):
    net, *_ = small_network()
    sim = ps.Simulation(net, progress=False)
    sim.run(5.0)
    with pytest.raises(ps.DescriptionError, match="give names out of parameters, weights"):
        sim.reset(keep=keep)
    assert sim.now == 5.0
