"""Laws for cells of sections that others reach over delays of less than a step."""

import numpy as np
import pytest

import parsim as ps
from tests.soon import MODEL, apart, joined


def run(said, threads, cuts, save=None, **more):
    """Spikes and states of a network."""
    net = ps.Network(seed=3)
    cells, others = said(net)
    spikes = net.record_spikes(cells + others)
    sim = ps.Simulation(net, dt=0.1, threads=threads, progress=False, **more)
    for time in cuts:
        sim.run(time)
    if save is not None:
        sim.save(save)
    return [spikes.times, spikes.gids, *(sim.get(cells, name) for name in ("s.v", "syn.g", "sat.Ron"))]


@pytest.fixture(scope="module", params=[joined, apart], ids=["joined", "apart"])
def whole(request):
    said = request.param
    found = run(said, 1, [40.0])
    assert found[0].size > 50
    return said, found


@pytest.mark.parametrize(("threads", "cuts"), [(1, [7.3, 0.1, 0.1, 32.5]), (2, [40.0]), (7, [20.1, 19.9])])
def test_ranks_and_cuts_change_nothing(whole, threads, cuts):
    said, expected = whole
    for found, alone in zip(run(said, threads, cuts), expected, strict=True):
        np.testing.assert_array_equal(found, alone)


def test_a_restart_goes_on_as_if_never_stopped(whole, tmp_path):
    said, expected = whole
    before = run(said, 3, [20.3], save=tmp_path / "state.h5")
    after = run(said, 2, [19.7], restore=tmp_path / "state.h5")
    for k in (0, 1):
        np.testing.assert_array_equal(np.concatenate([before[k], after[k]]), expected[k])
    for found, alone in zip(after[2:], expected[2:], strict=True):
        np.testing.assert_array_equal(found, alone)


@pytest.mark.parametrize("wrong", ["before", "after"])
def test_where_a_rank_fails_none_waits_for_its_spikes(wrong):
    """Before ranks exchange what event-driven cells have fired, and after."""
    net = ps.Network()
    cells = net.create(MODEL, 4, amp=0.0)
    drives = net.create("NetStim", 4, start=1.0, interval=0.5, number=30)
    across = ps.Lists([0, 1, 2, 3], [1, 2, 3, 0])
    net.connect(drives, cells.at("syn"), across, ps.static_synapse(weight=1e-3, delay=0.0))
    if wrong == "before":
        endless = net.create("IntFire1", 2, refrac=0.0)
        net.connect(drives[0], endless[0], ps.OneToOne(), ps.static_synapse(weight=2.0, delay=2.0))
        net.connect(endless, endless, ps.Lists([0, 1], [1, 0]), ps.static_synapse(weight=2.0, delay=0.0))
    else:
        for _ in range(2):
            synapse = ps.static_synapse(weight=1.7e308, delay=2.0)
            net.connect(drives[1], cells[2].at("syn"), ps.OneToOne(), synapse)
    sim = ps.Simulation(net, dt=0.025, progress=False, threads=3)
    with pytest.raises(ps.SimulationError, match="at one instant" if wrong == "before" else "became nan"):
        sim.run(10.0)
