"""Result files of a made-up network, as the engine writes them."""

import numpy as np
import pytest

from parsim.io.provenance import provenance
from parsim.io.results import SpikeFile, TraceFile

POPULATIONS = [
    {
        "name": "exc", "model": "iaf_psc_alpha", "kind": "cell", "first": 0, "size": 80,
        "parameters": {"tau_m": "20.0", "V_m": "Uniform(-70, -55)"},
    },
    {"name": "inh", "model": "iaf_psc_alpha", "kind": "cell", "first": 80, "size": 20, "parameters": {}},
    {
        "name": "drive", "model": "poisson_generator", "kind": "stimulus", "first": 0, "size": 1,
        "parameters": {"rate": "17000.0"},
    },
]  # fmt: skip
PROJECTIONS = [
    {
        "source": "exc", "target": "exc + inh", "rule": "FixedIndegree(10)", "synapse": "static_synapse",
        "weight": "20.0", "delay": "1.5",
    }
]  # fmt: skip


@pytest.fixture
def record():
    return provenance(
        seed=7, dt=0.1, ranks=2, threads=1, populations=POPULATIONS, projections=PROJECTIONS, interval=1.5
    )


@pytest.fixture
def spikes(tmp_path, record):
    """Two spikes of each excitatory cell and one of each inhibitory one in 200 ms."""
    gids = np.concatenate([np.arange(80), np.arange(80), np.arange(80, 100)])
    times = np.random.default_rng(1).integers(1, 1900, gids.size) / 10
    order = np.lexsort((gids, times))
    file = SpikeFile(tmp_path / "spikes.h5", record, recorded=np.arange(100))
    file.append(times[order], gids[order])
    file.close(until=200.0)
    return str(file.path)


@pytest.fixture
def traces(tmp_path, record):
    """Seven cells of both populations, every 0.1 ms for 50 ms."""
    gids = np.array([0, 1, 2, 3, 80, 81, 82])
    values = np.random.default_rng(2).normal(-60.0, 1.0, (500, gids.size))
    file = TraceFile(tmp_path / "voltage.h5", gids, "V_m", "mV", 0.1, record)
    file.append(np.arange(1, 501) / 10, values)
    file.close()
    return str(file.path)
