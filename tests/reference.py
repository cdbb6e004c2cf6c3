"""A plain simulator of event-driven cells: one heap for all that happens, and root finding by brute force."""

import heapq
import itertools
import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from parsim.rng import uniform_array
from parsim.streams import CELL_NOISE

NEVER = math.inf
DOUBT = 1e-9  # a membrane whose peak is so near to 1 may fire or not


ENDLESS = 5_000  # events: more are taken for a loop that never ends, or for an avalanche


class Endless(Exception):
    """There are more events than can be followed."""


class Connection(NamedTuple):
    """Connections are numbered in the order in which they are given."""

    source: int
    target: int
    weight: float
    delay: float


class Reference:
    """Cells by gid, connections, and everything in one heap, by (time, source, target, connection)."""

    def __init__(self, cells: list[Any], connections: Iterable[Connection], stop: float) -> None:
        self.cells, self.stop = cells, stop
        self.out: dict[int, list[tuple[int, Connection]]] = {}
        for number, connection in enumerate(connections):
            self.out.setdefault(connection.source, []).append((number, connection))
        self.heap: list[Any] = []
        self.spikes: list[tuple[float, int]] = []
        self.doubtful = False

    def run(self) -> list[tuple[float, int]]:
        """Spikes as (time, gid), in order."""
        for gid, cell in enumerate(self.cells):
            cell.gid, cell.stop = gid, self.stop
            cell.at = cell.first()
            self._wait(gid)
        events = 0
        while self.heap and self.heap[0][0] <= self.stop:
            t, source, gid, _, weight, sent = heapq.heappop(self.heap)
            events += 1
            if events > ENDLESS:
                raise Endless
            cell = self.cells[gid]
            own = source < 0
            if own and t != cell.at:
                continue  # it has been moved
            self._doubt_ties(cell, t, sent)
            fires = cell.wake(t) if own else cell.hear(t, weight)
            if fires:
                self._fire(t, gid)
            self._wait(gid)
            self.doubtful |= cell.doubtful
        return sorted(self.spikes)

    def _doubt_ties(self, cell: Any, t: float, sent: float) -> None:
        """Of two events that come by sums of different numbers, off the grid, either may be the first."""
        near = abs(t - cell.last) < DOUBT and t % 0.0625 != 0.0
        self.doubtful |= near and (t != cell.last or sent != cell.last_sent)
        cell.last, cell.last_sent = t, sent

    def _wait(self, gid: int) -> None:
        cell = self.cells[gid]
        if cell.at < NEVER:
            heapq.heappush(self.heap, (cell.at, -1, gid, 0, 0.0, cell.last))

    def _fire(self, t: float, gid: int) -> None:
        self.spikes.append((t, gid))
        for number, c in self.out.get(gid, ()):
            heapq.heappush(self.heap, (t + c.delay, gid, c.target, number, c.weight, t))


class Cell:
    """A cell has the time `at` of its next own event, hears weights, and says whether it fires."""

    at, stop, gid, doubtful = NEVER, 0.0, -1, False
    last, last_sent = -1.0, -1.0  # of the last event

    def first(self) -> float:
        """The time of the first own event."""
        return NEVER

    def wake(self, t: float) -> bool:
        """Its own event."""
        return False

    def hear(self, t: float, weight: float) -> bool:
        """An event from elsewhere."""
        return False


class IntFire1(Cell):
    def __init__(self, tau: float = 10.0, refrac: float = 5.0) -> None:
        self.tau, self.refrac, self.m, self.t0, self.free = tau, refrac, 0.0, 0.0, 0.0

    def hear(self, t: float, weight: float) -> bool:
        if t < self.free:
            return False
        self.m = self.m * math.exp(-(t - self.t0) / self.tau) + weight
        self.t0 = t
        self.doubtful |= 0.0 < abs(self.m - 1.0) < DOUBT
        if self.m > 1.0:
            self.m, self.free = 0.0, t + self.refrac
            return True
        return False


