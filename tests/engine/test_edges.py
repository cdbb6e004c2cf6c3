"""Networks of nothing, runs of nothing, what goes wrong, and the report."""

import time

import numpy as np
import pytest

import parsim as ps
from parsim.comm.place import TURN
from parsim.comm.threads import Meeting
from parsim.engine.keeping.recording import Sampler
from tests.timing import relay, static

# ---- the edges --------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
def test_a_network_of_nothing_runs(threads):
    net = ps.Network()
    sim = ps.Simulation(net, threads=threads)
    sim.run(3.3)
    assert sim.now == 3.3 and sim.connections().sources.size == 0 and sim.report().cells == 0
    nobody = net.create("iaf_psc_exp", 0)
    spikes = net.record_spikes(nobody)
    sim.run(1.0)
    assert len(spikes) == 0 and sim.get(nobody, "V_m").size == 0
    assert str(sim.report()).startswith("4.3 ms of model time, 0 cells, 0 connections, 0 spikes")


@pytest.mark.parametrize("threads", [1, 2])
def test_cells_without_connections_run_in_intervals_of_a_millisecond(threads):
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 3, I_e=[0.0, 400.0, 400.0])
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net, threads=threads)
    sim.run(50.5)
    assert sim.interval == 1.0
    assert len(spikes) == 2 and set(spikes.gids.tolist()) == {1, 2}


def test_populations_of_size_0_stand_anywhere():
    def run(extra):
        net = ps.Network(seed=4)
        cells = net.create("iaf_psc_exp", 6, V_m=ps.Uniform(-70.0, -56.0), I_e=380.0)
        net.connect(cells, cells, ps.FixedIndegree(2), static(200.0, 1.5))
        if extra:
            nobody, silent = net.create("iaf_psc_delta", 0), net.create("poisson_generator", 0)
            net.connect(nobody, cells + nobody, ps.AllToAll(), static(5.0, 0.1))
            net.connect(cells, nobody, ps.FixedIndegree(3), static(5.0, 0.1))
            net.connect(silent, cells + nobody, ps.AllToAll())
            net.record(nobody, "V_m")
            net.record_spikes(nobody)
        spikes = net.record_spikes(cells)
        sim = ps.Simulation(net, threads=2)
        sim.run(60.0)
        assert sim.interval == 1.5
        return spikes.times.tolist(), spikes.gids.tolist()

    assert run(False) == run(True) and len(run(False)[0]) > 5


def test_there_may_be_more_threads_than_cells():
    def run(threads):
        net = ps.Network()
        _, later = relay(net, [1.0, 2.0])
        spikes, voltage = net.record_spikes(later), net.record(net.create("iaf_psc_exp", I_e=400.0), "V_m")
        sim = ps.Simulation(net, threads=threads)
        sim.run(10.0)
        return [spikes.times, spikes.gids, voltage.values, voltage.times, *sim.connections().columns()]

    for a, b in zip(run(1), run(9), strict=True):
        assert np.array_equal(a, b)


def test_a_run_of_0_ms_changes_nothing_and_builds_what_is_new():
    net = ps.Network()
    cell = net.create("iaf_psc_exp", I_e=300.0)
    sim = ps.Simulation(net)
    sim.run(0.0)
    assert sim.now == 0.0 and sim.get(cell, "V_m") == -70.0
    sim.run(1.2)
    before = sim.get(cell, "V_m")
    net.connect(cell, cell, ps.AllToAll(), static(delay=0.4))
    sim.run(0.0)
    assert sim.interval == 0.4 and sim.now == 1.2 and sim.get(cell, "V_m") == before
    assert "not run yet" not in str(sim.report())


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (-1.0, r"duration is -1(.0)? ms; .* at least 0"),
        (np.inf, "duration is inf ms"),
        (np.nan, "duration is NaN"),
        (0.25, r"duration 0.25 ms is not a multiple of dt = 0.1 ms. Nearest are 0.2 and 0.3 ms"),
        ([1.0, 2.0], "duration is"),
        ("3 mV", 'duration is "3 mV", a voltage; ms is needed'),
    ],
)
def test_a_duration_is_whole_steps(duration, text):
    sim = ps.Simulation(ps.Network())
    with pytest.raises(ps.DescriptionError, match=text):
        sim.run(duration)
    sim.run("0.5 s")
    assert sim.now == 500.0


