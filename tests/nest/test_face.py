"""What the face adds of its own: files, frames, what is refused, and many small calls as few statements."""

import numpy as np
import pytest

import parsim.nest as nest
from parsim.nest.kernel import kernel
from parsim.network.lists import Lists


def test_pairs_connected_one_by_one_are_one_statement():
    cells = nest.Create("parrot_neuron", 20)
    generator = nest.Create("spike_generator", params={"spike_times": [1.0]})
    for a in cells:
        nest.Connect(generator, a)
        for b in cells:
            nest.Connect(a, b, "one_to_one", {"weight": 1.0, "delay": 1.0 + 0.1 * a.global_id})
    nest.Simulate(1.0)
    rules = [said.rule for said in kernel.said.network.projections]
    assert [type(rule) for rule in rules] == [Lists, Lists]
    assert [rule.sources.size for rule in rules] == [20, 400]
    assert nest.num_connections == 420


def test_nodes_created_one_by_one_are_one_population():
    for k in range(10):
        nest.Create("iaf_psc_alpha", params={"I_e": float(k)})
    nest.Simulate(1.0)
    (population,) = kernel.said.network.populations
    assert population.size == 10
    assert nest.GetNodes().I_e == tuple(float(k) for k in range(10))


def test_short_calls_are_run_together_and_nobody_notices():
    cells = nest.Create("iaf_psc_alpha", 2, {"I_e": 500.0})
    meter = nest.Create("voltmeter", params={"interval": 0.1})
    nest.Connect(meter, cells)
    for _ in range(250):
        nest.Simulate(0.1)
    assert nest.biological_time == 25.0
    assert kernel.said.runs == 3
    by_steps = meter.events["V_m"]
    nest.ResetKernel()
    cells = nest.Create("iaf_psc_alpha", 2, {"I_e": 500.0})
    meter = nest.Create("voltmeter", params={"interval": 0.1})
    nest.Connect(meter, cells)
    nest.Simulate(25.0)
    assert np.array_equal(meter.events["V_m"], by_steps)


def test_what_is_set_is_there_before_and_after_a_run():
    cells = nest.Create("iaf_psc_alpha", 3)
    nest.Simulate(1.0)
    cells[1].V_m = -60.0
    cells[2].I_e = 100.0
    assert cells.V_m[1] == -60.0
    nest.Simulate(1.0)
    assert cells.V_m[1] == pytest.approx(-70.0 + 10.0 * np.exp(-0.1))
    assert cells.I_e == (0.0, 0.0, 100.0)


def test_an_error_in_create_creates_nothing():
    with pytest.raises(nest.NESTErrors.BadProperty, match="C_m"):
        nest.Create("iaf_psc_alpha", 3, {"C_m": -1.0})
    assert nest.network_size == 0


def test_an_error_in_set_changes_nothing():
    cells = nest.Create("iaf_psc_alpha", 3)
    with pytest.raises(nest.NESTErrors.BadProperty):
        cells.C_m = [100.0, 200.0, -1.0]
    assert cells.C_m == (250.0, 250.0, 250.0)


def test_an_error_in_connect_connects_nothing():
    cells = nest.Create("iaf_psc_alpha", 3)
    with pytest.raises(nest.NESTErrors.UnknownReceptorType):
        nest.Connect(cells, cells, "all_to_all", nest.CollocatedSynapses({}, {"receptor_type": 3}))
    assert nest.num_connections == 0


