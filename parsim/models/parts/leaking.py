"""A leaky membrane under any number of conductances, each with a rise and a decay of its own.

    C V' = g_L (E_L - V) + sum of g_r (E_r - V) + I,   g' = x - g/tau_decay,   x' = -x/tau_rise

Conductances are straight lines with the right mean and first moment over the step, as in `receptors`, and are added up
before V is moved: C V' = F - G V with lines F and G. Magnus' series to fourth order is then

    u(h) = (F + (G' F - G F')/6) (1 - exp(-G)) / G

with means F and G over the step, times h/C, and F', G' what the lines are above them at its start. A cell for which the
step is too long for this goes through it in parts.
"""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import inlined, kernel
from parsim.kernels.blocks import BLOCK
from parsim.kernels.maths import exprel
from parsim.models.parts.conductance import relaxed
from parsim.models.parts.receptors import Courses, Opened, add_up, ahead, courses

LOSS = 0.25  # of V in a step, from which a cell goes through it in parts
BENT = 1e-4  # mV that V may be wrong by since conductances are no lines
PART_LOSS = 0.125  # in a part
FEWEST, MOST = 32, 4096  # parts


class Leaking(NamedTuple):
    """What moves the membrane of a model; arrays [cell] and, where they are of conductances, [conductance, cell]."""

    courses: Courses
    rate: Floats  # 1/tau_decay
    rate_x: Floats
    high: Floats  # the part of a conductance that is taken to be towards the highest E_rev
    highest: Floats  # E_rev
    lowest: Floats
    none: Floats  # x where conductances begin at once
    E_L: Floats
    g_L: Floats
    gain: Floats  # what 1 pA adds in one step, mV
    dt: Floats  # one element


class Felt(NamedTuple):
    """What a membrane feels."""

    V_m: Floats
    g: Floats
    dg: Floats


def leaking(p: SimpleNamespace, clock: Clock, rise: Floats, decay: Floats, E_rev: Floats) -> Leaking:
    """Of cells with E_L, g_L and C_m, under conductances with these time constants and reversal potentials."""
    highest = E_rev.max(axis=0)
    lowest = np.minimum(E_rev.min(axis=0), highest - 1.0)
    return Leaking(
        courses(rise, decay, E_rev, clock.dt), 1.0 / decay, 1.0 / rise, (E_rev - lowest) / (highest - lowest),
        highest, lowest, np.zeros_like(decay), p.E_L, p.g_L, clock.dt / p.C_m, np.array([clock.dt]),
    )  # fmt: skip


@kernel
def membrane(f, q, force, begin, end, after):
    """V of a block's cells after a step, under currents `force`, both [place in the block]."""
    total, reversed_, total_fall, reversed_fall, bend = (
        np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK),
    )  # fmt: skip
    add_up(f, q.courses, begin, end, total, reversed_, total_fall, reversed_fall, bend)
    strong = np.uint64(0)
    for i in range(begin, end):
        v, j = f.V_m[i], i - begin
        lost, turned = q.gain[i] * (q.g_L[i] + total[j]), q.gain[i] * total_fall[j]
        pushed = q.gain[i] * (q.g_L[i] * (q.E_L[i] - v) + (reversed_[j] - total[j] * v) + force[j])
        pushed_more = q.gain[i] * (reversed_fall[j] - total_fall[j] * v)
        after[j] = v + step(lost, turned, pushed, pushed_more) * relaxed(lost)
        strong |= np.uint64(is_strong(lost, turned, q.gain[i] * bend[j]))
    if strong > 0:
        for i in range(begin, end):
            j = i - begin
            lost, turned = q.gain[i] * (q.g_L[i] + total[j]), q.gain[i] * total_fall[j]
            if is_strong(lost, turned, q.gain[i] * bend[j]):
                after[j] = in_parts(f, q, i, force[j], lost + abs(turned))


@inlined
def step(lost, turned, pushed, pushed_more):
    """What V gains in a step or a part of one, but for the decay of that."""
    return pushed + (turned * pushed - lost * pushed_more) * (1.0 / 6.0)


@inlined
def is_strong(lost, turned, bent):
    """Is a step too long for lines?"""
    return (lost + abs(turned) > LOSS) | (bent * (lost + abs(turned)) > BENT)


@kernel
def in_parts(f, q, i, force, lost):
    """V of a cell after a step through parts that are short for its conductances."""
    parts = min(max(np.ceil(lost / PART_LOSS), FEWEST), MOST)
    t, v = q.dt[0] / parts, f.V_m[i]
    gain = q.gain[i] / parts
    o = Opened(f.g, f.dg, q.rate, q.rate_x, q.high, i, 0.0)
    for _ in range(parts):
        line, o = ahead(q, o, t)
        lost, turned = gain * (q.g_L[i] + (line.ex + line.in_)), gain * (line.ex_fall + line.in_fall)
        pushed = gain * (
            (q.g_L[i] * (q.E_L[i] - v) + force)
            + (line.ex * (q.highest[i] - v) + line.in_ * (q.lowest[i] - v))
        )
        pushed_more = gain * (line.ex_fall * (q.highest[i] - v) + line.in_fall * (q.lowest[i] - v))
        v = v + step(lost, turned, pushed, pushed_more) * exprel(-lost)
    return v
