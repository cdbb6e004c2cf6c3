"""Each example runs as its first lines say, and writes the same spikes on 2 ranks as on one."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from parsim.io import reading
from tests.jobs import ROOT, job, needs_mpirun

EXAMPLES = {
    "cable_network.py": ("--cells", "30", "--time", "40"),
    "cable_ring.py": ("--cells", "64", "--branches", "7", "--time", "40"),
    "brunel.py": ("--order", "50", "--time", "20"),
    "coba.py": ("--cells", "400", "--time", "60"),
    "connections.py": ("--time", "60"),
    "cobahh.py": ("--cells", "200", "--time", "40"),
    "intfire_network.py": ("--cells", "200", "--time", "50"),
    "microcircuit.py": ("--scale", "0.02", "--settle", "20", "--time", "20"),
    "own_event_cell.py": ("--cells", "50", "--time", "60"),
    "own_model.py": ("--time", "60"),
    "own_release.py": ("--time", "60"),
    "own_synapse.py": ("--time", "200"),
    "stdp_balanced.py": ("--exc", "100", "--time", "100"),
    "gap_junctions_inhibitory_network.py": ("--cells", "60", "--time", "30", "--weight", "0.7"),
}
SHOWN = {"dendritic_structure.py", "gap_junctions_two_neurons.py", "intfire_gallery.py", "synapse_gallery.py"}


def spikes_of(name: str, folder: Path, ranks: int, *more: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Run an example; its spikes, and what it says of weights."""
    file = folder / f"{ranks}{''.join(more)}.h5"
    ended = job(ROOT / "examples" / name, *EXAMPLES[name], *more, "--output", file, ranks=ranks)
    assert ended.code == 0, ended.output
    assert "Warning" not in ended.output
    assert ended.output.count("Hz\n") == (2 if name == "own_model.py" else 1)  # said by rank 0 alone
    weights = [line for line in ended.output.splitlines() if line.startswith(("weights", "  "))]
    assert ("weights" in ended.output) == (name in ("stdp_balanced.py", "connections.py"))
    return *reading.read_spikes(file)[:2], np.array(weights)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The spikes of an example on one rank; it is run once for all tests."""
    return cache(lambda name: spikes_of(name, tmp_path_factory.mktemp(name), 1))


def test_all_examples_are_tested():
    assert {path.name for path in (ROOT / "examples").glob("*.py")} == EXAMPLES.keys() | SHOWN


@pytest.mark.mpi_skip
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_gives_the_same_on_threads(name, alone, tmp_path):
    expected = alone(name)
    assert expected[0].size > 20
    again = spikes_of(name, tmp_path, 1, "--threads", "2")
    assert all(np.array_equal(a, b) for a, b in zip(expected, again, strict=True))


@pytest.mark.mpi_skip
@pytest.mark.parametrize("name", sorted(SHOWN))
def test_an_example_that_shows_a_figure_runs(name, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    ended = job(ROOT / "examples" / name)
    assert ended.code == 0, ended.output


class TestUnderMpirun:
    pytestmark = needs_mpirun

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_an_example_gives_the_same_on_2_ranks(self, name, alone, tmp_path):
        parallel = spikes_of(name, tmp_path, 2)
        assert all(np.array_equal(a, b) for a, b in zip(alone(name), parallel, strict=True))
