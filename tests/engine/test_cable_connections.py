"""Connections onto point processes of cable cells are given new weights, and are taken away."""

import numpy as np
import pytest

import parsim as ps
from parsim.nmodl.compiled import mechanism

KEEPS = mechanism(
    "NEURON { POINT_PROCESS keeps RANGE x, late } ASSIGNED { v x late }\n"
    "NET_RECEIVE(w, n) { if (flag == 0) { n = n + 1  x = x + w  w = 2*w  net_send(1.5, 2) } else { late = late + 1 } }"
)


def cell():
    """A point process that adds up weights; one that doubles the weight of a connection with each event."""
    return ps.CableModel(
        "cell", [ps.Section("soma", 20.0, 20.0)],
        place=[ps.place("sum", "ExpSyn", at="soma", tau=1e9), ps.place("keeps", KEEPS, at="soma")],
    )  # fmt: skip


class Heard:
    """Two cells hear spikes of 1.1, 2.1, ... ms, 2 ms later, by both point processes."""

    def __init__(self, threads=1, synapse=None, **how):
        net = self.net = ps.Network()
        source = net.create("spike_generator", spike_times=np.arange(1.0, 12.0))
        relays = net.create("parrot_neuron", 2)
        self.cells = net.create(cell(), 2)
        net.connect(source, relays, ps.AllToAll(), ps.static_synapse(delay=0.1))
        said = synapse or ps.static_synapse(weight=[0.001, 0.002], delay=2.0)
        self.sums = net.connect(relays, self.cells.at("sum"), ps.OneToOne(), said)
        keeps = ps.static_synapse(weight=1.0, delay=2.0)
        self.keeps = net.connect(relays, self.cells.at("keeps"), ps.AllToAll(), keeps)
        self.sim = ps.Simulation(net, dt=0.1, threads=threads, progress=False, **how)

    def get(self, name, digits=6):
        return self.sim.get(self.cells, name).round(digits).tolist()


@pytest.mark.parametrize("threads", [1, 2])
def test_a_new_weight_counts_from_the_spikes_on_that_are_sent_after_it(threads):
    """At 5.5 ms three spikes are heard, of 1.1 to 3.1, and two more are on their way with the old weights."""
    w = Heard(threads)
    w.sim.run(5.5)
    assert w.get("sum.g") == [0.003, 0.006] and w.get("keeps.x") == [14.0, 14.0]
    w.sim.connections(w.sums).set(weight=0.005)
    w.sim.connections(w.keeps)[0].set(weight=100.0)
    w.sim.run(2.0)
    assert w.get("sum.g") == [0.005, 0.010] and w.get("keeps.x") == [62.0, 62.0]
    w.sim.run(2.0)
    assert w.get("sum.g") == [0.015, 0.020]
    assert w.get("keeps.x") == [31.0 + 300.0 + 127.0, 2 * 127.0]


def test_weights_that_a_synapse_changes_are_heard():
    w = Heard(synapse=ps.tsodyks_synapse(weight=0.001, U=0.4, tau_rec=30.0, delay=2.0))
    brought = w.net.record_transmissions(w.sums)
    w.sim.run(14.0)
    weights = brought.weights[brought.targets == w.cells.gids[0]]
    assert np.unique(weights).size == weights.size == 11
    assert w.get("sum.g", 12)[0] == pytest.approx(weights.sum(), rel=1e-7)  # tau is 1e9 ms


@pytest.mark.parametrize("threads", [1, 2])
def test_connections_onto_point_processes_are_taken_away(threads):
    """At 5.5 ms three spikes are heard and two on their way.

    What has a weight alone arrives, what has an argument more does not; what the instance has sent itself comes.
    """
    w = Heard(threads)
    w.sim.run(5.5)
    w.sim.disconnect(w.sim.connections(w.sums)[:1])
    w.sim.disconnect(w.sim.connections(w.keeps)[:1])
    w.sim.run(2.0)
    assert w.get("sum.g") == [0.005, 0.010]
    assert w.get("keeps.x") == [7.0 + 31.0, 2 * 31.0] and w.get("keeps.late") == [6.0, 6.0]
    w.sim.run(2.0)
    assert w.get("sum.g") == [0.005, 0.014] and w.get("keeps.x") == [7.0 + 127.0, 2 * 127.0]
    assert w.get("keeps.late") == [3.0 + 5.0, 10.0] and len(w.sim.connections()) == 4


