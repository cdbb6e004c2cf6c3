"""Coupled cells against the differential equations of all cells together, solved to 1e-12."""

import sys
from pathlib import Path

import numpy as np
import pytest

import parsim as ps

pytest.importorskip("scipy")
sys.path.insert(0, str(Path(__file__).parents[2] / "scripts" / "compare"))
from gap_cases import CASES, DT, EVERY
from gap_exact import exact
from gap_junctions import said

# How long a case is followed here (ms), and NEST's greatest error in that time at the same dt (mV).
FOLLOWED = {
    "two cells, 0.5 nS": (50.0, 0.903),
    "chain of 10, 5 nS": (14.0, 62.9),
    "all-to-all 20, 0.5 nS": (14.0, 0.334),
    "all-to-all 20, 0.5 nS, strong currents": (54.0, 0.117),  # long enough for errors to add up
    "two cells, 20 nS, current steps": (20.0, 83.9),
    "three cells, 2 nS, synapses": (35.0, 0.294),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_error_is_less_than_a_tenth_of_nest_s(case):
    duration, of_nest = FOLLOWED[case.name]
    expected, spikes = exact(case, duration)
    net, cells = said(case)
    trace, told = net.record(cells, "V_m", interval=EVERY), net.record_spikes(cells)
    sim = ps.Simulation(net, dt=DT)
    for cell, v in case.first.items():
        sim.set(cells[cell], V_m=v)
    sim.run(duration)
    assert np.abs(trace.values - expected).max() < 0.1 * of_nest
    if case.synapses:
        assert len(spikes) > 0
        assert np.array_equal(np.rint(told.times / DT), np.rint(np.array([time for time, _ in spikes]) / DT))
        assert told.gids.tolist() == [cell for _, cell in spikes]
