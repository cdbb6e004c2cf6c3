"""Cable cells joined by gap junctions: as in NEURON where partners are a step behind, else nearer to the truth."""

from pathlib import Path

import numpy as np
import pytest

import parsim as ps

DATA = np.load(Path(__file__).parents[1] / "data" / "neuron_gaps.npz")
PLACES = [(0, "c(0.05)"), (0, "c(0.95)"), (1, "c(0.05)"), (1, "c(0.95)")]


def cable(scheme, nseg=10):
    return ps.CableModel(
        "cable", [ps.Section("c", 1000.0, 10.0, nseg, 35.4)], insert=[ps.insert("hh")],
        place=[ps.place("kick", "IClamp", at="c(0.05)", delay=2.0, dur=1.0, amp=0.0)], scheme=scheme,
    )  # fmt: skip


def run(resistance, scheme, interval, relaxation=None):
    """Voltages [row of PLACES, sample] of two cables, of which the first is driven; and the simulation."""
    net = ps.Network()
    cells = net.create(cable(scheme), 2)
    net.couple(cells[0].at("c(0.95)"), cells[1].at("c(0.05)"), ps.OneToOne(), weight=1e3 / resistance)
    traces = [net.record(cells[k], f"{place}.v", interval=interval) for k, place in PLACES]
    sim = ps.Simulation(net, dt=0.025, progress=False, relaxation=relaxation)
    sim.set(cells[0], **{"kick.amp": 5.0})
    sim.run(40.0)
    return np.array([trace.values[:, 0] for trace in traces])


@pytest.mark.parametrize("resistance", [3, 30])
def test_a_step_behind_voltages_are_those_of_neuron(resistance):
    found = run(resistance, "backward_euler", 0.5, ps.Relaxation(lag=True))
    assert np.abs(found - DATA[f"gap_{resistance}"][:, 1:]).max() < 1e-9


def crossings(v, dt):
    """When rows pass 0 mV, by straight lines; each does so once."""
    rows, k = np.nonzero((v[:, :-1] <= 0.0) & (v[:, 1:] > 0.0))
    assert rows.tolist() == [0, 1, 2, 3]
    before, after = v[rows, k], v[rows, k + 1]
    return dt * (k + 1 - before / (after - before))


@pytest.mark.parametrize(
    ("scheme", "lag", "most"),
    [("trapezoid", False, 3e-3), ("backward_euler", False, 0.037), ("trapezoid", True, 0.023)],
)
def test_spikes_come_when_they_should(scheme, lag, most):
    """Settled, the trapezoidal rule is within 3 us of dt / 256; by each of the two first-order errors it is not."""
    v = run(3, scheme, 0.025, ps.Relaxation(lag=lag))
    error = np.abs(crossings(v, 0.025) - DATA["gap_3_spikes"]).max()
    assert 0.5 * most < error < most


def test_two_passive_cells_share_what_one_is_given():
    """At rest, of two compartments with leaks G and a junction g the other takes the share g / (G + g) of the first."""
    G, g = 1e-4 * np.pi * 100.0 * 10.0 * 1e-2, 0.4  # uS
    model = ps.CableModel(
        "one", [ps.Section("c", 100.0, 10.0, 1)], insert=[ps.insert("pas", g=1e-4, e=-70.0)], v=-70.0,
        place=[ps.place("clamp", "IClamp", at="c", delay=0.0, dur=1e9, amp=0.05)],
    )  # fmt: skip
    net = ps.Network()
    pair, point = net.create(model, 2, **{"clamp.amp": [0.05, 0.0]}), net.create("iaf_psc_exp", E_L=-70.0)
    net.couple(pair[0], pair[1].at("c"), ps.OneToOne(), weight=1e3 * g)
    net.couple(pair[1].at("c(0.5)"), point, ps.OneToOne(), weight=2.0)
    sim = ps.Simulation(net, dt=0.025, progress=False)
    sim.run(600.0)
    leak = 250.0 / 10.0  # nS: C_m over tau_m of iaf_psc_exp
    conductance = np.array([[G + g, -g, 0.0], [-g, G + g + 2e-3, -2e-3], [0.0, -2e-3, 2e-3 + 1e-3 * leak]])
    expected = np.linalg.solve(conductance, [0.05, 0.0, 0.0]) - 70.0
    found = [*sim.get(pair, "v"), *sim.get(point, "V_m")]
    assert np.allclose(found, expected, rtol=0.0, atol=1e-3)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (None, r'cable has several places: soma, dend\. Say which one: cells\.at\("soma\(0\.5\)"\)'),
        ("syn", r"cable cells cannot be joined at 'syn'.*such as \"soma\(0\.5\)\". It has: soma, dend"),
    ],
)
def test_where_cells_cannot_be_joined_is_an_error_that_says_where(place, said):
    model = ps.CableModel(
        "cable", [ps.Section("soma", 20.0, 20.0), ps.Section("dend", 100.0, 1.0, 3, parent="soma")],
        place=[ps.place("syn", "ExpSyn", at="dend")],
    )  # fmt: skip
    net = ps.Network()
    cells = net.create(model, 3)
    with pytest.raises(ps.DescriptionError, match=said):
        net.couple(cells.at(place) if place else cells, cells.at("dend(0.5)"), ps.OneToOne())


def test_lag_has_no_interval():
    with pytest.raises(ps.DescriptionError, match=r"interval is 0\.1 ms, but with lag .* Leave it out"):
        ps.Relaxation(interval=0.1, lag=True)
