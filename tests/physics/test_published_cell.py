"""A cell rebuilt from its own mechanisms: as in NEURON, and with the firing patterns that its authors published."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

import parsim as ps

ROOT = Path(__file__).parents[2]
DATA = np.load(ROOT / "tests" / "data" / "neuron_two_parts.npz")


@pytest.fixture(scope="module")
def example():
    said, sys.argv = sys.argv, ["dendritic_structure.py", "--no-picture"]
    try:
        return runpy.run_path(str(ROOT / "examples" / "dendritic_structure.py"))
    finally:
        sys.argv = said


@pytest.mark.parametrize("rho", [60, 165])
def test_voltage_and_calcium_are_those_of_neuron(example, rho):
    net = ps.Network()
    one = net.create(example["cell"](float(rho)))
    v, cai = (net.record(one, name, interval=0.5) for name in ("soma.v", "dend.cai"))
    ps.Simulation(net, dt=0.025, progress=False).run(200.0)
    # A burst makes of a last digit some thousand.
    assert np.abs(v.values[:, 0] - DATA[f"v{rho}"]).max() < 2e-7
    assert np.abs(cai.values[:, 0] - DATA[f"cai{rho}"]).max() < 1e-11


def test_a_large_dendrite_makes_a_cell_adapt_and_then_burst(example):
    between = {rho: np.diff(times) for rho, (times, _) in example["PATTERNS"].items()}
    adaptation = {rho: gaps[-1] / gaps[0] for rho, gaps in between.items()}
    assert adaptation[60.0] < 1.5 < adaptation[100.0] < adaptation[140.0]
    assert between[165.0][0] < 6.0 and between[165.0][1:].min() > 50.0
