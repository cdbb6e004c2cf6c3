"""Result files are written in pieces, read back to the bit, and read by others."""

import fcntl
import os
from pathlib import Path

import h5py
import numpy as np
import pytest

import parsim as ps
from parsim.clock import Clock
from parsim.errors import DescriptionError, SimulationError
from parsim.io import results
from parsim.io.reading import (
    frame_times,
    kind_of,
    read_provenance,
    read_recorded,
    read_spikes,
    read_trace_header,
    read_traces,
    read_window,
)
from parsim.io.results import SpikeFile, TraceFile

TIMES = np.array([0.1, 0.1, 0.3, 2.0, 2.5])
GIDS = np.array([3, 7, 0, 3, 3])


def spike_file(path, **more):
    file = SpikeFile(path, {"seed": 1}, **more)
    file.append(TIMES, GIDS)
    file.close()
    return path


def trace_file(path, samples=20, gids=(4, 2, 9), interval=0.1):
    values = np.random.default_rng(1).normal(-65.0, 3.0, (samples, len(gids)))
    file = TraceFile(path, np.array(gids, dtype=np.int64), "V_m", "mV", interval, {"seed": 1})
    file.append(np.arange(1, samples + 1) * interval, values)
    file.close()
    return values


# Spikes


def test_spikes_are_read_back_to_the_bit(tmp_path):
    times, gids = read_spikes(spike_file(tmp_path / "s.h5"))
    np.testing.assert_array_equal(times, TIMES)
    np.testing.assert_array_equal(gids, GIDS)
    assert (times.dtype, gids.dtype) == (np.float64, np.int64)


def test_a_spike_file_is_readable_between_runs_and_grows_after_each(tmp_path):
    path = tmp_path / "s.h5"
    file = SpikeFile(path, {})
    assert read_spikes(path)[0].size == 0
    for run in range(3):
        for part in np.array_split(np.arange(TIMES.size), 2):
            file.append(TIMES[part] + 10 * run, GIDS[part])
        file.close(until=10.0 * (run + 1))
        np.testing.assert_array_equal(
            read_spikes(path)[0], np.concatenate([TIMES + 10 * r for r in range(run + 1)])
        )
        assert read_window(path) == (0.0, 10.0 * (run + 1))


def test_many_spikes_are_written_before_the_file_is_closed(tmp_path):
    rng = np.random.default_rng(2)
    times, gids = np.sort(rng.random(3 * results.CHUNK)), rng.integers(0, 9, 3 * results.CHUNK)
    gids = gids[np.lexsort((gids, times))]
    file = SpikeFile(tmp_path / "s.h5", {})
    for part in np.array_split(np.arange(times.size), 100):
        file.append(times[part], gids[part])
    assert file._file.rows >= 2 * results.CHUNK
    file.close()
    np.testing.assert_array_equal(read_spikes(file.path), (times, gids))


def test_what_is_appended_may_be_changed_afterwards(tmp_path):
    file = SpikeFile(tmp_path / "s.h5", {})
    times = TIMES.copy()
    file.append(times, GIDS)
    times[:] = 0.0
    file.close()
    np.testing.assert_array_equal(read_spikes(file.path)[0], TIMES)


def test_spikes_reach_the_disk_while_a_long_run_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FLUSH_EVERY", 0.0)
    file = SpikeFile(tmp_path / "s.h5", {})
    file.append(TIMES, GIDS)
    copy = tmp_path / "copy.h5"  # what is there when the process is killed now
    copy.write_bytes(file.path.read_bytes())
    np.testing.assert_array_equal(read_spikes(copy)[0], TIMES)
    file.close()


def test_a_file_of_no_spikes_and_an_empty_append_are_fine(tmp_path):
    file = SpikeFile(tmp_path / "s.h5", {})
    file.append(np.empty(0), np.empty(0, np.int64))
    file.close()
    file.close()
    assert read_spikes(file.path)[1].size == 0
    assert read_window(file.path) == (0.0, 0.0)


