"""What is to be recorded, and what has been: filled when `run` returns, read without communication."""

import os
from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids
from parsim.errors import DescriptionError
from parsim.installed import needed
from parsim.network.population import Selection


class SpikeRecording:
    """Spikes of some cells.

    After `run`, on rank 0 (on every rank with `everywhere=True`), else empty; with `to=` they are in
    that file only.
    """

    def __init__(self, cells: Selection, to: str | None, everywhere: bool) -> None:
        self.cells, self.to, self.everywhere = cells, to, everywhere
        self.since, self.duration = 0.0, 0.0  # ms: when it began, and how far the simulation is
        self.forget()

    def forget(self) -> None:
        """Empty the recording: a new simulation of the network begins."""
        self._chunks: list[tuple[Floats, Gids]] = []

    def keep(self, times: Floats, gids: Gids) -> None:
        """Add spikes that come after all that are held."""
        if times.size:
            self._chunks.append((times, gids))

    def _all(self) -> tuple[Floats, Gids]:
        if len(self._chunks) != 1:
            times = np.concatenate([np.empty(0), *(c[0] for c in self._chunks)])
            gids = np.concatenate([np.empty(0, np.int64), *(c[1] for c in self._chunks)])
            self._chunks = [(times, gids)]
        return self._chunks[0]

    @property
    def times(self) -> Floats:
        """Times of spikes in ms, float64[n], ordered by (time, gid)."""
        return self._all()[0]

    @property
    def gids(self) -> Gids:
        """Global ids of the cells that fired, int64[n]."""
        return self._all()[1]

    def __len__(self) -> int:
        return sum(c[0].size for c in self._chunks)

    def to_pandas(self) -> Any:
        """A DataFrame with the columns `time` (ms) and `gid`."""
        pandas = needed("pandas", "to_pandas")

        return pandas.DataFrame({"time": self.times, "gid": self.gids})

    def to_neo(self) -> Any:
        """A neo Segment with one SpikeTrain for each recorded cell, silent ones too."""
        neo, pq = needed("neo", "to_neo"), needed("quantities", "to_neo")

        segment = neo.Segment()
        order = np.argsort(self.gids, kind="stable")
        gids, times = self.gids[order], self.times[order]
        for part in self.cells.parts:
            for gid in part.gids:
                lo, hi = np.searchsorted(gids, (gid, gid + 1))
                train = neo.SpikeTrain(
                    times[lo:hi] * pq.ms,
                    t_start=self.since * pq.ms,
                    t_stop=max(self.since, self.duration, float(times.max(initial=0.0))) * pq.ms,
                    source_id=int(gid),
                    source_population=part.population.name,
                )
                segment.spiketrains.append(train)
        return segment


class Recording:
    """A state of some cells, sampled at multiples of an interval.

    After `run`, on rank 0 (on every rank with `everywhere=True`), else empty; with `to=` the samples
    are in that file only. `values[sample, cell]` is in `unit`; the columns are `gids`, ascending.
    """

    def __init__(
        self, cells: Selection, variable: str, unit: str, interval: float, to: str | None, everywhere: bool
    ) -> None:
        self.cells, self.variable, self.unit, self.interval = cells, variable, unit, interval
        self.to, self.everywhere = to, everywhere
        self.since = 0.0  # ms: when it began
        self.gids: Gids = np.empty(0, np.int64)
        self.forget()

    def forget(self) -> None:
        """Empty the recording: a new simulation of the network begins."""
        self._chunks: list[tuple[Floats, Floats]] = []

    def keep(self, times: Floats, values: Floats) -> None:
        """Add samples that come after all that are held."""
        if times.size:
            self._chunks.append((times, values))

    def _all(self) -> tuple[Floats, Floats]:
        if len(self._chunks) != 1:
            times = np.concatenate([np.empty(0), *(c[0] for c in self._chunks)])
            nothing = np.empty((0, self.gids.size))
            self._chunks = [(times, np.concatenate([nothing, *(c[1] for c in self._chunks)]))]
        return self._chunks[0]

    @property
    def times(self) -> Floats:
        """Times of the samples in ms, float64[sample]; a sample shows the end of a step."""
        return self._all()[0]

    @property
    def values(self) -> Floats:
        """What was sampled, float64[sample, cell]."""
        return self._all()[1]

    def __len__(self) -> int:
        return sum(c[0].size for c in self._chunks)

    def to_pandas(self) -> Any:
        """A DataFrame indexed by time (ms) with one column for each gid."""
        pandas = needed("pandas", "to_pandas")

        return pandas.DataFrame(self.values, index=pandas.Index(self.times, name="time"), columns=self.gids)

    def to_neo(self) -> Any:
        """A neo Segment with one AnalogSignal of all recorded cells."""
        neo, pq = needed("neo", "to_neo"), needed("quantities", "to_neo")

        segment = neo.Segment()
        start = self.times[0] if self.times.size else self.since
        signal = neo.AnalogSignal(
            self.values,
            units=self.unit or "dimensionless",
            sampling_period=self.interval * pq.ms,
            t_start=start * pq.ms,
            name=self.variable,
            array_annotations={"channel_ids": self.gids},
        )
        segment.analogsignals.append(signal)
        return segment


def free_path(path: str, taken: list[str]) -> str:
    """A file may be written there, and no other recording writes it."""
    if any(_are_one_file(other, path) for other in taken):
        raise DescriptionError(f"{path} is written by another recording; give each a file of its own.")
    if not os.path.isdir(os.path.dirname(path)):
        raise DescriptionError(f"the folder {os.path.dirname(path)} does not exist; make it first.")
    if os.path.isdir(path):
        raise DescriptionError(f"{path} is a folder; give the path of a file in it.")
    return path


def _are_one_file(one: str, other: str) -> bool:
    """Do two paths name the same file, through links or letters that the disk does not tell apart?"""
    try:
        return os.path.realpath(one) == os.path.realpath(other) or os.path.samefile(one, other)
    except OSError:  # one of them is not there yet
        return False