def test_a_simulation_that_was_replaced_says_so():
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 2)
    old = ps.Simulation(net)
    new = ps.Simulation(net, dt=0.2)
    for act in (lambda: old.run(1.0), lambda: old.get(cells, "V_m"), lambda: old.set(cells, V_m=1.0)):
        with pytest.raises(ps.DescriptionError, match="a newer Simulation has taken this network over"):
            act()
    new.run(1.0)
    with pytest.raises(ps.DescriptionError, match=r"dt cannot be changed to 0.1 ms: it is 0.2 ms"):
        new.dt = 0.1


# ---- what goes wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 3])
def test_a_state_that_is_no_number_ends_the_run_and_is_named(threads):
    net = ps.Network()
    net.create("iaf_psc_delta", 4)
    cells = net.create("iaf_psc_exp", 3)
    source = net.create("spike_generator", spike_times=[2.0, 2.0, 2.0])
    net.connect(source, cells[1], ps.AllToAll(), static(-1e308, 1.5))
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net, threads=threads)
    sim.run(1.0)
    with pytest.raises(ps.SimulationError) as error:
        sim.run(5.0)
    rank = 5 % threads
    text = f"V_m of gid 5 (iaf_psc_exp) became -inf between t = 3 and 4 ms on rank {rank}. Look for weights"
    assert text in str(error.value)
    with pytest.raises(ps.SimulationError, match=r"cannot go on, because it has failed before: .*gid 5"):
        sim.run(1.0)
    assert len(spikes) == 0


@pytest.mark.parametrize("threads", [1, 2])
def test_more_spikes_than_an_outbox_holds_end_the_run(threads):
    net = ps.Network()
    birds = net.create("parrot_neuron", 2)
    source = net.create("spike_generator", spike_times=[1.0], spike_multiplicities=[100_000])
    net.connect(source, birds[1], ps.AllToAll(), static(delay=0.5))
    sim = ps.Simulation(net, threads=threads)
    with pytest.raises(ps.SimulationError) as error:
        sim.run(5.0)
    assert "parrot_neuron emitted more spikes in one interval than the outbox holds (65536)" in str(
        error.value
    )
    assert "gid 1 at t = 1.5 ms" in str(error.value) and f"on rank {threads - 1}" in str(error.value)


def test_a_statement_that_cannot_be_built_stops_the_simulation_for_good():
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 3)
    sim = ps.Simulation(net, threads=2)
    sim.run(1.0)
    net.create("iaf_psc_exp", 2, tau_m=ps.Uniform(-1.0, 0.0))
    with pytest.raises(ps.BuildError, match=r"tau_m of .* it must be greater than 0 ms"):
        sim.run(1.0)
    for act in (lambda: sim.run(1.0), lambda: sim.get(cells, "V_m"), lambda: sim.set(cells, V_m=1.0)):
        with pytest.raises(ps.SimulationError, match=r"cannot go on, because it has failed before: .*tau_m"):
            act()


def test_a_delay_below_a_step_is_an_error_at_the_call():
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 3)
    net.connect(cells, cells, ps.AllToAll(), static(delay=0.1))
    with pytest.raises(
        ps.DescriptionError, match=r"delay 0.1 ms of .* is less than one step \(dt = 0.2 ms\)"
    ):
        ps.Simulation(net, dt=0.2)
    sim = ps.Simulation(net)
    with pytest.raises(ps.DescriptionError, match=r"less than one step"):
        net.connect(cells, cells, ps.AllToAll(), static(delay=0.01))
    assert len(net.projections) == 1
    sim.run(1.0)


