"""Where the time of a run went, per rank, and how much memory it took."""

import resource
from dataclasses import dataclass, fields

import numpy as np

from parsim.arrays import Floats
from parsim.engine.coupled.relaxation import Sweeps


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
    relax: float = 0.0

    def as_array(self) -> Floats:
        """All of them, in the order of the fields."""
        return np.array([getattr(self, f.name) for f in fields(self)])


def peak_memory() -> float:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


@dataclass(frozen=True)
class Report:
    """What `Simulation.report` returns; print it.

    `seconds[rank]` holds build, run, drive, integrate, deliver, exchange, wait, record, relax; `exchange`
    is without the time spent waiting for other ranks, `relax` is what adding up the currents of gap
    junctions took, the exchange of waveforms included. Empty on ranks other than 0.
    """

    time: float  # ms simulated
    cells: int
    connections: int
    spikes: int
    interval: float  # ms
    seconds: Floats
    bytes_sent: Floats
    memory: Floats  # MB, per process
    junctions: int
    sweeps: Sweeps
    waveforms: Floats  # [rank, 2] messages and bytes sent for gap junctions
    islands: int  # of event-driven cells that reach each other within a step
    largest_island: int  # cells
    links: int  # pointers that follow variables
    followed: Floats  # [rank, 2] messages and bytes sent for links

    NAMES = ("build", "run", "drive", "integrate", "deliver", "exchange", "wait", "record", "relax")

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
            if name == "relax" and not self.sweeps.windows:
                continue
            lines.append(f"{name:<12}{column.min():>10.3f}{column.mean():>10.3f}{column.max():>10.3f}")
        if self.sweeps.windows:
            lines.append(self._about_junctions())
        if self.links:
            messages, sent = self.followed.max(axis=0)
            lines.append(
                f"{self.links} links; at most {messages:.0f} messages and {sent / 1e6:.3f} MB sent by a rank"
            )
        if self.islands:
            lines.append(
                f"{self.islands} islands of cells that reach each other within a step, "
                f"the largest of {self.largest_island}"
            )
        for name, column, unit in (("sent", self.bytes_sent / 1e6, "MB"), ("memory", self.memory, "MB")):
            label = f"{name} ({unit})"
            lines.append(f"{label:<12}{column.min():>10.3f}{column.mean():>10.3f}{column.max():>10.3f}")
        return "\n".join(lines)

    def _about_junctions(self) -> str:
        s = self.sweeps
        unconverged = f", {s.unconverged} of them not converged" if s.unconverged else ""
        messages, sent = self.waveforms.max(axis=0)
        return (
            f"{self.junctions} gap junctions: {s.windows} intervals in {s.total / s.windows:.2f} sweeps on average, "
            f"{s.most} at most, {s.residue:.2g} mV left at most{unconverged}; at most {messages:.0f} messages and "
            f"{sent / 1e6:.3f} MB sent by a rank"
        )
