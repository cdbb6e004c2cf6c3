"""Law 4: adding a statement changes no draw of the statements before it, and cells do not know of their neighbours."""

import numpy as np
import pytest

import parsim as ps
from tests.helpers import LAW_PAIRS, MIXED_PAIRS, outcome, small_network


def test_a_later_statement_changes_no_draw_of_an_earlier_one():
    def run(more):
        net, cells, spikes, _ = small_network()
        if more:
            others = net.create("iaf_psc_delta", 11, V_m=ps.Uniform(-70.0, -56.0))
            net.connect(others, others, ps.FixedIndegree(3), ps.static_synapse(weight=ps.Normal(1.0, 0.5)))
            noise = net.create("poisson_generator", rate=1000.0)
            net.connect(noise, others, ps.AllToAll(), ps.static_synapse(weight=2.0))
        sim = ps.Simulation(net)
        sim.run(60.0)
        links = sim.connections(cells, cells).columns()
        return spikes.times, spikes.gids, sim.get(cells, "V_m"), *links

    for found, expected in zip(run(True), run(False), strict=True):
        assert np.array_equal(found, expected)


@pytest.mark.parametrize(("model", "stimulus"), dict.fromkeys([*LAW_PAIRS, *MIXED_PAIRS]), ids=str)
def test_a_cell_does_the_same_beside_others_of_its_model(model, stimulus):
    """They share its group, its block and its rank, and the loop over islands; and they shorten the interval."""

    def run(others, threads=1):
        net, cells, spikes, _ = small_network(model, stimulus)
        if others:
            _, more, *_ = small_network(model, stimulus, others, net=net)
            quick = net.create("IntFire1", 2), net.create("iaf_psc_exp", 2)
            for hasty in quick:
                net.connect(hasty, hasty, ps.AllToAll(), ps.static_synapse(delay=0.1))
            net.connect(more, quick[0], ps.FixedIndegree(3), ps.static_synapse(weight=0.7, delay=0.1))
        sim = ps.Simulation(net, dt=0.1, threads=threads)
        sim.run(40.0)
        return outcome(sim, cells, spikes)

    alone = run(0)
    for others, threads in ((1, 1), (7, 1), (16, 2), (19, 3)):
        assert run(others, threads) == alone