@pytest.mark.parametrize("recorded", [[], [5], [0, 1, 2, 3, 7, 9, 10], list(range(100))])
def test_the_recorded_gids_are_kept_as_runs(tmp_path, recorded):
    path = spike_file(tmp_path / "s.h5", recorded=np.array(recorded[::-1], dtype=np.int64), since=0.1)
    np.testing.assert_array_equal(read_recorded(path), recorded)
    assert read_window(path) == (0.1, 2.5)


def test_libsonata_reads_the_same_spikes(tmp_path):
    libsonata = pytest.importorskip("libsonata")
    population = libsonata.SpikeReader(str(spike_file(tmp_path / "s.h5", recorded=GIDS)))["cells"]
    assert population.sorting == "by_time"
    assert population.get() == list(zip(GIDS.tolist(), TIMES.tolist(), strict=True))
    assert population.get(node_ids=[3], tstart=0.2) == [(3, 2.0), (3, 2.5)]


def test_spikes_that_others_wrote_unsorted_and_without_provenance_are_read(tmp_path):
    path = tmp_path / "s.h5"
    with h5py.File(path, "w") as file:
        file["spikes/exc/timestamps"] = TIMES[::-1]
        file["spikes/exc/node_ids"] = GIDS[::-1].astype(np.uint64)
    times, gids = read_spikes(path)
    np.testing.assert_array_equal(times, TIMES)
    np.testing.assert_array_equal(gids, GIDS)
    assert read_provenance(path) == {}
    assert read_recorded(path) is None
    assert read_window(path) == (0.0, 2.5)


# Traces


def test_traces_are_read_back_as_single_precision(tmp_path):
    values = trace_file(tmp_path / "v.h5")
    times, gids, read, variable, unit = read_traces(tmp_path / "v.h5")
    np.testing.assert_array_equal(times, Clock(0.1).times(np.arange(1, 21)))
    np.testing.assert_array_equal(gids, [4, 2, 9])
    np.testing.assert_array_equal(read, values.astype(np.float32))
    assert (variable, unit) == ("V_m", "mV")


def test_a_trace_file_grows_over_several_runs(tmp_path):
    clock = Clock(0.1)
    values = np.arange(60.0).reshape(30, 2)
    file = TraceFile(tmp_path / "v.h5", np.array([0, 1]), "V_m", "mV", 0.1, {})
    for part in np.array_split(np.arange(30), 7):
        file.append(clock.times(part + 5), values[part])
        file.close()
        times, _, read, _, _ = read_traces(file.path)
        np.testing.assert_array_equal(times, clock.times(np.arange(5, 6 + part[-1])))
        np.testing.assert_array_equal(read, values[: part[-1] + 1])


@pytest.mark.parametrize("cells", [0, 1, 1500])
def test_any_number_of_cells_can_be_traced(tmp_path, cells):
    values = trace_file(tmp_path / "v.h5", samples=40, gids=range(cells))
    _, gids, read, _, _ = read_traces(tmp_path / "v.h5")
    assert gids.size == cells
    np.testing.assert_array_equal(read, values.astype(np.float32))


@pytest.mark.parametrize("late", [0.2, 0.05, -0.1])
def test_a_gap_between_samples_is_an_error(tmp_path, late):
    file = TraceFile(tmp_path / "v.h5", np.array([0]), "V_m", "mV", 0.1, {})
    file.append(np.array([0.1, 0.2]), np.zeros((2, 1)))
    with pytest.raises(
        SimulationError, match=r"V_m for '.*v.h5' have a gap: .* should be at 0.3 ms, 0.1 ms after"
    ):
        file.append(np.array([0.3 + late]), np.zeros((1, 1)))
    with pytest.raises(SimulationError, match="gap"):
        file.append(np.array([0.3, 0.4 + late]), np.zeros((2, 1)))
    file.append(np.array([0.3]), np.zeros((1, 1)))  # nothing was half done
    file.close()
    assert read_trace_header(file.path).samples == 3


