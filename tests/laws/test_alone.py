"""Law 6: two simulations in one process do not know of each other."""

import itertools
from functools import cache

import pytest

import parsim as ps
from tests.cable_models import LINKED
from tests.helpers import alone, couple, outcome, run_small, small_network

# The same model twice, and every two kinds of cells: by steps, between steps, event-driven, coupled, in islands; with
# stimuli that keep a history of what they were.
CLOCKED, OTHER = (ps.iaf_psc_alpha, ps.poisson_generator), (ps.iaf_psc_delta, ps.spike_generator)
PRECISE = (ps.iaf_psc_exp_ps, ps.inhomogeneous_poisson_generator)
ISLANDS, MIXED = (ps.IntFire2, ps.NetStim), (ps.IntFire2, ps.poisson_generator)
COUPLED = (ps.hh_psc_alpha_gap, ps.poisson_generator)
SECTIONS = (LINKED, ps.poisson_generator)
KINDS = [CLOCKED, OTHER, PRECISE, ISLANDS, MIXED, COUPLED]
TWO = [
    (CLOCKED, CLOCKED),
    (ISLANDS, ISLANDS),
    (COUPLED, COUPLED),
    (SECTIONS, SECTIONS),
    (SECTIONS, MIXED),
    *itertools.combinations(KINDS, 2),
]


def said(pair):
    """A small network; cells of the coupled model are joined."""
    net, cells, spikes, _ = small_network(*pair)
    if pair is COUPLED:
        couple(net, cells)
    return net, cells, spikes


@cache
def by_itself(pair):
    return alone(*pair) if pair is not COUPLED else run_small(*pair, prepare=couple)


@pytest.mark.parametrize("pairs", TWO, ids=lambda pairs: " and ".join(f"{m}-{s}" for m, s in pairs))
def test_two_simulations_in_turn_are_as_each_alone(pairs):
    one, two = (said(pair) for pair in pairs)
    sims = ps.Simulation(one[0]), ps.Simulation(two[0], threads=2)
    for _ in range(6):
        for sim in sims:
            sim.run(10.0)
    assert outcome(sims[0], *one[1:]) == by_itself(pairs[0])
    assert outcome(sims[1], *two[1:]) == by_itself(pairs[1])


def test_a_new_simulation_of_a_network_starts_from_the_beginning():
    net, cells, spikes, _ = small_network()
    first = ps.Simulation(net)
    first.run(60.0)
    before = outcome(first, cells, spikes)
    again = ps.Simulation(net)
    assert spikes.times.size == 0
    again.run(60.0)
    assert outcome(again, cells, spikes) == before
