"""What event-driven cells keep of each connection is read, set and recorded as connections are."""

import numpy as np
import pytest

import parsim as ps
from tests.models.test_exact_receptors import by_events, network, remembering


def built(threads=1, model=remembering):
    net, cells, spikes = network(model)
    return net, cells, spikes, ps.Simulation(net, threads=threads, progress=False)


@pytest.mark.parametrize("threads", [1, 3])
def test_states_count_the_spikes_that_came_over_each_connection(threads):
    net = ps.Network(seed=3)
    cells = net.create(remembering, 7, V_th=1e9)
    senders = net.create("NetStim", 5, interval=4.0, number=1e9, start=0.0, noise=1.0)
    drawn = ps.static_synapse(weight=0.1, delay=ps.Uniform(0.5, 3.0))
    said = net.connect(senders, cells.at("a"), ps.AllToAll(), drawn)
    sim = ps.Simulation(net, threads=threads, progress=False)
    heard = net.record_transmissions(said)
    uses = net.record(said, "uses", interval=10.0)
    assert (sim.connections(said).get("uses") == 0.0).all()
    sim.run(40.0)
    found = sim.connections(said)
    pairs = list(zip(found.sources, found.targets, strict=True))
    delays = dict(zip(pairs, found.delays, strict=True))
    for k, until in enumerate(uses.times):
        arrived = np.zeros(len(found))
        for time, *pair in zip(heard.times, heard.senders, heard.targets, strict=True):
            arrived[pairs.index(tuple(pair))] += time + delays[tuple(pair)] <= until - 0.5  # the interval
        assert (uses.values[k] >= arrived).all() and (uses.values[k] - arrived).mean() < 0.3
    assert uses.values[-1].sum() > 200 and "uses" in found.to_pandas().columns


def test_states_that_are_set_go_on_from_there_on_any_number_of_ranks():
    def run(threads):
        _, _, spikes, sim = built(threads)
        sim.run(20.0)
        found = sim.connections()
        found[::2].set(uses=0.0)
        found[1::2].set(uses=ps.Uniform(3.0, 4.0), weight=0.5)
        assert (found[::2].get("uses") == 0.0).all()
        drawn = found[1::2].get("uses")
        assert drawn.min() >= 3.0 and np.unique(drawn).size == drawn.size
        sim.run(20.0)
        return found.get("uses").tolist(), spikes.times.tolist(), spikes.gids.tolist()

    assert run(1) == run(3)


def test_a_draw_of_a_state_of_some_statements_does_not_know_the_ranks():
    """Statements of which a rank has no row do not say by which numbers the others draw."""

    def run(threads):
        net = ps.Network(seed=2)
        relay, cells = net.create("parrot_neuron"), net.create("iaf_psc_exp", 3)
        for k, synapse in enumerate((ps.tsodyks_synapse(delay=1.0), ps.stdp_synapse(delay=1.0))):
            net.connect(relay, cells[k : k + 1], ps.AllToAll(), synapse)
        found = ps.Simulation(net, threads=threads, progress=False).connections()
        found.set(weight=ps.Uniform(1.0, 2.0))
        found[:1].set(x=ps.Uniform(0.1, 0.2), u=ps.Uniform(0.0, 0.1))
        return found.weights.tolist(), found[:1].get("x").tolist()

    assert run(1) == run(3)


def test_what_not_all_targets_keep_is_refused_by_its_name():
    net, cells, _, sim = built(2)
    other = net.create(by_events, 2)
    mixed = net.connect(
        cells, cells[:3] + other, ps.AllToAll(), ps.static_synapse(weight=1.0, receptor="a", delay=1.0)
    )
    for call in (
        lambda: sim.connections(mixed).get("uses"),
        lambda: sim.connections(mixed).set(uses=1.0),
        lambda: net.record(mixed, "uses"),
    ):
        with pytest.raises(ps.DescriptionError, match="Not all of these targets keep it"):
            call()
    with pytest.raises(ps.DescriptionError, match="Targets keep of each connection: uses"):
        sim.connections(net.projections[0]).get("use")
    with pytest.raises(ps.DescriptionError, match="uses of remembering is inf"):
        sim.connections(net.projections[0]).set(uses=np.inf)