@pytest.mark.parametrize("threads", [1, 2])
def test_connections_end_at_several_places_of_one_name_in_turn(threads):
    dend = ps.Section("dend", L=100.0, diam=1.0, nseg=5)
    model = ps.CableModel(
        "spiny", [dend], insert=[ps.insert("pas")],
        place=[ps.place("first", "ExpSyn", at="dend"), ps.place("spines", "ExpSyn", at=ps.spread("dend", 4), tau=1e9)],
    )  # fmt: skip
    net = ps.Network()
    cells, relays = net.create(model, 3), net.create("parrot_neuron", 5)
    start = net.create("spike_generator", spike_times=[1.0])
    net.connect(start, relays, ps.AllToAll(), ps.static_synapse(weight=1.0, delay=1.0))
    spines = cells.at("spines")
    every = net.connect(relays, spines, ps.AllToAll(), ps.static_synapse(weight=0.01, delay=1.0))
    brought = net.record_transmissions(every)
    net.connect(relays[:3], spines, ps.OneToOne(), ps.static_synapse(weight=0.1, delay=1.0))
    trains = net.create("VecStim", 6, spike_times=[1.0])
    net.connect(trains, cells[:1].at("spines"), ps.AllToAll(), ps.static_synapse(weight=1.0, delay=1.0))
    sim = ps.Simulation(net, dt=0.025, progress=False, threads=threads)
    sim.run(5.0)
    g = np.array([sim.get(cells.at(f"spines[{k}]"), "g") for k in range(4)])
    expected = [[2.12, 0.12, 0.12], [2.01, 0.01, 0.01], [1.01, 0.01, 0.01], [1.01, 0.01, 0.01]]
    np.testing.assert_allclose(g, expected, rtol=1e-6)
    assert brought.ports.tolist() == [port for port in (1, 2, 3, 4, 1) for _ in range(3)]


def test_ten_thousand_synapses_on_one_cell_each_hear_their_source():
    """Sources fire one after another; by 4 ms what comes up to the middle of the last step is received."""
    n, sections = 10_000, [ps.Section("dend", L=1000.0, diam=2.0, nseg=101)]
    spines = ps.place("spines", "ExpSyn", at=ps.spread("dend", n), tau=1e9)
    net = ps.Network()
    cell = net.create(ps.CableModel("spiny", sections, insert=[ps.insert("pas")], place=[spines]))
    times = np.linspace(1.0, 5.0, n)
    sources = net.create("VecStim", n, spike_times=times[:, None].tolist())
    weights = ps.static_synapse(weight=1e-9 * (1.0 + np.arange(n))[None], delay=1.0)
    net.connect(sources, cell.at("spines"), ps.AllToAll(), weights)
    sim = ps.Simulation(net, dt=0.025, progress=False)
    sim.run(4.0)
    heard = int(np.sum(times + 1.0 <= 3.9875))
    some = [0, 1, n // 3, heard - 1, heard, n - 1]
    g = [float(sim.get(cell, f"spines[{k}].g")[0]) for k in some]
    assert g == pytest.approx([1e-9 * (k + 1) * (k < heard) for k in some], rel=1e-6)


@pytest.mark.parametrize("mechanism", ["AMPA_S", "GSyn"])
def test_each_connection_of_a_generator_keeps_what_net_receive_says(mechanism):
    net, times = ps.Network(), [1.0, 1.5, 1.9, 4.2, 4.2]
    cells = net.create(
        ps.CableModel(
            "ball",
            [ps.Section("soma", L=10.0, diam=10.0)],
            insert=[ps.insert("pas", g=1e-4)],
            place=[ps.place("syn", mechanism, at="soma")],
        ),
        2,
    )
    for target, source in zip(cells, ("VecStim", "spike_generator"), strict=True):
        trains = net.create(source, 2, spike_times=[times, np.add(times, 0.6)])
        net.connect(
            trains, target.at("syn"), ps.AllToAll(), ps.static_synapse(weight=[[1e-3, 3e-3]], delay=0.5)
        )
    g = net.record(cells.at("syn"), "g", interval=0.1)
    ps.Simulation(net, dt=0.1, progress=False).run(8.0)
    assert g.values.max() > 1e-3 and g.values[:, 1] == pytest.approx(g.values[:, 0], rel=1e-12, abs=1e-18)
