"""Result files where the disk is full, read-only or gone, and where the process is killed: what was complete stays."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
import time

import h5py
import numpy as np
import pytest

import parsim as ps
from parsim.errors import DescriptionError, SimulationError
from parsim.io import growing, results
from parsim.io.reading import read_provenance, read_spikes, read_traces
from parsim.io.results import SpikeFile, TraceFile

CELLS = np.arange(5)

RECORDED = """
    import os, sys
    import numpy as np
    import parsim as ps
    from parsim.io.reading import read_spikes, read_traces

    kind, folder, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    net = ps.Network(seed=3)
    cells = net.create("iaf_psc_exp", 300, I_e=ps.Uniform(400.0, 600.0))
    if kind == "spikes":
        net.record_spikes(cells, to=f"{folder}/r.h5")
        memory = net.record_spikes(cells)
    else:
        net.record(cells, "V_m", to=f"{folder}/r.h5")
        memory = net.record(cells, "V_m")
    sim = ps.Simulation(net, threads=threads, progress=False)
    LIMIT
    done, error = 0.0, None
    try:
        for _ in range(400):
            sim.run(25.0)
            done = sim.now
    except ps.SimulationError as found:
        error = found
    assert error is not None and WHY in str(error) and 0.0 < done < 10_000.0, (done, error)
    for _ in range(2):
        try:
            sim.run(25.0)
        except ps.SimulationError:
            continue
        raise AssertionError("it went on")
    if kind == "spikes":
        times, gids = read_spikes(f"{folder}/r.h5")
        assert times.size > 100
        assert np.array_equal(times, memory.times[: times.size]) and np.array_equal(gids, memory.gids[: times.size])
        assert times.size >= np.count_nonzero(memory.times <= done)
    else:
        times, _, values, *_ = read_traces(f"{folder}/r.h5")
        assert times[-1] >= done
        assert np.array_equal(values, memory.values[: len(times)].astype("f4"))
    raise error