class Driven(Cell):
    """m(d) = constant + sum of c exp(-k d), fires when it reaches 1."""

    def terms(self) -> tuple[float, list[tuple[float, float]]]:
        """The constant and the (c, k) of m from now on."""
        raise NotImplementedError

    def move(self, d: float) -> None:
        """Move the currents."""
        raise NotImplementedError

    def jump(self, weight: float) -> None:
        """Add an input to the currents."""
        raise NotImplementedError

    m, t0 = 0.0, 0.0

    def first(self) -> float:
        return self._next(0.0)

    def hear(self, t: float, weight: float) -> bool:
        self._to(t)
        self.jump(weight)
        self.at = self._next(t)
        return False

    def wake(self, t: float) -> bool:
        self._to(t)
        self.m = 0.0
        self.at = self._next(t)
        return True

    def _to(self, t: float) -> None:
        d = t - self.t0
        constant, terms = self.terms()
        self.m = constant + sum(c * math.exp(-k * d) for c, k in terms)
        self.move(d)
        self.t0 = t

    def _next(self, t: float) -> float:
        constant, terms = self.terms()

        def m(d: Any) -> Any:
            return constant + sum(c * np.exp(-k * d) for c, k in terms) - 1.0

        def slope(d: Any) -> Any:
            return sum(-k * c * np.exp(-k * d) for c, k in terms)

        if m(0.0) >= 0.0:  # rounding
            return t
        d = np.linspace(0.0, self.stop - t + 1.0, 1500)
        for a, b in itertools.pairwise(d[self._stretches(m(d), slope(d))]):
            if m(a) < 0.0 <= m(b):
                return t + brentq(m, a, b, xtol=1e-15, rtol=1e-15)
            if slope(a) > 0.0 > slope(b):
                peak = brentq(slope, a, b, xtol=1e-15, rtol=1e-15)
                self.doubtful |= abs(m(peak)) < DOUBT
                if m(peak) >= 0.0:
                    return t + brentq(m, a, peak, xtol=1e-15, rtol=1e-15)
        return NEVER

    def _stretches(self, m: Any, slope: Any) -> Any:
        """The points of a grid around the first that matter, to spare a long search."""
        crossing = np.flatnonzero((m[:-1] < 0.0) & (m[1:] >= 0.0))
        turning = np.flatnonzero((slope[:-1] > 0.0) & (slope[1:] < 0.0))
        at = np.unique(np.concatenate([crossing, crossing + 1, turning, turning + 1]))
        return at


def conv(km: float, k: float, c: float) -> list[tuple[float, float]]:
    """c times the convolution of exp(-km t) and exp(-k t)."""
    return [(c / (k - km), km), (-c / (k - km), k)]


