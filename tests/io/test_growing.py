"""Files grow without HDF5, and HDF5 and libsonata read them; a file of an earlier run is gone on with."""

import h5py
import numpy as np
import pytest

from parsim.errors import DescriptionError, SimulationError
from parsim.io import results
from parsim.io.opened import PAGE
from parsim.io.reading import read_provenance, read_spikes, read_traces, read_window
from parsim.io.results import SpikeFile, TraceFile

CELLS = np.arange(5)


def some_spikes(n):
    rng = np.random.default_rng(1)
    times, gids = rng.integers(1, n + 1, n) / 10, rng.integers(0, CELLS.size, n)
    order = np.lexsort((gids, times))
    return times[order], gids[order]


def write(file, times, gids, many=100):
    for at in range(0, times.size, many):
        file.append(times[at : at + many], gids[at : at + many])
        file.close(float(times[at : at + many][-1]))


@pytest.mark.parametrize(
    "n", [1, 2, 127, 128, 129, 8192, 8193, 9001]
)  # chunks of 2: 64 and 4096 fill a level
def test_a_tree_of_any_depth_is_read_by_hdf5_and_libsonata(tmp_path, monkeypatch, n):
    monkeypatch.setattr(results, "CHUNK", 2)
    times, gids = some_spikes(n)
    write(SpikeFile(tmp_path / "s.h5", {}), times, gids)
    np.testing.assert_array_equal(read_spikes(tmp_path / "s.h5"), (times, gids))
    with h5py.File(tmp_path / "s.h5") as file:
        dataset = file["spikes/cells/timestamps"]
        assert dataset.id.get_num_chunks() == -(-n // 2)
        np.testing.assert_array_equal([dataset[i] for i in range(0, n, 7)], times[::7])
    libsonata = pytest.importorskip("libsonata")
    population = libsonata.SpikeReader(str(tmp_path / "s.h5"))["cells"]
    assert population.get() == list(zip(gids.tolist(), times.tolist(), strict=True))


@pytest.mark.parametrize("cells", [1, 3, 1500])
def test_traces_of_any_width_are_read_by_hdf5_and_libsonata(tmp_path, monkeypatch, cells):
    monkeypatch.setattr(results, "CHUNK", 8)  # frames for few cells; one frame a chunk for 1500
    values = np.random.default_rng(2).normal(size=(300, cells)).astype(np.float32)
    file = TraceFile(tmp_path / "v.h5", np.arange(cells), "V_m", "mV", 0.1, {})
    for at in range(0, 300, 7):
        file.append(np.arange(at + 1, min(at + 7, 300) + 1) / 10, values[at : at + 7])
        file.close()
    np.testing.assert_array_equal(read_traces(file.path)[2], values)
    libsonata = pytest.importorskip("libsonata")
    np.testing.assert_array_equal(
        libsonata.SomaReportReader(str(file.path))["cells"].get().data.reshape(300, cells), values
    )


def test_hdf5_may_go_on_with_a_file_of_ours(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "CHUNK", 2)
    times, gids = some_spikes(301)
    write(SpikeFile(tmp_path / "s.h5", {}), times, gids)
    with h5py.File(tmp_path / "s.h5", "r+") as file:
        dataset = file["spikes/cells/timestamps"]
        dataset.resize((1000,))
        dataset[301:] = 7.0
    with h5py.File(tmp_path / "s.h5") as file:
        np.testing.assert_array_equal(file["spikes/cells/timestamps"], np.r_[times, np.full(699, 7.0)])


def test_what_changes_in_a_file_lies_within_one_page_of_the_disk(tmp_path):
    spikes = SpikeFile(tmp_path / "s.h5", {"text": "x" * 10_000}, recorded=np.arange(0, 9999, 2))
    traces = TraceFile(tmp_path / "v.h5", np.arange(5000), "V_m", "mV", 0.1, {"text": "x" * 10_000})
    assert max(len(spikes._file._header), len(traces._file._header)) <= PAGE


# Gone on with


@pytest.mark.parametrize("at", [0, 1, 64, 128, 200, 299, 300])
def test_spikes_gone_on_with_are_those_of_an_uninterrupted_file(tmp_path, monkeypatch, at):
    monkeypatch.setattr(results, "CHUNK", 4)
    times, gids = some_spikes(300)
    now = float(times[at - 1]) if at else 0.0
    at = int(np.searchsorted(times, now, side="right"))
    path = tmp_path / "s.h5"
    write(SpikeFile(path, {"seed": 3}, recorded=CELLS), times, gids, 70)
    for _ in range(2):  # the second time from a file that was gone on with
        file = SpikeFile.resume(path, now, CELLS)
        np.testing.assert_array_equal(read_spikes(path)[0], times)  # as it was, until something is written
        file.close(now)
        np.testing.assert_array_equal(read_spikes(path), (times[:at], gids[:at]))
        assert read_window(path) == (0.0, now)
        write(file, times[at:], gids[at:], 90)
    write(SpikeFile(tmp_path / "whole.h5", {}, recorded=CELLS), times, gids)
    for name in ("timestamps", "node_ids"):
        with h5py.File(path) as file, h5py.File(tmp_path / "whole.h5") as whole:
            np.testing.assert_array_equal(file["spikes/cells"][name], whole["spikes/cells"][name])
    assert read_provenance(path) == {"seed": 3}


@pytest.mark.parametrize("rows", [0, 1, 8, 13, 40])
def test_traces_gone_on_with_are_those_of_an_uninterrupted_file(tmp_path, monkeypatch, rows):
    monkeypatch.setattr(results, "CHUNK", 16)
    values = np.random.default_rng(2).normal(size=(40, 3)).astype(np.float32)
    times, gids = np.arange(11, 51) / 10, np.array([4, 2, 9])
    file = TraceFile(tmp_path / "v.h5", gids, "V_m", "mV", 0.1, {})
    file.append(times, values)
    file.close(5.0)
    file = TraceFile.resume(tmp_path / "v.h5", times[0] - 0.1 + rows / 10, gids, "V_m", "mV", 0.1)
    file.append(times[rows:], values[rows:])
    file.close(5.0)
    when, who, read, *_ = read_traces(file.path)
    np.testing.assert_array_equal(when, times)
    np.testing.assert_array_equal(who, gids)
    np.testing.assert_array_equal(read, values)


def test_a_file_that_ends_before_the_run_goes_on_cannot_be_gone_on_with(tmp_path):
    file = SpikeFile(tmp_path / "s.h5", {}, recorded=CELLS)
    file.close(100.0)
    SpikeFile.resume(file.path, 100.0, CELLS)
    with pytest.raises(DescriptionError, match=r"recorded up to 100 ms, and this run goes on from 200 ms"):
        SpikeFile.resume(file.path, 200.0, CELLS)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"gids": np.array([1, 2])}, "other cells"),
        ({"variable": "I_syn"}, "are of V_m, not I_syn"),
        ({"unit": "pA"}, "are in mV, not pA"),
        ({"interval_ms": 0.2}, "are in ms every 0.1, not 0.2"),
        ({"population": "others"}, "others"),
    ],
)
def test_another_recording_is_not_gone_on_with(tmp_path, changed, told):
    said = {"gids": CELLS, "variable": "V_m", "unit": "mV", "interval_ms": 0.1}
    TraceFile(tmp_path / "v.h5", provenance={}, **said).close(1.0)
    TraceFile.resume(tmp_path / "v.h5", 1.0, **said)
    with pytest.raises(DescriptionError, match=told):
        TraceFile.resume(tmp_path / "v.h5", 1.0, **(said | changed))


def test_other_cells_files_and_kinds_are_not_gone_on_with(tmp_path):
    SpikeFile(tmp_path / "s.h5", {}, recorded=CELLS)
    with pytest.raises(
        DescriptionError, match=r"Cannot go on with '.*s.h5': its spikes are those of other cells"
    ):
        SpikeFile.resume(tmp_path / "s.h5", 0.0, CELLS[1:])
    with pytest.raises(DescriptionError, match="There is no file"):
        SpikeFile.resume(tmp_path / "none.h5", 0.0, CELLS)
    with pytest.raises(DescriptionError, match=r"s\.h5' is damaged"):
        TraceFile.resume(tmp_path / "s.h5", 0.0, CELLS, "V_m", "mV", 0.1)


def test_two_that_go_on_with_one_file_are_told(tmp_path):
    SpikeFile(tmp_path / "s.h5", {}, recorded=CELLS)
    first, second = (SpikeFile.resume(tmp_path / "s.h5", 0.0, CELLS) for _ in range(2))
    first.append(np.array([1.0]), CELLS[:1])
    first.close()
    second.append(np.array([1.0]), CELLS[:1])
    with pytest.raises(SimulationError, match="was changed since this recording wrote to it"):
        second.close()
