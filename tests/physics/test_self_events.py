"""What point processes of cable cells send to themselves, at the start and by WATCH, and the numbers that they draw."""

import numpy as np
import pytest

import parsim as ps

SAW = ps.mechanism("""
NEURON { POINT_PROCESS Saw  NONSPECIFIC_CURRENT i  RANGE period, up, g, n, hits, x  RANDOM r }
PARAMETER { period = 2 (ms)  up = -62 (mV) }
ASSIGNED { v (mV)  i (nA)  g (uS)  n  hits  x }
INITIAL { n = 0  g = 0  hits = 0  x = 0  net_send(period, 2) }
BREAKPOINT { i = g*v }
NET_RECEIVE(w (uS)) {
    if (flag == 2) { n = n + 1  x = random_uniform(r)  net_send(period*(0.5 + x), 2)  WATCH (v > up) 3 }
    if (flag == 3) { hits = hits + 1  g = 0 }
    if (flag == 0) { g = g + w }
}
""")


def model(delivery="half_steps", **values):
    return ps.CableModel(
        "ball", [ps.Section("soma", L=10.0, diam=10.0)], insert=[ps.insert("pas", g=1e-4, e=-65.0)],
        place=[ps.place("saw", SAW, at=["soma", "soma(0.2)"], **values)], delivery=delivery,
    )  # fmt: skip


NAMES = ("v", "saw[0].n", "saw[0].x", "saw[1].x", "saw[1].hits", "saw[1].g")


def run(delivery, threads=1, cuts=(60.0,), more=0, file=None, restored=3):
    """States of cells that are driven now and then; with a `file`, saved to it between the runs and gone on from it."""

    def said():
        net = ps.Network(seed=2)
        cells = net.create(model(delivery), 41)
        source = net.create("NetStim", 41, interval=5.0, noise=1.0, number=1e9, start=1.0)
        if more:
            net.create(cells.model, more)
        net.connect(source, cells.at("saw[1]"), ps.OneToOne(), ps.static_synapse(weight=1e-4, delay=0.33))
        return net, cells

    net, cells = said()
    sim = ps.Simulation(net, dt=0.1, progress=False, threads=threads)
    for duration in cuts:
        if file is not None and sim.now > 0.0:
            sim.save(file)
            net, cells = said()
            sim = ps.Simulation(net, dt=0.1, progress=False, threads=restored, restore=file)
        sim.run(duration)
    return [sim.get(cells, name).tolist() for name in NAMES]


@pytest.fixture(scope="module", params=["half_steps", "exact"])
def delivery(request):
    return request.param


@pytest.fixture(scope="module")
def once(delivery):
    found = run(delivery)
    assert len({*found[2], *found[3]}) == 82 and 20 < np.mean(found[1]) < 40 and np.mean(found[4]) > 1.0
    return found


def test_cuts_ranks_and_neighbours_change_nothing(delivery, once):
    assert run(delivery, cuts=(3.3, 0.1, 56.6)) == once
    assert run(delivery, threads=3) == once
    assert run(delivery, threads=2, cuts=(30.1, 29.9), more=7) == once


def test_a_restart_goes_on_as_if_never_stopped(delivery, once, tmp_path):
    assert run(delivery, threads=2, cuts=(0.0, 30.1, 29.9), file=tmp_path / "c.h5") == once


def test_what_was_sent_at_the_start_comes_in_time():
    net = ps.Network()
    cells = net.create(model(), 2, **{"saw[0].period": [3.0, 5.04]})
    n = net.record(cells, "saw[0].n", interval=0.1)
    ps.Simulation(net, dt=0.1, progress=False).run(6.0)
    first = n.times[[int(np.flatnonzero(n.values[:, k])[0]) for k in range(2)]]
    # Received before the step that begins at 3.0, and the one that begins at 5.0: 5.04 is in its first half.
    assert first == pytest.approx([3.1, 5.1])


def test_watch_tells_of_a_crossing_once_at_the_step_that_begins_above():
    said = dict(place=[
        ps.place("saw", SAW, at="soma", period=1.0, up=-60.0),
        ps.place("clamp", "IClamp", at="soma", delay=5.0, dur=3.0, amp=0.05),
    ])  # fmt: skip
    cell = ps.CableModel("ball", [ps.Section("soma", L=10.0, diam=10.0)], insert=[ps.insert("pas")], **said)
    net = ps.Network()
    cells = net.create(cell)
    v, hits = net.record(cells, "v", interval=0.1), net.record(cells, "saw.hits", interval=0.1)
    ps.Simulation(net, dt=0.1, progress=False).run(20.0)
    above = int(np.flatnonzero(v.values[:, 0] > -60.0)[0])
    assert v.values[:, 0].max() > -60.0 > v.values[-1, 0]
    assert (
        int(np.flatnonzero(hits.values[:, 0])[0]) == above + 1
    )  # seen at the end of the step that began there
    assert hits.values[-1, 0] == 1.0
