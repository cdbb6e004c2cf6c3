"""Networks, what they hold and what they recorded can be pickled and copied; a copy runs to the same spikes."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

import parsim as ps
from parsim.models.catalogue import ALL_MODELS


def double(gids):
    return 600.0 + gids


def network() -> tuple[ps.Network, ps.SpikeRecording]:
    net = ps.Network(seed=5)
    model = ps.iaf_psc_exp.with_defaults(V_m=ps.Uniform(-70.0, -60.0), tau_m="12 ms")
    cells = net.create(model, 8, I_e=double, name="cells")
    noise = net.create("poisson_generator", 2, rate=[800.0, 900.0])
    train = net.create("spike_generator", spike_times=[3.0, 4.0])
    net.connect(noise + train, cells, ps.AllToAll(), ps.static_synapse(weight=50.0))
    net.connect(
        cells, cells[::2], ps.FixedIndegree(3), ps.static_synapse(weight=ps.Normal("0.03 nA", 1.0), delay=1.5)
    )
    net.connect(cells, cells, ps.Lists([0, 1], [2, 3]), ps.static_synapse(weight=[10.0, 20.0]))
    net.couple(cells[:1], cells[4:5], ps.OneToOne(), weight=0.5)
    net.record(cells[:2], "V_m", interval=0.5)
    return net, net.record_spikes(cells)


WAYS = [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))]


@pytest.mark.parametrize("way", WAYS, ids=["deepcopy", "pickle"])
def test_a_copy_of_a_network_is_apart_and_runs_to_the_same_spikes(way):
    net, spikes = network()
    before = way(net)
    ps.Simulation(net, progress=False).run(15.0)
    after = way(net)
    assert len(spikes) > 5
    for other in (before, after):
        assert other.digest == net.digest and other.timeline is None
        trace, same = other.recordings
        assert (len(same) > 0) == (other is after)
        ps.Simulation(other, progress=False).run(15.0)
        assert np.array_equal(same.times, spikes.times) and np.array_equal(same.gids, spikes.gids)
        assert np.array_equal(trace.values, net.recordings[0].values)
        other.create("iaf_psc_exp")
    assert net.n_cells == 8


@pytest.mark.parametrize("way", WAYS, ids=["deepcopy", "pickle"])
def test_recordings_populations_selections_rules_and_values_can_be_copied(way):
    net, spikes = network()
    ps.Simulation(net, progress=False).run(10.0)
    again = way(spikes)
    assert np.array_equal(again.times, spikes.times) and again.cells.gids.tolist() == list(range(8))
    assert way(net.recordings[0]).values.tolist() == net.recordings[0].values.tolist()
    assert way(net.populations[0]).gids.tolist() == list(range(8))
    assert way(net.populations[0][3:5]).gids.tolist() == [3, 4]
    for value in (ps.FixedIndegree(3), ps.Uniform(1.0, 2.0), ps.Relaxation(), ps.PairwiseBernoulli(0.1)):
        assert way(value) == value
    assert repr(way(ps.static_synapse(weight=[1.0, 2.0]))) == repr(ps.static_synapse(weight=[1.0, 2.0]))
    assert way(ps.Lists([0], [1])).sources.tolist() == [0]


@pytest.mark.parametrize("model", ALL_MODELS, ids=str)
def test_a_copy_of_a_model_is_the_model(model):
    assert copy.copy(model) is copy.deepcopy(model) is model
    assert pickle.loads(pickle.dumps(model)) is model
    assert len(pickle.dumps(model)) < 300


def test_another_process_goes_on_with_what_was_pickled(tmp_path):
    net = ps.Network(seed=2)
    cells = net.create(ps.iaf_psc_exp.with_defaults(I_e=800.0, V_m=ps.Uniform(-70.0, -60.0)), 5)
    spikes = net.record_spikes(cells)
    (tmp_path / "net.pickle").write_bytes(pickle.dumps(net))
    ps.Simulation(net, progress=False).run(20.0)
    script = (
        "import pickle, sys, parsim as ps\n"
        "net = pickle.load(open(sys.argv[1], 'rb'))\n"
        "ps.Simulation(net, progress=False).run(20.0)\n"
        "print(*net.recordings[0].times.tolist())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "net.pickle")],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert [float(t) for t in done.stdout.split()] == spikes.times.tolist() and len(spikes) > 3


def test_a_simulation_says_that_it_cannot_be_copied():
    sim = ps.Simulation(ps.Network(), progress=False)
    for way in (*WAYS, copy.copy):
        with pytest.raises(ps.DescriptionError, match="a Simulation cannot be copied or pickled"):
            way(sim)
