"""Events at the synapses of cable cells: as in NEURON to nine digits, and when they are received."""

import json
from pathlib import Path

import numpy as np
import pytest

import parsim as ps
from tests.cables import model_of, row_name

DATA = np.load(Path(__file__).parents[1] / "data" / "neuron_events.npz")
CASES = {n.removesuffix("_case"): json.loads(str(DATA[n])) for n in DATA.files if n.endswith("_case")}
EVERY = 20  # steps between stored samples


@pytest.mark.parametrize("name", [name for name in CASES if name != "ring_20"])
def test_synapses_act_as_in_neuron(name):
    """Times on the grid, between, and near half steps; connections with a state and with events of their own."""
    case = CASES[name]
    net = ps.Network()
    cell = net.create(model_of(case))
    for train in case["trains"]:
        source = net.create("VecStim", spike_times=np.array(train["times"]) - 1.0)
        synapse = ps.static_synapse(weight=train["weight"], delay=1.0)
        net.connect(source, cell.at(train["to"]), ps.OneToOne(), synapse)
    traces = [net.record(cell, row_name(row), interval=EVERY * 0.025) for row in case["record"]]
    ps.Simulation(net, dt=0.025, progress=False).run(case["tstop"])
    for trace, stored in zip(traces, DATA[name], strict=True):
        assert np.abs(trace.values[:, 0] - stored[1:]).max() < 1e-9


@pytest.mark.parametrize("threads", [1, 4])
def test_a_ring_of_cells_fires_when_neurons_does(threads):
    case = CASES["ring_20"]
    inside, passive = (one["values"] for one in case["insert"])
    (net_case, *_), n = case["nets"], len(case["nets"])
    model = ps.CableModel(
        "ball",
        [
            ps.Section("soma", 12.6157, 12.6157, 1, 100.0, 1.0),
            ps.Section("dend", 200.0, 1.0, 5, 100.0, 1.0, parent="soma"),
        ],
        insert=[ps.insert("hh", on="soma", **inside), ps.insert("pas", on="dend", **passive)],
        place=[ps.place("syn", "ExpSyn", at="dend(0.5)", tau=2.0)],
        detector=ps.detector("soma", threshold=net_case["threshold"], detect="neuron"),
    )
    net = ps.Network()
    cells = net.create(model, n)
    synapse = ps.static_synapse(weight=net_case["weight"], delay=net_case["delay"])
    net.connect(cells, cells, ps.Lists(np.arange(n), (np.arange(n) + 1) % n), synapse)
    begin = net.create("VecStim", spike_times=[0.5])
    net.connect(begin, cells[0], ps.OneToOne(), ps.static_synapse(weight=0.01, delay=0.5))
    spikes = net.record_spikes(cells)
    ps.Simulation(net, dt=0.025, progress=False, threads=threads).run(case["tstop"])
    assert len(spikes) == sum(DATA[f"ring_20.spikes{k}"].size for k in range(n)) > 10
    for k in range(n):
        assert np.allclose(spikes.times[spikes.gids == k], DATA[f"ring_20.spikes{k}"], rtol=0.0, atol=1e-9)


BALL = ps.CableModel(
    "cell", [ps.Section("s", 20.0, 20.0)], insert=[ps.insert("hh")],
    place=[ps.place("syn", "ExpSyn", at="s", tau=2.0)], detector=ps.detector("s", threshold=-20.0, detect="neuron"),
)  # fmt: skip


@pytest.mark.parametrize(("threads", "cuts"), [(1, [30.0]), (2, [30.0]), (4, [1.4, 0.05, 28.55])])
def test_cells_reach_each_other_within_a_step_as_in_neuron(threads, cuts):
    """Delays of 0, of less than half a step, of half of one, and of more than one."""
    net = ps.Network()
    cells = net.create(BALL, 4)
    start = net.create("VecStim", spike_times=[0.5, 20.5])
    net.connect(start, cells[0].at("syn"), ps.OneToOne(), ps.static_synapse(weight=0.05, delay=0.5))
    delays = np.array([0.0, 0.02, 0.025, 0.065])
    synapse = ps.static_synapse(weight=0.05, delay=delays)
    net.connect(cells, cells.at("syn"), ps.Lists([0, 1, 2, 3], [1, 2, 3, 0]), synapse)
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net, dt=0.05, progress=False, threads=threads)
    for time in cuts:
        sim.run(time)
    stored = np.array([1.35, 1.70, 2.05, 2.45, 21.35, 21.70, 22.05, 22.45])
    assert spikes.gids.tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
    assert np.abs(spikes.times - stored - 1e-10).max() < 1e-12
    stored = [-64.94371905, -65.0081027, -64.99868637, -64.98549349]
    sim.run(20.0)
    assert sim.get(cells, "v") == pytest.approx(stored, abs=1e-8)


