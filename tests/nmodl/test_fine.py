"""Fine tables: what a step of states needs of the voltage alone, read between points that stand close together."""

import inspect

import numpy as np
import pytest

import parsim as ps
from parsim.jit import python_function

CALCIUM = """
NEURON { SUFFIX binds USEION ca READ cai RANGE share } PARAMETER { half = -20 (mV) } ASSIGNED { v cai share }
STATE { x y } INITIAL { x = 0 y = 0 } BREAKPOINT { SOLVE s METHOD cnexp share = x + y }
DERIVATIVE s {
  x' = open(v)*cai - x
  if (v < -60) { y' = -y } else { y' = 1 - 2*y }
}
FUNCTION open(v) { open = 1/(1 + exp(-(v - half)/5)) }
"""


def source(mechanism, kernel):
    return inspect.getsource(python_function(mechanism.kernels[kernel]))


def test_gates_of_the_voltage_alone_take_no_exponential():
    m = ps.mechanism("hh", tables="fine")
    assert "exp(" not in source(m, "state") and "exp(" in source(m, "tabulate")
    assert m.tables[1] == 12  # steady state and decay of three gates, and how they rise


def test_what_depends_on_more_than_the_voltage_is_computed():
    m = ps.mechanism(CALCIUM, tables="fine")
    assert "cai" in source(m, "state").replace("ion_ca.inside", "cai") and "inside" not in source(
        m, "tabulate"
    )
    assert "v < -60.0" in source(m, "state") and m.tables[1] == 2


def run(tables, v=-65.0):
    model = ps.CableModel(
        "c", [ps.Section("soma", L=20.0, diam=20.0)], insert=[ps.insert(ps.mechanism("hh", tables=tables))],
        place=[ps.place("clamp", "IClamp", at="soma", delay=1.0, dur=60.0, amp=0.15)], v=v,
        detector=ps.detector("soma", threshold=0.0),
    )  # fmt: skip
    net = ps.Network()
    cell = net.create(model)
    trace, spikes = net.record(cell, "soma.v", interval=0.1), net.record_spikes(cell)
    ps.Simulation(net, dt=0.025, progress=False).run(60.0)
    return trace.values[:, 0], spikes.times


def test_spikes_are_those_of_computed_rates():
    # A steady state is off by 2.5e-7, so cells at rest by a few 1e-6 mV, and spikes come later by 1e-5 ms each.
    (fine, at), (computed, before) = run("fine"), run(False)
    assert at.size == before.size > 3 and np.ptp(computed) > 90.0
    assert np.abs(fine - computed)[:10].max() < 1e-5
    assert 0.0 < np.abs(at - before).max() < 1e-4


def test_a_voltage_beyond_the_table_is_told():
    text = r"gid 0 \(c\) became nan in the step from t = 0.025 ms on: soma\(0.5\).hh.m was nan"
    with pytest.raises(ps.SimulationError, match=text):
        run("fine", v=-4000.0)


def moved_by_parted_steps(tables: bool | str) -> float:
    """How far weak events within its steps move one of two cells, mV."""
    model = ps.CableModel(
        "c", [ps.Section("soma", L=20.0, diam=20.0)], insert=[ps.insert(ps.mechanism("hh", tables=tables))],
        place=[ps.place("syn", "ExpSyn", at="soma", tau=2.0)], delivery="exact",
    )  # fmt: skip
    net = ps.Network()
    cells = net.create(model, 2)
    source = net.create("VecStim", 2, spike_times=[[1.01, 3.333, 3.34], [100.0]])
    net.connect(source, cells.at("syn"), ps.OneToOne(), ps.static_synapse(weight=1e-9, delay=0.5))
    trace = net.record(cells, "soma.v", interval=0.1)
    ps.Simulation(net, dt=0.025, progress=False).run(8.0)
    heard, alone = trace.values.T
    return float(np.abs(heard - alone).max())


def test_steps_that_are_parted_are_computed():
    """Two steps are not one of their length, by 1e-5 mV near rest; by tables, which are of whole steps, by 3e-4."""
    assert moved_by_parted_steps("fine") == pytest.approx(moved_by_parted_steps(False), rel=0.02)


def test_other_words_for_tables_are_refused():
    with pytest.raises(ps.DescriptionError, match="tables is 'coarse'; it must be True, False or \"fine\""):
        ps.mechanism("hh", tables="coarse")
