"""A run that breaks off anywhere but where all ranks stop is over for good, on all ranks alike, and says so."""

import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import parsim as ps
import parsim.engine.keeping.recording
from parsim.engine.running import program
from parsim.engine.running.program import Runner
from parsim.io.results import SpikeFile
from parsim.jit import kernel
from parsim.kernels import events, gathering
from parsim.shard import clocked_group
from parsim.shard.stages import Move, Stages, in_python
from tests.jobs import job, needs_mpirun

MODELS = ON_THE_GRID, EXACT = "iaf_psc_exp", "iaf_psc_exp_ps"


def network(to: Path | None = None, model: str = ON_THE_GRID) -> tuple[Any, ps.SpikeRecording, ps.Recording]:
    net = ps.Network(seed=3)
    cells = net.create(model, 30, I_e=ps.Uniform(400.0, 600.0))
    net.connect(cells, cells, ps.FixedIndegree(20), ps.static_synapse(weight=ps.Normal(15.0, 1.0), delay=1.5))
    if to is not None:
        net.record_spikes(cells, to=to)
    return cells, net.record_spikes(cells), net.record(cells[:3], "V_m", interval=0.5)


@pytest.fixture(scope="module")
def undisturbed() -> tuple[ps.SpikeRecording, ps.Recording]:
    return run_undisturbed(ON_THE_GRID)


@cache
def run_undisturbed(model: str) -> tuple[ps.SpikeRecording, ps.Recording]:
    cells, spikes, trace = network(model=model)
    ps.Simulation(cells.network, progress=False).run(100.0)
    assert len(spikes) > 40
    return spikes, trace


def calls(sim: ps.Simulation, cells: Any, folder: Path) -> list[Callable[[], Any]]:
    """All that would give or go on with what is not so."""
    return [
        lambda: sim.run(1.0),
        lambda: sim.get(cells, "V_m"),
        lambda: sim.set(cells, V_m=-60.0),
        lambda: sim.save(folder / "state.h5"),
        sim.connections,
        sim.junctions,
    ]


def check_over(sim: ps.Simulation, cells: Any, folder: Path, why: str) -> None:
    for call in calls(sim, cells, folder):
        with pytest.raises(ps.SimulationError, match=f"cannot go on, because it has failed before: .*{why}"):
            call()
    assert not (folder / "state.h5").exists()


def check_kept(spikes: ps.SpikeRecording, trace: ps.Recording, undisturbed: Any, until: float) -> None:
    """What was recorded before is as it would have been."""
    all_spikes, all_samples = undisturbed
    kept = all_spikes.times <= until
    assert np.array_equal(spikes.times, all_spikes.times[kept])
    assert np.array_equal(spikes.gids, all_spikes.gids[kept])
    n = trace.times.size
    assert trace.times[-1] == until and np.array_equal(trace.values, all_samples.values[:n])


def failing(act: Callable[..., Any], at: int, error: BaseException, thread: int) -> Callable[..., Any]:
    """A function that fails when one thread of the ranks calls it for the `at`-th time."""
    count = [0]

    def instead(*arguments: Any) -> Any:
        name = threading.current_thread().name
        here = int(name.removeprefix("parsim-thread-")) if name.startswith("parsim-thread-") else 0
        count[0] += here == thread
        if here == thread and count[0] == at:
            raise error
        return act(*arguments)

    return instead


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_failed_write_ends_the_simulation_and_keeps_what_was_recorded(
    threads, tmp_path, monkeypatch, undisturbed
):
    monkeypatch.setattr(parsim.engine.keeping.recording, "KEPT", 1)  # so that it writes often
    cells, spikes, trace = network(tmp_path / "spikes.h5")
    sim = ps.Simulation(cells.network, progress=False, threads=threads)
    sim.run(15.0)
    full = failing(SpikeFile.append, 4, ps.SimulationError("Cannot write: no space left on device."), 0)
    with monkeypatch.context() as patch:
        patch.setattr(SpikeFile, "append", full)
        with pytest.raises(ps.SimulationError, match="no space left on device"):
            sim.run(85.0)
    assert 15.0 < sim.now < 100.0
    check_over(sim, cells, tmp_path, "no space left on device")
    check_kept(spikes, trace, undisturbed, sim.now)
    with h5py.File(tmp_path / "spikes.h5") as file:
        written = file["spikes/cells/timestamps"][:]
    # The file lacks what could not be written: those few spikes, one after another, that a keeper had in hand.
    lacking = sorted(set(spikes.times) - set(written))
    assert set(written) < set(spikes.times) and len(lacking) <= 20
    assert all(t < lacking[0] or t > lacking[-1] for t in written)


