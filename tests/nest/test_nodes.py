"""Collections of nodes: how they are joined, and what very many of them take."""

import tracemalloc

import pytest

import parsim.nest as nest
from parsim.nest.kernel import kernel
from tests.engine.test_scale import OneOfMany


@pytest.fixture(autouse=True)
def anew():
    nest.ResetKernel()
    yield
    nest.ResetKernel()


def test_nodes_are_joined_whether_they_follow_each_other_or_not():
    a, b, c = nest.Create("iaf_psc_alpha", 4), nest.Create("iaf_psc_exp", 3), nest.Create("iaf_psc_delta", 2)
    assert (a + b).ids == (b + a).ids == range(1, 8)
    assert (a + c).tolist() == [1, 2, 3, 4, 8, 9] and ((a + c) + b).tolist() == list(range(1, 10))
    assert (a[::2] + b).tolist() == [1, 3, 5, 6, 7] and (a + b)[3:5].tolist() == [4, 5]
    assert (a + b).get("V_th") == (-55.0,) * 7
    with pytest.raises(nest.NESTErrors.BadProperty, match="node 4 is in both"):
        a + (b + a[3])


def taken(n, ranks, monkeypatch):
    """Bytes that one of so many ranks takes, and what it holds."""
    nest.ResetKernel()
    monkeypatch.setattr(type(kernel), "comm", property(lambda self: OneOfMany(ranks)))
    tracemalloc.start()
    a, b = nest.Create("iaf_psc_alpha", n), nest.Create("iaf_psc_exp", n)
    nest.Connect(a, b, {"rule": "fixed_indegree", "indegree": 10})
    nest.Connect(a + b, a, {"rule": "fixed_indegree", "indegree": 10}, {"synapse_model": "stdp_synapse"})
    nest.Connect(a, b, "one_to_one")
    nest.Connect(a + b, a + b, {"rule": "pairwise_bernoulli", "p": 1.0 / n})
    nest.Connect(nest.Create("poisson_generator", params={"rate": 10.0}), a[::2])
    held = kernel.said.tell()._ranks[0].built
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most, sum(group.gids.size for group in held.groups.values())


def test_a_rank_of_a_hundred_thousand_takes_no_more_than_one_of_a_hundred(monkeypatch):
    taken(10_000, 10, monkeypatch)  # compiles what is needed
    few, many = taken(100_000, 100, monkeypatch), taken(100_000_000, 100_000, monkeypatch)
    assert few[1] == many[1] == 2_000
    assert many[0] < 1.25 * few[0]
