"""A script that was stopped is resumed: its files are those of a run that was never stopped, to the last bit."""

import logging
import os
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest

import parsim as ps
from parsim.engine.keeping.resuming import VARIABLE
from tests.helpers import couple, small_network
from tests.jobs import environment, parsim_run
from tests.result_files import contents
from tests.signalling import raise_at

FILES = ("spikes.h5", "traces.h5", "more.h5")


def script(threads: int, model: str = "iaf_psc_exp", **saving) -> tuple[ps.Simulation, dict]:
    """Two runs, with changes of cells and connections and more cells between them; what was recorded is in files."""
    net = ps.Network(seed=3)
    cells = net.create(model, 30, V_m=ps.Uniform(-70.0, -56.0), I_e=ps.Uniform(400.0, 600.0))
    net.connect(cells, cells, ps.FixedIndegree(4), ps.static_synapse(weight=ps.Normal(30.0, 5.0), delay=1.5))
    noise = net.create("poisson_generator", rate=500.0)
    net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(weight=20.0, delay=1.0))
    net.record_spikes(cells, to="spikes.h5")
    net.record(cells[:5], "V_m", interval=0.7, to="traces.h5")
    sim = ps.Simulation(net, threads=threads)
    sim.run(70.0, **saving)
    sim.set(cells[::2], I_e=ps.Uniform(300.0, 500.0))
    sim.set(noise, rate=800.0)
    rows = sim.connections(cells, cells)
    rows[rows.get("weight") > 30.0].set(weight=ps.Normal(25.0, 5.0), delay=ps.Uniform(1.5, 4.0))
    sim.disconnect(rows[1::5])
    more = net.create(model, 5, V_m=ps.Uniform(-70.0, -60.0))
    net.connect(cells, more, ps.FixedIndegree(6), ps.static_synapse(weight=80.0, delay=ps.Uniform(1.0, 2.0)))
    net.record_spikes(more, to="more.h5")
    sim.run(60.0, **saving)
    states = {"V_m": sim.get(cells, "V_m"), "I_e": sim.get(cells, "I_e"), "more": sim.get(more, "V_m")}
    return sim, states | {"weights": sim.connections().weights, "delays": sim.connections().delays}


@pytest.fixture(scope="module", params=["iaf_psc_exp", "iaf_psc_exp_ps"])
def uninterrupted(request, tmp_path_factory):
    folder, here = tmp_path_factory.mktemp("whole"), os.getcwd()
    os.chdir(folder)
    try:
        _, states = script(2, request.param)
    finally:
        os.chdir(here)
    files = {name: contents(folder / name) for name in FILES}
    assert all(len(file) > 5 for file in files.values())
    return request.param, states, files


@pytest.fixture
def stops(monkeypatch):
    """`stops(40.0)`: the process gets SIGTERM when a run is at 40 ms or later, once; never, if None."""

    return lambda when: raise_at(monkeypatch, signal.SIGTERM, np.inf if when is None else when)


@pytest.fixture
def inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("stop", [0.0, 20.0, 69.9, 70.0, 71.0, 100.0])
def test_files_go_on_without_a_gap_or_a_doubled_spike(stop, uninterrupted, stops, inside, monkeypatch):
    model, states, files = uninterrupted
    stops(stop)
    with pytest.raises(ps.Stopped) as stopped:
        script(1, model, checkpoint_to="state", checkpoint_every=9.0)
    assert stopped.value.code == 75
    monkeypatch.setenv(VARIABLE, "1")
    stops(None)
    sim, found = script(3, model, checkpoint_to="state", checkpoint_every=9.0)
    assert sim.now == 130.0 and found.keys() == states.keys()
    assert all(np.array_equal(found[name], states[name]) for name in states)
    for name in FILES:
        assert contents(inside / name) == files[name], name


def test_what_was_written_after_the_newest_checkpoint_is_dropped(uninterrupted, stops, inside, monkeypatch):
    """As after a kill: files have gone further than the checkpoint."""
    model, _, files = uninterrupted
    script(2, model, checkpoint_to="state", checkpoint_every=25.0)
    monkeypatch.setenv(VARIABLE, "1")
    before = sorted(inside.glob("state-*"))
    assert len(before) == 2
    for last in (1, 0):
        sim, _ = script(last + 1, model, checkpoint_to="state")
        assert sim.now == 130.0
        assert all(contents(inside / name) == files[name] for name in FILES)
        before[last].unlink()