@pytest.mark.parametrize(
    ("act", "way"),
    [
        (lambda: nest.FindConnections, "GetConnections"),
        (
            lambda: nest.Connect(
                nest.Create("parrot_neuron", 2),
                nest.Create("iaf_psc_exp_multisynapse", 2, {"tau_syn": [1.0, 2.0]}),
                {"rule": "fixed_outdegree", "outdegree": 1},
                syn_spec={"receptor_type": nest.random.uniform_int(2) + 1},
            ),
            "receptor_type",
        ),
        (
            lambda: nest.Connect(
                *[nest.Create("parrot_neuron", positions=nest.spatial.grid([2, 2]))] * 2,
                {
                    "rule": "pairwise_poisson",
                    "pairwise_avg_num_conns": 1.0,
                    "mask": {"circular": {"radius": 0.1}},
                },
            ),
            "pairwise_bernoulli",
        ),
        (lambda: setattr(nest, "eprop_update_interval", 5.0), "e-prop"),
        (lambda: nest.Create("poisson_generator", 1, {"frozen": True}), "frozen"),
        (lambda: nest.Create("iaf_psc_alpha", 1, {"ignore_and_spike": True}), "ignore_and_spike"),
        (lambda: nest.Create("spike_recorder", 1, {"record_to": "sionlib"}), "sionlib"),
        (lambda: nest.DivergentConnect, "Connect"),
        (lambda: nest.Create("tanh_rate_ipn"), "tanh_rate_ipn .* poisson_generator"),
        (lambda: nest.Create("eprop_iaf"), "eprop_iaf .* stdp_dopamine_synapse"),
        (lambda: nest.CopyModel("astrocyte_lr_1994", "mine"), "astrocyte_lr_1994 .* CellModel"),
        (lambda: nest.GetDefaults("music_event_in_proxy"), "music_event_in_proxy .* to='file"),
        (
            lambda: nest.Connect(
                *[nest.Create("iaf_psc_alpha")] * 2, syn_spec={"synapse_model": "clopath_synapse_hpc"}
            ),
            "clopath_synapse_hpc .* stdp_triplet_synapse",
        ),
        (lambda: nest.EnableStructuralPlasticity, "Disconnect"),
        (lambda: nest.SonataNetwork, "SonataNetwork .* Connect"),
    ],
)
def test_what_is_not_there_says_so(act, way):
    with pytest.raises(NotImplementedError, match=way):
        act()


def test_a_recorder_writes_text(tmp_path):
    nest.set(data_path=str(tmp_path), data_prefix="run_")
    cells = nest.Create("parrot_neuron", 2)
    nest.Connect(nest.Create("spike_generator", params={"spike_times": [1.0, 12.0]}), cells)
    recorder = nest.Create("spike_recorder", params={"record_to": "ascii", "label": "spikes"})
    nest.Connect(cells, recorder)
    nest.Simulate(10.0)
    nest.Simulate(10.0)
    path = tmp_path / "run_spikes-4-0.dat"
    lines = path.read_text().splitlines()
    assert lines[2:] == ["sender\ttime_ms", "1\t2.000", "2\t2.000", "1\t13.000", "2\t13.000"]
    assert recorder.filenames == [str(path)] and recorder.n_events == 4
    with pytest.raises(KeyError):
        _ = recorder.events


def test_a_file_has_the_digits_and_the_extension_that_are_said(tmp_path):
    nest.data_path = str(tmp_path)
    cell = nest.Create("iaf_psc_alpha", 1, {"V_m": -63.123456789})
    said = {"record_to": "ascii", "precision": 5, "file_extension": "txt", "record_from": ["V_m"]}
    nest.Connect(nest.Create("multimeter", params=said), cell)
    nest.Simulate(2.0)
    assert (tmp_path / "multimeter-2-0.txt").read_text().endswith("V_m\n1\t1.00000\t-63.77785\n")


def test_a_file_that_is_there_is_not_overwritten_unless_said(tmp_path):
    (tmp_path / "spikes-1-0.dat").write_text("mine")
    nest.data_path = str(tmp_path)
    nest.Create("spike_recorder", params={"record_to": "ascii", "label": "spikes"})
    with pytest.raises(nest.NESTErrors.IOError, match="overwrite_files"):
        nest.Simulate(1.0)
    assert (tmp_path / "spikes-1-0.dat").read_text() == "mine"
    assert nest.biological_time == 0.0


def test_frames_have_ids_as_their_index():
    cells = nest.Create("iaf_psc_alpha", 2, {"V_m": [-60.0, -61.0]})
    frame = cells.get(["V_m", "C_m"], output="pandas")
    assert frame.index.tolist() == [1, 2] and frame["V_m"].tolist() == [-60.0, -61.0]


