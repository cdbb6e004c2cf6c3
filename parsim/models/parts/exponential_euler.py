"""Cells with voltage-gated channels by exponential Euler: one step of order 1 for all, as Brian2 takes it.

In a step everything else is held as it is at its start; then each gate, dx/dt = a - (a + b) x, and the voltage,
C dV/dt = I - G V, are linear and followed exactly. That takes a quarter of the time of steps that hold to a
tolerance. At dt 0.1 ms each spike is 0.4 to 1.2 ms late after the one before, and half of that at half the step.
"""

from collections.abc import Callable
from dataclasses import replace

from parsim.jit import inlined, scratch, shared
from parsim.kernels.blocks import BLOCK
from parsim.kernels.maths import exp
from parsim.models.base import CellModel
from parsim.models.parts.columns import (
    E_1,
    E_2,
    E_3,
    E_4,
    E_K,
    E_L,
    E_NA,
    FH,
    FM,
    FN,
    FV,
    G_K,
    G_L,
    G_NA,
    HALF_EX,
    HALF_IN,
    PER_C,
    QUARTER_EX,
    QUARTER_IN,
    SPACE,
    H,
    M,
    N,
    V,
    empty,
    load,
    load_constants,
    store,
)  # fmt: skip
from parsim.models.parts.driving import decayed
from parsim.models.parts.excitable import fire, start_step

METHOD = "exponential_euler"
SCHEME = """\
in each step all others are held as they are at its start: x := x_inf + (x - x_inf) exp(-dt/tau_x), V_m alike"""
NEAR = 1e-5  # where (1 - e^-z)/z is 1 - z/2, to 2e-11


@inlined
def gained(z, e):
    """(1 - e^-z)/z, given e = e^-z; also at 0."""
    near = abs(z) < NEAR
    return 1.0 - 0.5 * z if near else (1.0 - e) / (1.0 if near else z)


@inlined
def rest_of(w, j, rates, driven, dt):
    """What each would move by in a step at the slope of its start, and how much of its distance it loses, as z."""
    am, _, bm, _, ah, _, bh, _, an, _, bn, _ = rates
    v, m, h, n = w[V + j], w[M + j], w[H + j], w[N + j]
    i, _, g, _ = driven(w, j, 1.0, 1.0, 0.0, 0.0)
    g_na, g_k = w[G_NA + j] * (((m * m) * m) * h), w[G_K + j] * ((n * n) * (n * n))
    g = (g + w[G_L + j]) + (g_na + g_k)
    i = (i + w[G_L + j] * w[E_L + j]) + (g_na * w[E_NA + j] + g_k * w[E_K + j])
    a = dt * w[PER_C + j]
    w[FV + j], w[E_4 + j] = a * (i - g * v), a * g
    w[FM + j], w[E_1 + j] = dt * (am - (am + bm) * m), dt * (am + bm)
    w[FH + j], w[E_2 + j] = dt * (ah - (ah + bh) * h), dt * (ah + bh)
    w[FN + j], w[E_3 + j] = dt * (an - (an + bn) * n), dt * (an + bn)


@shared
def one_step(exponentials, gating, driven, w, n, dt):
    """Move n cells through a step, synapses included. Exponentials stand apart, as in `excitable`."""
    for j in range(n):
        exponentials(w, j, w[V + j])
    for j in range(n):
        rest_of(w, j, gating(w, j, w[V + j]), driven, dt)
    for j in range(n):
        z_m, z_h, z_n, z_v = w[E_1 + j], w[E_2 + j], w[E_3 + j], w[E_4 + j]
        w[M + j] += w[FM + j] * gained(z_m, exp(-z_m))
        w[H + j] += w[FH + j] * gained(z_h, exp(-z_h))
        w[N + j] += w[FN + j] * gained(z_n, exp(-z_n))
        w[V + j] += w[FV + j] * gained(z_v, exp(-z_v))
    for j in range(n):
        ex, in_ = w[HALF_EX + j], w[HALF_IN + j]
        decayed(w, j, ex * ex, in_ * in_, dt)


@shared
def advanced_by_euler(exponentials, gating, driven, arrive, arrays, rows, s, p, inputs, span, out):
    """`advance` of a model, as `excitable.advanced`; `gating` gives rates by voltage."""
    w, dt = scratch(SPACE), p.dt[0]
    empty(w, min(BLOCK, span.end - span.begin))
    current_rows = inputs.current.shape[0]
    for begin in range(span.begin, span.end, BLOCK):
        n = min(begin + BLOCK, span.end) - begin
        load_constants(p.constants, w, begin, n)
        load(arrays, rows, w, begin, n)
        for j in range(n):
            w[HALF_EX + j] = w[QUARTER_EX + j] * w[QUARTER_EX + j]
            w[HALF_IN + j] = w[QUARTER_IN + j] * w[QUARTER_IN + j]

        for k in range(span.first, span.stop):
            start_step(w, inputs.current[(k - span.origin) % current_rows], begin, n)
            one_step(exponentials, gating, driven, w, n, dt)
            arrive(w, inputs.spikes[k - span.origin], p, begin, n)
            fire(w, s.free, p.refractory, begin, n, k, out)
        store(arrays, rows, w, begin, n)


def with_exponential_euler(model: CellModel, advance: Callable[..., None]) -> tuple[CellModel, CellModel]:
    """The model, which now knows this method, and the same cell by it: without a tolerance, and without junctions."""
    euler = replace(
        model, name=f"{model.name}_{METHOD}", advance=advance, coupled=None,
        params=tuple(p for p in model.params if p.name != "tolerance"),
        about=f"{model.about[:-1]}; integrated by exponential Euler, as in Brian2.",
        equations=f"{model.equations}\n{SCHEME}",
    )  # fmt: skip
    return replace(model, methods={METHOD: euler}), euler
