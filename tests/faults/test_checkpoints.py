"""Checkpoints: nothing damaged is read, nothing but a checkpoint is replaced, and what cannot be written is told."""

import os
import random
import resource
import shutil
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest

import parsim as ps
from parsim.io.checkpoint import Checkpoint, read_checkpoint
from tests.jobs import environment

N = 30


def said(seed: int = 6, **options) -> ps.Network:
    """Cells that fire now and then."""
    net = ps.Network(seed=seed)
    cells = net.create("iaf_psc_exp", N, I_e=ps.Uniform(350.0, 600.0), V_m=ps.Uniform(-70.0, -60.0))
    net.connect(cells, cells, ps.FixedIndegree(5), ps.static_synapse(weight=5.0, delay=ps.Uniform(1.0, 3.0)))
    net.record_spikes(cells, **options)
    return net


@pytest.fixture(scope="module")
def sim() -> ps.Simulation:
    sim = ps.Simulation(said(), progress=False)
    sim.run(20.0)
    return sim


@pytest.fixture(scope="module")
def saved(sim, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "state.ckpt"
    sim.save(path)
    return path


def kept(folder) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


# ---- damaged files ------------------------------------------------------------------------------------


def test_every_flipped_bit_is_told(saved, tmp_path):
    raw, chance, bad = saved.read_bytes(), random.Random(1), tmp_path / "bad.ckpt"
    places = [*range(60), *range(len(raw) - 60, len(raw))]  # where the file says what it is
    places += [chance.randrange(len(raw)) for _ in range(500 - len(places))]
    for place in places:
        data = bytearray(raw)
        data[place] ^= 1 << chance.randrange(8)
        bad.write_bytes(data)
        with pytest.raises(
            ps.DescriptionError, match=r"bad\.ckpt is damaged|bad\.ckpt was saved by another version"
        ):
            read_checkpoint(bad)
        with pytest.raises(ps.DescriptionError), Checkpoint(bad) as file:
            file.verify()


def test_every_file_that_was_cut_is_told(saved, tmp_path):
    raw, chance, bad = saved.read_bytes(), random.Random(2), tmp_path / "bad.ckpt"
    sizes = [*range(25), *range(len(raw) - 25, len(raw))]
    for size in [*sizes, *(chance.randrange(len(raw)) for _ in range(100))]:
        bad.write_bytes(raw[:size])
        with pytest.raises(ps.DescriptionError, match=r"bad\.ckpt is damaged"):
            read_checkpoint(bad)
    for more in (b"\0", b"more", raw):
        bad.write_bytes(raw + more)
        with pytest.raises(ps.DescriptionError, match=r"bad\.ckpt is damaged"):
            read_checkpoint(bad)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_simulation_does_not_go_on_from_a_damaged_file(saved, tmp_path, threads):
    raw, bad = bytearray(saved.read_bytes()), tmp_path / "bad.ckpt"
    raw[len(raw) // 3] ^= 1
    bad.write_bytes(raw)
    with pytest.raises(ps.DescriptionError, match=r"bad\.ckpt is damaged"):
        ps.Simulation(said(), threads=threads, restore=bad)


@pytest.mark.parametrize("given", [3, "", None, 2.5, "a\0b", ["state.ckpt"]], ids=repr)
def test_what_is_no_path_is_refused(sim, given):
    with pytest.raises(ps.DescriptionError, match=r"the path of a file is needed|a path cannot hold"):
        sim.save(given)
    if given is not None:
        with pytest.raises(ps.DescriptionError, match=r"the path of a file is needed|a path cannot hold"):
            ps.Simulation(said(), restore=given)


def test_what_is_no_checkpoint_is_not_restored(tmp_path):
    (tmp_path / "notes.txt").write_text("three weeks of work\n" * 100)
    os.mkfifo(tmp_path / "pipe")
    for name, complaint in (
        ("", "cannot be read as a checkpoint: Is a directory"),
        ("nothing", "cannot be read as a checkpoint: No such file or directory"),
        ("n" * 300, "in which a name is longer than 255 bytes"),
        ("pipe", "is damaged|cannot be read"),
        ("notes.txt", "it is no file that Simulation.save has written"),
    ):
        with pytest.raises(ps.DescriptionError, match=complaint):
            ps.Simulation(said(), threads=2, restore=tmp_path / name)


# ---- what must not be replaced --------------------------------------------------------------------------


def test_nothing_but_a_checkpoint_is_replaced(sim, tmp_path):
    script, results = tmp_path / "model.py", tmp_path / "spikes.h5"
    script.write_text("print('three weeks of work')\n")
    recorded = ps.Simulation(said(to=results), progress=False)
    recorded.run(30.0)
    before = script.read_bytes(), results.read_bytes()
    for path in (script, results):
        with pytest.raises(ps.DescriptionError, match="it exists and is not a checkpoint"):
            sim.save(path)
        with pytest.raises(ps.DescriptionError, match="it exists and is not a checkpoint"):
            recorded.save(path)
    (tmp_path / "link").symlink_to(script)
    with pytest.raises(ps.DescriptionError, match="it exists and is not a checkpoint"):
        sim.save(tmp_path / "link")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ps.DescriptionError, match="it exists and is not a checkpoint"):
        sim.save(tmp_path / "pipe")
    with pytest.raises(ps.DescriptionError, match="it is a folder"):
        sim.save(tmp_path)
    with pytest.raises(ps.DescriptionError, match=r"does not exist\. Make it with: mkdir -p"):
        sim.save(tmp_path / "nowhere" / "state.ckpt")
    with pytest.raises(ps.DescriptionError, match="in which a name is longer than 255 bytes"):
        sim.save(tmp_path / ("n" * 300))
    assert (script.read_bytes(), results.read_bytes()) == before
    assert kept(tmp_path) == ["link", "model.py", "pipe", "spikes.h5"]


def test_results_do_not_replace_a_checkpoint(saved, tmp_path):
    state = tmp_path / "state.ckpt"
    shutil.copy(saved, state)
    with pytest.raises(ps.DescriptionError, match="is not a result file"):
        ps.Simulation(said(to=state), restore=state)
    assert state.read_bytes() == saved.read_bytes()


def test_a_checkpoint_is_replaced_by_one_that_is_whole(sim, saved, tmp_path):
    state = tmp_path / "state.ckpt"
    shutil.copy(saved, state)
    (tmp_path / "link").symlink_to(state)
    (tmp_path / "empty").touch()
    restored = ps.Simulation(said(), restore=state, progress=False)
    restored.run(10.0)
    for name in ("state.ckpt", "link", "empty"):
        restored.save(tmp_path / name)
        assert read_checkpoint(tmp_path / name)[0]["now"] == 300
    assert (tmp_path / "link").is_symlink() and kept(tmp_path) == ["empty", "link", "state.ckpt"]


# ---- what cannot be written -----------------------------------------------------------------------------


@contextmanager
def size_limit(size: int):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("size", [0, 10, 1_000, 10_000])
def test_a_limit_on_file_size_is_told_and_leaves_nothing(saved, tmp_path, threads, size):
    assert saved.stat().st_size > 10_000
    state = tmp_path / "state.ckpt"
    shutil.copy(saved, state)
    sim = ps.Simulation(said(), threads=threads, progress=False)
    with size_limit(size), pytest.raises(ps.SimulationError, match=r"state\.ckpt': File too large"):
        sim.save(state)
    assert kept(tmp_path) == ["state.ckpt"] and state.read_bytes() == saved.read_bytes()
    sim.save(state)
    assert read_checkpoint(state)[0]["now"] == 0


@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_that_cannot_save_itself_says_so_and_can_go_on(tmp_path, threads):
    sim = ps.Simulation(said(), threads=threads, progress=False)
    saving = dict(checkpoint_every=10.0, checkpoint_to=tmp_path / "state")
    sim.run(15.0, **saving)
    before = kept(tmp_path)
    with size_limit(1_000), pytest.raises(ps.SimulationError, match="File too large"):
        sim.run(30.0, **saving)
    assert kept(tmp_path) == before and len(before) == 1 and sim.now == 20.0
    sim.run(25.0, **saving)
    whole = ps.Simulation(said(), progress=False)
    whole.run(45.0)
    cells = [one.network.populations[0] for one in (sim, whole)]
    assert np.array_equal(sim.get(cells[0], "V_m"), whole.get(cells[1], "V_m"))


FULL = """
import sys
import parsim as ps
from tests.faults.test_checkpoints import said

sim = ps.Simulation(said(), threads=int(sys.argv[1]), progress=False)
sim.save("state.ckpt")
open("rest", "wb").write(bytes(40_000))
try:
    sim.save("state.ckpt")
except ps.SimulationError as error:
    print(error)
from parsim.io.checkpoint import read_checkpoint
print(read_checkpoint("state.ckpt")[0]["now"])
"""


@pytest.mark.mpi_skip
@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, threads):
    probe = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", tmp_path], capture_output=True)
    if probe.returncode:
        pytest.skip("no disk of one's own here")
    mount = f"mount -t tmpfs -o size=64k none {tmp_path}"
    shell = f"{mount} && cd {tmp_path} && {sys.executable} -c '{FULL}' {threads} && ls"
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", shell], capture_output=True, text=True, env=environment(), timeout=300
    )
    assert (
        "No space left on device. What was there before is untouched.\n0\nrest\nstate.ckpt\n" in done.stdout
    ), done


