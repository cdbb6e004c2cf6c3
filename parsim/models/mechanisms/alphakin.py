"""AlphaKin: point process.

an alpha function of conductance as a reaction a -> g -> nothing, for any train of events (NEURON Book, Example 10.4)

Made by parsim from alphakin.mod. Do not edit: it is written anew when the text changes.
"""

# mypy: ignore-errors
# ruff: noqa

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.jit import kernel
from parsim.kernels.maths import exp
from parsim.models.mechanism import Mechanism
from parsim.models.params import Param, Variable


class Kept(NamedTuple):
    """Of each instance."""

    a: Floats
    g: Floats
    tau: Floats
    e: Floats


class Shared(NamedTuple):
    """Of all instances."""

    celsius: float


@kernel
def initial(kept, shared, tree, volts, runs, t, dt):
    """States at the start."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            kept.a[here] = 0.0
            kept.g[here] = 0.0


@kernel
def state(kept, shared, tree, volts, runs, t, dt):
    """States a step on, at the voltage of its end."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            a = kept.a[here]
            g = kept.g[here]
            tau = kept.tau[here]
            flux = 1.0 / tau * a
            flux_2 = 1.0 / tau * g
            d_flux = 1.0 / tau
            a_a_a = 1.0 / dt + d_flux
            a_g_a = -d_flux
            b_a = -flux
            b_g = flux - flux_2
            p_a = 1.0 / a_a_a
            f_2 = a_g_a * p_a
            b_g_2 = b_g - f_2 * b_a
            x_g = b_g_2 * p_a
            x_a = b_a * p_a
            a_2 = a + x_a
            g_2 = g + x_g
            kept.a[here] = a_2
            kept.g[here] = g_2


@kernel
def state_midpoint(kept, shared, tree, volts, runs, t, dt):
    """The same by the midpoint rule, for the trapezoidal rule."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            a = kept.a[here]
            g = kept.g[here]
            tau = kept.tau[here]
            flux = 1.0 / tau * a
            flux_2 = 1.0 / tau * g
            d_flux = 1.0 / tau
            a_a_a = 1.0 / (0.5 * dt) + d_flux
            a_g_a = -d_flux
            b_a = -flux
            b_g = flux - flux_2
            p_a = 1.0 / a_a_a
            f_2 = a_g_a * p_a
            b_g_2 = b_g - f_2 * b_a
            x_g = b_g_2 * p_a
            x_a = b_a * p_a
            a_2 = a + 2.0 * x_a
            g_2 = g + 2.0 * x_g
            kept.a[here] = a_2
            kept.g[here] = g_2


@kernel
def current(kept, shared, tree, volts, runs, t, dt, d, rhs):
    """Conductance to the diagonal, what is left of the current to the right side, uS and nA."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            g = kept.g[here]
            e_2 = kept.e[here]
            i_at_0 = -(g * e_2)
            d[at] += g
            rhs[at] -= i_at_0


@kernel
def observe(kept, shared, tree, volts, runs, t, dt, out):
    """Rows of `out`: i."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            g = kept.g[here]
            v = volts[at]
            e_2 = kept.e[here]
            i = g * (v - e_2)
            out[0, here] = i


@kernel
def receive(kept, shared, tree, volts, here, at, c, e, q):
    """An event at an instance; c[e.row] holds weight."""
    weight = c[e.row, 0] if e.row >= 0 else e.weight
    a = kept.a[here]
    a = a + weight * exp(1.0)
    kept.a[here] = a


mechanism = Mechanism(
    name="AlphaKin",
    kind="point",
    kept=Kept,
    shared=Shared,
    params=(Param("tau", 0.1, "ms", at_least=1e-09, at_most=1000000000.0), Param("e", 0.0, "mV")),
    states=(Variable("a", "uS"), Variable("g", "uS")),
    observed=(Variable("i", "nA"),),
    arguments=("weight",),
    about="an alpha function of conductance as a reaction a -> g -> nothing, for any train of events (NEURON Book, Example 10.4)",
    kernels={"initial": initial, "state": state, "state_midpoint": state_midpoint, "current": current, "observe": observe, "receive": receive},
)