"""


def run_script(text, *arguments, before=()):
    command = [*before, sys.executable, "-c", textwrap.dedent(text), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def ended_by_one_error(job, told):
    """Exit code 1, as of an error that nobody catches; a crash of HDF5 would be negative."""
    assert job.returncode == 1, job
    assert job.stderr.splitlines()[-1].startswith("parsim.errors.SimulationError: Cannot write to"), (
        job.stderr
    )
    assert told in job.stderr.splitlines()[-1]


def own_disk(folder, options, then):
    """A command that runs `then` where the folder is a disk of its own; skipped where that is not allowed."""
    unshare = ["unshare", "-m", *([] if os.geteuid() == 0 else ["-r"])]
    mount = f"mount -t tmpfs -o {options} tmpfs {folder}"
    if shutil.which("unshare") is None or subprocess.run([*unshare, "sh", "-c", mount]).returncode:
        pytest.skip("this system does not let us mount a small disk")
    return [*unshare, "sh", "-c", f'{mount} && {then} && "$@"', "sh"]


@pytest.mark.parametrize("kind", ["spikes", "traces"])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_full_disk_is_an_error_of_the_run_and_what_was_complete_stays(tmp_path, kind, threads):
    text = RECORDED.replace("LIMIT", "").replace("WHY", "'No space left on device'")
    disk = own_disk(tmp_path, "size=400k", "true")
    ended_by_one_error(run_script(text, kind, tmp_path, threads, before=disk), "No space left on device")


@pytest.mark.parametrize("kind", ["spikes", "traces"])
@pytest.mark.parametrize("size", [300_000, 400_000, 517_213])
def test_a_limit_on_file_sizes_is_an_error_of_the_run_and_what_was_complete_stays(tmp_path, kind, size):
    limit = f"import resource, signal; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"
    text = RECORDED.replace("LIMIT", limit).replace("WHY", "'File too large'")
    ended_by_one_error(run_script(text, kind, tmp_path, 1), "File too large")


def test_a_limit_on_file_sizes_does_not_end_the_process(tmp_path):
    before = signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    file = SpikeFile(tmp_path / "s.h5", {})
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
        file.append(np.array([1.0]), np.array([1]))
        with pytest.raises(SimulationError, match="File too large"):
            file.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert read_spikes(file.path)[0].size == 0


def test_a_disk_that_becomes_read_only_is_an_error_of_the_run(tmp_path):
    limit = f"sim.run(50.0); assert os.system('mount -o remount,ro {tmp_path}') == 0"
    text = RECORDED.replace("LIMIT", limit).replace("WHY", "'Read-only file system'")
    text = text.replace("done, error = 0.0, None", "done, error = 50.0, None")
    disk = own_disk(tmp_path, "size=4m", "true")
    ended_by_one_error(run_script(text, "spikes", tmp_path, 1, before=disk), "Read-only file system")


def test_a_folder_that_is_read_only_is_told_when_the_simulation_is_made(tmp_path):
    text = f"""
        import parsim as ps
        net = ps.Network()
        net.record_spikes(net.create("iaf_psc_exp", 3), to="{tmp_path}/s.h5")
        try:
            ps.Simulation(net)
        except ps.DescriptionError as error:
            print(error)
    """
    disk = own_disk(tmp_path, "size=4m", f"mount -o remount,ro {tmp_path}")
    assert "Read-only file system" in run_script(text, before=disk).stdout or "may not write there"


# One fault after another


def spikes_to(path):
    return SpikeFile(path, {"seed": 1}, recorded=CELLS)


def traces_to(path):
    return TraceFile(path, CELLS, "V_m", "mV", 0.1, {"seed": 1})


def grow(file, part):
    """Append the part-th 50 rows, and bring them to the disk."""
    rows = np.arange(50 * part, 50 * part + 50)
    if isinstance(file, SpikeFile):
        file.append((rows + 1) / 10, rows % 5)
    else:
        file.append((rows + 1) / 10, rows[:, None] + CELLS / 8)
    file.close(5.0 * (part + 1))


def rows_of(path):
    """How many rows the file has, when all of them are right, for HDF5 too."""
    with h5py.File(path, locking=False) as file:
        if "spikes" in file:
            times, gids = read_spikes(path)
            rows = np.arange(times.size)
            assert np.array_equal(times, (rows + 1) / 10) and np.array_equal(gids, rows % 5)
            assert np.array_equal(file["spikes/cells/timestamps"], times)
            assert np.array_equal(file["spikes/cells/node_ids"], gids)
        else:
            times, _, values, *_ = read_traces(path)
            rows = np.arange(len(times))
            assert np.array_equal(values, rows[:, None] + CELLS / 8)
            assert np.array_equal(file["report/cells/data"], values)
    assert read_provenance(path) == {"seed": 1}
    return rows.size


@pytest.mark.parametrize("make", [spikes_to, traces_to])
@pytest.mark.parametrize("chunk", [8, 64])  # eight makes the tree of chunks grow by levels within the test
def test_a_write_that_is_torn_anywhere_destroys_nothing(tmp_path, monkeypatch, make, chunk):
    monkeypatch.setattr(results, "CHUNK", chunk)
    whole, count = growing._write, 0

    def torn(descriptor, content, at):
        nonlocal count
        count -= 1
        if count == 0:
            whole(descriptor, content[: len(content) // 2] if at > 4096 else b"", at)
            raise OSError(5, "Input/output error")
        whole(descriptor, content, at)

    broken = 0
    for nth in range(1, 400):
        path = tmp_path / f"{nth}.h5"
        file = make(path)
        for part in range(3):
            grow(file, part)
        monkeypatch.setattr(growing, "_write", torn)
        count = nth
        try:
            grow(file, 3)
        except SimulationError as error:
            assert "Input/output error. It keeps what was complete before" in str(error)
            broken += 1
        monkeypatch.setattr(growing, "_write", whole)
        assert rows_of(path) == (150 if count <= 0 else 200)
        os.remove(path)
        if count > 0:
            break
    assert broken >= 3 and broken == nth - 1  # every write of the transaction was torn once


@pytest.mark.parametrize("make", [spikes_to, traces_to])
@pytest.mark.parametrize("call", ["_sync", "_write"])
def test_a_file_that_failed_is_not_touched_again(tmp_path, monkeypatch, make, call):
    def fails(*_):
        raise OSError(28, "No space left on device")

    file = make(tmp_path / "r.h5")
    grow(file, 0)
    with monkeypatch.context() as patched:
        patched.setattr(growing, call, fails)
        with pytest.raises(SimulationError, match=r"Cannot write to '.*r.h5': No space left on device"):
            grow(file, 1)
    before = (tmp_path / "r.h5").read_bytes()
    for _ in range(2):
        with pytest.raises(SimulationError, match=r"Cannot write to '.*r.h5': No space left on device"):
            file.close(99.0)
        with pytest.raises(SimulationError):
            grow(file, 1)
    assert (tmp_path / "r.h5").read_bytes() == before and rows_of(tmp_path / "r.h5") == 50


def test_a_system_that_writes_less_than_it_is_given_is_asked_again(tmp_path, monkeypatch):
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda descriptor, content, at: pwrite(descriptor, content[:7], at))
    file = spikes_to(tmp_path / "s.h5")
    for part in range(3):
        grow(file, part)
    assert rows_of(file.path) == 150


def test_an_interrupted_write_is_the_last(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    file = spikes_to(tmp_path / "s.h5")
    grow(file, 0)
    with monkeypatch.context() as patched:
        patched.setattr(growing, "_write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            grow(file, 1)
    with pytest.raises(SimulationError, match="interrupted"):
        grow(file, 1)
    assert rows_of(file.path) == 50


# What is replaced


def test_an_older_result_stays_when_the_new_file_cannot_be_made(tmp_path, monkeypatch):
    file = spikes_to(tmp_path / "s.h5")
    grow(file, 0)

    def fails(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(growing, "_sync", fails)
    with pytest.raises(DescriptionError, match=r"Cannot write results to '.*s.h5': No space left on device"):
        traces_to(tmp_path / "s.h5")
    assert rows_of(tmp_path / "s.h5") == 50
    assert os.listdir(tmp_path) == ["s.h5"]


def test_a_name_that_is_not_utf8_is_written_with_replacements(tmp_path, monkeypatch):
    odd = os.fsdecode(b"caf\xe9.txt")
    monkeypatch.setattr(sys, "argv", ["model.py", odd])
    path = tmp_path / os.fsdecode(b"r\xe9sultat.h5")
    for _ in range(2):
        net = ps.Network()
        net.record_spikes(net.create("iaf_psc_exp", 3, I_e=500.0), to=path)
        ps.Simulation(net, progress=False).run(30.0)
        assert read_provenance(path)["command"] == ["model.py", "caf\ufffd.txt"]
        assert read_spikes(path)[0].size == 6


@pytest.mark.parametrize("what", ["checkpoint", "script", "other HDF5", "damaged result", "device"])
def test_a_result_takes_the_place_of_no_other_file(tmp_path, what):
    path = tmp_path / "x.h5"
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 3, I_e=500.0)
    if what == "checkpoint":
        ps.Simulation(net, progress=False).save(path)
    elif what == "script":
        path.write_text("import parsim")
    elif what == "other HDF5":
        with h5py.File(path, "w") as file:
            file["weights"] = np.zeros(3)
    elif what == "damaged result":
        grow(spikes_to(path), 0)
        path.write_bytes(path.read_bytes()[:5000])
    else:
        path = "/dev/null"
    before = b"" if what == "device" else path.read_bytes()
    net.record_spikes(cells, to=path)
    with pytest.raises(
        DescriptionError, match=r"it exists and is not a result file. Choose another name, or remove"
    ):
        ps.Simulation(net, progress=False)
    assert os.path.exists(path) and (what == "device" or path.read_bytes() == before)


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    grow(spikes_to(tmp_path / "s.h5"), 0)
    os.symlink(tmp_path / "s.h5", tmp_path / "link.h5")
    grow(traces_to(tmp_path / "link.h5"), 0)
    assert os.path.islink(tmp_path / "link.h5") and rows_of(tmp_path / "s.h5") == 50


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_two_recordings_cannot_share_a_file_by_two_names(tmp_path, link):
    spikes_to(tmp_path / "a.h5")
    link(tmp_path / "a.h5", tmp_path / "b.h5")
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 3)
    net.record_spikes(cells, to=tmp_path / "a.h5")
    with pytest.raises(ps.DescriptionError, match=r"b\.h5 is written by another recording"):
        net.record(cells, "V_m", to=tmp_path / "b.h5")


# Killed


@pytest.mark.parametrize("make", [spikes_to, traces_to])
def test_a_kill_at_any_moment_leaves_all_that_was_brought_to_the_disk(tmp_path, monkeypatch, make):
    monkeypatch.setattr(results, "CHUNK", 64)
    rng = np.random.default_rng(6)
    for k in range(20):
        path = tmp_path / f"{k}.h5"
        file = make(path)
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            for part in range(100_000):
                grow(file, part)
                os.write(tell, b".")
        os.close(tell)
        os.read(told, 1)
        time.sleep(rng.random() * 0.1)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with open(told, "rb") as pipe:
            least = 50 * (1 + len(pipe.read()))
        assert least <= rows_of(path) <= least + 50