def test_a_long_recording_at_a_fine_interval_has_no_gap(tmp_path):
    clock, first = Clock(0.025), 400_000_000
    file = TraceFile(tmp_path / "v.h5", np.array([0]), "V_m", "mV", 0.025, {})
    for start in (first, first + 1000):
        file.append(clock.times(np.arange(start, start + 1000)), np.zeros((1000, 1)))
    file.close()
    np.testing.assert_array_equal(read_traces(file.path)[0], clock.times(np.arange(first, first + 2000)))


def test_times_of_samples_are_rounded_once():
    np.testing.assert_array_equal(frame_times(0.1, 0.1, 0, 10_000), Clock(0.1).times(np.arange(1, 10_001)))
    np.testing.assert_array_equal(frame_times(0.3, 0.2, 2, 1), [0.7])
    np.testing.assert_allclose(frame_times(np.pi, np.e, 1, 1), [np.pi + np.e], rtol=1e-15)


def test_libsonata_reads_the_same_traces(tmp_path):
    libsonata = pytest.importorskip("libsonata")
    values = trace_file(tmp_path / "v.h5", gids=(2, 4, 9))
    population = libsonata.SomaReportReader(str(tmp_path / "v.h5"))["cells"]
    assert (population.data_units, population.time_units) == ("mV", "ms")
    assert population.times == pytest.approx((0.1, 2.1, 0.1))
    frame = population.get()
    np.testing.assert_array_equal(frame.ids, [2, 4, 9])
    np.testing.assert_array_equal(frame.data, values.astype(np.float32))
    np.testing.assert_allclose(frame.times, np.arange(1, 21) * 0.1)
    np.testing.assert_array_equal(population.get(node_ids=[4]).data[:, 0], values[:, 1].astype(np.float32))


def test_bmtk_finds_its_names(tmp_path):
    trace_file(tmp_path / "v.h5")
    with h5py.File(tmp_path / "v.h5") as file:
        mapping = file["report/cells/mapping"]
        np.testing.assert_array_equal(mapping["index_pointer"], mapping["index_pointers"])
        assert mapping["element_pos"].shape == (3,)


# Both


def test_files_know_their_kind_and_their_provenance(tmp_path):
    spike_file(tmp_path / "s.h5")
    trace_file(tmp_path / "v.h5")
    assert kind_of(tmp_path / "s.h5") == "spikes"
    assert kind_of(tmp_path / "v.h5") == "traces"
    assert read_provenance(tmp_path / "s.h5") == read_provenance(tmp_path / "v.h5") == {"seed": 1}


def test_a_long_provenance_fits(tmp_path):
    record = {"script": {"text": "x" * 900_000}, "name": "Größe"}
    SpikeFile(tmp_path / "s.h5", record)
    assert read_provenance(tmp_path / "s.h5") == record


def test_a_new_file_replaces_an_old_result(tmp_path):
    trace_file(tmp_path / "x.h5")
    spike_file(tmp_path / "x.h5")
    assert kind_of(tmp_path / "x.h5") == "spikes"


def test_a_file_stays_where_it_was_when_the_folder_is_changed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = SpikeFile("s.h5", {})
    os.mkdir("elsewhere")
    monkeypatch.chdir("elsewhere")
    file.append(TIMES, GIDS)
    file.close()
    assert read_spikes(tmp_path / "s.h5")[0].size == TIMES.size


@pytest.mark.parametrize("other", [spike_file, trace_file])
def test_two_recordings_to_one_file_are_an_error(tmp_path, other):
    file = SpikeFile(tmp_path / "s.h5", {})
    other(tmp_path / "s.h5")
    file.append(TIMES, GIDS)
    with pytest.raises(SimulationError, match=r"was changed since .* Give each recording its own file"):
        file.close()


def test_a_file_that_was_removed_is_an_error(tmp_path):
    file = SpikeFile(tmp_path / "s.h5", {})
    file.append(TIMES, GIDS)
    os.remove(file.path)
    with pytest.raises(SimulationError, match=r"Cannot write to '.*s.h5': No such file"):
        file.close()


# What cannot be written


