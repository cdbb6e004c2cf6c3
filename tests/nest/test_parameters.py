"""Parameters: drawn anew at each place where they stand, alike on any number of threads."""

import numpy as np
import pytest

import parsim.nest as nest
from parsim.nest.kernel import kernel


def weights(threads=1, spec=None):
    nest.ResetKernel()
    nest.local_num_threads = threads
    cells = nest.Create("iaf_psc_alpha", 40)
    nest.Connect(cells, cells, "all_to_all", spec or {"weight": nest.random.normal(5.0, 2.0)})
    nest.Simulate(1.0)
    return kernel.said.simulation.connections()


def test_each_connection_draws_its_own_weight():
    found = weights().weights
    assert np.unique(found).size == 1600
    assert found.mean() == pytest.approx(5.0, abs=5 * 2.0 / 40)  # five standard errors


def test_threads_draw_the_same():
    assert np.array_equal(weights(1).weights, weights(2).weights)


def test_delays_are_rounded_to_steps():
    found = weights(spec={"delay": nest.random.uniform(1.0, 1.5)}).delays
    assert set(np.rint(found * 10).astype(int)) == {10, 11, 12, 13, 14, 15}
    assert np.abs(found * 10 - np.rint(found * 10)).max() < 1e-9


def test_a_parameter_that_stands_twice_is_drawn_twice():
    u = nest.random.uniform()
    assert abs((u - u).GetValue()) > 0.0


def test_the_same_script_draws_the_same():
    drawn = []
    for _ in range(2):
        nest.ResetKernel()
        drawn.append(nest.Create("iaf_psc_alpha", 5, {"V_m": nest.random.uniform(-70.0, -60.0)}).V_m)
    nest.ResetKernel()
    nest.rng_seed = 3
    other = nest.Create("iaf_psc_alpha", 5, {"V_m": nest.random.uniform(-70.0, -60.0)}).V_m
    assert drawn[0] == drawn[1] != other


def test_distributions_of_nest_2():
    spec = {"distribution": "normal_clipped", "mu": 1.0, "sigma": 2.0, "low": 0.0}
    assert weights(spec={"weight": spec}).weights.min() >= 0.0
    spec = {"distribution": "uniform_int", "low": 3, "high": 5}
    assert set(weights(spec={"weight": spec}).weights) == {3.0, 4.0, 5.0}
    with pytest.raises(NotImplementedError, match="binomial"):
        weights(spec={"weight": {"distribution": "binomial", "n": 3, "p": 0.5}})


def test_pairs_with_parameters_are_still_one_statement():
    cells = nest.Create("iaf_psc_alpha", 5)
    for cell in cells:
        nest.Connect(cell, cells[0], "one_to_one", {"weight": nest.random.uniform(1.0, 2.0)})
    nest.Simulate(1.0)
    assert len(kernel.said.network.projections) == 1
    assert np.unique(kernel.said.simulation.connections().weights).size == 5


def test_a_drawn_delay_below_half_a_step_is_an_error():
    cells = nest.Create("iaf_psc_alpha", 5)
    nest.Connect(cells, cells, "all_to_all", {"delay": nest.random.uniform(0.0, 0.2)})
    with pytest.raises(nest.NESTError, match="delay"):
        nest.Simulate(1.0)


@pytest.mark.parametrize("other", [np.int64(3), [1.0], "a", None])
def test_what_cannot_stand_beside_a_parameter(other):
    with pytest.raises(NotImplementedError, match="beside a Parameter"):
        nest.random.uniform() + other


def test_symmetric_pairs_are_drawn_twice_as_in_nest():
    cells = nest.Create("iaf_psc_alpha", 60)
    rule = {"rule": "symmetric_pairwise_bernoulli", "p": 0.1, "allow_autapses": False, "make_symmetric": True}
    nest.Connect(cells, cells, rule)
    found = nest.GetConnections()
    forth = sorted(zip(found.source, found.target, strict=True))
    assert forth == sorted(zip(found.target, found.source, strict=True))
    # Both draws of 1,770 pairs, each in two directions: five standard deviations.
    assert abs(len(found) - 2 * 2 * 177) < 5 * 2 * (2 * 177 * 0.9) ** 0.5
