"""What a rank holds, and how long it takes to build it, does not grow with the network beside it."""

import time
import tracemalloc
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

import parsim as ps
from parsim.comm.plan import AbstractPlan
from parsim.comm.serial import SerialComm
from parsim.memory import readable

POPULATIONS = 10


class OneOfMany(SerialComm):
    """A rank that hears nothing of the others."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.rank, self.size = (7 * size) // 10 + 1, size

    def send_objects(self, values):
        return {}

    def plan(self, sends, receives):
        return Silence(self.rank, sends, receives)


class Silence(AbstractPlan):
    """Of others come zeros."""

    @property
    def out(self):
        return np.zeros(sum(self.sends.values()))

    def exchange(self):
        return np.zeros(sum(self.receives.values()))


def said(n: int) -> ps.Network:
    """Populations of `n` cells each, joined by all rules that can be asked by target, and a few in detail."""
    net = ps.Network(seed=1)
    cells = [net.create("iaf_psc_alpha", n, V_m=ps.Uniform(-70.0, -60.0)) for _ in range(POPULATIONS)]
    varied = ps.static_synapse(weight=ps.Normal(100.0, 10.0), delay=ps.Uniform(1.0, 2.0))
    plain = ps.static_synapse(weight=50.0, delay=1.5)
    everyone = sum(cells)
    for a, b in zip(cells, cells[1:] + cells[:1], strict=True):
        net.connect(a, b, ps.FixedIndegree(10), varied)
    net.connect(cells[0], cells[0], ps.OneToOne(), plain)
    net.connect(cells[0][::2], cells[1][1::2], ps.OneToOne(), plain)
    net.connect(cells[3][5:8] + cells[1][:4], cells[2], ps.AllToAll(), plain)
    net.connect(cells[2], cells[2], ps.FixedIndegree(9, allow_autapses=False, allow_multapses=False), varied)
    net.connect(everyone, everyone, ps.FixedTotalNumber(2 * len(everyone)), plain)
    net.connect(everyone, everyone, ps.FixedTotalNumber(n, allow_autapses=False), varied)
    net.connect(everyone, everyone, ps.PairwiseBernoulli(3.0 / len(everyone)), plain)
    net.connect(cells[0], everyone, ps.PairwisePoisson(0.5 / n, allow_autapses=False), varied)
    net.connect(cells[4][:2_000], everyone, ps.FixedOutdegree(20), plain)
    for autapses in (False, True):
        rule = ps.FixedTotalNumber(10_000, allow_autapses=autapses, allow_multapses=False)
        net.connect(everyone, everyone, rule, varied)
    net.connect(everyone, cells[1], ps.Lists(np.arange(1_000), np.arange(1_000) * (n // 1_000)), plain)
    noise = net.create("poisson_generator", rate=2_000.0)
    net.connect(noise, everyone, ps.AllToAll(), ps.static_synapse(weight=100.0))
    net.record_spikes(everyone)
    net.record(everyone[:: n // 2], "V_m", interval=0.1)
    return net


def joined(n: int) -> ps.Network:
    """Cells that others see move: by junctions of points and of cables, by pointers, and by connections that learn."""
    net = ps.Network(seed=1)
    points, cables = net.create("hh_psc_alpha_gap", n), net.create(CABLE, n)
    few = points[:10] + points[n - 10 :]
    net.couple(points[: n // 2], points[n // 2 :][::-1], ps.OneToOne(), weight=0.5)
    net.couple(points, points, ps.FixedIndegree(2), weight=ps.Uniform(0.1, 0.2))
    net.couple(points, points, ps.FixedIndegree(2, allow_multapses=False), weight=0.1)
    net.couple(points, points, ps.PairwiseBernoulli(2.0 / n), weight=0.1)
    net.couple(few[:10], few[10:], ps.Lists(np.arange(10), np.arange(10)[::-1]), weight=0.1)
    net.couple(cables.at("dend"), cables.at("soma"), ps.FixedIndegree(1), weight=0.5)
    net.link(cables[: n // 2], "soma.v", cables[n // 2 :][::-1].at("syn"), "capre")
    net.link(cables[n // 2 :], "soma.v", cables[: n // 2].at("syn"), "capre", ps.FixedIndegree(1))
    learning = ps.stdp_synapse(weight=ps.Normal(50.0, 5.0), delay=1.0)
    net.connect(points, points, ps.FixedIndegree(20), learning)
    net.connect(points, points, ps.FixedIndegree(5), ps.tsodyks_synapse(weight=50.0, delay=1.5))
    net.record(points[:: n // 2], "Kminus")
    return net


CABLE = ps.CableModel(
    "graded", [ps.Section("soma", 20.0, 20.0), ps.Section("dend", 100.0, 2.0, parent="soma")],
    insert=[ps.insert("pas")], place=[ps.place("syn", "GradSyn", at="dend")], detector=ps.detector("soma"),
)  # fmt: skip


class Taken(NamedTuple):
    """By one of many ranks: memory (bytes) and processor time (s); and what it holds."""

    memory: float
    time: float
    cells: int
    connections: int
    junctions: int
    links: int


def built(describe: Callable[[int], ps.Network], n: int, ranks: int) -> Taken:
    began = time.process_time()
    sim = ps.Simulation(describe(n), comm=OneOfMany(ranks), progress=False)
    spent = time.process_time() - began
    del sim
    tracemalloc.start()
    sim = ps.Simulation(describe(n), comm=OneOfMany(ranks), progress=False)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    held = sim._ranks[0].built
    cells = sum(group.gids.size for group in held.groups.values())
    rows = sum(table.slot.size for table in held.tables)
    return Taken(most, spent, cells, rows, held.relaxer.n_junctions, held.linker.n_links)


def both(describe: Callable[[int], ps.Network], ranks: int) -> tuple[Taken, Taken]:
    """One of some ranks, and one of a hundred thousand that holds as many cells."""
    built(describe, 10_000, 10)  # compiles what is needed
    few, many = built(describe, 1_000 * ranks, ranks), built(describe, 100_000_000, 100_000)
    assert many.memory < 1.25 * few.memory, f"{readable(many.memory)} in place of {readable(few.memory)}"
    assert many.time < 4.0 * few.time + 1.0
    return few, many


def test_a_rank_of_a_hundred_thousand_takes_what_it_would_take_of_a_hundred():
    few, many = both(said, ranks=100)
    assert few.cells == many.cells == 10_000
    assert few.connections == pytest.approx(many.connections, rel=0.02) and few.connections > 150_000


def test_so_it_does_where_cells_are_joined_and_linked_and_where_connections_learn():
    # Of a hundred ranks several partners of a cell are on one; here nearly each is on one of its own.
    few, many = both(joined, ranks=10_000)
    assert few.cells == many.cells == 2_000
    assert few.connections == many.connections == 25_000
    assert few.junctions == pytest.approx(many.junctions, rel=0.05) and few.junctions > 6_500
    assert few.links == many.links == 1_000
