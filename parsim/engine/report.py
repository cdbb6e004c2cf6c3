"""Where the time of a run went, per rank, and how much memory it took."""

import resource
from dataclasses import dataclass, fields

import numpy as np

from parsim.arrays import Floats


@dataclass
class Timings:
    """Seconds of one rank since the simulation began."""

    build: float = 0.0
    run: float = 0.0
    drive: float = 0.0
    integrate: float = 0.0
    deliver: float = 0.0
    exchange: float = 0.0
    wait: float = 0.0
    record: float = 0.0

    def as_array(self) -> Floats:
        """All of them, in the order of the fields."""
        return np.array([getattr(self, f.name) for f in fields(self)])


def peak_memory() -> float:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


@dataclass(frozen=True)
class Report:
    """What `Simulation.report` returns; print it.

    `seconds[rank]` holds build, run, drive, integrate, deliver, exchange, wait, record; `exchange` is
    without the time spent waiting for other ranks. Empty on ranks other than 0.
    """

    time: float  # ms simulated
    cells: int
    connections: int
    spikes: int
    interval: float  # ms
    seconds: Floats
    bytes_sent: Floats
    memory: Floats  # MB, per process

    NAMES = ("build", "run", "drive", "integrate", "deliver", "exchange", "wait", "record")

    def __str__(self) -> str:
        if self.seconds.size == 0:
            return "(the report is on rank 0)"
        ranks = len(self.seconds)
        run = float(self.seconds[:, 1].max())
        lines = [
            f"{self.time:g} ms of model time, {self.cells} cells, {self.connections} connections, "
            f"{self.spikes} spikes on {ranks} rank{'s' if ranks > 1 else ''}; interval {self.interval:g} ms",
            f"real-time factor {run / (self.time * 1e-3):.3g} (seconds of run per second of model time)"
            if self.time > 0
            else "not run yet",
            f"{'seconds':<12}{'min':>10}{'mean':>10}{'max':>10}",
        ]
        for name, column in zip(self.NAMES, self.seconds.T, strict=True):
            lines.append(f"{name:<12}{column.min():>10.3f}{column.mean():>10.3f}{column.max():>10.3f}")
        for name, column, unit in (("sent", self.bytes_sent / 1e6, "MB"), ("memory", self.memory, "MB")):
            label = f"{name} ({unit})"
            lines.append(f"{label:<12}{column.min():>10.3f}{column.mean():>10.3f}{column.max():>10.3f}")
        return "\n".join(lines)
