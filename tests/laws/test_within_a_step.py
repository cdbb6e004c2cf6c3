"""Laws for cells of sections that others reach over delays of less than a step."""

import numpy as np
import pytest

import parsim as ps

MODEL = ps.CableModel(
    "cell", [ps.Section("s", 20.0, 20.0)], insert=[ps.insert("hh")],
    place=[
        ps.place("syn", "ExpSyn", at="s", tau=2.0), ps.place("sat", "AMPA_S", at="s"),
        ps.place("clamp", "IClamp", at="s", delay=1.0, dur=1e9, amp=0.1),
    ],
    detector=ps.detector("s", threshold=-20.0), params={"amp": "clamp.amp"},
)  # fmt: skip


def run(threads, cuts, save=None, **more):
    """Spikes and states of a network in which cells of all kinds reach those of sections at once, or nearly."""
    net = ps.Network(seed=3)
    cells = net.create(MODEL, 17, amp=ps.Uniform(0.05, 0.3), v=ps.Uniform(-70.0, -60.0))
    points = [
        net.create(model, 4, I_e=ps.Uniform(380.0, 500.0)) for model in ("iaf_psc_exp", "iaf_psc_exp_ps")
    ]
    events = net.create("IntFire2", 4, ib=1.2)
    weak = ps.Uniform(1e-4, 1e-3)
    for source in (cells, *points):
        soon, at_once = (ps.static_synapse(weight=weak, delay=ps.Uniform(0.0, most)) for most in (0.3, 0.03))
        net.connect(source, cells.at("syn"), ps.FixedIndegree(3), soon)
        net.connect(source, cells.at("sat"), ps.FixedIndegree(2), at_once)
    half = ps.static_synapse(weight=1e-3, delay=ps.Uniform(0.05, 0.2))
    net.connect(events, cells.at("sat"), ps.FixedIndegree(2), half)
    net.couple(cells, cells, ps.Lists([0, 1], [5, 7]), weight=2.0)
    spikes = net.record_spikes(cells + points[0] + points[1] + events)
    sim = ps.Simulation(net, dt=0.1, threads=threads, progress=False, **more)
    for time in cuts:
        sim.run(time)
    if save is not None:
        sim.save(save)
    return [spikes.times, spikes.gids, *(sim.get(cells, name) for name in ("s.v", "syn.g", "sat.Ron"))]


@pytest.fixture(scope="module")
def alone():
    found = run(1, [40.0])
    assert found[0].size > 50
    return found


@pytest.mark.parametrize(("threads", "cuts"), [(1, [7.3, 0.1, 0.1, 32.5]), (2, [40.0]), (7, [20.1, 19.9])])
def test_ranks_and_cuts_change_nothing(alone, threads, cuts):
    for found, expected in zip(run(threads, cuts), alone, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_restart_goes_on_as_if_never_stopped(alone, tmp_path):
    before = run(3, [20.3], save=tmp_path / "state.h5")
    after = run(2, [19.7], restore=tmp_path / "state.h5")
    for k in (0, 1):
        np.testing.assert_array_equal(np.concatenate([before[k], after[k]]), alone[k])
    for found, expected in zip(after[2:], alone[2:], strict=True):
        np.testing.assert_array_equal(found, expected)
