"""Small networks with gap junctions, as numbers that parsim, NEST and an exact solution all take."""

from dataclasses import dataclass, field

import numpy as np

DT, EVERY, DELAY = 0.05, 0.1, 1.0  # ms: time step, samples, delay of injected currents


@dataclass
class Case:
    """Cells with constant currents (pA) and initial voltages (mV), pairs (a, b, nS), a current that is switched."""

    name: str
    duration: float
    currents: np.ndarray
    pairs: list[tuple[int, int, float]]
    first: dict[int, float] = field(default_factory=dict)  # initial voltages other than at rest
    injected: tuple[int, float, float, float] | None = None  # cell, pA, start, stop
    synapses: list[tuple[int, int, float, float]] = field(default_factory=list)  # source, target, pA, delay


def all_pairs(n: int, g: float) -> list[tuple[int, int, float]]:
    """Every cell with every other."""
    return [(i, j, g) for i in range(n) for j in range(i + 1, n)]


CASES = [
    Case("two cells, 0.5 nS", 351.0, np.full(2, 100.0), all_pairs(2, 0.5), {0: -10.0}),
    Case(
        "chain of 10, 5 nS", 100.0, np.array([300.0] + 9 * [80.0]), [(i, i + 1, 5.0) for i in range(9)]
    ),
    Case("all-to-all 20, 0.5 nS", 100.0, np.linspace(80.0, 150.0, 20), all_pairs(20, 0.5)),
    Case("all-to-all 20, 0.5 nS, strong currents", 100.0, 200.0 + 10.0 * np.arange(20), all_pairs(20, 0.5)),
    Case(
        "two cells, 20 nS, current steps", 60.0, np.zeros(2), all_pairs(2, 20.0),
        injected=(0, 300.0, 10.25, 40.4),
    ),
    Case(
        "three cells, 2 nS, synapses", 100.0, np.array([150.0, 60.0, 20.0]), all_pairs(3, 2.0),
        synapses=[(0, 1, 200.0, 1.0), (1, 2, 300.0, 1.5), (2, 0, -200.0, 2.0), (1, 0, -100.0, 2.0)],
    ),
]  # fmt: skip
