"""Tables hold every row that was said, by (source, statement, target, draw), with its weight and delay."""

import numpy as np
import pytest

import parsim as ps
from parsim.assembly.short_rows import source_gids, spread

N = 400


def rows_of(table):
    """(statement, source, local target, weight, delay in ms) of each row."""
    n, cells = table.slot.size, table.group.gids.size
    delay = spread(table.delay, n) * (1.0 if table.delay.dtype.kind == "f" else 0.1)
    columns = (
        spread(table.serial, n),
        source_gids(table),
        table.slot % cells,
        spread(table.weight, n),
        delay,
    )
    return list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.parametrize("statements", [1, 3])
@pytest.mark.parametrize("model, shortest", [("IntFire2", 1), ("IntFire2", 0), ("iaf_psc_exp", 1)])
def test_rows_stand_by_source_statement_target_and_draw(model, shortest, statements):
    rng = np.random.default_rng(statements)
    net = ps.Network()
    cells = net.create(model, 20)
    backwards = cells[::-1]  # so that a place is not a gid
    said = []
    for serial in range(1, statements + 1):
        source, target = rng.integers(0, 20, N), rng.integers(0, 20, N)
        # Numbers that are equal in floating point whether said in ms or counted in steps of 0.1 ms.
        weight, delay = rng.normal(size=N), rng.integers(shortest * 10, 40, N) * 0.1
        synapse = ps.static_synapse(weight=weight, delay=delay)
        if serial == 2:  # one for all, beside statements with one a row
            weight[:], delay[:] = 2.0, 1.5
            synapse = ps.static_synapse(weight=2.0, delay=1.5)
        net.connect(backwards, cells, ps.Lists(source, target.astype(np.int32)), synapse)
        said += zip([serial] * N, 19 - source, target, range(N), weight, delay, strict=True)

    tables = ps.Simulation(net)._ranks[0].built.tables
    found = [rows_of(table) for table in tables if table.slot.size]
    ordered = sorted(said, key=lambda row: (row[1], row[0], row[2], row[3]))
    expected = [(serial, s, t, w, d) for serial, s, t, _, w, d in ordered]
    if shortest == 0:  # what takes less than a step stands apart
        expected = [[r for r in expected if r[4] >= 0.1], [r for r in expected if r[4] < 0.1]]
    assert found == (expected if shortest == 0 else [expected])


@pytest.mark.parametrize("model", ["IntFire2", "iaf_psc_exp"])
@pytest.mark.parametrize("weights", [(2.0, 2.0, 2.0), (2.0, -1.0, 2.0), (2.0, 2.0, [3.0, -4.0])])
def test_statements_of_several_rules_and_sources_stand_in_one_table(model, weights):
    net = ps.Network()
    cells = net.create(model, 12)
    synapses = [ps.static_synapse(weight=weight, delay=1.5) for weight in weights]
    net.connect(cells[7:10], cells[:2], ps.AllToAll(), synapses[0])  # begins behind the first source of all
    net.connect(cells[:0], cells, ps.AllToAll(), synapses[0])
    net.connect(cells[2:9:3], cells[3:6], ps.OneToOne(), synapses[1])  # 2, 5, 8
    net.connect(cells[11:6:-1], cells, ps.Lists([3, 1], [11, 0]), synapses[2])  # 8, 10
    (table,) = (table for table in ps.Simulation(net)._ranks[0].built.tables if table.slot.size)

    last = weights[2] if isinstance(weights[2], list) else 2 * [weights[2]]
    said = [(1, s, t, weights[0], 1.5) for t in (0, 1) for s in (7, 8, 9)]
    said += [(3, s, t, weights[1], 1.5) for s, t in ((2, 3), (5, 4), (8, 5))]
    said += [(4, 8, 11, last[0], 1.5), (4, 10, 0, last[1], 1.5)]
    assert rows_of(table) == sorted(said, key=lambda row: (row[1], row[0], row[2]))
    assert table.weight.size == (1 if weights == (2.0, 2.0, 2.0) else len(said))


def test_weights_of_functions_are_asked_for_the_right_pairs_of_explicit_connections():
    net = ps.Network()
    a, b = net.create("IntFire2", 5), net.create("IntFire2", 4)
    synapse = ps.static_synapse(weight=lambda s, t: 10.0 * s + t, delay=1.0)
    net.connect(a[::-1], b[::-1], ps.Lists([0, 4, 2], [3, 0, 0]), synapse)
    links = ps.Simulation(net, threads=2).connections().columns()
    assert links.weights.tolist() == (10.0 * links.sources + links.targets).tolist()
    assert list(zip(links.sources.tolist(), links.targets.tolist(), strict=True)) == [(0, 8), (2, 8), (4, 5)]


def test_what_was_said_stays_when_the_arrays_change_later():
    net, source, weight, taus = ps.Network(), np.array([0, 1]), np.array([0.5, 0.25]), np.full(3, 30.0)
    cells = net.create("IntFire2", 3, taus=taus)
    net.connect(cells, cells, ps.Lists(source, [2, 2]), ps.static_synapse(weight=weight, delay=1.0))
    for array in (source, weight, taus):
        array[:] = 2
    sim = ps.Simulation(net)
    assert sim.connections().sources.tolist() == [0, 1]
    assert sim.connections().weights.tolist() == [0.5, 0.25]
    assert sim.get(cells, "taus").tolist() == [30.0] * 3


@pytest.mark.parametrize("place", [2**60, np.uint64(2**63)])
def test_places_beyond_all_cells_are_refused(place):
    with pytest.raises(ps.DescriptionError, match="whole numbers are needed"):
        ps.Lists(np.array([place]), [0])