def peak(terms: list[tuple[float, float]]) -> float:
    """The greatest value of a sum of exponentials."""
    found = minimize_scalar(
        lambda d: -sum(c * math.exp(-k * d) for c, k in terms),
        bounds=(0.0, 500.0),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return float(-found.fun)


class IntFire2(Driven):
    def __init__(self, taus: float = 20.0, taum: float = 10.0, ib: float = 0.0) -> None:
        self.ks, self.km, self.ib, self.i = 1.0 / taus, 1.0 / taum, ib, ib

    def terms(self) -> tuple[float, list[tuple[float, float]]]:
        return self.ib, [(self.m - self.ib, self.km), *conv(self.km, self.ks, self.km * (self.i - self.ib))]

    def move(self, d: float) -> None:
        self.i = self.ib + (self.i - self.ib) * math.exp(-self.ks * d)

    def jump(self, weight: float) -> None:
        self.i += weight


class IntFire3(Driven):
    def __init__(self, taue: float = 5.0, taui: float = 10.0, taum: float = 30.0, ib: float = 0.0) -> None:
        self.ke, self.ki, self.km, self.ib = 1.0 / taue, 1.0 / taui, 1.0 / taum, ib
        self.ae, self.ai = (1.0 / peak(conv(self.km, k, 1.0)) for k in (self.ke, self.ki))
        self.e = self.i = 0.0

    def terms(self) -> tuple[float, list[tuple[float, float]]]:
        excitation = conv(self.km, self.ke, self.ae * self.e)
        inhibition = conv(self.km, self.ki, self.ai * self.i)
        return self.ib, [(self.m - self.ib, self.km), *excitation, *inhibition]

    def move(self, d: float) -> None:
        self.e *= math.exp(-self.ke * d)
        self.i *= math.exp(-self.ki * d)

    def jump(self, weight: float) -> None:
        self.e += max(weight, 0.0)
        self.i += min(weight, 0.0)


class IntFire4(Driven):
    def __init__(
        self, taue: float = 5.0, taui1: float = 10.0, taui2: float = 20.0, taum: float = 50.0
    ) -> None:
        self.ke, self.k1, self.k2, self.km = 1.0 / taue, 1.0 / taui1, 1.0 / taui2, 1.0 / taum
        self.ae = 1.0 / peak(conv(self.km, self.ke, 1.0))
        self.a1 = 1.0 / peak(conv(self.k2, self.k1, 1.0))
        self.a2 = 1.0 / peak(self.chain(self.a1))
        self.e = self.i1 = self.i2 = 0.0

    def chain(self, c: float) -> list[tuple[float, float]]:
        """What an i1 of c does to m through i2, before the gain of i2."""
        c = c / (self.k1 - self.k2)
        return conv(self.km, self.k2, c) + conv(self.km, self.k1, -c)

    def terms(self) -> tuple[float, list[tuple[float, float]]]:
        inhibition = conv(self.km, self.k2, self.a2 * self.i2) + self.chain(self.a2 * self.a1 * self.i1)
        return 0.0, [(self.m, self.km), *conv(self.km, self.ke, self.ae * self.e), *inhibition]

    def move(self, d: float) -> None:
        fed = self.a1 * self.i1 / (self.k1 - self.k2)
        self.e *= math.exp(-self.ke * d)
        self.i2 = (self.i2 + fed) * math.exp(-self.k2 * d) - fed * math.exp(-self.k1 * d)
        self.i1 *= math.exp(-self.k1 * d)

    def jump(self, weight: float) -> None:
        self.e += max(weight, 0.0)
        self.i1 += min(weight, 0.0)


class NetStim(Cell):
    def __init__(
        self,
        interval: float = 10.0,
        number: float = 10,
        start: float = 50.0,
        noise: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.interval, self.number, self.start, self.noise, self.seed = interval, number, start, noise, seed
        self.left, self.drawn = 0.0, 0

    def _interval(self) -> float:
        u = uniform_array(self.seed, CELL_NOISE, np.array([self.gid]), np.array([self.drawn]), 0)[0]
        self.drawn += 1
        return self.interval * ((1.0 - self.noise) - self.noise * math.log(1.0 - u))

    def _begin(self, t: float, now: float) -> float:
        self.left = self.number
        if self.number < 1:
            return NEVER
        return max(now, t + self._interval() - self.interval * (1.0 - self.noise))

    def first(self) -> float:
        return self._begin(self.start, 0.0) if self.start >= 0.0 else NEVER

    def wake(self, t: float) -> bool:
        self.left -= 1
        self.at = t + self._interval() if self.left > 0 else NEVER
        return True

    def hear(self, t: float, weight: float) -> bool:
        if weight > 0.0 and self.left < 1:
            self.at = self._begin(t, t)
        elif weight < 0.0:
            self.left, self.at = 0, NEVER
        return False


class VecStim(Cell):
    def __init__(self, spike_times: list[float]) -> None:
        self.times = list(spike_times)

    def first(self) -> float:
        return self.times.pop(0) if self.times else NEVER

    def wake(self, t: float) -> bool:
        self.at = self.first()
        return True
