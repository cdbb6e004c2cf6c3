"""Cable cells: as in NEURON to nine digits, and as in closed form."""

from pathlib import Path

import numpy as np
import pytest

import parsim as ps
from tests.cables import CASES, DATA, model_of, row_name

DATA_FOLDER = Path(__file__).parents[1] / "data"
EVERY = 20  # steps between stored samples


@pytest.mark.parametrize("name", CASES)
def test_cells_move_as_in_neuron(name):
    case = CASES[name]
    net = ps.Network()
    cell = net.create(model_of(case))
    dt = case.get("dt", 0.025)
    traces = [net.record(cell, row_name(row), interval=EVERY * dt) for row in case["record"]]
    ps.Simulation(net, dt=dt, progress=False).run(case["tstop"])
    for row, trace, stored in zip(case["record"], traces, DATA[name], strict=True):
        most = np.abs(trace.values[:, 0] - stored[1:]).max()
        assert most < 1e-9, (row, most)


L, DIAM, RA, CM, G, CURRENT = 1000.0, 2.0, 150.0, 1.0, 5e-5, 0.02


def closed_form(t, x):
    """A sealed cable with a step of current into its end at 0 ms: mV above rest, at `x` um from that end."""
    lam, tau = 1e4 * np.sqrt(DIAM * 1e-4 / (4.0 * RA * G)), 1e-3 * CM / G
    ends, X, T = L / lam, x / lam, t / tau
    infinite = 1e-6 * RA * lam * 1e-4 / (np.pi * (DIAM * 1e-4) ** 2 / 4.0)  # MOhm, of a half-infinite cable
    v = np.cosh(ends - X) / np.sinh(ends) - np.exp(-T) / ends
    for n in range(1, 400):
        k = 1.0 + (n * np.pi / ends) ** 2
        v = v - 2.0 / ends * np.cos(n * np.pi * X / ends) * np.exp(-k * T) / k
    return CURRENT * infinite * v


def cable(nseg, dt, scheme="backward_euler", at=0.5):
    """Voltages above rest in the middle at 5, 10, ... 40 ms."""
    model = ps.CableModel(
        "cable", [ps.Section("c", L=L, diam=DIAM, nseg=nseg, Ra=RA, cm=CM)],
        insert=[ps.insert("pas", g=G, e=-70.0)],
        place=[ps.place("clamp", "IClamp", at="c(0)", delay=0.0, dur=1e9, amp=CURRENT)], v=-70.0, scheme=scheme,
    )  # fmt: skip
    net = ps.Network()
    trace = net.record(net.create(model), f"c({at}).v", interval=5.0)
    ps.Simulation(net, dt=dt, progress=False).run(40.0)
    return trace.values[:, 0] + 70.0


T = np.arange(5.0, 41.0, 5.0)


def test_a_passive_cable_converges_to_its_closed_form_in_second_order_of_the_compartments():
    # dt is so small that the trapezoidal rule's own error is below 1e-6 mV.
    errors = [np.abs(cable(n, 0.025, "trapezoid") - closed_form(T, L / 2)).max() for n in (5, 15, 45)]
    orders = np.log(np.array(errors[:-1]) / errors[1:]) / np.log(3.0)
    assert np.all(np.abs(orders - 2.0) < 0.1), (errors, orders)