ERRORS = [KeyboardInterrupt, SystemExit, MemoryError, ZeroDivisionError]


STAGES = ["begin", "move", "collect", "order", "keep", "clear", "deliver"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("threads", "thread"), [(1, 0), (3, 0), (3, 2)])
@pytest.mark.parametrize(("stage", "kind"), list(zip(STAGES, [*ERRORS, *ERRORS], strict=False)))
def test_whatever_breaks_off_an_op_on_any_rank_ends_the_simulation(
    stage, kind, threads, thread, model, tmp_path, monkeypatch
):
    """With an op more at the end of a stage."""
    lay_out = program.lay_out
    act = failing(lambda first, stop, origin: None, 20, kind("broke off"), thread)

    def one_more(rank: Any) -> Stages:
        stages = lay_out(rank)
        op = in_python(act)
        getattr(stages, stage).append(Move(op, []) if stage == "move" else op)
        return stages

    cells, spikes, trace = network(model=model)
    with monkeypatch.context() as patch:
        patch.setattr(program, "lay_out", one_more)
        patch.setattr(program, "PATIENCE", 0.0)
        sim = ps.Simulation(cells.network, progress=False, threads=threads)
        with pytest.raises(kind, match="broke off"):
            sim.run(100.0)
    assert 15.0 < sim.now < 100.0
    check_over(sim, cells, tmp_path, "broke off")
    if stage != "order" or thread > 0:  # there rank 0 has no order to keep spikes in
        check_kept(spikes, trace, run_undisturbed(model), sim.now)


@pytest.mark.parametrize(("owner", "name"), [(gathering, "room_to_gather"), (events, "with_room")])
def test_memory_that_runs_out_while_room_is_made_ends_the_simulation(owner, name, tmp_path, monkeypatch):
    """For what arrives at exact times, whose number nobody knows before."""
    cells, _, _ = network(model=EXACT)
    sim = ps.Simulation(cells.network, progress=False, threads=3)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, failing(getattr(owner, name), 1, MemoryError("broke off"), 2))
        with pytest.raises(MemoryError, match="broke off"):
            sim.run(100.0)
    assert sim.now < 100.0
    check_over(sim, cells, tmp_path, "broke off")


def test_a_kernel_that_raises_ends_the_simulation(tmp_path, monkeypatch):
    """What compiled code raises is the error that the user sees."""
    advancing = clocked_group.advancing

    def instead(advance: Any) -> Any:
        return advancing(refusing)

    cells, spikes, _ = network()
    sim = ps.Simulation(cells.network, progress=False, threads=2)
    with monkeypatch.context() as patch:
        patch.setattr(clocked_group, "advancing", instead)
        with pytest.raises(ValueError, match="no further"):
            sim.run(100.0)
    check_over(sim, cells, tmp_path, "no further")
    assert sim.now == 0.0 and len(spikes) == 0


@kernel
def refusing(state: Any, params: Any, inputs: Any, span: Any, out: Any) -> None:
    """A model that goes no further than 0.3 ms."""
    if span.stop > 3:
        raise ValueError("no further")


