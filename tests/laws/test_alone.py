"""Law 6: two simulations in one process do not know of each other."""

import parsim as ps
from tests.helpers import EVENT_PAIRS, outcome, run_small, small_network


def test_two_simulations_in_turn_are_as_each_alone():
    pairs = (ps.iaf_psc_alpha, ps.poisson_generator), (ps.iaf_psc_delta, ps.poisson_generator)
    in_turn(pairs)
    in_turn((EVENT_PAIRS[1], EVENT_PAIRS[-1]))


def in_turn(pairs):
    expected = run_small(*pairs[0]), run_small(*pairs[1], threads=2)
    one, two = (small_network(*pair) for pair in pairs)
    sims = ps.Simulation(one[0]), ps.Simulation(two[0], threads=2)
    for _ in range(6):
        for sim in sims:
            sim.run(10.0)
    assert outcome(sims[0], one[1], one[2]) == expected[0]
    assert outcome(sims[1], two[1], two[2]) == expected[1]


def test_a_new_simulation_of_a_network_starts_from_the_beginning():
    net, cells, spikes, _ = small_network()
    first = ps.Simulation(net)
    first.run(60.0)
    before = outcome(first, cells, spikes)
    again = ps.Simulation(net)
    assert spikes.times.size == 0
    again.run(60.0)
    assert outcome(again, cells, spikes) == before
