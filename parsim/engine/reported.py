"""The report of all ranks, gathered when a run is over."""

from typing import Any

import numpy as np

from parsim.engine.crew import Crew
from parsim.engine.rank import Rank
from parsim.engine.report import Report, peak_memory


def reported(crew: Crew) -> Report:
    """Collective: where time and memory went up to now; on rank 0."""
    seconds, sent, memory, (rows, junctions, links), waveforms, followed = crew.each(_gathered)
    first = crew.ranks[0]
    built = first.built
    return Report(
        first.clock.time(first.now), first.network.n_cells, rows, first.spikes_so_far,
        first.clock.time(built.interval), seconds, sent, memory[memory > 0], junctions, built.relaxer.sweeps,
        waveforms, built.island_map.count, built.island_map.largest, links, followed,
    )  # fmt: skip


def _gathered(rank: Rank) -> Any:
    comm, relaxer, linker = rank.comm, rank.built.relaxer, rank.built.linker
    rank.watch.share_out(relaxer)
    rows = np.array(
        [sum(t.slot.size for t in rank.built.tables), relaxer.n_junctions, linker.n_links], dtype=np.int64
    )
    waveforms = np.array([[relaxer.messages, relaxer.bytes_sent]], dtype=np.float64)
    return (
        comm.gather(rank.watch.timings.as_array()[None, :]),
        comm.gather(np.array([float(rank.bytes_sent())])),
        comm.gather(np.array([peak_memory() if rank.first_process else 0.0])),
        comm.total(rows).tolist(),
        comm.gather(waveforms),
        comm.gather(np.array([linker.traffic], dtype=np.float64)),
    )
