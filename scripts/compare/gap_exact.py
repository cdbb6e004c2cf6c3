"""The networks of gap_cases.py as differential equations, solved to 1e-12: equations of NEST's hh_psc_alpha_gap.

Spikes, and with them what arrives through synapses, are on the grid by definition of the model.
"""

import itertools
from typing import Any

import numpy as np
from gap_cases import DELAY, DT, EVERY, Case
from scipy.integrate import solve_ivp

E, REST = np.exp, -69.60401191631222
TAU_EX, TAU_IN, T_REF = 0.2, 2.0, 2.0
V, EX, EX_RISE, IN, IN_RISE = 0, 5, 6, 7, 8  # rows of the state; 1 to 4 are the gates m, h, n, p


def rates(v: Any) -> tuple[Any, Any]:
    """Opening and closing rates of m, h, n, p in 1/ms."""
    opening = np.stack([
        40.0 * (v - 75.5) / (1.0 - E(-(v - 75.5) / 13.5)),
        0.0035 * E(-v / 24.186),
        0.014 * (v + 44.0) / (1.0 - E(-(v + 44.0) / 2.3)),
        (v - 95.0) / (1.0 - E(-(v - 95.0) / 11.8)),
    ])  # fmt: skip
    closing = np.stack([
        1.2262 * E(-v / 42.248),
        0.017 * (51.25 + v) / (1.0 - E(-(51.25 + v) / 5.2)),
        0.0043 * E(-(v + 44.0) / 34.0),
        0.025 * E(-v / 22.222),
    ])  # fmt: skip
    return opening, closing


def derivative(t: float, y: Any, matrix: Any, current: Any) -> Any:
    """Of all cells together; `matrix` is symmetric."""
    s = y.reshape(9, -1)
    v, gates = s[V], s[1:5]
    opening, closing = rates(v)
    m, h, n, p = gates
    ions = 4500.0 * m**3 * h * (v - 74.0) + (9.0 * n**4 + 9000.0 * p**2) * (v + 90.0) + 10.0 * (v + 70.0)
    joined = matrix @ v - matrix.sum(axis=1) * v
    d = np.empty_like(s)
    d[V] = (current + s[EX] + s[IN] + joined - ions) / 40.0
    d[1:5] = opening * (1.0 - gates) - closing * gates
    d[EX], d[EX_RISE] = s[EX_RISE] - s[EX] / TAU_EX, -s[EX_RISE] / TAU_EX
    d[IN], d[IN_RISE] = s[IN_RISE] - s[IN] / TAU_IN, -s[IN_RISE] / TAU_IN
    return d.ravel()


def start(case: Case) -> Any:
    """The state at the beginning: gates at rest, also where the voltage is not."""
    s = np.zeros((9, len(case.currents)))
    opening, closing = rates(np.array([REST]))
    s[V], s[1:5] = REST, opening / (opening + closing)
    for cell, v in case.first.items():
        s[V, cell] = v
    return s


def exact(case: Case, duration: float | None = None) -> tuple[Any, list[tuple[float, int]]]:
    """Voltages [sample, cell] every `EVERY` ms from `EVERY` on, and spikes (time, cell)."""
    n, steps = len(case.currents), round((duration or case.duration) / DT)
    matrix = np.zeros((n, n))
    for a, b, g in case.pairs:
        matrix[a, b] += g
        matrix[b, a] += g

    # From edge to edge of what is switched, or from step to step where spikes matter.
    edges = {0, steps} if not case.synapses else set(range(steps + 1))
    if case.injected is not None:
        edges |= {round((t + DELAY) / DT) for t in case.injected[2:]}
    edges = sorted(k for k in edges if 0 <= k <= steps)

    state, every = start(case), round(EVERY / DT)
    samples = np.empty((steps // every, n))
    spikes: list[tuple[float, int]] = []
    arriving: dict[int, list[tuple[int, float]]] = {}
    free = np.zeros(n)
    for k, until in itertools.pairwise(edges):
        current = case.currents.copy()
        if case.injected is not None:
            cell, amplitude, begin, end = case.injected
            current[cell] += amplitude * (begin + DELAY < (k + 0.5) * DT < end + DELAY)
        before = state[V].copy()
        due = np.arange(k // every + 1, until // every + 1)
        times = np.union1d(due * every, [until]) * DT
        found = solve_ivp(
            derivative, (k * DT, until * DT), state.ravel(), "DOP853", times,
            args=(matrix, current), rtol=1e-12, atol=1e-12,
        ).y.reshape(9, n, -1)  # fmt: skip
        samples[due - 1] = found[V, :, : due.size].T
        state = found[..., -1].copy()
        for cell, weight in arriving.pop(until, ()):
            rise, tau = (EX_RISE, TAU_EX) if weight > 0.0 else (IN_RISE, TAU_IN)
            state[rise, cell] += weight * np.e / tau
        for cell in np.flatnonzero((state[V] >= 0.0) & (before > state[V])) if case.synapses else ():
            if until > free[cell]:
                free[cell] = until + round(T_REF / DT)
                spikes.append((until * DT, int(cell)))
                for a, b, weight, delay in case.synapses:
                    if a == cell:
                        arriving.setdefault(until + round(delay / DT), []).append((b, weight))
    return samples, spikes
