"""Which cells must stay together: those that reach each other within a step, directly or over others."""

import numpy as np
import pytest

import parsim as ps
from parsim.assembly.islands import IslandMap, find_islands
from parsim.clock import Clock

CLOCK = Clock(0.1)


def network(*links):
    """Event-driven cells, and connections (sources, targets, delays in ms) of one statement each."""
    net = ps.Network()
    cells = net.create("IntFire1", 12)
    for sources, targets, delays in links:
        synapse = ps.static_synapse(delay=np.array(delays, float))
        net.connect(cells, cells, ps.Lists(sources, targets), synapse)
    return net


def found(net, before=None, held=0, since=0):
    return find_islands(before or IslandMap(), net.projections[since:], held, CLOCK, net.seed)


def islands(one):
    return {int(i): one.gids[one.island == i].tolist() for i in np.unique(one.island)}


def test_cells_are_joined_over_others_and_whatever_the_direction():
    net = network(([5, 9], [2, 5], [0.05, 0.0]), ([7, 8, 1], [8, 1, 3], [0.09, 0.02, 0.1]))
    one, shortest = found(net)
    assert islands(one) == {2: [2, 5, 9], 1: [1, 7, 8]}
    assert shortest == 0.0 and (one.largest, one.count) == (3, 2)


def test_delays_of_a_step_or_more_join_nothing():
    one, shortest = found(network(([0, 1], [1, 2], [0.1, 3.0])))
    assert one.gids.size == 0 and shortest == np.inf and (one.largest, one.count) == (0, 0)


def test_clocked_cells_and_stimuli_join_nothing():
    net = ps.Network()
    clocked, cells = net.create("iaf_psc_exp", 3), net.create("IntFire1", 3)
    noise = net.create("poisson_generator", rate=10.0)
    net.connect(clocked, cells, ps.AllToAll(), ps.static_synapse(delay=0.1))
    net.connect(noise, clocked, ps.AllToAll(), ps.static_synapse(delay=0.1))
    assert found(net)[0].gids.size == 0


def test_each_island_is_held_where_its_first_cell_would_be():
    one, _ = found(network(([5, 9, 7], [2, 5, 8], [0.05, 0.0, 0.01])))
    for ranks in (1, 2, 3, 20):
        held = [one.partition(rank, ranks).own_range(0, 12).tolist() for rank in range(ranks)]
        assert sorted(gid for gids in held for gid in gids) == list(range(12))
        assert {2, 5, 9} <= set(held[2 % ranks]) and {7, 8} <= set(held[7 % ranks])


def test_what_is_said_later_joins_new_cells_and_grows_islands_of_one_rank():
    net = network(([0], [1], [0.05]), ([1, 3], [2, 1], [0.05, 0.05]))
    before, _ = find_islands(IslandMap(), net.projections[:1], 0, CLOCK, net.seed)
    after, shortest = found(net, before, held=0, since=1)
    assert islands(after) == {0: [0, 1, 2, 3]} and shortest == 0.05
    assert found(net, before, held=0, since=2) == (before, np.inf)


def test_cells_that_are_held_apart_cannot_be_joined():
    net = network(([0], [1], [0.05]), ([1], [6], [0.05]))
    before, _ = find_islands(IslandMap(), net.projections[:1], 0, CLOCK, net.seed)
    with pytest.raises(ps.BuildError, match="cells 0 and 6, which are held already, would be joined"):
        found(net, before, held=12, since=1)
    assert islands(found(net, before, held=6, since=1)[0]) == {0: [0, 1, 6]}
    assert before.has_any(net.populations[0])
