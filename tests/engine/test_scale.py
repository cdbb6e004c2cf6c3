"""What a rank holds, and how long it takes to build it, does not grow with the network beside it."""

import time
import tracemalloc

import numpy as np
import pytest

import parsim as ps
from parsim.comm.serial import SerialComm
from parsim.memory import readable

POPULATIONS = 10


class OneOfMany(SerialComm):
    """A rank that hears nothing of the others."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.rank, self.size = (7 * size) // 10 + 1, size


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


def built(n: int, ranks: int) -> tuple[float, float, int, int]:
    """The memory (bytes) and processor time (s) that one of these ranks takes; its cells and connections."""
    began = time.process_time()
    sim = ps.Simulation(said(n), comm=OneOfMany(ranks), progress=False)
    spent = time.process_time() - began
    del sim
    tracemalloc.start()
    sim = ps.Simulation(said(n), comm=OneOfMany(ranks), progress=False)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    (rank,) = sim._ranks
    cells = sum(group.gids.size for group in rank.built.groups.values())
    return most, spent, cells, sum(table.slot.size for table in rank.built.tables)


def test_a_rank_of_a_hundred_thousand_takes_what_it_would_take_of_a_hundred():
    built(10_000, 10)  # compiles what is needed
    few, many = built(100_000, 100), built(100_000_000, 100_000)
    assert few[2] == many[2] == 10_000
    assert few[3] == pytest.approx(many[3], rel=0.02) and few[3] > 150_000
    assert many[0] < 1.25 * few[0], f"{readable(many[0])} in place of {readable(few[0])}"
    assert many[1] < 4.0 * few[1] + 1.0