def test_what_generators_send_to_a_recorder_is_recorded_when_it_is_sent():
    generator = nest.Create("poisson_generator", 2, {"rate": 20_000.0, "stop": 50.0})
    recorder = nest.Create("spike_recorder")
    nest.Connect(generator, recorder)
    nest.Simulate(100.0)
    events = recorder.events
    # The first step that sends is the second, as in NEST; the last ends one step after `stop`.
    assert events["times"].min() == 0.2 and events["times"].max() == 50.1
    for node in (1, 2):  # 50 ms at 20 spikes/ms: five standard deviations
        assert abs(np.count_nonzero(events["senders"] == node) - 998) < 5 * 998**0.5


def test_threads_change_nothing():
    answers = []
    for threads in (1, 2):
        nest.ResetKernel()
        nest.local_num_threads = threads
        cells = nest.Create("iaf_psc_alpha", 10)
        recorder = nest.Create("spike_recorder")
        nest.Connect(
            nest.Create("poisson_generator", params={"rate": 20_000.0}), cells, syn_spec={"weight": 30.0}
        )
        nest.Connect(cells, cells, {"rule": "fixed_indegree", "indegree": 3}, {"weight": 20.0})
        nest.Connect(cells, recorder)
        nest.Simulate(50.0)
        answers.append(recorder.events["times"].tolist())
    assert answers[0] == answers[1] != []


def test_a_meter_of_several_models_samples_what_each_has():
    a, b = nest.Create("iaf_psc_alpha"), nest.Create("iaf_psc_delta")
    meter = nest.Create("multimeter", params={"record_from": ["V_m"]})
    nest.Connect(meter, a + b)
    nest.Simulate(3.1)
    assert meter.events["senders"].tolist() == [1, 2, 1, 2, 1, 2]
    assert meter.events["times"].tolist() == [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]


def test_old_nodes_say_that_they_are_gone():
    cells = nest.Create("iaf_psc_alpha", 2)
    nest.ResetKernel()
    with pytest.raises(nest.NESTErrors.KernelException, match="ResetKernel"):
        cells.get("V_m")


def test_help_tells_of_a_model():
    text = nest.help("iaf_psc_alpha", return_text=True)
    assert "tau_m" in text and "dV_m/dt" in text
    assert "no help" in nest.help("nothing", return_text=True)


def test_connections_that_go_one_by_one_are_known_to_all_who_found_them():
    cells = nest.Create("iaf_psc_alpha", 6)
    nest.Connect(cells, cells)
    one, other = nest.GetConnections(), nest.GetConnections(cells[:3])
    for k in (0, 4, 9):
        nest.Disconnect(one[k])
    with pytest.raises(nest.NESTErrors.InexistentConnection, match="find these again"):
        nest.Disconnect(other[5])
    with pytest.raises(nest.NESTErrors.InexistentConnection, match="taken away"):
        nest.Disconnect(one[4])
    assert len(nest.GetConnections()) == 33 == nest.num_connections
    one[5].weight = 3.0
    nest.Disconnect(one[6])
    assert one[5].weight == 3.0 and len(nest.GetConnections()) == 32


def test_currents_after_spikes_are_read_as_lists():
    rates = np.array([0.1, 0.2, 0.3])
    said = dict(asc_init=[-3.0, 5.0, 1.0], asc_decay=rates, asc_amps=[1.0] * 3, asc_r=[1.0] * 3)
    cells = nest.Create("glif_psc", 2, said | {"after_spike_currents": True})
    assert [one.tolist() for one in cells.ASCurrents] == [said["asc_init"]] * 2
    nest.Simulate(5.0)
    for one in cells.ASCurrents:
        assert one == pytest.approx(np.array(said["asc_init"]) * np.exp(-5.0 * rates), rel=1e-12)
    assert "ASCurrents" in cells[0].get()


def test_delays_of_cont_delay_synapse_are_not_rounded_and_are_at_least_a_step():
    nest.resolution = 1.0
    cells = nest.Create("parrot_neuron_ps", 2)
    train = nest.Create("spike_generator", params={"precise_times": True, "spike_times": [2.0, 5.5]})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Connect(train, cells[0], syn_spec={"synapse_model": "cont_delay_synapse", "delay": 1.7})
    nest.Connect(cells[0], cells[1], syn_spec={"synapse_model": "cont_delay_synapse", "delay": 1.25})
    with pytest.raises(nest.NESTErrors.BadDelay, match="at least one step"):
        nest.SetDefaults("cont_delay_synapse", {"delay": 0.7})
    nest.GetConnections(source=train).set(delay=1.7)  # as it is
    nest.Simulate(12.0)
    assert recorder.events["times"] == pytest.approx([3.7, 4.95, 7.2, 8.45], abs=1e-12)