SOON = np.load(Path(__file__).parents[1] / "data" / "neuron_soon.npz")


@pytest.mark.parametrize(("threads", "cuts"), [(1, [40.0]), (3, [1.4, 0.025, 38.575])])
def test_event_driven_cells_and_those_of_sections_reach_each_other_at_once_as_in_neuron(threads, cuts):
    """Delays of 0 and of less than half a step, each way and in a circle."""
    net = ps.Network()
    cells = net.create(BALL, 4)
    starts, intervals, numbers = [1.0, 2.0, 0.0], [5.373, 4.0, 7.311], [6, 7, 5]
    stims = net.create("NetStim", 3, start=starts, interval=intervals, number=numbers)
    first, second = net.create("IntFire1", tau=10.0, refrac=0.2), net.create("IntFire2", taum=10.0, taus=20.0)
    for sources, targets, rows in (
        (stims, cells.at("syn"), [
            (0, 0, 0.02, 0.0), (1, 0, 0.003, 0.001), (2, 0, 0.002, 0.012), (0, 1, 0.002, 0.02), (1, 1, 0.008, 0.0),
        ]),
        (stims, first, [(0, 0, 0.9, 0.003)]),
        (first, cells.at("syn"), [(0, 2, 0.05, 0.0), (0, 3, 0.003, 0.007)]),
        (cells, first, [(2, 0, 1.1, 0.004)]),
        (cells, second, [(0, 0, 0.8, 0.0), (1, 0, 0.5, 0.01)]),
        (second, cells.at("syn"), [(0, 3, 0.02, 0.0), (0, 1, 0.01, 0.011)]),
    ):  # fmt: skip
        places, onto, weights, delays = zip(*rows, strict=True)
        synapse = ps.static_synapse(weight=np.array(weights), delay=np.array(delays))
        net.connect(sources, targets, ps.Lists(places, onto), synapse)
    v, g = net.record(cells, "v", interval=0.2), net.record(cells.at("syn"), "g", interval=0.2)
    spikes = net.record_spikes(cells + first + second)
    sim = ps.Simulation(net, dt=0.025, progress=False, threads=threads)
    for time in cuts:
        sim.run(time)
    for k in range(4):
        assert np.abs(v.values[:, k] - SOON[f"v{k}"][1:]).max() < 1e-9
        assert np.abs(g.values[:, k] - SOON[f"g{k}"][1:]).max() < 1e-15
    for name, gid in [("f1", first.gids[0]), ("f2", second.gids[0]), *((str(k), k) for k in range(4))]:
        assert np.allclose(spikes.times[spikes.gids == gid], SOON[f"spikes_{name}"], rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("delivery", ["half_steps", "exact"])
def test_a_delay_of_nothing_is_a_longer_one_of_what_comes_earlier(delivery):
    """In a step, at its ends and in its middle, from NetStims and generators; also from NetStims that come later."""

    def traces(delay):
        net = ps.Network()
        starts = np.array([2.0, 2.003, 2.0125, 2.019, 2.025])
        cells = net.create(one_cell(delivery=delivery), starts.size)
        stims = net.create("NetStim", starts.size, start=starts - delay, interval=0.71, number=4)
        net.connect(stims, cells.at("syn"), ps.OneToOne(), ps.static_synapse(weight=1e-3, delay=delay))
        given = net.create(
            "spike_generator", starts.size, spike_times=(starts - delay)[:, None], precise_times=True
        )
        net.connect(given, cells.at("syn"), ps.OneToOne(), ps.static_synapse(weight=5e-4, delay=delay))
        trace = net.record(cells.at("syn"), "g", interval=0.025)
        sim = ps.Simulation(net, dt=0.025, progress=False)
        sim.run(0.5)
        late = net.create("NetStim", starts.size, start=starts - delay, interval=0.71, number=1)
        net.connect(late, cells.at("syn"), ps.OneToOne(), ps.static_synapse(weight=2e-3, delay=delay))
        sim.run(6.0)
        return trace.values

    at_once, later = traces(0.0), traces(0.437)
    assert np.abs(at_once - later).max() < 1e-15 and later.max() > 3e-3


def test_generators_on_the_grid_reach_cells_over_any_delay():
    """Events between steps are received by cells of sections before the nearest, by event-driven ones at their time."""

    def traces(delay, variable):
        net = ps.Network(seed=5)
        if variable == "g":
            targets = net.create(one_cell(), 4).at("syn")
            source = net.create("poisson_generator", 2, rate=400.0)
        else:
            targets = net.create("IntFire1", 4, tau=20.0)
            source = net.create("pulsepacket_generator", pulse_times=[2.0], activity=1)
        net.connect(source, targets, ps.AllToAll(), ps.static_synapse(weight=1e-3, delay=delay))
        trace = net.record(targets, variable, interval=0.025)
        ps.Simulation(net, dt=0.025, progress=False).run(6.0)
        return trace.values

    at_once, over_steps = traces(0.0, "g"), traces(0.3, "g")
    assert at_once.max() > 2e-3
    for whole, delay, later in (
        (at_once, 0.012, 0),
        (at_once, 0.013, 1),
        (over_steps, 0.31, 0),
        (over_steps, 0.32, 1),
    ):
        found = traces(delay, "g")
        assert np.abs(found[later:] - whole[: len(whole) - later]).max() < 1e-15
    for delay in (0.0, 0.013, 1.013):
        left = 6.0 - 2.025 - delay  # a packet is sent at the end of its step
        assert traces(delay, "M")[-1] == pytest.approx([1e-3 * np.exp(-left / 20.0)] * 4, rel=1e-12)


def test_what_cells_of_sections_fire_within_a_step_reaches_event_driven_ones_at_its_end():
    model = ps.CableModel(
        "cell", [ps.Section("s", 20.0, 20.0)], insert=[ps.insert("pas")],
        place=[ps.place("clamp", "IClamp", at="s", delay=1.0, dur=9.0, amp=0.5)],
        detector=ps.detector("s", threshold=-60.0),
    )  # fmt: skip
    net = ps.Network()
    cell, fires = net.create(model), net.create("IntFire1", 2, tau=5.0)
    delays = np.array([[0.0], [0.03]])
    net.connect(cell, fires, ps.AllToAll(), ps.static_synapse(weight=2.0, delay=delays))
    spikes = net.record_spikes(cell + fires)
    ps.Simulation(net, dt=0.025, progress=False).run(5.0)
    fired, first, second = (spikes.times[spikes.gids == gid][0] for gid in (cell.gids[0], *fires.gids))
    assert 0.001 < fired % 0.025 < 0.024
    assert (first, second) == (0.025 * np.ceil(fired / 0.025), fired + 0.03)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_cell_that_begins_above_its_threshold_fires_then(threads, tmp_path):
    """As a NetCon's source does; not with interpolated times, of which there is none."""

    def run(detect, cuts=(2.0,), restore=None):
        net = ps.Network()
        cells = net.create(one_cell(detector=ps.detector("soma", threshold=-70.0, detect=detect)), 3, v=-65.0)
        synapse = ps.static_synapse(weight=1e-3, delay=np.array([0.0, 0.5]))
        net.connect(cells, cells.at("syn"), ps.Lists([0, 1], [1, 2]), synapse)
        spikes, g = net.record_spikes(cells), net.record(cells.at("syn"), "g", interval=0.025)
        sim = ps.Simulation(net, dt=0.025, progress=False, threads=threads, restore=restore)
        for time in cuts:
            sim.run(time)
            sim.save(tmp_path / "state")
        return spikes, g.values

    spikes, g = run("neuron")
    assert spikes.gids.tolist() == [0, 1, 2] and spikes.times == pytest.approx([1e-10] * 3, abs=1e-15)
    assert g[0, :2] == pytest.approx([0.0, 1e-3 * np.exp(-0.0125)], rel=1e-12)
    assert g[19:21, 2] == pytest.approx([0.0, 1e-3 * np.exp(-0.0125)], rel=1e-12)
    run("neuron", [0.3])
    after, g_after = run("neuron", [1.7], tmp_path / "state")
    assert len(after) == 0 and np.array_equal(g_after, g[12:])
    assert len(run("linear")[0]) == 0


def too_soon(source, **more):
    """What is said of a delay onto a cell that is less than it can be."""
    net = ps.Network()
    cells = net.create(one_cell(detector=ps.detector("soma"), **more), 2)
    sources = cells if source is None else net.create(source)
    net.connect(sources, cells.at("syn"), ps.AllToAll(), ps.static_synapse(weight=1e-3, delay=0.01))
    with pytest.raises(ps.BuildError) as error:
        ps.Simulation(net, dt=0.025, progress=False)
    return str(error.value)


def test_a_delay_that_ranks_do_not_exchange_in_time_for_is_told():
    said = too_soon(None, delivery="exact")
    assert "less than one step (dt = 0.025 ms)" in said and "Use a delay of at least 0.025 ms" in said


def one_cell(**more):
    said = dict(insert=[ps.insert("pas", g=1e-4)], place=[ps.place("syn", "ExpSyn", at="soma", tau=2.0)])
    return ps.CableModel("ball", [ps.Section("soma", L=10.0, diam=10.0)], **(said | more))


def test_an_event_is_received_before_the_step_in_whose_first_half_it_comes():
    net = ps.Network()
    cells = net.create(one_cell(), 4)
    # 10 steps of 0.1 ms later: at the end of a step, in its first half, at its middle, in its second half.
    for cell, delay in zip(cells, (1.0, 1.03, 1.05, 1.07), strict=True):
        net.connect(
            net.create("VecStim", spike_times=[1.0]),
            cell,
            ps.OneToOne(),
            ps.static_synapse(weight=1e-3, delay=delay),
        )
    trace = net.record(cells.at("syn"), "g", interval=0.1)
    ps.Simulation(net, dt=0.1, progress=False).run(3.0)
    first = [int(np.flatnonzero(trace.values[:, k])[0]) for k in range(4)]
    assert trace.times[first] == pytest.approx([2.1, 2.1, 2.1, 2.2])
    # Received at 2.0 and 2.1, and a step of the exact solution later.
    assert trace.values[first, np.arange(4)] == pytest.approx([1e-3 * np.exp(-0.05)] * 4, rel=1e-12)


def test_stimuli_and_cells_of_all_kinds_reach_synapses():
    def g(source, **synapse):
        net = ps.Network(seed=2)
        cell = net.create(one_cell())
        net.connect(source(net), cell.at("syn"), ps.OneToOne(), ps.static_synapse(weight=1e-3, **synapse))
        trace = net.record(cell.at("syn"), "g", interval=0.1)
        ps.Simulation(net, dt=0.1, progress=False).run(5.0)
        return trace.values[:, 0]

    def parrot(net):
        found = net.create("parrot_neuron")
        train = net.create("spike_generator", spike_times=[1.0])
        net.connect(train, found, ps.OneToOne(), ps.static_synapse(delay=0.5))
        return found

    expected = g(lambda net: net.create("VecStim", spike_times=[1.0]), delay=1.5)
    assert expected.max() > 0.0
    assert np.array_equal(
        g(lambda net: net.create("spike_generator", spike_times=[1.0]), delay=1.5), expected
    )
    assert np.array_equal(g(parrot, delay=1.0), expected)


def test_spikes_are_where_a_line_between_steps_meets_the_threshold():
    model = ps.CableModel(
        "ball", [ps.Section("soma", L=20.0, diam=20.0)], insert=[ps.insert("hh")],
        place=[ps.place("clamp", "IClamp", at="soma", delay=1.0, dur=50.0, amp=0.3)],
        detector=ps.detector("soma", threshold=-10.0),
    )  # fmt: skip
    net = ps.Network()
    cell = net.create(model)
    spikes, trace = net.record_spikes(cell), net.record(cell, "soma.v", interval=0.025)
    ps.Simulation(net, dt=0.025, progress=False).run(50.0)
    v = trace.values[:, 0]
    above = np.flatnonzero((v[1:] > -10.0) & (v[:-1] <= -10.0))
    part = (-10.0 - v[above]) / (v[above + 1] - v[above])
    assert len(spikes) == above.size > 2
    assert spikes.times == pytest.approx(trace.times[above] + 0.025 * part, abs=1e-9)


@pytest.mark.parametrize(
    ("say", "text"),
    [
        (lambda net, c: net.connect(c, c, ps.AllToAll(), ps.static_synapse(receptor="tow")),
         "ball has no receptor 'tow'. Did you mean 'two'? It has: two[0], two[1], sat."),
        (lambda net, c: net.connect(c, c, ps.AllToAll()),
         "ball has the receptors two[0], two[1], sat; say which one: static_synapse(receptor=\"two[0]\")"),
        (lambda net, c: net.connect(c, c.at("soma"), ps.AllToAll()),
         "'soma' of ball is a place that receives nothing. Events are received at: two[0], two[1], sat."),
        (lambda net, c: net.connect(c, c.at("sat"), ps.AllToAll(), ps.static_synapse(delay=2.0)),
         "connections onto sat of ball have a state beside their weight, and no weight is given. Say it in uS: "),
        (lambda net, c: net.connect(c, c.at("sat"), ps.AllToAll(), ps.static_synapse(weight=1e-3, delay=-1.0)),
         "delay of static_synapse is -1 ms; it must be at least 0 ms."),
        (lambda net, c: net.connect(c, c.at("sat"), ps.AllToAll(), ps.static_synapse(weight=1e-3, delay=np.nan)),
         "delay is NaN. Give a number."),
        (lambda net, c: one_cell(detector=ps.detector("syn")),
         "ball: the detector is on 'syn', which is no section of the cell. There are: soma."),
        (lambda net, c: net.connect(net.create(one_cell()), c.at("sat"), ps.AllToAll()),
         'Say where they fire: CableModel(..., detector=ps.detector("soma(0.5)", threshold=-10.0)).'),
        (lambda net, c: net.record_spikes(net.create(one_cell())),
         "ball has no detector, so its cells never fire and there are no spikes to send or to record."),
        (lambda net, c: net.connect(net.create("dc_generator"), c, ps.AllToAll()),
         "ball takes no current, so dc_generator cannot drive it."),
    ],
)  # fmt: skip
def test_what_cannot_be_connected_is_told(say, text):
    places = [ps.place("two", "ExpSyn", at=ps.spread("soma", 2)), ps.place("sat", "AMPA_S", at="soma")]
    model = one_cell(place=places, detector=ps.detector("soma"))
    net = ps.Network()
    with pytest.raises(ps.DescriptionError) as error:
        say(net, net.create(model, 2)[:])
    assert text in str(error.value)


ALARMS = np.load(Path(__file__).parents[1] / "data" / "neuron_alarms.npz")


def with_a_mechanism(name, amp, **more):
    """Two cells that hear two trains at a point process of a file, under a current."""
    mechanism = ps.mechanism(Path(__file__).parents[1] / "nmodl" / "mod" / f"{name}.mod")
    places = [
        ps.place("p", mechanism, at="soma"),
        ps.place("clamp", "IClamp", at="soma", delay=5.0, dur=20.0, amp=amp),
    ]
    soma = ps.Section("soma", L=20.0, diam=20.0)
    inserted = [ps.insert("pas", g=1e-4, e=-65.0)]
    net = ps.Network()
    cells = net.create(ps.CableModel("cell", [soma], insert=inserted, place=places, v=-65.0, **more), 2)
    for weight, times in ((0.001, [1.0, 4.01, 9.02]), (0.002, [2.3, 15.5])):
        source = net.create("VecStim", spike_times=np.array(times) - 0.5)
        net.connect(source, cells.at("p"), ps.AllToAll(), ps.static_synapse(weight=weight, delay=0.5))
    return net, cells


@pytest.mark.parametrize("cuts", [(25.0,), (9.025, 0.075, 15.9)], ids=["whole", "cut"])
def test_cells_fire_by_net_event_when_neurons_do(cuts):
    """At times between steps, too; what comes in the second half of a step counts at its end."""
    net, cells = with_a_mechanism("alarm", amp=0.05)
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net, dt=0.025, progress=False, threads=len(cuts))
    for part in cuts:
        sim.run(part)
    steps = np.ceil(ALARMS["spikes"] / 0.025 - 1e-9)
    second_half = steps * 0.025 - ALARMS["spikes"] < 0.0125 - 1e-9
    expected = np.where(second_half, steps * 0.025, ALARMS["spikes"])
    for k in (0, 1):  # NEURON's thresholds and what is on a step are 1e-10 ms late here
        assert np.allclose(
            spikes.times[spikes.gids == np.unique(spikes.gids)[k]], expected, rtol=0.0, atol=2e-10
        )


def test_all_connections_of_an_instance_change_as_in_neuron():
    net, cells = with_a_mechanism("teacher", amp=0.0)
    trace = net.record(cells.at("p"), "g", interval=0.025)
    ps.Simulation(net, dt=0.025, progress=False, threads=2).run(25.0)
    stored = ALARMS["g"][1 : len(trace.values) + 1]
    assert stored.max() > 3e-3 and np.abs(trace.values - stored[:, None]).max() < 1e-15


def test_a_cell_with_a_detector_and_a_mechanism_that_fires_is_refused():
    with pytest.raises(ps.DescriptionError, match="Alarm fires by net_event, and there is a detector"):
        with_a_mechanism("alarm", 0.0, detector=ps.detector("soma"))