def test_a_damaged_checkpoint_is_left_for_the_one_before_with_a_warning(
    uninterrupted, inside, monkeypatch, caplog
):
    model, _, files = uninterrupted
    script(2, model, checkpoint_to="state", checkpoint_every=25.0)
    newest = sorted(inside.glob("state-*"))[-1]
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 16
    newest.write_bytes(data)
    monkeypatch.setenv(VARIABLE, "1")
    with caplog.at_level(logging.WARNING, "parsim"):
        script(3, model, checkpoint_to="state")
    assert f"{newest} is damaged" in caplog.text
    assert all(contents(inside / name) == files[name] for name in FILES)


def test_where_there_is_no_checkpoint_the_script_runs_from_the_beginning(
    uninterrupted, inside, monkeypatch, caplog
):
    model, _, files = uninterrupted
    monkeypatch.setenv(VARIABLE, "1")
    with caplog.at_level(logging.WARNING, "parsim"):
        script(2, model, checkpoint_to="state")
    assert "there is no checkpoint to go on from; running from t = 0 ms" in caplog.text
    assert all(contents(inside / name) == files[name] for name in FILES)


@pytest.mark.parametrize(
    ("model", "stimulus"),
    [
        (ps.IntFire3, ps.NetStim),
        (ps.IntFire2, ps.poisson_generator),
        (ps.hh_psc_alpha_gap, ps.poisson_generator),
    ],
    ids=str,
)
def test_all_kinds_of_cells_go_on(model, stimulus, stops, inside, monkeypatch):
    """Event-driven cells, some of them in islands, both kinds together, and cells joined by gap junctions."""

    def script(threads, **saving):
        net, cells, spikes, _ = small_network(model, stimulus)
        if getattr(model, "coupled", None):
            couple(net, cells)
        net.record_spikes(spikes.cells, to="spikes.h5")
        net.record(cells[:2], model.recordables[0].name, interval=0.3, to="traces.h5")
        sim = ps.Simulation(net, dt=0.1, threads=threads)
        sim.run(20.0, **saving)
        sim.set(
            cells[:2],
            **{model.params[0].name: sim.network.populations[0].values[model.params[0].name].limits[0]},
        )
        late = net.create("iaf_psc_exp", 2)
        net.connect(spikes.cells, late, ps.AllToAll(), ps.static_synapse(weight=300.0, delay=1.0))
        net.record_spikes(late, to="more.h5")
        sim.run(20.0, **saving)
        return {v.name: sim.get(cells, v.name) for v in model.recordables}

    stops(None)
    states = script(2)
    expected = {name: contents(inside / name) for name in FILES}
    for stop in (13.0, 33.0):
        monkeypatch.delenv(VARIABLE, raising=False)
        stops(stop)
        with pytest.raises(ps.Stopped):
            script(1, checkpoint_to="state", checkpoint_every=6.0)
        monkeypatch.setenv(VARIABLE, "1")
        stops(None)
        found = script(3, checkpoint_to="state")
        assert all(np.array_equal(found[name], states[name]) for name in states)
        assert {name: contents(inside / name) for name in FILES} == expected


def test_a_script_that_is_not_resumed_begins_anew(stops, inside):
    saved(to="spikes.h5")
    saved(to="spikes.h5")
    names = [path.name for path in sorted(inside.glob("state-*"))]
    assert names == ["state-000000000100.ckpt", "state-000000000200.ckpt"]


# ---- what cannot be ---------------------------------------------------------------------------------------


def small(to: str | None = None, seed: int = 1) -> tuple[ps.Network, ps.Population]:
    net = ps.Network(seed=seed)
    cells = net.create("iaf_psc_exp", 5, I_e=500.0)
    net.record_spikes(cells, to=to)
    return net, cells


def saved(**options) -> None:
    sim = ps.Simulation(small(**options)[0], progress=False)
    sim.run(20.0, checkpoint_to="state", checkpoint_every=10.0)


def resumed(monkeypatch, **options) -> tuple[ps.Simulation, ps.Population]:
    monkeypatch.setenv(VARIABLE, "1")
    net, cells = small(**options)
    return ps.Simulation(net, progress=False), cells


def test_a_run_that_says_nothing_of_checkpoints_cannot_be_passed_over(inside, monkeypatch):
    saved()
    sim, _ = resumed(monkeypatch)
    with pytest.raises(ps.DescriptionError, match="Give checkpoint_to to every run"):
        sim.run(20.0)


