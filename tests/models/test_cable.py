"""What is said of cable cells: names, values that differ from cell to cell, and what is refused."""

import pickle

import numpy as np
import pytest

import parsim as ps

SOMA = ps.Section("soma", L=20.0, diam=20.0)
DEND = ps.Section("dend", L=100.0, diam=2.0, nseg=3, parent="soma")


def ball(**more):
    said = dict(insert=[ps.insert("hh", on="soma"), ps.insert("pas", on="dend", g=1e-4)])
    return ps.CableModel("ball", [SOMA, DEND], **(said | more))


def made(model, n=3, **values):
    net = ps.Network(seed=3)
    cells = net.create(model, n, **values)
    return ps.Simulation(net, dt=0.025, progress=False), cells


def test_names_mean_sections_points_labels_and_the_whole_cell():
    model = ball(
        labels={"all_of_it": ["soma", "dend"]}, place=[ps.place("syns", "ExpSyn", at=ps.spread("dend", 3))]
    )
    sim, cells = made(model)
    sim.set(cells, v=[-60.0, -61.0, -62.0])
    sim.set(cells[1:], **{"dend(0.9).v": -50.0, "dend.pas.g": 2e-4})
    assert sim.get(cells, "soma.v").tolist() == [-60.0, -61.0, -62.0]
    assert sim.get(cells, "dend(0.84).v").tolist() == [-60.0, -50.0, -50.0]
    assert sim.get(cells.at("dend(0.1)"), "pas.g").tolist() == [1e-4, 2e-4, 2e-4]
    sim.set(cells, **{"all_of_it.v": -70.0, "syns[1].tau": [1.0, 2.0, 3.0], "syns.e": -80.0})
    assert sim.get(cells, "dend(0.9).v").tolist() == [-70.0] * 3
    assert [sim.get(cells, f"syns[{k}].tau").tolist() for k in range(3)] == [
        [0.1] * 3,
        [1.0, 2.0, 3.0],
        [0.1] * 3,
    ]
    assert sim.get(cells, "ena").tolist() == [50.0] * 3 and sim.get(cells, "soma.ek").tolist() == [-77.0] * 3


def test_values_by_name_differ_from_cell_to_cell():
    model = ball(params={"g_na": "soma.hh.gnabar", "leak": "dend.pas.g"})
    sim, cells = made(model, 40, g_na=ps.Normal(0.12, 0.01), v=ps.Uniform(-70.0, -60.0))
    values = sim.get(cells, "g_na")
    assert len(set(values.tolist())) == 40 and np.array_equal(sim.get(cells, "soma.hh.gnabar"), values)
    assert sim.get(cells, "leak").tolist() == [1e-4] * 40
    sim.set(cells[3], g_na=0.2)
    assert sim.get(cells[3:5], "soma.hh.gnabar").tolist() == [0.2, values[4]]
    other = model.with_defaults(leak=3e-4, v=-50.0)
    sim, cells = made(other)
    assert (
        sim.get(cells, "dend(0.9).pas.g").tolist() == [3e-4] * 3
        and sim.get(cells, "v").tolist() == [-50.0] * 3
    )
    assert [p.default for p in pickle.loads(pickle.dumps(other)).params] == [0.12, 3e-4]


def test_states_begin_where_mechanisms_say_or_where_the_user_does():
    sim, cells = made(ball(), v=[-65.0, -40.0, -40.0], **{"soma.hh.m": [0.5, 0.5, 0.25]})
    assert sim.get(cells, "soma.hh.m").tolist() == [0.5, 0.5, 0.25]
    n = sim.get(cells, "soma.hh.n")
    assert n[0] == pytest.approx(0.31767691, abs=1e-7) and n[1] == n[2] > 0.6


