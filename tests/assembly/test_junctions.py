"""The ends of junctions at a rank's cells: all of them, and no more, whatever the rule."""

import tracemalloc

import numpy as np
import pytest

import parsim as ps
from parsim.assembly.junctions import JunctionEnds, ends_of, joined
from parsim.assembly.partition import Partition
from parsim.network.rules import AbstractRule

RULES = {
    "indegree": lambda n, k: ps.FixedIndegree(k, allow_autapses=False),
    "outdegree": lambda n, k: ps.FixedOutdegree(k, allow_autapses=False),
    "pairs": lambda n, k: ps.FixedTotalNumber(k * n, allow_autapses=False, allow_multapses=False),
    "lists": lambda n, k: ps.Lists(np.arange(k * n) % n, (np.arange(k * n) * 7 + 1) % n),
    "space": lambda n, k: ps.FixedOutdegree(k, allow_autapses=False, mask=ps.circle(0.4)),
}


def said(rule, n, k):
    net = ps.Network(seed=2)
    positions = ps.free([ps.Uniform(-0.5, 0.5)] * 2) if rule == "space" else None
    cells = net.create("hh_psc_alpha_gap", n, positions=positions)
    return net.couple(cells, cells, RULES[rule](n, k), weight=ps.Uniform(1.0, 2.0))


@pytest.mark.parametrize("rule", RULES)
def test_the_ends_of_all_ranks_are_those_of_one(rule):
    coupling = said(rule, 60, 3)
    alone = ends_of(coupling, Partition(0, 1), 2)
    parts = [ends_of(coupling, Partition(rank, 3), 2) for rank in range(3)]
    assert alone.own.size > 300 and all(part.own.size for part in parts)
    for name, one, other in zip(JunctionEnds._fields, joined(parts), alone, strict=True):
        assert np.array_equal(one, other), name


@pytest.mark.parametrize("rule", ["outdegree", "pairs", "lists"])
def test_a_rule_gives_all_rows_as_any_other_does_that_is_not_by_target(rule, monkeypatch):
    coupling = said(rule, 60, 3)
    usual = ends_of(coupling, Partition(1, 2), 2)
    monkeypatch.setattr(type(coupling.rule), "rows_of_all", AbstractRule.rows_of_all)
    for name, one, other in zip(
        JunctionEnds._fields, ends_of(coupling, Partition(1, 2), 2), usual, strict=True
    ):
        assert np.array_equal(one, other), name


@pytest.mark.parametrize("rule", ["outdegree", "pairs", "lists"])
def test_a_rank_holds_the_ends_at_its_own_cells_alone(rule):
    n, k = 80_000, 10
    coupling = said(rule, n, k)
    ends_of(coupling, Partition(0, 20_000), 2)  # compiles what is needed
    tracemalloc.start()
    ends = ends_of(coupling, Partition(7, 20_000), 2)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0 < ends.own.size < 1_000
    # A block of 65,536 rows is some twelve columns of 8 bytes; to keep all rows takes two of 4 bytes for 800,000.
    assert most < 16 * 8 * 65_536
