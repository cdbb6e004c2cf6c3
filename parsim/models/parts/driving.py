"""What enters the voltage of cells with channels beside these: synapses of a kind, and gap junctions."""

import numpy as np

from parsim.jit import inlined, kernel
from parsim.models.parts.columns import (
    CURRENT,
    E_EX,
    E_IN,
    EX,
    EX_RISE,
    GAP_0,
    GAP_1,
    GAP_2,
    GAP_3,
    GAP_G,
    IN,
    IN_RISE,
    RATE_EX,
    RATE_IN,
)  # fmt: skip


@inlined
def decayed(w, j, ex, in_, t):
    """Synapses a time t on; conductances have no rise."""
    w[EX + j] = ex * (w[EX + j] + t * w[EX_RISE + j])
    w[IN + j] = in_ * (w[IN + j] + t * w[IN_RISE + j])
    w[EX_RISE + j] = ex * w[EX_RISE + j]
    w[IN_RISE + j] = in_ * w[IN_RISE + j]


@inlined
def conductances(w, j, ex, in_, t, at):
    """What enters dV/dt = (I - G V + ...)/C with exponential conductances, and its derivatives: I, I', G, G'.

    `ex` and `in_` are the decays of the synapses over the time t since their rows; `at` is the time in
    the interval.
    """
    g_ex, g_in = ex * w[EX + j], in_ * w[IN + j]
    lost_ex, lost_in = w[RATE_EX + j] * g_ex, w[RATE_IN + j] * g_in
    return (
        w[CURRENT + j] + (w[E_EX + j] * g_ex + w[E_IN + j] * g_in),
        -(w[E_EX + j] * lost_ex + w[E_IN + j] * lost_in),
        g_ex + g_in,
        -(lost_ex + lost_in),
    )


@inlined
def alpha_currents(w, j, ex, in_, t, at):
    """The same with alpha-shaped currents."""
    rise_ex, rise_in = ex * w[EX_RISE + j], in_ * w[IN_RISE + j]
    i_ex, i_in = ex * w[EX + j] + t * rise_ex, in_ * w[IN + j] + t * rise_in
    return (
        w[CURRENT + j] + (i_ex + i_in),
        (rise_ex - w[RATE_EX + j] * i_ex) + (rise_in - w[RATE_IN + j] * i_in),
        0.0,
        0.0,
    )


@inlined
def joined(w, j, at, i, di, g, dg):
    """Beside these, what gap junctions bring: a cubic polynomial in the time `at`, and their conductance."""
    brought = w[GAP_0 + j] + at * (w[GAP_1 + j] + at * (w[GAP_2 + j] + at * w[GAP_3 + j]))
    rises = w[GAP_1 + j] + at * (2.0 * w[GAP_2 + j] + at * (3.0 * w[GAP_3 + j]))
    return i + brought, di + rises, g + w[GAP_G + j], dg


@inlined
def conductances_and_junctions(w, j, ex, in_, t, at):
    """`conductances` of cells with gap junctions."""
    i, di, g, dg = conductances(w, j, ex, in_, t, at)
    return joined(w, j, at, i, di, g, dg)


@inlined
def alpha_currents_and_junctions(w, j, ex, in_, t, at):
    """`alpha_currents` of cells with gap junctions."""
    i, di, g, dg = alpha_currents(w, j, ex, in_, t, at)
    return joined(w, j, at, i, di, g, dg)


@kernel
def arrive_as_conductances(w, spikes, p, begin, n):
    """A spike adds its weight to a conductance; inhibitory weights are negative."""
    ex, in_ = spikes[0], spikes[1]
    for j in range(n):
        w[EX + j] += ex[begin + j]
        w[IN + j] -= in_[begin + j]


@kernel
def arrive_as_alpha_currents(w, spikes, p, begin, n):
    """A spike adds to the rise of a current so that this will peak at the spike's weight."""
    ex, in_ = spikes[0], spikes[1]
    for j in range(n):
        w[EX_RISE + j] += (np.e * w[RATE_EX + j]) * ex[begin + j]
        w[IN_RISE + j] += (np.e * w[RATE_IN + j]) * in_[begin + j]
