"""The files of recordings: begun with what the network is, or gone on with."""

from typing import TYPE_CHECKING, Any

from parsim.arrays import Gids
from parsim.network.recording import SpikeRecording

if TYPE_CHECKING:  # h5py, a tenth of what a start takes, is loaded when a file is opened
    from parsim.io.results import SpikeFile, TraceFile


def new_file(said: Any, gids: Gids, about: dict[str, Any], since: float) -> "SpikeFile | TraceFile":
    """The file of a recording that begins now, at `since` (ms), with this provenance."""
    from parsim.io.results import SpikeFile, TraceFile

    if isinstance(said, SpikeRecording):
        return SpikeFile(str(said.to), about, recorded=said.cells.gids, since=since)
    return TraceFile(said.to, gids, said.variable, said.unit, said.interval, about)


def resumed_file(said: Any, gids: Gids, since: float) -> "SpikeFile | TraceFile":
    """The file of a recording that another run began, to go on with from `since` (ms)."""
    from parsim.io.results import SpikeFile, TraceFile

    if isinstance(said, SpikeRecording):
        return SpikeFile.resume(str(said.to), since, said.cells.gids)
    return TraceFile.resume(said.to, since, gids, said.variable, said.unit, said.interval)
