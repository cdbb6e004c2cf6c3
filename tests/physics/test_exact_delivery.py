"""Events at the synapses of cable cells at their exact time: closed forms, and NEURON's variable steps."""

from pathlib import Path

import numpy as np
import pytest

import parsim as ps

DATA = np.load(Path(__file__).parents[1] / "data" / "neuron_exact.npz")


def run(delivery, trains, dt=0.025, scheme="trapezoid", weight=0.02, until=9.5):
    """Spikes [cell], g and v [cell, sample] of equal cells, each of which hears a train 0.5 ms late."""
    model = ps.CableModel(
        "ball",
        [
            ps.Section("soma", L=20.0, diam=20.0, Ra=100.0),
            ps.Section("dend", L=200.0, diam=2.0, nseg=5, Ra=100.0, parent="soma"),
        ],
        insert=[ps.insert("hh", on="soma"), ps.insert("pas", on="dend", g=1e-4, e=-65.0)],
        place=[ps.place("syn", "ExpSyn", at="dend(0.5)", tau=2.0)],
        detector=ps.detector("soma", threshold=-20.0),
        scheme=scheme,
        delivery=delivery,
    )
    net = ps.Network()
    cells = net.create(model, len(trains))
    source = net.create("VecStim", len(trains), spike_times=trains)
    synapse = ps.static_synapse(weight=weight, delay=0.5)
    net.connect(source, cells.at("syn"), ps.OneToOne(), synapse)
    spikes = net.record_spikes(cells)
    g, v = net.record(cells, "syn.g", interval=0.5), net.record(cells, "soma.v", interval=0.5)
    ps.Simulation(net, dt=dt, progress=False).run(until)
    return spikes.times[np.argsort(spikes.gids)], g.values.T, v.values.T


def test_a_conductance_is_the_sum_of_exponentials_from_the_times_of_events():
    """Several within a step, at its ends, and one that comes a rounding before it; one on a step is heard after it."""
    trains = [[0.513, 2.277, 2.281, 2.2811], [1.0, 4.0 - 1e-12], [0.1, 0.30001, 6.49999]]
    _, g, _ = run("exact", trains, weight=1e-4, until=8.0)
    t = np.arange(1, 17) * 0.5
    for k, train in enumerate(trains):
        late = t[:, None] - np.array(train) - 0.5
        expected = 1e-4 * np.where(late > 1e-9, np.exp(-late / 2.0), 0.0).sum(axis=1)
        assert np.abs(g[k] - expected).max() < 1e-16


@pytest.fixture(scope="module")
def by_dt():
    at = [[t] for t in DATA["at"]]
    return {n: run("exact", at, dt=0.025 / n) for n in (1, 2, 4)}


def test_conductances_are_those_of_neurons_variable_steps(by_dt):
    for _, g, _ in by_dt.values():
        assert np.abs(g - DATA["g"]).max() < 1e-15


def test_spikes_come_nearer_to_those_of_variable_steps_and_do_not_hang_on_where_in_a_step_an_event_is(by_dt):
    errors = {n: 1e3 * (spikes - DATA["spikes"]) for n, (spikes, _, _) in by_dt.items()}  # us
    assert np.abs(errors[1]).max() < 3.0
    # What is left is of first order in dt: currents of a step take states as they are when it begins.
    assert np.abs(errors[2]).max() < 0.6 * np.abs(errors[1]).max()
    assert np.abs(errors[4]).max() < 0.6 * np.abs(errors[2]).max()
    assert np.ptp(errors[1]) < 0.5
    halves, _, _ = run("half_steps", [[t] for t in DATA["at"]])
    assert np.ptp(1e3 * (halves - DATA["spikes"])) > 20.0  # of a step of 25 us


def test_what_delivery_can_be_is_told():
    with pytest.raises(
        ps.DescriptionError, match="delivery of a is 'now'; it must be one of half_steps, exact"
    ):
        ps.CableModel("a", [ps.Section("soma", L=10.0, diam=10.0)], delivery="now")


def test_what_fires_by_itself_fires_when_it_hears():
    """Three events within a step, of which each makes a spike of its own time."""
    said = """
    NEURON { POINT_PROCESS Echo }
    NET_RECEIVE(w) { net_event(t) }
    """
    echo = ps.place("echo", ps.mechanism(said), at="soma")
    model = ps.CableModel("a", [ps.Section("soma", L=10.0, diam=10.0)], place=[echo], delivery="exact")
    net = ps.Network()
    cell = net.create(model)
    source = net.create("VecStim", spike_times=[1.0, 2.01, 2.03, 2.09, 3.099])
    net.connect(source, cell.at("echo"), ps.OneToOne(), ps.static_synapse(weight=1.0, delay=0.5))
    spikes = net.record_spikes(cell)
    ps.Simulation(net, dt=0.1, progress=False).run(5.0)
    assert spikes.times == pytest.approx([1.5, 2.51, 2.53, 2.59, 3.599], abs=1e-9)
