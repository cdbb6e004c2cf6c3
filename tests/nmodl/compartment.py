"""One compartment with mechanisms, moved in plain Python: what an engine does with their kernels, in one page."""

from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.clock import Clock
from parsim.jit import python_function
from parsim.kernels.ions import Ion, nernst
from parsim.models.ions import OTHER, RESTS
from parsim.models.mechanism import Mechanism
from parsim.shard.cable.entries import ConnectionState
from parsim.shard.events.queue import Event, is_due, make_queue, pop
from parsim.shard.outbox import outbox

NEVER = np.inf


class Tree(NamedTuple):
    """Of compartments: area in units in which mA/cm2 become nA, area in um2, diameter in um."""

    patch: Floats
    area: Floats
    diam: Floats


class Streams(NamedTuple):
    """Random streams of instances."""

    seed: int
    serial: int
    gid: Gids
    lane: Ints


class Placed:
    """One instance of a mechanism; `rows` are its connections."""

    def __init__(self, m: Mechanism, values: dict[str, float], weights: list[float], celsius: float) -> None:
        self.mechanism = m
        defaults = {p.name: p.default for p in m.params} | values
        fields = {n: np.full(1, defaults.get(n, 0.0)) for n in m.kept._fields}
        self.kept = m.kept(**fields)
        shared = {p.name: np.float64(values.get(p.name, p.default)) for p in m.globals}
        self.shared = m.shared(**{"celsius": np.float64(celsius)} | shared)
        self.tables = np.zeros(m.tables)
        if "tabulate" in m.kernels:
            with np.errstate(all="ignore"):
                python_function(m.kernels["tabulate"])(self.shared, self.tables, 0.025)
        self.rows = np.zeros((max(len(weights), 1), max(len(m.arguments or ()), 1)))
        self.rows[: len(weights), 0] = weights
        self.q = make_queue(
            np.zeros(1, np.int64), max(len(weights), 1), 1, Clock(0.025).for_kernels, outbox(100)
        )


