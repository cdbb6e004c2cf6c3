"""States that diffuse along the cable: as in NEURON, as in closed form, and nothing is lost."""

import json
from pathlib import Path

import numpy as np
import pytest

import parsim as ps
from tests.cables import find, model_of, row_name

DATA = np.load(Path(__file__).parents[1] / "data" / "neuron_diffusion.npz")
EVERY, DT = 20, 0.025
MOST = {
    "linear": (1e-12, 1e-9),
    "shells": (1e-11, 1e-8),
}  # mM, mV; in shells v follows eca, a logarithm of cai


@pytest.mark.parametrize("name", MOST)
def test_calcium_spreads_over_branches_as_in_neuron(name):
    case = json.loads(str(DATA[f"{name}_case"]))
    net = ps.Network()
    cell = net.create(model_of(case))
    traces = [net.record(cell, row_name(row), interval=EVERY * DT) for row in case["record"]]
    ps.Simulation(net, dt=DT, progress=False).run(case["tstop"])
    for row, trace, stored in zip(case["record"], traces, DATA[name], strict=True):
        most = np.abs(trace.values[:, 0] - stored[1:]).max()
        assert most < MOST[name][row[2] == "v"], (row, most)


N, LENGTH = 9, 90.0
X = (np.arange(N) + 0.5) / N
NAMES = [f"c({float(x)!r}).spread.ca" for x in X]


def end(begin, scheme, steps=40):
    """Concentrations on a cable after some steps, [compartment, cell], from those at its `begin`."""
    model = ps.CableModel(
        "c", [ps.Section("c", L=LENGTH, diam=2.0, nseg=N)],
        insert=[ps.insert("pas"), ps.insert(find("spread"))], scheme=scheme,
    )  # fmt: skip
    net = ps.Network()
    cells = net.create(model, begin.shape[1], **dict(zip(NAMES, begin, strict=True)))
    sim = ps.Simulation(net, dt=DT, progress=False)
    sim.run(steps * DT)
    return np.array([sim.get(cells, name) for name in NAMES])


@pytest.mark.parametrize("scheme", ["backward_euler", "trapezoid"])
def test_a_wave_along_a_cable_decays_as_its_scheme_has_it_and_nothing_is_lost(scheme):
    # cos(pi x / L) is a mode of n equal compartments; in each step it falls by a factor that is known.
    rate = 4.0 * 0.6 / (LENGTH / N) ** 2 * np.sin(np.pi / (2 * N)) ** 2
    wave = np.cos(np.pi * X)
    begin = 2.0 + wave[:, None] * np.linspace(-1.0, 1.0, 37)
    after = end(begin, scheme)
    half = 0.5 * rate * DT
    factor = (1.0 - half) / (1.0 + half) if scheme == "trapezoid" else 1.0 / (1.0 + 2.0 * half)
    assert after[:, 36] == pytest.approx(2.0 + wave * factor**40, abs=1e-12)
    assert after.sum(axis=0) == pytest.approx(begin.sum(axis=0), abs=1e-12)
    np.testing.assert_array_equal(end(begin[:, 35:36], scheme)[:, 0], after[:, 35])  # alone as in any lane