def test_another_network_is_refused(inside, monkeypatch):
    saved()
    sim, _ = resumed(monkeypatch, seed=2)
    with pytest.raises(ps.DescriptionError, match="was saved from another network"):
        sim.run(20.0, checkpoint_to="state")


def test_other_changes_are_refused(inside, monkeypatch):
    saved()
    sim, cells = resumed(monkeypatch)
    sim.set(cells, I_e=400.0)
    with pytest.raises(ps.SimulationError, match="here, at t = 0 ms, 1 calls of set have been made, there 0"):
        sim.run(20.0, checkpoint_to="state")


def test_states_of_runs_that_were_passed_over_are_not_made_up(inside, monkeypatch):
    saved()
    sim, cells = resumed(monkeypatch)
    sim.run(15.0, checkpoint_to="state")
    assert sim.now == 15.0
    with pytest.raises(ps.SimulationError, match="cannot be answered while a script is resumed"):
        sim.get(cells, "V_m")
    sim.run(10.0, checkpoint_to="state")
    assert sim.get(cells, "V_m").size == 5


def test_a_file_that_is_gone_is_told(inside, monkeypatch):
    saved(to="spikes.h5")
    os.unlink("spikes.h5")
    sim, _ = resumed(monkeypatch, to="spikes.h5")
    with pytest.raises(ps.ParsimError, match=r"spikes\.h5"):
        sim.run(20.0, checkpoint_to="state")


def test_recordings_in_memory_are_said_to_begin_late(inside, monkeypatch, caplog):
    saved()
    sim, _ = resumed(monkeypatch)
    with caplog.at_level(logging.WARNING, "parsim"):
        sim.run(30.0, checkpoint_to="state")
    assert "recordings in memory begin at t = 20 ms" in caplog.text


def test_a_script_may_reset_its_simulation(inside, monkeypatch):
    def script(saving):
        net, cells = small(to="spikes.h5")
        sim = ps.Simulation(net, progress=False)
        sim.run(30.0, **saving)
        sim.reset()
        sim.set(cells, I_e=450.0)
        sim.run(40.0, **saving)
        return sim.get(cells, "V_m")

    whole = script({})
    expected = contents(inside / "spikes.h5")
    assert np.array_equal(script(dict(checkpoint_to="state", checkpoint_every=7.0)), whole)
    monkeypatch.setenv(VARIABLE, "1")
    assert np.array_equal(script(dict(checkpoint_to="state", checkpoint_every=7.0)), whole)
    assert contents(inside / "spikes.h5") == expected


# ---- as users run it --------------------------------------------------------------------------------------

MODEL = """
import sys
import parsim as ps

net = ps.Network(seed=5)
cells = net.create("iaf_psc_exp", 50, V_m=ps.Uniform(-70.0, -56.0), I_e=450.0)
net.connect(cells, cells, ps.FixedIndegree(5), ps.static_synapse(weight=30.0, delay=1.5))
net.record_spikes(cells, to="spikes.h5")
net.record(cells[:3], "V_m", interval=1.1, to="traces.h5")
sim = ps.Simulation(net, progress=False)
sim.run(3000.0, checkpoint_every=100.0, checkpoint_to="state", walltime=sys.argv[1])
"""


def command(folder: Path, *arguments: str, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    import resource

    def limited() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        parsim_run(*arguments), capture_output=True, text=True, cwd=folder, env=environment(), timeout=300,
        preexec_fn=limited,
    )  # fmt: skip


@pytest.mark.mpi_skip
def test_a_job_is_resumed_after_the_wall_time_and_after_a_limit_on_file_size(tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    for folder in (whole, parts):
        folder.mkdir()
        (folder / "model.py").write_text(MODEL)
    assert command(whole, "model.py", "1 h").returncode == 0

    short = command(parts, "model.py", "0.01 s")  # over at the first checkpoint, however fast the machine
    assert short.returncode == 75 and "the wall time is nearly over" in short.stderr
    size = (whole / "spikes.h5").stat().st_size
    limited = command(parts, "--resume", "model.py", "1 h", limit=size // 2)
    assert limited.returncode not in (0, 75) and "File too large" in limited.stderr
    assert command(parts, "--resume", "model.py", "1 h").returncode == 0
    for name in FILES[:2]:
        assert contents(parts / name) == contents(whole / name)