def test_how_many_compartments():
    def n(rule, **values):
        return ps.Section("s", **(dict(L=300.0, diam=2.0, Ra=100.0) | values), nseg=rule).nseg

    assert [n(ps.every(um)) for um in (1000.0, 300.0, 299.0, 100.0, 40.0)] == [1, 1, 3, 3, 9]
    # lambda at 100 Hz is 1e5 sqrt(2 / (4 pi 100 100)) = 399 um: 300 um are 7.52 tenths of it.
    assert (
        n(ps.d_lambda()) == int((300.0 / (0.1 * 1e5 * np.sqrt(2.0 / (4e4 * np.pi))) + 0.9) / 2) * 2 + 1 == 9
    )
    assert n(ps.d_lambda(0.2)) == 5


ORPHAN = ps.Section("dend", parent="sona")
LOOP = [ps.Section("a", parent="c"), ps.Section("b", parent="a"), ps.Section("c", parent="b"), SOMA]
CAL = "NEURON { SUFFIX cal USEION ca WRITE cai VALENCE 1 } STATE { cai } INITIAL { cai = 1 }"
KEEPS = "NEURON { SUFFIX keeps USEION ca WRITE cai } STATE { cai } INITIAL { cai = 1 }"


@pytest.mark.parametrize(
    ("say", "text"),
    [
        (lambda: ps.Section("s", nseg=0), "nseg of section s is 0; it must be at least 1."),
        (lambda: ps.Section("s", L=0.0), "L of section s is 0 um; it must be greater than 0."),
        (lambda: ps.Section("s", diam=(1.0, -2.0)), "diam of section s is -2 um; it must be greater than 0."),
        (lambda: ps.Section("s", points=[(0, 0, 0, 1)]),
         "points of section s are an array of shape (1, 4); at least two"),
        (lambda: ps.Section("s", points=[(0, 0, 0, 1)] * 2), "L of section s is 0 um; it must be greater than 0."),
        (lambda: ps.Section("s", L=20.0, points=[(0, 0, 0, 1), (0, 0, 9, 1)]),
         "L of section s is 20.0, and its points say 9 um; leave one out."),
        (lambda: ball(celsius=-300.0), "celsius of ball is -300 degC; a number above -273.15 is needed."),
        (lambda: ball(ions={"nai": -2.0}), "ball: nai is -2 mM; a concentration is at least 0."),
        (lambda: ps.Section("s", nseg=ps.every(0.0)),
         "the length of a compartment is 0 um; it must be greater than 0."),
        (lambda: ps.CableModel("c", LOOP), "c: sections grow from each other in a circle: a, c, b."),
        (lambda: ps.CableModel("c", [SOMA, ORPHAN]),
         "c: section dend grows from 'sona', which is not there. Did you mean 'soma'?"),
        (lambda: ps.CableModel("c", [SOMA, ps.Section("b")]),
         "c: of the sections of a cell one must have no parent; here"),
        (lambda: ps.CableModel("c", [SOMA, SOMA]), "c: there are two sections 'soma'; rename one."),
        (lambda: ps.CableModel("c", SOMA), "sections of c is Section("),
        (lambda: ball(insert=[ps.insert("hh", on="dnd")]),
         "hh is on 'dnd', which is no section of the cell. Did you mean"),
        (lambda: ball(insert=[ps.insert("hh"), ps.insert("hh", on="soma")]), "hh is inserted twice on section soma"),
        (lambda: ps.insert("Hh1"), "there is no mechanism 'Hh1'. Did you mean 'hh'? Built in are: "),
        (lambda: ps.insert("hh", gna=0.1),
         "hh has no parameter 'gna'. Did you mean 'gnabar'? It has: el, gkbar, gl, gnabar."),
        (lambda: ps.insert("hh", gnabar=-0.1), "gnabar of hh is -0.1 S/cm2; it must be at least 0 S/cm2."),
        (lambda: ps.insert("ExpSyn"), "ExpSyn is a point process; place it."),
        (lambda: ps.place("x", "hh", at="soma"), "hh is a density mechanism; insert it."),
        (lambda: ps.place("x", "ExpSyn", at="soma(1.5)"), 'the place of x is \'soma(1.5)\'; points go from 0 to 1'),
        (lambda: ps.place("x", "ExpSyn", at=[]), "x is at no place"),
        (lambda: ball(place=[ps.place("x", "ExpSyn", at="sma")]),
         "x (ExpSyn) is on 'sma', which is no section of the"),
        (lambda: ball(place=[ps.place("soma", "ExpSyn", at="soma")]),
         "'soma' is the name of a section and of a place"),
        (lambda: ball(insert=[ps.insert("hh", gnabar=lambda s: 1 / 0)]),
         "the function for gnabar of hh raised ZeroDivisionError"),
        (lambda: ball(insert=[ps.insert("hh", gnabar=lambda s: s.far)]),
         "It is given one thing, which has: section, x, distance, diam, area."),
        (lambda: ball(insert=[ps.insert("hh", gnabar=lambda s: -1.0)]),
         "gnabar of hh is -1 S/cm2; it must be at least 0"),
        (lambda: ball(insert=[ps.insert("cachan"), ps.insert(ps.mechanism(CAL))]),
         "ion ca has valence 1 in cal and 2 in everybody else; one must be wrong."),
        (lambda: ball(insert=[ps.insert("cdp", on="soma"), ps.insert(ps.mechanism(KEEPS))]),
         "cdp and keeps both write cai on section soma; one of them can be there."),
        (lambda: ball(ions={"ean": 40.0}),
         "ions gives 'ean', which no mechanism of the cell has. Did you mean 'ena'?"),
        (lambda: ball(scheme="euler"), "scheme of ball is 'euler'; it must be one of backward_euler, trapezoid."),
        (lambda: ball(detector=ps.detector("som")),
         "the detector is on 'som', which is no section of the cell. Did you"),
        (lambda: ps.detector("soma", detect="cvode"), "detect is 'cvode'; it must be one of linear, neuron."),
        (lambda: ball(params={"g": "soma.hh.gnabra"}),
         "there is no 'soma.hh.gnabra' in ball. Did you mean 'soma.hh.gnabar'?"),
        (lambda: ball(params={"g": "soma.gl_hh"}), "there is no 'soma.gl_hh' in ball. Did you mean 'soma.hh.gl'?"),
        (lambda: ball().recordable("dend(0.2)._ref_v"), "Did you mean 'dend(0.2).v'?"),
        (lambda: ball().recordable(["soma.v"]), "the variable to record is ['soma.v']; one name is needed."),
        (lambda: ball(params={"g": "soma.v"}),
         "parameter 'g' of ball is 'soma.v', which is no parameter of a mechanism."),
        (lambda: ball(params={"tau_minus": "soma.hh.gl"}),
         "parameter 'tau_minus' of ball has the name of what every cell has that keeps its spikes"),
        (lambda: ball(params={"g": "soma.hh.gl", "h": "hh.gl"}),
         "parameter 'h' of ball stands for what 'g' stands for, too"),
        (lambda: ball(insert=[ps.insert("pas", g=lambda s: 1e-4 * (1 + s.x))], params={"g": "dend.pas.g"}),
         "is 'dend.pas.g', which is 0.000116667 at some places and 0.00015 at others"),
        (lambda: ball(labels={"soma": ["dend"]}), "'soma' is the name of a section and of a label; rename one."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(say, text):
    with pytest.raises(ps.DescriptionError) as error:
        say()
    assert text in str(error.value)


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda net, c: net.create(c.models[0], g_no=1.0), "there is no 'g_no' in ball. Did you mean 'g_na'?"),
        (lambda net, c: net.create(c.models[0], **{"soma.hh.ina": 1.0}),
         "soma.hh.ina of ball follows from other things"),
        (lambda net, c: net.create(c.models[0], **{"hh.gnabar": 1.0}),
         "hh.gnabar of ball is 'g_na' of each cell; set it by"),
        (lambda net, c: net.create(c.models[0], **{"dend.pas.g": -1.0}),
         "dend.pas.g of ball is -1 S/cm2; it must be at"),
        (lambda net, c: net.record(c, "dend(0.5).cai"), "there is no 'dend(0.5).cai' in ball."),
        (lambda net, c: net.record(c, "dend(1.5).v"), "there is no 'dend(1.5).v' in ball. Did you mean 'dend.v'?"),
        (lambda net, c: net.record(c, "spikes"), "Spikes are recorded with Network.record_spikes."),
        (lambda net, c: c.at("dnd"), "ball has no place 'dnd'. Did you mean 'dend'? It has: soma, dend."),
        (lambda net, c: net.connect(net.create("parrot_neuron"), c, ps.AllToAll()),
         "takes no input: ball cannot be the target of a connection."),
    ],
)  # fmt: skip
def test_what_a_network_cannot_do_with_such_cells_is_told(act, text):
    net = ps.Network()
    cells = net.create(ball(params={"g_na": "soma.hh.gnabar"}), 2)
    with pytest.raises(ps.DescriptionError) as error:
        act(net, cells[:])
    assert text in str(error.value)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_voltage_that_is_no_number_is_named_with_its_cause(threads):
    net = ps.Network()
    cells = net.create(ball(), 40)
    sim = ps.Simulation(net, dt=0.025, progress=False, threads=threads)
    sim.run(1.0)
    sim.set(cells[37], **{"dend(0.5).pas.e": 1e308, "dend(0.5).pas.g": 1e9})
    with pytest.raises(ps.SimulationError) as error:
        sim.run(5.0)
    text = "the voltage of gid 37 (ball) became inf in the step from t = 1 ms on"
    assert text in str(error.value)


