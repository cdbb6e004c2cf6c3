"""Reading a result file while a run writes it: no reader ends the run or breaks the file; each sees one moment."""

import contextlib
import os
import signal

import h5py
import numpy as np
import pytest

import parsim as ps
from parsim.cli.main import main
from parsim.io import results
from parsim.io.reading import read_spike_file, read_spikes, read_traces
from tests.faults.test_files_written import grow, rows_of, spikes_to, traces_to


def test_a_reader_that_has_the_file_open_when_a_run_begins_ends_and_breaks_nothing(tmp_path):
    net = ps.Network(seed=2)
    cells = net.create("iaf_psc_exp", 50, I_e=ps.Uniform(350.0, 600.0))
    spikes, values = net.record_spikes(cells), net.record(cells, "V_m")
    net.record_spikes(cells, to=tmp_path / "s.h5")
    net.record(cells, "V_m", to=tmp_path / "v.h5")
    sim = ps.Simulation(net, progress=False)
    sim.run(50.0)
    with h5py.File(tmp_path / "s.h5") as first, h5py.File(tmp_path / "v.h5") as second:
        then = first["spikes/cells/timestamps"][:], second["report/cells/data"][:]
        for _ in range(3):
            sim.run(50.0)
            np.testing.assert_array_equal(read_spikes(tmp_path / "s.h5"), (spikes.times, spikes.gids))
            np.testing.assert_array_equal(read_traces(tmp_path / "v.h5")[2], values.values.astype(np.float32))
        np.testing.assert_array_equal(first["spikes/cells/timestamps"][: then[0].size], then[0])
        np.testing.assert_array_equal(second["report/cells/data"][: len(then[1])], then[1])
    assert spikes.times.size > 300 and read_spike_file(tmp_path / "s.h5").window == (0.0, 200.0)


@contextlib.contextmanager
def growing_elsewhere(file):
    """Another process goes on writing to the file, as fast as it can."""
    grow(file, 0)
    child = os.fork()
    if child == 0:
        for part in range(1, 1_000_000):
            grow(file, part)
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@pytest.mark.parametrize("make", [spikes_to, traces_to])
def test_whoever_reads_while_the_file_grows_sees_one_moment_of_it(tmp_path, monkeypatch, make):
    monkeypatch.setattr(results, "CHUNK", 64)
    path, seen = tmp_path / "r.h5", []
    with growing_elsewhere(make(path)):
        for _ in range(40):
            if make is spikes_to:
                times, gids, window, *_ = read_spike_file(path)
                assert window == (0.0, times[-1])
                rows = np.arange(times.size)
                np.testing.assert_array_equal(gids, rows % 5)
            else:
                times, _, values, *_ = read_traces(path)
                rows = np.arange(times.size)
                np.testing.assert_array_equal(values, rows[:, None] + np.arange(5) / 8)
            np.testing.assert_array_equal(times, (rows + 1) / 10)
            seen.append(times.size)
    assert np.all(np.diff(seen) >= 0) and len(set(seen)) > 10 and all(size % 50 == 0 for size in seen)
    assert rows_of(path) >= seen[-1]


def test_another_reader_that_opens_the_file_at_any_moment_sees_no_wrong_numbers(tmp_path):
    libsonata = pytest.importorskip("libsonata")
    path, read = tmp_path / "s.h5", 0
    with growing_elsewhere(spikes_to(path)):
        for _ in range(100):
            try:
                pairs = libsonata.SpikeReader(str(path))["cells"].get()
            except Exception:  # HDF5 says so when the file has become longer since it was opened
                continue
            assert pairs == [(row % 5, (row + 1) / 10) for row in range(len(pairs))]
            read += 1
    assert read > 20


def test_commands_read_a_file_that_grows(tmp_path, capsys):
    file = spikes_to(tmp_path / "s.h5")
    for part in range(3):
        grow(file, part)
        assert main(["info", str(tmp_path / "s.h5")]) == 0
        assert f"recorded     0 to {5 * (part + 1)} ms" in capsys.readouterr().out


def test_two_simulations_that_write_one_file_are_told(tmp_path):
    def simulation():
        net = ps.Network()
        net.record_spikes(net.create("iaf_psc_exp", 3, I_e=500.0), to=tmp_path / "s.h5")
        return ps.Simulation(net, progress=False)

    first, second = simulation(), simulation()
    second.run(30.0)
    with pytest.raises(ps.SimulationError, match="was changed since this recording wrote to it"):
        first.run(30.0)
    second.run(30.0)
    assert read_spike_file(tmp_path / "s.h5").window == (0.0, 60.0)


def test_readers_of_one_process_share_no_past(tmp_path):
    file = spikes_to(tmp_path / "s.h5")
    grow(file, 0)
    with h5py.File(tmp_path / "s.h5", locking=False) as held:
        assert held["spikes/cells/node_ids"].shape == (50,)  # and so HDF5 remembers it
        grow(file, 1)
        assert read_spikes(tmp_path / "s.h5")[0].size == 100
