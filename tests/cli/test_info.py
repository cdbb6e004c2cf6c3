"""`parsim info` tells what is in a file and where it came from."""

import h5py
import numpy as np

from parsim.cli.main import main
from parsim.io.provenance import versions
from parsim.io.results import SpikeFile


def told(capsys, path):
    assert main(["info", path]) == 0
    lines = capsys.readouterr().out.splitlines()
    return [" ".join(line.split()) for line in lines if line]


def test_spikes_are_counted_by_population_with_their_mean_rates(spikes, capsys):
    lines = told(capsys, spikes)
    assert lines[0] == f"{spikes}: spikes"
    assert "spikes 180" in lines
    assert "recorded 0 to 200 ms" in lines
    assert "exc iaf_psc_alpha 80 160 10 Hz" in lines  # 160 / 80 cells / 0.2 s
    assert "inh iaf_psc_alpha 20 20 5 Hz" in lines


def test_only_recorded_cells_count_for_the_rate(tmp_path, record, capsys):
    file = SpikeFile(tmp_path / "s.h5", record, recorded=np.array([0, 1, 85]), since=100.0)
    file.append(np.array([110.0, 120.0, 130.0]), np.array([0, 0, 1]))
    file.close(until=200.0)
    lines = told(capsys, str(file.path))
    assert "recorded 100 to 200 ms" in lines
    assert "exc iaf_psc_alpha 2 3 15 Hz" in lines
    assert "inh iaf_psc_alpha 1 0 0 Hz" in lines


def test_traces_are_told_by_variable_cells_and_samples(traces, capsys):
    lines = told(capsys, traces)
    assert lines[:5] == [
        f"{traces}: traces",
        "variable V_m (mV)",
        "cells 7 (gids 0 to 82)",
        "samples 500 every 0.1 ms",
        "first, last 0.1, 50 ms",
    ]


def test_it_says_how_the_file_was_made(spikes, capsys):
    text = "\n".join(told(capsys, spikes))
    for part in (
        f"numba {versions()['numba']}", "seed 7", "dt 0.1 ms", "smallest delay 1.5 ms", "ranks 2", "threads 1",
        "exc 80 iaf_psc_alpha tau_m=20.0, V_m=Uniform(-70, -55)",
        "drive 1 poisson_generator rate=17000.0",
        "exc exc + inh FixedIndegree(10), static_synapse, weight=20.0, delay=1.5",
        "script ",
    ):  # fmt: skip
        assert part in text


def test_populations_of_one_name_are_told_apart_by_their_gids(tmp_path, capsys):
    said = [{"name": "leaky", "model": "leaky", "first": first, "size": 10} for first in (0, 10)]
    file = SpikeFile(tmp_path / "s.h5", {"populations": said})
    file.append(np.array([100.0]), np.array([12]))
    file.close(until=100.0)
    lines = told(capsys, str(file.path))
    assert "leaky 0-9 leaky 10 0 0 Hz" in lines
    assert "leaky 10-19 leaky 10 1 1 Hz" in lines


def test_long_lists_of_parameters_go_on_below(tmp_path, capsys):
    said = [
        {"name": "a", "model": "leaky", "first": 0, "size": 1, "parameters": {f"p{k}": k for k in range(40)}}
    ]
    SpikeFile(tmp_path / "s.h5", {"populations": said})
    assert main(["info", str(tmp_path / "s.h5")]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines()[3:])) <= 110
    assert "p39=39" in out


def test_a_file_without_spikes_is_fine(tmp_path, capsys):
    SpikeFile(tmp_path / "s.h5", {})
    lines = told(capsys, str(tmp_path / "s.h5"))
    assert "spikes 0" in lines
    assert lines[-1] == "It does not say how it was made."


def test_a_file_of_others_is_fine(tmp_path, capsys):
    path = str(tmp_path / "s.h5")
    with h5py.File(path, "w") as file:
        file["spikes/v1/timestamps"] = np.array([1.0, 500.0])
        file["spikes/v1/node_ids"] = np.array([3, 3])
    lines = told(capsys, path)
    assert "first, last 1, 500 ms" in lines
    assert "cells 1 2 4 Hz" in lines