def test_an_interrupt_in_an_exchange_ends_the_simulation(tmp_path, monkeypatch, undisturbed):
    """There, ranks cannot tell each other: one thread alone is interrupted, and the others are freed."""
    from parsim.comm.heads import Heads

    cells, spikes, _ = network()
    sim = ps.Simulation(cells.network, progress=False, threads=3)
    sim.run(15.0)
    with monkeypatch.context() as patch:
        patch.setattr(program, "PATIENCE", 0.0)  # each exchange passes through Python
        patch.setattr(Heads, "exchange", failing(Heads.exchange, 20, KeyboardInterrupt(), 1))
        with pytest.raises(KeyboardInterrupt):
            sim.run(85.0)
    check_over(sim, cells, tmp_path, "KeyboardInterrupt")
    all_spikes, _ = undisturbed
    assert np.array_equal(spikes.times, all_spikes.times[: len(spikes)])


def test_what_a_function_raises_in_set_changes_nothing_and_the_simulation_goes_on(undisturbed):
    cells, spikes, _ = network()
    sim = ps.Simulation(cells.network, progress=False, threads=2)
    sim.run(15.0)

    def broken(gids: Any) -> Any:
        return {}["no such key"] if 7 in gids else gids * 0.0

    with pytest.raises(ps.BuildError, match="no such key"):
        sim.set(cells, I_e=broken)
    sim.run(85.0)
    assert np.array_equal(spikes.times, undisturbed[0].times)


def test_a_new_simulation_of_the_network_begins_after_a_failed_one(monkeypatch, undisturbed):
    cells, spikes, _ = network()
    sim = ps.Simulation(cells.network, progress=False, threads=2)
    with monkeypatch.context() as patch:
        patch.setattr(program, "PATIENCE", 0.0)
        patch.setattr(Runner, "_drive", failing(Runner._drive, 20, MemoryError(), 1))
        with pytest.raises(MemoryError):
            sim.run(100.0)
    ps.Simulation(cells.network, progress=False, threads=2).run(100.0)
    assert np.array_equal(spikes.times, undisturbed[0].times)


RANK_0_ALONE = """
import os, sys, tempfile
import numpy as np
import parsim as ps
from parsim.comm.world import world
from parsim.engine.running.progress import Progress
from parsim.io.results import SpikeFile, TraceFile

comm = world()
folder = comm.bcast(tempfile.mkdtemp() if comm.rank == 0 else None)

def fails(act, at):
    calls = [0]
    def instead(*arguments):
        calls[0] += 1
        if calls[0] == at:
            raise ps.SimulationError("Cannot write: no space left on device.")
        return act(*arguments)
    return instead

for owner, name, at in (
    (SpikeFile, "append", 3), (SpikeFile, "append", 10**9), (SpikeFile, "close", 2), (TraceFile, "append", 2),
    (TraceFile, "close", 2), (Progress, "update", 3),
):
    net = ps.Network(seed=2)
    cells = net.create("iaf_psc_exp", 50, I_e=ps.Uniform(350.0, 600.0))
    net.record_spikes(cells, to=os.path.join(folder, f"spikes {name} {at}.h5"))
    net.record(cells, "V_m", to=os.path.join(folder, f"trace {name} {at}.h5"))
    kept = net.record_spikes(cells)
    sim = ps.Simulation(net)
    before = getattr(owner, name)
    setattr(owner, name, fails(before, at))
    heard = "nothing"
    for _ in range(3):
        try:
            sim.run(50.0)
        except ps.SimulationError as error:
            heard = str(error)
            break
    setattr(owner, name, before)
    heard = comm.allgather_objects(heard)
    if comm.rank == 0:
        print(owner.__name__, name, at, *heard, sep=" | ")
"""


@pytest.mark.mpi_skip
@needs_mpirun[1]
def test_what_fails_on_rank_0_alone_is_the_same_error_on_all_ranks():
    ended = job(script=RANK_0_ALONE, ranks=3, timeout=60.0)
    assert ended.code == 0, ended.output
    lines = [line.split(" | ") for line in ended.output.splitlines()]
    assert len(lines) == 6, ended.output
    for owner, name, at, *heard in lines:
        if at == str(10**9):
            assert heard == ["nothing"] * 3
            continue
        own = "Cannot write: no space left on device."
        assert heard == [own] + [f"rank 0 failed: SimulationError: {own}"] * 2, (owner, name)