@pytest.mark.parametrize(("scheme", "order"), [("backward_euler", 1.0), ("trapezoid", 2.0)])
def test_steps_converge_in_the_order_of_their_scheme(scheme, order):
    truth = cable(5, 0.0125 / 8, "trapezoid")
    errors = [np.abs(cable(5, dt, scheme) - truth)[1:].max() for dt in (0.2, 0.1, 0.05)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(np.abs(orders - order) < 0.1), (errors, orders)


def test_a_cone_is_what_many_cylinders_come_to():
    """A section that tapers has the area and the resistance of its cones, however many compartments there are."""

    def middle(sections, begin, where):
        model = ps.CableModel(
            "cone", sections, insert=[ps.insert("pas", g=G, e=-70.0)], v=-70.0, scheme="trapezoid",
            place=[ps.place("clamp", "IClamp", at=begin, dur=1e9, amp=CURRENT)],
        )  # fmt: skip
        net = ps.Network()
        trace = net.record(net.create(model), where, interval=20.0)
        ps.Simulation(net, dt=0.1, progress=False).run(20.0)
        return float(trace.values[0, 0])

    def cone(n):
        return middle([ps.Section("c", L=400.0, diam=(4.0, 1.0), nseg=n, Ra=RA)], "c(0)", "c(0.5).v")

    coarse, fine, finest = (cone(n) for n in (3, 9, 27))
    assert abs(fine - finest) < abs(coarse - fine) / 7.0  # second order: a ninth
    n = 81
    stack = [
        ps.Section(
            f"s{k}", L=400.0 / n, diam=4.0 - 3.0 * (k + 0.5) / n, Ra=RA, parent=f"s{k - 1}" if k else None
        )
        for k in range(n)
    ]
    assert finest == pytest.approx(middle(stack, "s0(0)", "s40.v"), abs=2e-3)
    by_points = ps.Section("c", points=[(0, 0, 0, 4), (0, 300, 0, 1.75), (0, 300, 100, 1)], nseg=27, Ra=RA)
    assert by_points.L == 400.0
    assert middle([by_points], "c(0)", "c(0.5).v") == pytest.approx(finest, abs=1e-9)


def test_functions_of_position_and_distances():
    seen = []
    ps.CableModel(
        "y", [ps.Section("soma", L=20.0, diam=20.0), ps.Section("d", L=100.0, diam=2.0, nseg=2, parent="soma"),
              ps.Section("e", L=50.0, diam=1.0, parent="d(0.5)")],
        insert=[ps.insert("pas", g=lambda site: seen.append(site) or 1e-4)],
    )  # fmt: skip
    assert [(s.section, s.x, s.distance) for s in seen] == [
        ("soma", 0.5, 0.0), ("d", 0.25, 35.0), ("d", 0.75, 85.0), ("e", 0.5, 110.0)
    ]  # fmt: skip
    assert seen[1].diam == 2.0 and seen[1].area == pytest.approx(np.pi * 2.0 * 50.0)


def test_points_distances_and_what_is_attached_to_a_branching_point_are_as_in_neuron():
    points = [
        (0, 0, 0, 8), (10, 5, 0, 6.5), (22, 5, 3, 6.5), (22.5, 5, 3, 2.1), (60, 20, 3, 1.7), (61, 20, 3, 1.7),
        (130, 60, -10, 0.8),
    ]  # fmt: skip
    branches = ("dend", "side", "one", "two")
    model = ps.CableModel(
        "cell",
        [
            ps.Section("soma", L=25.0, diam=22.0, nseg=2, Ra=100.0),
            ps.Section("dend", points=points, nseg=7, Ra=150.0, parent="soma"),
            ps.Section("side", L=120.0, diam=1.1, nseg=5, Ra=80.0, parent="dend(0.55)"),
            ps.Section("one", L=70.0, diam=1.2, nseg=2, Ra=80.0, parent="dend"),
            ps.Section("two", L=90.0, diam=0.9, nseg=4, Ra=80.0, parent="dend"),
        ],
        insert=[
            ps.insert("hh", on="soma"),
            ps.insert("pas", on=branches, g=lambda site: 1e-4 * (1.0 + site.distance / 100.0), e=-68.0),
        ],
        place=[ps.place("syn", "ExpSyn", at="two(0)", tau=2.0)],
    )
    net = ps.Network()
    cell = net.create(model)
    train = net.create("VecStim", 1, spike_times=[4.0])
    net.connect(train, cell.at("syn"), ps.OneToOne(), ps.static_synapse(weight=0.03, delay=1.0))
    names = ("soma(0.5).v", "side(0.9).v", "two(0.9).v", "soma(0.5).ina")
    rows = [net.record(cell, name, interval=0.5) for name in names]
    ps.Simulation(net, dt=0.025, progress=False).run(40.0)
    for name, row, stored in zip(
        names, rows, np.load(DATA_FOLDER / "neuron_points.npz")["rows"], strict=True
    ):
        assert np.abs(row.values[:, 0] - stored).max() < 1e-9, name
