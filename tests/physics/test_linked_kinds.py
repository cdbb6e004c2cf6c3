"""POINTERs between cells of different kinds, to elements of arrays and to gates: numbers of NEURON 9.0.2."""

import numpy as np
import pytest

import parsim as ps

SHELLS = ps.mechanism("""
NEURON { SUFFIX shells RANGE s, k }
PARAMETER { k = 0.2 (/ms) }
ASSIGNED { v (mV) }
STATE { s[3] }
INITIAL { s[0] = 1 s[1] = 0 s[2] = 0.5 }
BREAKPOINT { SOLVE go METHOD sparse }
KINETIC go {
  LOCAL r
  r = k/(1+exp(-(v+40)/5))
  ~ s[0] <-> s[1] (r, 0.5*k)
  ~ s[1] <-> s[2] (0.1*k, 0.02*k)
}
""")
FOLLOW = ps.mechanism("""
NEURON { POINT_PROCESS Follow POINTER pre, other RANGE g, gmax, e NONSPECIFIC_CURRENT i }
UNITS { (nA) = (nanoamp) (mV) = (millivolt) (uS) = (microsiemens) }
PARAMETER { gmax = 0.01 (uS) e = 0 (mV) }
ASSIGNED { v (mV) i (nA) g (uS) pre other }
BREAKPOINT { g = gmax*pre*other  i = g*(v - e) }
""")


def voltages(net, rows, dt, every, threads):
    """Of some cells and places [row, time]."""
    recorded = [net.record(cell, name, interval=every) for cell, name in rows]
    ps.Simulation(net, dt=dt, progress=False, threads=threads).run(4 * every)
    return np.array([one.values[:, 0] for one in recorded])


@pytest.mark.parametrize("threads", [1, 2])
def test_pointers_follow_elements_of_arrays_and_gates_of_other_cells_and_of_their_own(threads):
    def kind(name, L, diam, amp, **values):
        return ps.CableModel(
            name, [ps.Section("s", L, diam)], insert=[ps.insert("hh"), ps.insert(SHELLS)], celsius=16.3,
            place=[
                ps.place("f", FOLLOW, at="s", **values),
                ps.place("clamp", "IClamp", at="s", delay=1.0, dur=20.0, amp=amp),
            ],
        )  # fmt: skip

    net = ps.Network()
    a = net.create(kind("a", 20.0, 20.0, 0.2, gmax=0.02, e=-80.0))
    b = net.create(kind("b", 30.0, 15.0, 0.0, gmax=0.03))
    net.link(a, "s.shells.s[1]", b.at("f"), "pre")
    net.link(a, "s.hh.n", b.at("f"), "other")
    net.link(b, "s.shells.s[0]", a.at("f"), "pre")
    net.link(a, "s.hh.h", a.at("f"), "other")
    found = voltages(net, [(a, "s.v"), (b, "s.v")], 0.025, 5.0, threads)
    stored = [[-63.679922516564, -63.7622115779577], [-64.4459714413939, -64.1753810302201]]
    assert np.abs(found[:, :2] - stored).max() < 1e-9


@pytest.mark.parametrize("threads", [1, 2])
def test_halves_of_junctions_between_a_dendrite_and_a_soma_of_another_kind(threads):
    """Of different resistances, not at the same places, between compartments of even number; trapezoidal rule."""
    sections = [ps.Section("a", 20.0, 20.0, 1, 100.0), ps.Section("d", 300.0, 2.0, 5, 100.0, parent="a")]
    one = ps.CableModel(
        "one", sections, [ps.insert("hh", on="a"), ps.insert("pas", on="d", g=2e-4, e=-65.0)], scheme="trapezoid",
        place=[
            ps.place("gap", "Gap", at="d(0.7)", r=150.0),
            ps.place("clamp", "IClamp", at="a", delay=1.0, dur=1e9, amp=0.3),
        ],
    )  # fmt: skip
    gap = ps.place("gap", "Gap", at="b(0.75)", r=40.0)
    other = ps.CableModel(
        "other", [ps.Section("b", 35.0, 15.0, 2, 100.0)], [ps.insert("hh")], place=[gap], scheme="trapezoid"
    )
    net = ps.Network()
    a, b = net.create(one), net.create(other)
    net.link(a, "d(0.7).v", b.at("gap"), "vgap")
    net.link(b, "b(0.25).v", a.at("gap"), "vgap")
    rows = [(a, "a(0.5).v"), (a, "d(0.7).v"), (b, "b(0.25).v"), (b, "b(0.75).v")]
    found = voltages(net, rows, 0.02, 5.0, threads)
    stored = [-45.8354385285283, -19.9901827614054, -10.2412242544991, -10.2527601184348]
    assert np.abs(found[:, 0] - stored).max() < 1e-9
    stored = [-65.3503670942245, -68.1205159249115, -71.8815049307312, -71.8768814489138]
    assert np.abs(found[:, 1] - stored).max() < 1e-9
