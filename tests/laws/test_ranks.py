"""Law 1: any number of ranks gives the same spikes and states, bit for bit."""

import numpy as np
import pytest

import parsim as ps
from tests.held import RULES, connections, expressions
from tests.helpers import (
    ALL_CELL_MODELS,
    EVENT_MODELS,
    LAW_MODELS,
    LAW_PAIRS,
    alone,
    outcome,
    run_small,
    small_network,
)


@pytest.mark.parametrize(("model", "stimulus"), LAW_PAIRS, ids=str)
def test_the_number_of_ranks_changes_nothing(model, stimulus):
    expected = alone(model, stimulus)
    assert expected.times.size > 20 or (
        getattr(stimulus, "into", "") == "current" and not model.takes_current
    )
    for ranks in (2, 3, 5):
        assert run_small(model, stimulus, threads=ranks) == expected


@pytest.mark.parametrize("model", LAW_MODELS, ids=str)
def test_more_ranks_than_cells_change_nothing(model):
    assert run_small(model, n=4, threads=7) == run_small(model, n=4)


@pytest.mark.parametrize("model", LAW_MODELS, ids=str)
def test_every_size_from_1_to_17_is_the_same_on_2_and_3_ranks(model):
    """Remainders of vector loops: the number of cells a rank holds decides which code a cell runs through."""
    pair = (model, ps.NetStim) if model in EVENT_MODELS else (model, ps.poisson_generator)
    runs = (25.0,) if model in ALL_CELL_MODELS else (6.0,)  # in steps of 0.1 ms, for such are the delays
    for n in range(1, 18):
        expected = run_small(*pair, n=n, runs=runs)
        for ranks in (2, 3):
            assert run_small(*pair, n=n, runs=runs, threads=ranks) == expected


@pytest.mark.parametrize("model", LAW_MODELS, ids=str)
def test_blocks_that_end_one_cell_before_or_behind_the_last_change_nothing(model):
    """A rank moves cells in blocks of 128, which end elsewhere on two ranks than on one."""
    pair = (model, ps.NetStim) if model in EVENT_MODELS else (model, ps.poisson_generator)
    runs = (8.0,) if model in ALL_CELL_MODELS else (2.0,)
    for n in (127, 128, 129, 130, 257):  # of which two ranks have 129 and 128
        assert run_small(*pair, n=n, runs=runs, threads=2) == run_small(*pair, n=n, runs=runs)


def test_a_change_inside_an_interval_is_the_same_on_any_number_of_ranks():
    def run(threads):
        net, cells, spikes, source = small_network()
        sim = ps.Simulation(net, dt=0.1, threads=threads)
        sim.run(10.3)
        sim.set(source, rate=ps.Uniform(500.0, 4000.0))
        sim.set(cells[::2], V_m=ps.Uniform(-70.0, -60.0), tau_m=ps.Normal(10.0, 0.5))
        sim.run(7.1)
        more = net.create("iaf_psc_exp", 5)
        net.connect(cells, more, ps.FixedOutdegree(2), ps.static_synapse(weight=200.0, delay=0.4))
        everyone = net.record_spikes(cells + more)
        sim.run(30.0)
        found = outcome(sim, cells, spikes)
        found.states["later"] = everyone.times
        found.states["whose"] = everyone.gids
        return found

    alone = run(1)
    assert alone.states["later"].size > 10
    for ranks in (2, 3, 7):
        assert run(ranks) == alone


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_a_rule_gives_the_same_connections_on_any_number_of_ranks(rule):
    alone = connections(rule, 1)
    assert alone["sources"].size > 3
    for ranks in (2, 3, 5, 13):
        found = connections(rule, ranks)
        assert all(np.array_equal(found[name], alone[name]) for name in alone)


def test_calculated_values_are_the_same_on_any_number_of_ranks():
    alone = expressions(1)
    assert alone["weights"].size == 60
    for ranks in (2, 3, 13):
        found = expressions(ranks)
        assert all(np.array_equal(found[name], alone[name]) for name in alone)