def test_connections_that_a_controller_reads_have_turns_by_source_and_target():
    nest.SetDefaults("stdp_facetshw_synapse_hom", {"synapses_per_driver": 2, "driver_readout_time": 5.0})
    cells = nest.Create("parrot_neuron", 3)
    train = nest.Create("spike_generator", params={"spike_times": [1.0, 60.0]})
    nest.Connect(train, cells)
    read = {"synapse_model": "stdp_facetshw_synapse_hom", "weight": 20.0, "receptor_type": 1}
    nest.Connect(cells[:2], cells[1:], "all_to_all", read)
    nest.Connect(cells[2:], cells[:2], "all_to_all", read)
    nest.Simulate(3.0)
    found = nest.GetConnections(synapse_model="stdp_facetshw_synapse_hom")
    assert found.synapse_id == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    # Three rows of the controller in turn make a cycle of 15 ms; the first was due by 2 ms, when sources fired.
    assert found.next_readout_time == [15.0, 15.0, 5.0, 5.0, 10.0, 10.0]
    nest.Simulate(60.0)
    assert found.next_readout_time == [75.0, 75.0, 65.0, 65.0, 70.0, 70.0]


def test_each_target_of_a_dilutor_hears_spikes_of_its_own_choice():
    generator = nest.Create("poisson_generator", params={"rate": 2000.0})
    dilutor = nest.Create("spike_dilutor", params={"p_copy": 0.3})
    heard, recorder = nest.Create("parrot_neuron", 40), nest.Create("spike_recorder")
    nest.Connect(generator, dilutor)
    nest.Connect(dilutor, heard)
    nest.Connect(heard, recorder)
    nest.Simulate(1000.0)
    # All hear parts of one train of 2,000 +- 45 spikes.
    assert recorder.n_events / 40 == pytest.approx(600.0, abs=60.0)
    assert (
        len({tuple(recorder.events["times"][recorder.events["senders"] == one]) for one in heard.tolist()})
        == 40
    )
    with pytest.raises(NotImplementedError, match="Set p_transmit of its connections"):
        dilutor.p_copy = 0.5
    with pytest.raises(NotImplementedError, match="each target hears a train of its own"):
        nest.Connect(dilutor, recorder)


def test_receptors_that_are_drawn_are_of_each_connection_with_its_weight():
    cells = nest.Create("iaf_psc_exp_multisynapse", 30, {"tau_syn": [1.0, 2.0, 3.0]})
    receptor, weights = 1 + nest.random.uniform_int(3), np.arange(900.0).reshape(30, 30)
    nest.Connect(cells, cells, "all_to_all", {"receptor_type": receptor, "weight": weights})
    found = nest.GetConnections()
    assert found.weight == [weights[b - 1, a - 1] for a, b in zip(found.source, found.target, strict=True)]
    assert np.bincount(found.receptor).tolist()[1:] == pytest.approx([300] * 3, abs=4 * 200**0.5)
    number = {"rule": "fixed_indegree", "indegree": 4, "allow_autapses": False}
    nest.Connect(cells, cells, number, {"synapse_model": "stdp_synapse", "receptor_type": receptor})
    found = nest.GetConnections(synapse_model="stdp_synapse")
    assert np.bincount(found.target).tolist()[1:] == [4] * 30
    assert not any(a == b for a, b in zip(found.source, found.target, strict=True))
    assert set(found.receptor) == {1, 2, 3}
    with pytest.raises(nest.NESTErrors.IncompatibleReceptorType, match="has the receptor_types 1 to 3"):
        nest.Connect(cells, cells, "all_to_all", {"receptor_type": receptor + 3})
    with pytest.raises(NotImplementedError, match="as a Parameter with pairwise_bernoulli"):
        nest.Connect(cells, cells, {"rule": "pairwise_bernoulli", "p": 0.1}, {"receptor_type": receptor})
    assert nest.num_connections == 1020