def test_a_missing_folder_is_told_with_the_command_that_makes_it(tmp_path):
    with pytest.raises(
        DescriptionError, match=r"the folder '.*/none' does not exist. Make it with: mkdir -p"
    ):
        SpikeFile(tmp_path / "none" / "s.h5", {})


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(
        DescriptionError, match=r"it is a folder. Add the name of a file, such as 'spikes.h5'"
    ):
        TraceFile(tmp_path, np.array([0]), "V_m", "mV", 0.1, {})


def test_a_file_that_is_no_result_is_not_overwritten(tmp_path):
    script = tmp_path / "model.py"
    script.write_text("import parsim")
    with pytest.raises(DescriptionError, match=r"exists and is not a result file. Choose another name"):
        SpikeFile(script, {})
    assert script.read_text() == "import parsim"


def test_a_number_is_no_name_of_a_file():
    with pytest.raises(DescriptionError, match=r"3 is not the name of a file"):
        SpikeFile(3, {})


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write anywhere
    with pytest.raises(DescriptionError, match=r"you may not write there. Choose another folder"):
        SpikeFile(tmp_path / "s.h5", {})


# What cannot be read


def test_a_missing_file_is_told_with_the_nearest_name(tmp_path):
    spike_file(tmp_path / "spikes.h5")
    with pytest.raises(DescriptionError, match=r"There is no file '.*spike.h5'. Did you mean 'spikes.h5'\?"):
        kind_of(tmp_path / "spike.h5")


def test_a_text_file_is_not_hdf5(tmp_path):
    (tmp_path / "s.dat").write_text("0.1 3")
    with pytest.raises(
        DescriptionError, match=r"s.dat' is not an HDF5 file, or is damaged: .* Give a result file"
    ):
        read_spikes(tmp_path / "s.dat")


def test_a_checkpoint_is_told_from_a_result_file(tmp_path):
    net = ps.Network()
    net.create("iaf_psc_exp")
    ps.Simulation(net).save(tmp_path / "half.h5")
    with pytest.raises(
        DescriptionError, match=r"half.h5' is a checkpoint, no result file. Go on from it with"
    ):
        kind_of(tmp_path / "half.h5")


def test_a_folder_cannot_be_read(tmp_path):
    with pytest.raises(DescriptionError, match="is a folder"):
        read_spikes(tmp_path)


def test_another_hdf5_file_is_told_by_what_it_has(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["weights"] = np.zeros(3)
    with pytest.raises(DescriptionError, match=r"neither spikes nor traces .* At its root it has: weights"):
        kind_of(tmp_path / "x.h5")


def test_the_other_kind_of_file_is_told(tmp_path):
    spike_file(tmp_path / "s.h5")
    with pytest.raises(DescriptionError, match=r"holds spikes, not traces. Read it with read_spikes"):
        read_traces(tmp_path / "s.h5")


def test_a_truncated_file_is_called_damaged(tmp_path):
    path: Path = tmp_path / "s.h5"
    spike_file(path)
    path.write_bytes(path.read_bytes()[:4000])
    with pytest.raises(
        DescriptionError, match=r"s.h5' is damaged: it is incomplete, shorter than it was when"
    ):
        read_spikes(path)


def test_a_file_that_another_process_writes_is_told(tmp_path):
    path = spike_file(tmp_path / "s.h5")
    with open(path, "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)  # as HDF5 does
        with pytest.raises(DescriptionError, match=r"Cannot read '.*s.h5': another process has it open"):
            read_spikes(path)


def test_several_populations_must_be_named(tmp_path):
    path = tmp_path / "s.h5"
    with h5py.File(path, "w") as file:
        for name in ("exc", "inh"):
            file[f"spikes/{name}/timestamps"] = TIMES
            file[f"spikes/{name}/node_ids"] = GIDS
    with pytest.raises(DescriptionError, match=r"spikes of the populations exc, inh. Name one of them"):
        read_spikes(path)
    with pytest.raises(DescriptionError, match=r"'inhh' is none of them. Did you mean 'inh'\?"):
        read_spikes(path, "inhh")
    assert read_spikes(path, "inh")[0].size == TIMES.size
