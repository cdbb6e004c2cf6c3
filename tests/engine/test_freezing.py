"""Cells that stand still for a while: what they are stays, what comes is lost, and the others do not notice."""

import numpy as np
import pytest

import parsim as ps
from parsim.engine.freezing import freeze


def network(model, n=300):
    """Cells that fire, each of which hears three others; of two groups, so that blocks are cut in many places."""
    net = ps.Network(seed=4)
    cells = net.create(model, n, I_e=ps.Uniform(400.0, 700.0))
    net.connect(cells, cells, ps.FixedIndegree(3), ps.static_synapse(weight=40.0, delay=ps.Uniform(0.5, 3.0)))
    return net, cells, net.record_spikes(cells), net.record(cells[::7], "V_m", interval=0.7)


def outcome(model, threads=1, cuts=(8.3, 12.0, 9.7), path=None, saved=None):
    """Spikes and voltages of a run in which some cells stand still in the second third."""
    net, cells, spikes, voltage = network(model)
    some = cells[np.flatnonzero(np.arange(300) % 11 < 4)]
    sim = ps.Simulation(net, threads=threads, progress=False, restore=saved)
    if saved is None:
        sim.run(cuts[0])
        freeze(sim, some, True)
        for part in np.array_split(np.arange(120), len(cuts) - 2):
            sim.run(part.size * 0.1)
        if path is not None:
            sim.save(path)
    freeze(sim, some, False)
    sim.run(cuts[-1])
    order = np.lexsort((spikes.gids, spikes.times))
    return spikes.times[order], spikes.gids[order], voltage.times, voltage.values


@pytest.mark.parametrize("model", ["iaf_psc_alpha", "iaf_psc_exp_ps"])
def test_neither_ranks_nor_cuts_nor_a_checkpoint_change_anything(model, tmp_path):
    whole = outcome(model, path=tmp_path / "file")
    frozen = whole[1] % 11 < 4
    during = (whole[0] > 8.4) & (whole[0] < 20.3)
    assert during.sum() > 100 and not (during & frozen).any() and (~during & frozen).sum() > 20
    for other in (outcome(model, threads=3), outcome(model, cuts=(8.3, 0.0, 0.0, 9.7))):
        assert all(np.array_equal(a, b) for a, b in zip(whole, other, strict=True))
    late = whole[0] > 20.3 + 1e-6
    rest = outcome(model, threads=2, saved=tmp_path / "file")
    assert np.array_equal(whole[0][late], rest[0]) and np.array_equal(whole[1][late], rest[1])


def test_a_cell_goes_on_from_where_it_stood():
    """Alone and with a constant current: a run with a pause is one without, later."""
    values = []
    for pause in (0.0, 5.0):
        net = ps.Network()
        cell = net.create("iaf_psc_alpha", I_e=400.0)
        voltage = net.record(cell, "V_m", interval=0.1)
        sim = ps.Simulation(net, progress=False)
        sim.run(7.0)
        freeze(sim, cell[:], True)
        sim.run(pause)
        freeze(sim, cell[:], False)
        sim.run(9.0)
        values.append(voltage.values[:, 0])
    there, later = values
    assert np.array_equal(later[:70], there[:70]) and (later[70:120] == there[69]).all()
    assert np.array_equal(later[120:], there[70:])


def test_cells_that_others_hang_on_do_not_stand_still():
    net = ps.Network()
    cell = net.create("IntFire1")
    sim = ps.Simulation(net, progress=False)
    with pytest.raises(ps.DescriptionError, match="cells of IntFire1 cannot stand still"):
        freeze(sim, cell[:], True)
