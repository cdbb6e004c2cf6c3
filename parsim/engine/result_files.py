"""The files of recordings: begun with what the network is, or gone on with."""

from typing import TYPE_CHECKING, Any

from parsim.arrays import Gids
from parsim.engine.rank import Rank
from parsim.io.provenance import provenance
from parsim.network.network import Network
from parsim.network.recording import SpikeRecording

if TYPE_CHECKING:  # h5py, a tenth of what a start takes, is loaded when a file is opened
    from parsim.io.results import SpikeFile, TraceFile


def new_file(
    said: Any, gids: Gids, rank: Rank, threads: int, parts: tuple[str, ...]
) -> "SpikeFile | TraceFile":
    """The file of a recording that begins now, with these parts of its provenance."""
    from parsim.io.results import SpikeFile, TraceFile

    clock = rank.clock
    about = provenance(
        seed=rank.network.seed,
        dt=clock.dt,
        ranks=rank.comm.size,
        threads=threads,
        interval=clock.time(rank.built.interval),
        **_said(rank.network),
    )
    about = {part: about[part] for part in parts}
    if isinstance(said, SpikeRecording):
        return SpikeFile(str(said.to), about, recorded=said.cells.gids, since=clock.time(rank.now))
    return TraceFile(said.to, gids, said.variable, said.unit, said.interval, about)


def resumed_file(said: Any, gids: Gids, since: float) -> "SpikeFile | TraceFile":
    """The file of a recording that another run began, to go on with from `since` (ms)."""
    from parsim.io.results import SpikeFile, TraceFile

    if isinstance(said, SpikeRecording):
        return SpikeFile.resume(str(said.to), since, said.cells.gids)
    return TraceFile.resume(said.to, since, gids, said.variable, said.unit, said.interval)


def _said(network: Network) -> dict[str, list[dict[str, Any]]]:
    return {
        "populations": [
            {
                "name": p.name,
                "model": p.model.name,
                "kind": p.model.kind,
                "first": p.first,
                "size": p.size,
                "parameters": {name: value.describe() for name, value in p.values.items()},
            }
            for p in network.populations
        ],
        "projections": [
            {
                "source": repr(p.source),
                "target": repr(p.target),
                "rule": repr(p.rule),
                "synapse": p.synapse.name,
                "weight": p.weight.describe(),
                "delay": p.delay.describe(),
            }
            for p in network.projections
        ],
        "couplings": [
            {"a": repr(c.source), "b": repr(c.target), "rule": repr(c.rule), **c.in_words()}
            for c in network.couplings
        ],
    }
