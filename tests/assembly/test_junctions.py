"""The ends of junctions at a rank's cells: all of them, and no more, whatever the rule."""

import tracemalloc

import numpy as np
import pytest

import parsim as ps
from parsim.assembly.connections import row_blocks_of_all
from parsim.assembly.junctions import JunctionEnds, ends_of, joined, rows_onto
from parsim.assembly.partition import Partition
from parsim.comm.serial import SerialComm
from parsim.comm.threads import ThreadTeam
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


def ends(coupling, ranks):
    """Those of each rank."""

    def of_rank(comm):
        partition = Partition(comm.rank, comm.size)
        return ends_of([coupling], rows_onto(coupling, partition, 2), partition, comm)

    team = ThreadTeam(SerialComm(), ranks)
    return team.run(lambda thread: of_rank(team.comms[thread]))


@pytest.mark.parametrize("rule", RULES)
def test_the_ends_of_all_ranks_are_those_of_one(rule):
    coupling = said(rule, 60, 3)
    (alone,), parts = ends(coupling, 1), ends(coupling, 3)
    assert alone.own.size > 300 and all(part.own.size for part in parts)
    for name, one, other in zip(JunctionEnds._fields, joined(parts), alone, strict=True):
        assert np.array_equal(one, other), name


@pytest.mark.parametrize("rule", ["outdegree", "pairs", "lists"])
def test_a_rule_gives_all_rows_as_any_other_does_that_is_not_by_target(rule, monkeypatch):
    coupling = said(rule, 60, 3)
    usual = [(rows.source, rows.gid, rows.draw, targets) for rows, targets in row_blocks_of_all(coupling, 2)]
    monkeypatch.setattr(type(coupling.rule), "rows_of_all", AbstractRule.rows_of_all)
    plain = [(rows.source, rows.gid, rows.draw, targets) for rows, targets in row_blocks_of_all(coupling, 2)]
    assert in_order(plain) == in_order(usual) and len(in_order(plain)) == 180


def in_order(blocks):
    return sorted(row for columns in blocks for row in zip(*(c.tolist() for c in columns), strict=True))


@pytest.mark.parametrize("rule", ["outdegree", "pairs", "lists"])
def test_a_rank_holds_the_ends_at_its_own_cells_alone(rule):
    n, k = 80_000, 10
    coupling = said(rule, n, k)
    rows_onto(coupling, Partition(0, 20_000), 2)  # compiles what is needed
    tracemalloc.start()
    rows = rows_onto(coupling, Partition(7, 20_000), 2)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0 < rows.own.size < 1_000
    # A block of 65,536 rows is some twelve columns of 8 bytes; to keep all rows takes two of 4 bytes for 800,000.
    assert most < 16 * 8 * 65_536
