"""Diffusion along the cable: a step of backward Euler for a state of a mechanism, on the tree of its compartments.

    volume length (x' - x) / dt = sum over neighbours n of g_n (x'_n - x'),    g_n = (c + c_n) / (length + length_n)

`c` is the coefficient times the cross section and `volume` that of a length, as LONGITUDINAL_DIFFUSION and COMPARTMENT
of NMODL say them; so g is that of two halves whose `c` is the mean of both, as in NEURON.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.jit import kernel


class Contact(NamedTuple):
    """A compartment of a mechanism and the next one of it towards the root, by node, and how long they are, um."""

    node: int
    parent: int
    length: float
    parent_length: float


class Spread(NamedTuple):
    """The compartments of a mechanism that have neighbours, parents before children; [k] up to `lanes`.

    `instance` is the first of each, `parent` the k of its parent or -1. The rest are rooms [k * lanes + lane].
    """

    instance: Ints
    compartment: Ints
    parent: Ints
    length: Floats
    reach: Floats  # sum of both lengths
    lanes: int
    d: Floats
    g: Floats
    rest: Floats


def make_spread(contacts: Sequence[Contact], nodes: Sequence[int], lanes: int) -> Spread:
    """The contacts of a mechanism that sits on `nodes`."""
    length = {c.parent: c.parent_length for c in contacts} | {c.node: c.length for c in contacts}
    order, above = sorted(length), {c.node: c for c in contacts}
    k_of, row_of = ({node: k for k, node in enumerate(found)} for found in (order, nodes))
    room = len(order) * lanes
    return Spread(
        instance=np.array([row_of[node] * lanes for node in order], np.int64),
        compartment=np.array([node * lanes for node in order], np.int64),
        parent=np.array([k_of[above[n].parent] if n in above else -1 for n in order], np.int64),
        length=np.array([length[node] for node in order], float),
        reach=np.array([length[n] + (above[n].parent_length if n in above else 0.0) for n in order], float),
        lanes=lanes, d=np.zeros(room), g=np.zeros(room), rest=np.zeros(room),
    )  # fmt: skip


def where(s: Spread, mechanism: Any, name: str) -> tuple[str, str, Ints]:
    """Which ion holds a state that is a concentration, in which of its arrays, and where; of others no ion."""
    for ion in mechanism.ions:
        for part, end in (("inside", "i"), ("outside", "o")):
            if name == ion.name + end:
                return ion.name, part, s.compartment
    return "", name, s.instance


@kernel
def spread(s, x, at, coefficient, volume, dt):
    """A step of a state `x`, which begins at `at` [k]; `coefficient` and `volume` [instance]."""
    lanes = np.uint64(s.lanes)
    for k in range(s.parent.size):
        a, here, there = np.uint64(k) * lanes, np.uint64(s.instance[k]), np.uint64(at[k])
        size = s.length[k] / dt
        for j in range(lanes):
            s.d[a + j] = size * volume[here + j]
            s.rest[a + j] = s.d[a + j] * x[there + j]
        if s.parent[k] >= 0:
            p, up = np.uint64(s.parent[k]) * lanes, np.uint64(s.instance[s.parent[k]])
            for j in range(lanes):
                g = (coefficient[here + j] + coefficient[up + j]) / s.reach[k]
                s.g[a + j] = g
                s.d[a + j] += g
                s.d[p + j] += g
    for k in range(s.parent.size - 1, -1, -1):
        if s.parent[k] >= 0:
            a, p = np.uint64(k) * lanes, np.uint64(s.parent[k]) * lanes
            for j in range(lanes):
                f = s.g[a + j] / s.d[a + j]
                s.d[p + j] -= f * s.g[a + j]
                s.rest[p + j] += f * s.rest[a + j]
    for k in range(s.parent.size):
        a, there = np.uint64(k) * lanes, np.uint64(at[k])
        if s.parent[k] >= 0:
            up = np.uint64(at[s.parent[k]])
            for j in range(lanes):
                x[there + j] = (s.rest[a + j] + s.g[a + j] * x[up + j]) / s.d[a + j]
        else:
            for j in range(lanes):
                x[there + j] = s.rest[a + j] / s.d[a + j]


@kernel
def spread_midpoint(s, x, at, coefficient, volume, dt):
    """The same for the trapezoidal rule: half such a step and as far again."""
    lanes, before = np.uint64(s.lanes), x.copy()
    spread(s, x, at, coefficient, volume, 0.5 * dt)
    for k in range(s.parent.size):
        there = np.uint64(at[k])
        for j in range(lanes):
            x[there + j] = 2.0 * x[there + j] - before[there + j]