# ---- reporting --------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_report_adds_up(threads):
    """Of runs of some 10 ms of a processor, for what Python does once a run takes 0.03 ms and belongs to no part."""
    net = ps.Network(seed=1)
    cells = net.create("iaf_psc_exp", 20, I_e=500.0)
    net.connect(cells, cells, ps.FixedIndegree(5), static(1.0, 1.5))
    spikes = net.record_spikes(cells)
    net.record(cells, "V_m", interval=0.1)
    sim = ps.Simulation(net, threads=threads)
    assert "not run yet" in str(sim.report())
    for _ in range(3):
        sim.run(2000.3)
        for _ in range(20):
            sim.get(cells, "V_m")
    report = sim.report()
    assert (report.time, report.cells, report.connections, report.interval) == (6000.9, 20, 100, 1.5)
    assert report.spikes == len(spikes) > 0
    seconds = dict(zip(report.NAMES, report.seconds.T, strict=True))
    assert all(column.shape == (threads,) and (column >= 0.0).all() for column in seconds.values())
    parts = sum(seconds[name] for name in ("drive", "integrate", "deliver", "exchange", "wait", "record"))
    assert (parts <= seconds["run"]).all() and (parts > 0.5 * seconds["run"]).all()
    assert report.bytes_sent.shape == (threads,) and (report.bytes_sent > 0).all() == (threads > 1)
    assert report.memory.shape == (1,) and report.memory[0] > 10.0

    text = str(report)
    assert text.splitlines()[0] == (
        f"6000.9 ms of model time, 20 cells, 100 connections, {len(spikes)} spikes on {threads} "
        f"rank{'s' if threads > 1 else ''}; interval 1.5 ms"
    )
    assert "real-time factor" in text
    for name in (*report.NAMES[:-1], "sent (MB)", "memory (MB)"):
        assert any(line.startswith(f"{name} ") for line in text.splitlines())


def test_what_a_rank_waits_for_another_at_the_end_of_a_run_is_in_the_report(monkeypatch):
    """The second keeps what it recorded for a long time, after all have told what they have to tell."""
    finish, seconds = Sampler.finish, 0.2

    def slowly(self, until):
        finish(self, until)
        time.sleep(seconds * self.comm.rank)

    monkeypatch.setattr(Sampler, "finish", slowly)
    net = ps.Network()
    net.record(net.create("iaf_psc_exp", 4), "V_m", interval=1.0)
    sim = ps.Simulation(net, threads=2)
    sim.run(5.0)
    found = dict(zip(sim.report().NAMES, sim.report().seconds.T, strict=True))
    assert found["wait"][0] > 0.5 * seconds > found["wait"][1]
    assert found["record"][1] > 0.9 * seconds


def test_no_property_communicates(monkeypatch):
    """So any rank may read any of them, alone."""
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 3, I_e=500.0)
    spikes, voltage = net.record_spikes(cells), net.record(cells, "V_m", everywhere=True)
    sim = ps.Simulation(net, threads=2)
    sim.run(20.0)

    def hushed(self, thread, verb, *_):
        raise AssertionError(f"{verb} communicates")

    monkeypatch.setattr(Meeting, "attend", hushed)
    assert spikes.times.size == spikes.gids.size == len(spikes) > 0
    assert voltage.values.shape == (20, 3) and len(voltage) == voltage.times.size == 20
    assert voltage.gids.tolist() == [0, 1, 2]
    assert (sim.now, sim.dt, sim.interval, sim.comm.rank, sim.comm.size) == (20.0, 0.1, 1.0, 0, 2)
    assert "20 ms of model time" in str(sim.report())
    assert len(cells) == 3 and repr(cells) and cells.gids.size == 3
    with pytest.raises(AssertionError, match="communicates"):
        sim.get(cells, "V_m")


def exchanges(sim: ps.Simulation) -> int:
    """How often ranks that are threads have exchanged spikes."""
    runner = sim._ranks[0].laid_out.runner
    assert runner is None or runner.exchange is not None
    return 0 if runner is None else int(runner.exchange.place.value.own[TURN])


def test_spikes_are_exchanged_once_an_interval_however_a_run_is_cut():
    """And once more where something was said or set, for what event-driven cells fire at that very time."""
    net = ps.Network()
    cells = net.create("IntFire1", 2)
    net.connect(cells, cells, ps.AllToAll(), ps.static_synapse(weight=0.1, delay=2.0))
    net.create("parrot_neuron", 1)  # so that quiet intervals are not skipped
    sim = ps.Simulation(net, dt=0.5, threads=2)
    counts = []
    for change in (False, False, True, False):
        if change:
            sim.set(cells, m=0.5)
        before = exchanges(sim)
        sim.run(4.0)
        counts.append(exchanges(sim) - before)
    assert counts == [3, 2, 3, 2]
