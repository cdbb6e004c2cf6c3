"""Conductance-based cells solved by scipy to 1e-11 or so, with the inputs of each step, for comparing models with."""

from typing import Any, NamedTuple

import numpy as np
from scipy.integrate import solve_ivp

TIGHT = dict(method="DOP853", rtol=1e-12, atol=1e-12)


class Solution(NamedTuple):
    """V and w at the end of each step, the spikes' steps, and where in time spikes ended."""

    v: np.ndarray
    w: np.ndarray
    steps: list[int]
    times: list[float]


def solve(p: dict[str, Any], dt: float, ex: np.ndarray, in_: np.ndarray, current: np.ndarray) -> Solution:
    """An iaf_cond or aeif_cond cell: `ex` and `in_` are weights [step] that arrive at the end, `current` is in pA.

    `p` holds the model's parameters, `alpha`, and for the adaptive models Delta_T, V_peak, a, b and tau_w.
    """
    cell = _Cell(p)
    v, w, held = p["E_L"], 0.0, 0
    found = Solution(np.empty(ex.size), np.empty(ex.size), [], [])
    for k in range(ex.size):
        cell.force = current[k] + p["I_e"]
        if held:
            w, held = cell.w_held(w, dt), held - 1
        elif cell.adapts:
            v, w, held = cell.through(v, w, k, dt, found)
        else:
            v = cell.forward(v, w, 0.0, dt)[0]
            if v >= p["V_th"]:
                v, held = p["V_reset"], cell.refractory(dt)
                found.steps.append(k + 1)
        cell.arrive(dt, ex[k], in_[k])
        found.v[k], found.w[k] = v, w
    return found


class _Cell:
    def __init__(self, p: dict[str, Any]) -> None:
        self.p, self.g, self.force = p, np.zeros(4), 0.0  # g: ex, its rise, in, its rise
        self.adapts = "tau_w" in p
        self.end = p["V_peak"] if p.get("Delta_T", 0.0) > 0.0 else p["V_th"]

    def refractory(self, dt: float) -> int:
        return int(np.ceil(self.p["t_ref"] / dt - 1e-9))

    def conductances(self, t: float) -> np.ndarray:
        ex, in_ = np.exp(-t / self.p["tau_syn_ex"]), np.exp(-t / self.p["tau_syn_in"])
        g = self.g
        return np.array([ex * (g[0] + t * g[1]), ex * g[1], in_ * (g[2] + t * g[3]), in_ * g[3]])

    def arrive(self, dt: float, ex: float, in_: float) -> None:
        self.g = self.conductances(dt)
        if self.p["alpha"]:
            self.g += np.e * np.array([0.0, ex / self.p["tau_syn_ex"], 0.0, in_ / self.p["tau_syn_in"]])
        else:
            self.g += np.array([ex, 0.0, in_, 0.0])

    def passive(self, t: float, v: float, w: float) -> float:
        p, g = self.p, self.conductances(t)
        return p["g_L"] * (p["E_L"] - v) + g[0] * (p["E_ex"] - v) + g[2] * (p["E_in"] - v) - w + self.force

    def w_held(self, w: float, t: float) -> float:
        goal = self.p.get("a", 0.0) * (self.p["V_reset"] - self.p["E_L"])
        return goal + (w - goal) * np.exp(-t / self.p.get("tau_w", 1.0))

    def dw(self, v: float, w: float) -> float:
        return (self.p["a"] * (v - self.p["E_L"]) - w) / self.p["tau_w"] if self.adapts else 0.0

    def forward(self, v, w, t, stop, until=np.inf):
        """V, w and t at `stop`, or where V reaches `until`."""
        p, delta = self.p, self.p.get("Delta_T", 0.0)

        def slope(t, x):
            current = self.passive(t, x[0], x[1])
            if delta:
                current += p["g_L"] * delta * np.exp((min(x[0], until + 1.0) - p["V_th"]) / delta)
            return [current / p["C_m"], self.dw(x[0], x[1])]

        def there(t, x):
            return x[0] - until

        there.terminal, there.direction = True, 1.0
        end = solve_ivp(slope, (t, stop), [v, w], events=[there] if until < np.inf else None, **TIGHT)
        return (until if end.status == 1 else end.y[0, -1]), end.y[1, -1], end.t[-1]

    def upstroke(self, v, w, t, stop):
        """The same to the end of a spike, by y = exp(-(V - V_th)/Delta_T), which falls to 0 without a pole."""
        p, delta = self.p, self.p["Delta_T"]
        lowest = np.exp((p["V_th"] - self.end) / delta)

        def potential(y):
            return p["V_th"] - delta * np.log(max(y, 1e-200))

        def slope(t, x):
            current = self.passive(t, potential(x[0]), x[1])
            return [-(p["g_L"] + x[0] * current / delta) / p["C_m"], self.dw(potential(x[0]), x[1])]

        def there(t, x):
            return x[0] - lowest

        there.terminal, there.direction = True, -1.0
        start = [np.exp((p["V_th"] - v) / delta), w]
        end = solve_ivp(slope, (t, stop), start, events=[there], method="DOP853", rtol=1e-13, atol=1e-15)
        return (self.end if end.status == 1 else potential(end.y[0, -1])), end.y[1, -1], end.t[-1]

    def through(self, v, w, k, dt, found):
        """One step of an adaptive cell: V, w, and for how many steps V is held."""
        steep = min(self.end, self.p["V_th"] + 3.0 * self.p["Delta_T"])
        t = 0.0
        while t < dt or v >= self.end:
            if v >= self.end:
                found.steps.append(k + 1)
                found.times.append(k * dt + t)
                v, w = self.p["V_reset"], w + self.p["b"]
                if self.refractory(dt):
                    return v, self.w_held(w, dt - t), self.refractory(dt)
            elif v < steep:
                v, w, t = self.forward(v, w, t, dt, until=steep)
            else:
                v, w, t = self.upstroke(v, w, t, dt)
        return v, w, 0
