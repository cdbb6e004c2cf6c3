"""Cells with voltage-gated channels by exponential Euler: one step of order 1 for all, as Brian2 takes it.

In a step everything else is held as it is at its start; then each gate, dx/dt = a - (a + b) x, and the voltage,
C dV/dt = I - G V, are linear and followed exactly. That takes a quarter of the time of steps that hold to a
tolerance. At dt 0.1 ms each spike is 0.4 to 1.2 ms late after the one before, and half of that at half the step.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from parsim.jit import inlined, kernel, scratch, shared, widest
from parsim.kernels.blocks import BLOCK
from parsim.kernels.maths import exp
from parsim.models.base import CellModel
from parsim.models.parts.columns import (
    AT_FIRST,
    AT_SECOND,
    BEND,
    VARIABLE,
    Layout,
    V,
    empty,
    store_states,
)  # fmt: skip
from parsim.models.parts.driving import INTERVAL, NO_TIME, Synapses
from parsim.models.parts.excitable import come_in, fire, start_step

METHOD = "exponential_euler"
SCHEME = """\
in each step all others are held as they are at its start: x := x_inf + (x - x_inf) exp(-dt/tau_x), V_m alike"""
NEAR = 1e-5  # where (1 - e^-z)/z is 1 - z/2, to 2e-11

OPENING, CLOSING = AT_SECOND, AT_SECOND + BEND  # rows of a gate x: its rates, at x + OPENING
GAIN, LOSS = AT_FIRST, AT_FIRST + BEND  # of a variable, in a step: see `slopes_at_start`


class EulerFormulas(NamedTuple):
    """What a model is made of, as in `excitable.Formulas`.

    `gating(w, j)` puts opening and closing rates of each gate x at `w[x + OPENING + j]` and `w[x + CLOSING + j]`, and
    `membrane(w, j, i, g)` adds leak and channels to I and G of dV/dt = (I - G V)/C; it gives I, G and 1/C.
    """

    cell: Layout
    states: Callable[..., Any]
    exponentials: Callable[..., Any]
    gating: Callable[..., Any]
    membrane: Callable[..., Any]
    synapses: Synapses


@inlined
def gained(z, e):
    """(1 - e^-z)/z, given e = e^-z; also at 0."""
    near = abs(z) < NEAR
    return 1.0 - 0.5 * z if near else (1.0 - e) / (1.0 if near else z)


@shared
def slopes_at_start(cell, gating, membrane, driven, w, j, dt):
    """What each would move by in a step at the slope of its start, and how much of its distance it loses, as z."""
    gating(w, j)
    i, _, g, _ = driven(w, j, NO_TIME, 0.0, 0.0)
    i, g, per_C = membrane(w, j, i, g)
    a = dt * per_C
    w[V + GAIN + j], w[V + LOSS + j] = a * (i - g * w[V + j]), a * g
    for x in range(V + VARIABLE, cell.rates, VARIABLE):
        opening, closing = w[x + OPENING + j], w[x + CLOSING + j]
        w[x + GAIN + j] = dt * (opening - (opening + closing) * w[x + j])
        w[x + LOSS + j] = dt * (opening + closing)


@shared
def one_step(cell, exponentials, gating, membrane, driven, decayed, w, n, dt):
    """Move n cells through a step, synapses included. Exponentials stand apart, as in `excitable`."""
    for j in range(n):
        exponentials(w, j, w[V + j])
    for j in range(n):
        slopes_at_start(cell, gating, membrane, driven, w, j, dt)
    for x in range(V, cell.rates, VARIABLE):
        for j in range(n):
            z = w[x + LOSS + j]
            w[x + j] += w[x + GAIN + j] * gained(z, exp(-z))
    for j in range(n):
        decayed(w, j, INTERVAL, True, dt)


def by_exponential_euler(model: EulerFormulas) -> Callable[..., None]:
    """`advance` of a model; a cell fires as in `excitable`."""
    cell, states, exponentials, gating, membrane, (driven, decayed, arrive) = model
    space = int(cell.end)

    @kernel
    def advance(s, p, inputs, span, out):
        widest()
        w, dt = scratch(space), p.dt[0]
        empty(w, cell, min(BLOCK, span.end - span.begin))
        current_rows = inputs.current.shape[0]
        for begin in range(span.begin, span.end, BLOCK):
            n = min(begin + BLOCK, span.end) - begin
            come_in(cell, states(s), p, w, begin, n, 2)
            for k in range(span.first, span.stop):
                start_step(w, inputs.current[(k - span.origin) % current_rows], begin, n)
                one_step(cell, exponentials, gating, membrane, driven, decayed, w, n, dt)
                arrive(w, inputs.spikes[k - span.origin], begin, n)
                fire(w, s.free, p.refractory, begin, n, k, out)
            store_states(cell, states(s), w, begin, n)

    return advance


def with_exponential_euler(model: CellModel, formulas: EulerFormulas) -> tuple[CellModel, CellModel]:
    """The model, which now knows this method, and the same cell by it: without a tolerance, and without junctions."""
    euler = replace(
        model, name=f"{model.name}_{METHOD}", advance=by_exponential_euler(formulas), coupled=None,
        params=tuple(p for p in model.params if p.name != "tolerance"),
        about=f"{model.about[:-1]}; integrated by exponential Euler, as in Brian2.",
        equations=f"{model.equations}\n{SCHEME}",
    )  # fmt: skip
    return replace(model, methods={METHOD: euler}), euler
