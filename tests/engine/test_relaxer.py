"""Coupled cells in a rank's program: with everything else that a network may hold, and when a rank fails among them."""

from typing import Any

import numpy as np
import pytest

import parsim as ps
import parsim.engine.keeping.recording as recording
import parsim.shard.drive as drive
from parsim.engine.running.ahead import Ahead


def mixed(threads: int, cuts: tuple[float, ...]) -> list[Any]:
    """Coupled cells of two models among cells that are not, that hear exact times, and that move by events."""
    net = ps.Network(seed=7)
    joined = net.create("iaf_psc_exp", 5, V_m=ps.Uniform(-70.0, -56.0), I_e=400.0)
    others = net.create("hh_psc_alpha_gap", 4, I_e=300.0)
    plain = net.create("iaf_psc_alpha", 3, I_e=450.0)
    precise = net.create("iaf_psc_exp_ps", 3, I_e=450.0)
    events = net.create("IntFire1", 4, refrac=2.0)
    noise = net.create("poisson_generator", rate=2000.0)
    current = net.create("dc_generator", amplitude=80.0, start=2.3, stop=9.7)
    net.couple(joined, others, ps.AllToAll(), weight=3.0)
    net.couple(others[:1], others[1:2], ps.OneToOne(), weight=2.0)
    net.connect(noise, joined + plain, ps.AllToAll(), ps.static_synapse(weight=60.0, delay=0.3))
    net.connect(current, joined, ps.AllToAll(), ps.static_synapse(delay=0.1))
    everyone = joined + plain + precise
    net.connect(everyone, everyone, ps.FixedIndegree(2), ps.static_synapse(weight=30.0, delay=0.7))
    net.connect(everyone, events, ps.FixedIndegree(3), ps.static_synapse(weight=0.4, delay=1.1))
    net.connect(events, everyone, ps.FixedIndegree(2), ps.static_synapse(weight=50.0, delay=0.7))
    spikes = net.record_spikes(everyone + events)
    traces = [net.record(joined, "V_m", interval=0.3), net.record(others[1:3], "V_m", interval=0.7)]
    sim = ps.Simulation(net, dt=0.1, threads=threads, progress=False)
    for time in cuts:
        sim.run(time)
    states = [sim.get(cells, "V_m") for cells in (joined, others, plain, precise)]
    return [spikes.times, spikes.gids, *states, *(t.values for t in traces)]


def test_coupled_cells_among_all_kinds_of_others_keep_the_laws_of_ranks_and_cuts():
    alone = mixed(1, (20.0,))
    assert np.unique(alone[1]).size > 12
    for threads, cuts in ((1, (0.1, 3.3, 10.2, 6.4)), (2, (20.0,)), (3, (7.5, 12.5))):
        for mine, theirs in zip(mixed(threads, cuts), alone, strict=True):
            assert np.array_equal(mine, theirs)


def coupled(threads: int, **options: Any) -> tuple[ps.Network, ps.Simulation]:
    """Six cells that fire, joined across ranks, and driven."""
    net = ps.Network(seed=1)
    cells = net.create("iaf_psc_exp", 6, V_m=ps.Uniform(-70.0, -56.0), I_e=450.0)
    noise = net.create("poisson_generator", rate=2000.0)
    net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(weight=60.0, delay=0.5))
    net.connect(cells, cells, ps.FixedIndegree(2), ps.static_synapse(weight=30.0, delay=1.5))
    net.couple(cells, cells, ps.AllToAll(), weight=2.0)
    net.record_spikes(cells)
    return net, ps.Simulation(net, threads=threads, progress=False, **options)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_rank_that_fails_before_its_cells_relax_ends_all(threads, monkeypatch):
    asked = drive.Drive.drive

    def fails(self: Any, span: Any) -> None:
        if span.first >= 105 and 1 % threads in self.group.gids:
            raise ValueError("no input today")
        asked(self, span)

    monkeypatch.setattr(drive, "is_kernel", lambda act: False)
    monkeypatch.setattr(drive.Drive, "drive", fails)
    _, sim = coupled(threads)
    sim.run(10.0)
    with pytest.raises(ValueError, match="no input today"):
        sim.run(10.0)


@pytest.mark.parametrize("threads", [2, 3])
def test_a_rank_that_fails_among_windows_ends_all(threads, monkeypatch):
    asked = Ahead.bring

    def fails(self: Any, *steps: int) -> None:
        if self is sim._ranks[min(1, threads - 1)].built.relaxer.ahead:
            raise ValueError("no input ahead")
        asked(self, *steps)

    _, sim = coupled(threads, relaxation=ps.Relaxation(interval=0.5))
    sim.run(3.0)
    monkeypatch.setattr(Ahead, "bring", fails)
    sim.run(3.0)  # ends where a window does
    with pytest.raises(ValueError, match="no input ahead"):
        sim.run(1.3)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_rank_that_fails_between_two_intervals_ends_all(threads, monkeypatch):
    monkeypatch.setattr(recording, "KEPT", 1)
    _, sim = coupled(threads)
    sim.run(3.0)

    def fails(self: Any, *spikes: Any) -> None:
        raise OSError("no room for spikes")

    monkeypatch.setattr(ps.SpikeRecording, "keep", fails)
    with pytest.raises(OSError, match="no room for spikes"):
        sim.run(40.0)


def test_blocks_hold_what_a_coupled_network_holds_whatever_is_changed():
    net, sim = coupled(1)
    (cells,) = (p for p in net.populations if p.model is ps.iaf_psc_exp)
    for change in (
        lambda: None,
        lambda: sim.set(cells, V_m=-60.0, tau_m=12.0),
        lambda: net.couple(cells[:2], cells[2:4], ps.OneToOne(), weight=1.0),
        lambda: net.record(cells[:3], "V_m", interval=0.4),
    ):
        change()
        sim.run(3.3)
        (rank,) = sim._ranks
        assert rank.laid_out.runner is not None and rank.laid_out.runner.stages.stale() == []
