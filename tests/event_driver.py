"""Small networks of event-driven cells, given as lists, run in a simulation."""

from itertools import groupby
from typing import Any

import numpy as np

import parsim as ps
from tests.reference import Connection


class Driver:
    """Cells as (model, parameters) by gid, and inputs as (target, t, weight) that arrive exactly at t.

    `together` puts all cells into one island, whatever their delays. What sends the inputs has higher gids, and
    its spikes are left out.
    """

    def __init__(
        self, cells: list[Any], connections: list[Connection], dt: float = 0.125, seed: int = 0,
        together: bool = False, threads: int = 1, inputs: Any = (),
    ) -> None:  # fmt: skip
        self.net = ps.Network(seed=seed)
        self.dt, self.threads = dt, threads
        self.populations = [
            self.net.create(model, len(values), **columns(model, values)) for model, values in runs_of(cells)
        ]
        self.cells = sum(self.populations[1:], start=self.populations[0][:])
        self.spiking = self.net.record_spikes(self.cells)
        self.hears = np.array([model.receives for model, _ in cells])
        self._connect(connections)
        self._send(inputs)
        if together:
            self._tie()
        self.sim: Any = None

    def _connect(self, connections: list[Connection]) -> None:
        if connections:
            source, target, weight, delay = (np.array(c) for c in zip(*connections, strict=True))
            rule = ps.Lists(source.astype(int), np.cumsum(self.hears)[target.astype(int)] - 1)
            synapse = ps.static_synapse(weight=weight, delay=delay)
            self.net.connect(self.cells, self.cells[self.hears], rule, synapse)

    def _send(self, inputs: Any) -> None:
        """A sender for each target and weight, without delay."""
        trains: dict[tuple[int, float], list[float]] = {}
        for target, t, weight in inputs:
            trains.setdefault((target, weight), []).append(t)
        for (target, weight), times in trains.items():
            sender = self.net.create(ps.VecStim, 1, spike_times=[times])
            no_delay = ps.static_synapse(weight=weight, delay=0.0)
            self.net.connect(sender, self.cells[target : target + 1], ps.OneToOne(), no_delay)

    def _tie(self) -> None:
        """Connections without delay between all cells and one that never fires."""
        hub = self.net.create(ps.IntFire1, 1)
        nothing = ps.static_synapse(weight=0.0, delay=0.0)
        self.net.connect(hub, self.cells[self.hears], ps.AllToAll(), nothing)
        if not self.hears.all():
            self.net.connect(self.cells[~self.hears], hub, ps.AllToAll(), nothing)

    def run(self, until: float, cuts: Any = ()) -> list[tuple[float, int]]:
        """Spikes up to a time; stops on the way at the steps that are nearest to `cuts`."""
        if self.sim is None:
            self.sim = ps.Simulation(self.net, dt=self.dt, threads=self.threads)
        for t in sorted([*cuts, until]):
            steps = max(0, round(t / self.dt) - round(self.sim.now / self.dt))
            self.sim.run(steps * self.dt)
        return self.spikes

    @property
    def spikes(self) -> list[tuple[float, int]]:
        """(time, gid) in order."""
        pairs = zip(self.spiking.times.tolist(), self.spiking.gids.tolist(), strict=True)
        return sorted(pairs)


def runs_of(cells: list[Any]) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Cells of one model that follow each other, as (model, parameters of each)."""
    return [
        (model, [values for _, values in members]) for model, members in groupby(cells, key=lambda c: c[0])
    ]


def columns(model: Any, values: list[dict[str, Any]]) -> dict[str, Any]:
    """Parameters of some cells as lists."""
    return {p.name: [v.get(p.name, p.default) for v in values] for p in model.params}


def drive(model: Any, inputs: Any, until: float, cuts: Any = (), **values: Any) -> Driver:
    """One cell of a model, moved up to `until`; events of weight w arrive at t, as (t, w) pairs."""
    driver = Driver([(model, values)], [], inputs=[(0, t, w) for t, w in inputs])
    driver.run(until, cuts)
    return driver
