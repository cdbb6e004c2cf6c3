"""A model whose currents are rows of one field gives, bit for bit, what it gives with a field for each."""

from typing import NamedTuple

import pytest

import parsim as ps
from parsim.arrays import Floats, Ints
from parsim.models.cells import iaf_psc_exp as fields
from tests.helpers import couple


class State(NamedTuple):
    V_m: Floats
    I_syn: Floats  # [excitation or inhibition, cell]
    free: Ints


@ps.kernel
def apart(s):
    """The state as `iaf_psc_exp` has it."""
    return fields.State(s.V_m, s.I_syn[0], s.I_syn[1], s.free)


@ps.kernel
def advance(s, p, inputs, span, out):
    fields.advance(apart(s), p, inputs, span, out)


@ps.kernel
def coupled(s, p, inputs, gap, span, out):
    fields.coupled(apart(s), p, inputs, gap, span, out)


original = ps.iaf_psc_exp
rows = ps.CellModel(
    "rows",
    params=original.params,
    state=State,
    recordables=(
        original.recordables[0],
        ps.Variable("I_syn_ex", "pA", of="I_syn"),
        ps.Variable("I_syn_in", "pA", of="I_syn"),
    ),
    prepare=original.prepare,
    advance=advance,
    coupled=coupled,
    check=original.check,
)


def network(model, joined):
    net = ps.Network(seed=6)
    cells = net.create(model, 14, V_m=ps.Uniform(-70.0, -56.0), I_syn_in=-20.0)
    noise = net.create("poisson_generator", 2, rate=[3_000.0, 1_500.0])
    net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(weight=110.0, delay=1.3))
    random = ps.static_synapse(weight=ps.Normal(0.0, 60.0), delay=ps.Uniform(0.8, 3.0))
    net.connect(cells, cells, ps.FixedIndegree(4), random)
    if joined:
        couple(net, cells)
    return net, cells, net.record_spikes(cells), net.record(cells[::3], "I_syn_in", interval=0.7)


def result(sim, cells, spikes, trace):
    states = [sim.get(cells, v.name).tolist() for v in rows.recordables]
    return spikes.times.tolist(), spikes.gids.tolist(), trace.values.tolist(), states


def run(model, joined, threads=1):
    net, *recorded = network(model, joined)
    sim = ps.Simulation(net, threads=threads)
    sim.run(25.0)
    sim.set(recorded[0][2:5], I_syn_ex=40.0)
    sim.run(25.0)
    return result(sim, *recorded)


@pytest.mark.parametrize("joined", [False, True], ids=["apart", "joined"])
def test_rows_of_one_field_are_as_good_as_fields(joined):
    expected = run(original, joined)
    assert len(expected[0]) > 20
    assert run(rows, joined) == run(rows, joined, threads=3) == expected


@pytest.mark.parametrize("joined", [False, True], ids=["apart", "joined"])
def test_rows_are_in_checkpoints(joined, tmp_path):
    expected = run(rows, joined)
    net, *recorded = network(rows, joined)
    sim = ps.Simulation(net, threads=2)
    sim.run(25.0)
    sim.set(recorded[0][2:5], I_syn_ex=40.0)
    sim.run(7.3)
    sim.save(tmp_path / "c.h5")
    net, *recorded = network(rows, joined)
    sim = ps.Simulation(net, threads=3, restore=tmp_path / "c.h5")
    sim.run(17.7)
    assert result(sim, *recorded)[3] == expected[3]