class Compartment:
    """A cylinder of one node. `insert` mechanisms in the order in which they move, then `start`, then `run`."""

    def __init__(
        self, L: float = 20.0, diam: float = 20.0, celsius: float = 6.3, trapezoid: bool = False
    ) -> None:
        self.area, self.celsius, self.trapezoid = np.pi * L * diam, celsius, trapezoid
        self.diam = diam
        self.tree = self.bundle(1)
        self.volts = np.zeros(1)
        self.ions: dict[str, Ion] = {}
        self.placed: list[Placed] = []
        self.arrivals: list[tuple[float, Placed, int, float]] = []
        self.runs = np.array([[0, 0, 1]])
        self.streams = Streams(1, 2, np.zeros(1, np.int64), np.zeros(1, np.int64))

    def bundle(self, n: int) -> "Tree":
        """What kernels are told of n such compartments."""
        return Tree(*(np.full(n, x) for x in (1e-2 * self.area, self.area, self.diam)))

    def insert(self, m: Mechanism, values: dict[str, float], trains: Any = ()) -> Placed:
        """A mechanism, with connections (weight, times of arrival)."""
        placed = Placed(m, values, [weight for weight, _ in trains], self.celsius)
        self.placed.append(placed)
        self.arrivals += [(t, placed, row, w) for row, (w, times) in enumerate(trains) for t in times]
        self.arrivals.sort(key=lambda a: a[0])
        for ion in m.ions:
            rest = RESTS.get(ion.name, OTHER)
            self.ions.setdefault(
                ion.name, Ion(*(np.full(1, x) for x in (rest.e, 0.0, rest.inside, rest.outside)))
            )
        return placed

    def call(self, placed: Placed, name: str, *args: Any) -> None:
        """A kernel, if there is one."""
        m = placed.mechanism
        if name in m.kernels:
            bundles = [
                placed.kept,
                placed.shared,
                self.tree,
                self.volts,
                *([self.streams] if m.streams else []),
            ]
            bundles += [placed.tables] if m.tables[0] else []
            with np.errstate(all="ignore"):
                python_function(m.kernels[name])(*bundles, *(self.ions[i.name] for i in m.ions), *args)

    def start(self, v: float, dt: float) -> None:
        """Voltage and states at 0 ms."""
        self.volts[:], self.dt, self.step = v, dt, 0
        self.placed.sort(key=lambda p: not p.mechanism.writes_concentration)
        for placed in self.placed:
            more = [placed.q] if placed.mechanism.sends_at_start else []
            self._nernst()
            self.call(placed, "initial", self.runs, 0.0, dt, *more)
        self._nernst()

    def _nernst(self) -> None:
        for name, ion in self.ions.items():
            if any(
                part in i.write
                for p in self.placed
                for i in p.mechanism.ions
                for part in (f"{name}i", f"{name}o")
            ):
                nernst(ion, np.array([[0, ion.e.size]]), self.celsius, RESTS.get(name, OTHER).valence)

    def advance(self) -> None:
        """A step, as the design of cable cells has it."""
        t, dt = self.step * self.dt, self.dt
        self.receive(t + 0.5 * dt)
        capacity = 1e-5 * self.area / dt * (2.0 if self.trapezoid else 1.0)
        d, rhs = np.full(1, capacity), capacity * self.volts
        for ion in self.ions.values():
            ion.current[:] = 0.0
        self._nernst()
        for placed in self.placed:
            both = "current_and_ions" in placed.mechanism.kernels
            self.call(placed, "current_and_ions" if both else "current", self.runs, t + 0.5 * dt, dt, d, rhs)
        new = rhs / d
        self.volts[:] = 2.0 * new - self.volts if self.trapezoid else new
        for placed in self.placed:
            second = self.trapezoid and "state_midpoint" in placed.mechanism.kernels
            self.call(placed, "state_midpoint" if second else "state", self.runs, t + dt, dt)
            self.call(placed, "watch", self.runs, t + dt, dt, placed.q)
        self.step += 1

    def receive(self, limit: float) -> None:
        """All that is due, in order of time."""
        while True:
            waiting = [(self._next(p), k, p) for k, p in enumerate(self.placed)]
            t, _, placed = min(waiting, default=(NEVER, 0, None))
            if self.arrivals and self.arrivals[0][0] <= min(t, limit):
                t, placed, row, weight = self.arrivals.pop(0)
                self._hear(placed, Event(0, row, weight, t, 0, 0))
            elif t <= limit:
                self._take(placed)
            else:
                return

    def _next(self, p: Placed) -> float:
        root = p.q.root[0]
        return min(p.q.at[0], p.q.pool.time[root] if root >= 0 else NEVER)

    def _take(self, p: Placed) -> None:
        q, t = p.q, self._next(p)
        if q.at[0] == t:
            q.at[0] = NEVER
            self._hear(p, Event(0, int(q.row[0]), q.weight[0], t, 1, 0))
            return
        node = pop(q, 0)
        if is_due(q, 0, node):
            row, flag = int(q.pool.row[node]), int(q.pool.flag[node])
            self._hear(p, Event(0, row, q.pool.weight[node], t, flag, 0))

    def _hear(self, p: Placed, e: Event) -> None:
        self.call(
            p,
            "receive",
            0,
            0,
            p.rows,
            *(
                [ConnectionState(p.rows, np.array([0, len(p.rows)]), np.arange(len(p.rows)))]
                if p.mechanism.takes_rows
                else []
            ),
            e,
            p.q,
        )

    def observe(self, p: Placed) -> dict[str, float]:
        """What can be recorded and is not kept, now."""
        out = np.zeros((len(p.mechanism.observed), 1))
        self.call(p, "observe", self.runs, self.step * self.dt, self.dt, out)
        return {v.name: float(x[0]) for v, x in zip(p.mechanism.observed, out, strict=True)}
