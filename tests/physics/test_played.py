"""Parameters of mechanisms that follow values in time: NEURON's voltages, and what cannot be played."""

from pathlib import Path

import numpy as np
import pytest

import parsim as ps

DATA = np.load(Path(__file__).parents[1] / "data" / "neuron_played.npz")
TIMES, LINES = (
    [0.5, 1.0, 1.01, 2.0, 2.0, 3.0, 4.0, 30.0],
    np.array([0.0, 0.3, -0.1, 0.1, 0.4, 0.2, 0.25, 0.25]),
)
STEPS = ps.played([0.0, 1.0, 1.012, 5.013, 20.0, 21.9], [0.1, 0.0, 0.5, -0.1, 0.4, 0.0], steps=True)


def model(place=(), e=-65.0, **more):
    return ps.CableModel(
        "ball",
        [
            ps.Section("soma", L=20.0, diam=20.0, Ra=100.0),
            ps.Section("dend", L=200.0, diam=2.0, nseg=5, Ra=100.0, parent="soma"),
        ],
        insert=[ps.insert("hh", on="soma"), ps.insert("pas", on="dend", g=1e-4, e=e)],
        place=place,
        **more,
    )


def current(wave):
    return [ps.place("clamp", "IClamp", at="soma", dur=1e9, amp=wave)], "clamp.amp"


def said(on):
    """The model of a case, and the parameter that is played."""
    if on == "leak":
        return model(e=ps.played(TIMES, 200.0 * LINES - 65.0)), "dend(0.5).pas.e"
    if on == "clamp":
        wave = ps.played(TIMES, 100.0 * LINES - 65.0)
        return model([ps.place("clamp", "SEClamp", at="dend", dur1=1e9, rs=2.0, amp1=wave)]), "clamp.amp1"
    place, name = current(STEPS if on == "steps" else ps.played(TIMES, LINES))
    return model(place, scheme="trapezoid" if on.endswith("trapezoid") else "backward_euler"), name


@pytest.mark.parametrize("on", ["lines", "steps", "clamp", "leak", "lines_trapezoid"])
def test_voltages_are_neurons(on):
    cell, name = said(on)
    net = ps.Network()
    cells = net.create(cell, 3)
    traces = [net.record(cells, x, interval=0.025) for x in ("soma.v", "dend(0.9).v", name)]
    ps.Simulation(net, dt=0.025, progress=False).run(30.0)
    v, w, own = (trace.values for trace in traces)
    assert np.ptp(v[:, 0]) > 10.0 and (v == v[:, :1]).all()
    assert np.abs(v[:, 0] - DATA[on][0]).max() < 1e-9
    assert np.abs(w[:, 0] - DATA[on][1]).max() < 1e-9
    assert np.abs(own[:, 0] - DATA[on][2]).max() < 1e-10


def test_cuts_ranks_and_restarts_change_nothing(tmp_path):
    place, _ = current(ps.played(TIMES, LINES))
    place.append(ps.place("syn", "ExpSyn", at="dend(0.5)"))
    cell = model(place, delivery="exact", detector=ps.detector("soma"))

    def made(**more):
        net = ps.Network()
        cells = net.create(cell, 3)
        net.connect(net.create("VecStim", spike_times=[2.013, 3.5]), cells[1].at("syn"), ps.AllToAll(),
                    ps.static_synapse(weight=1e-3, delay=0.5))  # fmt: skip
        trace = net.record(cells, "soma.v", interval=0.1)
        return ps.Simulation(net, dt=0.025, progress=False, **more), trace

    sim, whole = made()
    sim.run(8.0)
    assert (whole.values[:, 0] == whole.values[:, 2]).all() and (
        whole.values[:, 0] != whole.values[:, 1]
    ).any()
    sim, first = made(threads=2)
    sim.run(2.025)
    sim.save(tmp_path / "c.h5")
    sim, rest = made(restore=tmp_path / "c.h5")
    sim.run(1.0)
    sim.run(8.0 - 3.025)
    np.testing.assert_array_equal(np.concatenate([first.values, rest.values]), whole.values)


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda: ps.played([1.0, 0.5], [0.0, 1.0]),
         "times of a parameter that is played go back from 1 to 0.5 ms; sort them."),
        (lambda: ps.played([1.0, 1.0], [0.0, 1.0], steps=True), "has 1 ms twice; give each time once."),
        (lambda: ps.played([1.0], [0.0, 1.0]), "has 1 times and 2 values; give one value for each time."),
        (lambda: ps.played([], []), "times of a parameter that is played have shape (0,); a list of one or more"),
        (lambda: ps.played([0.0], [np.inf]), "values of a parameter that is played hold inf; finite numbers are"),
        (lambda: ps.place("c", "IClamp", at="soma", dur=ps.played([0.0, 1.0], [1.0, -1.0])), "dur of IClamp is -1"),
        (lambda: ps.Network().create(said("lines")[0], **{"clamp.amp": 1.0}),
         "clamp.amp of ball follows what is played; it can be recorded, not set."),
        (lambda: model(current(STEPS)[0], params={"a": "clamp.amp"}),
         "parameter 'a' of ball is 'clamp.amp', which follows what is played, in all cells alike."),
    ],
    ids=["back", "twice", "lengths", "none", "infinite", "bounds", "set", "named"],
)  # fmt: skip
def test_what_cannot_be_played_is_told(act, text):
    with pytest.raises(ps.DescriptionError) as error:
        act()
    assert text in str(error.value)