def test_a_current_that_is_no_number_is_named():
    """All states are numbers when it comes to be none: of one cell of several, from 1.5 ms on."""
    odd = ps.mechanism(
        "NEURON { SUFFIX odd NONSPECIFIC_CURRENT i RANGE until } PARAMETER { until = 1e9 (ms) } "
        "ASSIGNED { v (mV) i (mA/cm2) } BREAKPOINT { i = 1e-6*sqrt(until - t)*(v + 70) }"
    )
    net = ps.Network()
    model = ball(insert=[ps.insert("pas"), ps.insert(odd, on="dend")])
    net.create(model, 40, **{"dend(0.5).odd.until": np.where(np.arange(40) == 35, 1.5, 1e9)})
    with pytest.raises(ps.SimulationError) as error:
        ps.Simulation(net, dt=0.025, progress=False).run(5.0)
    text = "the voltage of gid 35 (ball) became nan in the step from t = 1.5 ms on: dend(0.5).odd.i was nan."
    assert text in str(error.value)


def test_a_state_that_is_no_number_is_named_though_no_current_hangs_on_it():
    runaway = ps.mechanism(
        "NEURON { SUFFIX runaway RANGE rate } PARAMETER { rate = 1 (/ms) } STATE { x } INITIAL { x = 1 } "
        "BREAKPOINT { SOLVE s METHOD cnexp } DERIVATIVE s { x' = rate*x }"
    )
    net = ps.Network()
    model = ball(insert=[ps.insert("pas"), ps.insert(runaway, on="dend")])
    net.create(model, 40, **{"dend(0.5).runaway.rate": np.where(np.arange(40) == 35, 1e3, 0.0), "v": -70.0})
    with pytest.raises(
        ps.SimulationError, match=r"dend\(0.5\).runaway.x of gid 35 \(ball\) became inf between t = "
    ):
        ps.Simulation(net, dt=0.025, progress=False).run(5.0)


def test_a_checkpoint_of_another_cell_is_refused(tmp_path):
    sim, _ = made(ball())
    sim.save(tmp_path / "c.h5")
    net = ps.Network(seed=3)
    net.create(ball(celsius=7.0), 3)
    with pytest.raises(ps.DescriptionError, match="saved from another network"):
        ps.Simulation(net, dt=0.025, restore=tmp_path / "c.h5")