def test_a_folder_that_may_not_be_written_to_is_told(sim, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):
        folder = "/proc/self"  # root may write to all others
    with pytest.raises(
        ps.DescriptionError, match=r"Cannot write the checkpoint '.*': (Permission denied|No such file)"
    ):
        sim.save(os.path.join(folder, "state.ckpt"))


# ---- what it holds --------------------------------------------------------------------------------------


def test_rows_are_saved_only_where_connections_remember_something(tmp_path):
    net = ps.Network(seed=1)
    cells = net.create("IntFire2", 500)
    net.connect(cells, cells, ps.FixedIndegree(200), ps.static_synapse(weight=0.001, delay=2.0))
    ps.Simulation(net, progress=False).save(tmp_path / "state.ckpt")
    assert (tmp_path / "state.ckpt").stat().st_size < 8 * 100_000  # less than one number a row


def test_blocks_are_put_together_again(monkeypatch, tmp_path):
    monkeypatch.setattr("parsim.engine.keeping.gathered.MOST_CELLS", 7)
    monkeypatch.setattr("parsim.engine.keeping.gathered.BYTES", 200)
    first = ps.Simulation(said(), threads=2, progress=False)
    first.run(20.0)
    first.save(tmp_path / "state.ckpt")
    _, arrays = read_checkpoint(tmp_path / "state.ckpt")
    gids = [
        values
        for name, values in arrays.items()
        if name.endswith("gid") and name.startswith("groups/0/cells")
    ]
    assert len(gids) > 3 and np.array_equal(np.sort(np.concatenate(gids)), np.arange(N))
    cells = first.network.populations[0]
    second = ps.Simulation(said(), threads=3, restore=tmp_path / "state.ckpt", progress=False)
    again = second.network.populations[0]
    for sim in (first, second):
        sim.run(40.0)
    assert np.array_equal(first.get(cells, "V_m"), second.get(again, "V_m"))
