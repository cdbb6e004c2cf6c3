"""Connections that are given one by one, in memory or in files that are mapped to be read."""

import tracemalloc

import numpy as np
import pytest

import parsim as ps
from parsim.comm.serial import SerialComm


def edges(n, cells, seed=1):
    rng = np.random.default_rng(seed)
    columns = (rng.integers(0, cells, n, np.int32) for _ in range(2))
    return *columns, rng.normal(size=n), rng.integers(1, 20, n) * 0.1


def in_files(columns, folder):
    names = ("sources", "targets", "weights", "delays")
    for name, column in zip(names, columns, strict=True):
        np.save(folder / f"{name}.npy", column)
    return [np.load(folder / f"{name}.npy", mmap_mode="r") for name in names]


def network(columns, cells):
    sources, targets, weights, delays = columns
    net = ps.Network(seed=1)
    population = net.create("iaf_psc_exp", cells)
    synapse = ps.static_synapse(weight=weights, delay=delays)
    net.connect(population, population, ps.Lists(sources, targets), synapse)
    return net


@pytest.mark.parametrize("threads", [1, 3])
def test_what_is_mapped_from_files_is_what_is_given_in_memory(tmp_path, threads):
    columns = edges(500, 40)
    expected = network(columns, 40)
    found = network(in_files(columns, tmp_path), 40)
    assert found._said.number() == expected._said.number()
    pairs = zip(
        *(
            ps.Simulation(net, threads=threads, progress=False).connections().columns()
            for net in (found, expected)
        ),
        strict=True,
    )
    assert all(np.array_equal(a, b) and a.size == 500 for a, b in pairs)


def test_a_rank_of_many_holds_its_own_connections_alone(tmp_path):
    class OneOfMany(SerialComm):
        def __init__(self) -> None:
            super().__init__()
            self.rank, self.size = 17, 100

    n, cells = 3_000_000, 10_000
    columns = in_files(edges(n, cells), tmp_path)
    ps.Simulation(network(edges(100, 20), 20), progress=False)  # compiles what is needed
    tracemalloc.start()
    sim = ps.Simulation(network(columns, cells), comm=OneOfMany(), progress=False)
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    (rank,) = sim._ranks
    rows = sum(table.slot.size for table in rank.built.tables)
    assert 29_000 < rows < 31_000
    # In memory the lists alone are 24 bytes a connection; blocks of them are looked at together.
    assert held < 3e6 and most < 6.0 * n


def test_what_may_change_is_copied(tmp_path):
    sources, targets, weights, _ = edges(50, 10)
    np.save(tmp_path / "sources.npy", sources)
    mapped = np.load(tmp_path / "sources.npy", mmap_mode="r+")
    rule = ps.Lists(mapped, targets)
    mapped[:] = 0
    assert rule.sources.tolist() == sources.tolist()
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 10)
    net.connect(cells, cells, rule, ps.static_synapse(weight=weights))
    weights[:] = 0.0
    assert ps.Simulation(net, progress=False).connections().weights.any()


def test_what_is_mapped_is_checked_as_anything_else(tmp_path):
    sources, targets, weights, delays = edges(50, 10)
    weights[7] = np.nan
    columns = in_files((sources, targets, weights, delays), tmp_path)
    with pytest.raises(ps.DescriptionError, match=r"weight is NaN \(first at index 7\)"):
        network(columns, 10)
    with pytest.raises(ps.DescriptionError, match=r"sources\[\d+\] of Lists is 9; there are 9 sources"):
        network(columns, 9)
