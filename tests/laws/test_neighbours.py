"""Law 4: adding a statement changes no draw of the statements before it."""

import numpy as np

import parsim as ps
from tests.helpers import small_network


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
        links = sim.connections(cells, cells)
        return spikes.times, spikes.gids, sim.get(cells, "V_m"), *links

    for found, expected in zip(run(True), run(False), strict=True):
        assert np.array_equal(found, expected)
