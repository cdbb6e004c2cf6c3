"""Laws for cells of sections that others reach over delays of less than a step."""

import numpy as np
import pytest

import parsim as ps
from tests.soon import apart, joined


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
