"""As iaf_psc_exp_ps, and no spike is missed: V is looked at where it is highest between two arrivals or steps."""

from types import SimpleNamespace

import numpy as np

from parsim.clock import heard_by
from parsim.jit import inlined, kernel
from parsim.kernels.maths import exp
from parsim.kernels.roots import illinois
from parsim.models.base import CellModel
from parsim.models.cells.iaf_psc_alpha_ps import (
    RECORDABLES,
    State,
    cell_of,
    crossing,
    receive,
    release,
    synapses_on,
    voltage_after,
)
from parsim.models.cells.iaf_psc_exp_ps import prepare
from parsim.models.checks import reads
from parsim.models.parts.in_pieces import fire, first_event, step_in_pieces
from parsim.models.parts.leaky import MEMBRANE, SYNAPSES, V_MIN, below_threshold


@reads("V_th", "V_reset", "tau_syn_ex", "tau_syn_in")
def check(p: SimpleNamespace) -> str | None:
    """Both time constants are one, else V could rise and fall more than once."""
    wrong = np.atleast_1d(p.tau_syn_ex != p.tau_syn_in)
    if not wrong.any():
        return below_threshold(p)
    at = int(np.argmax(wrong))
    ex, in_ = (np.broadcast_to(x, wrong.shape)[at] for x in (p.tau_syn_ex, p.tau_syn_in))
    return (
        f"tau_syn_ex is {ex:g} ms and tau_syn_in is {in_:g} ms; they must be equal. Else take iaf_psc_exp_ps."
    )


@inlined
def slope(c, v, current):
    """dV/dt at v, relative to E_L, under a synaptic current."""
    return c.leak * (c.asymptote - v) + c.per_pA * current


@kernel
def slope_after(c, x):
    """The same x ms after V was v."""
    cell, v = c
    return slope(cell, voltage_after(cell, v, x), (cell.i_ex + cell.i_in) * exp(-x * cell.fall_ex))


@inlined
def highest(c, v, x):
    """When within x ms V is highest, if that is neither at the beginning nor at the end; else x."""
    rises, rises_after = slope(c, v, c.i_ex + c.i_in), slope_after((c, v), x)
    if rises > 0.0 and rises_after < 0.0:
        return illinois(slope_after, (c, v), 0.0, rises, x, rises_after, 0.0, 1e-14)
    return x


@inlined
def piece(s, p, i, k, begin, end, held, current, out):
    """As that of iaf_psc_alpha_ps, with a look at the highest V."""
    x = end - begin
    c = cell_of(s, p, i, current)
    synapses_on(s, p, i, x)
    if not held:
        v, threshold = s.V_m[i] - p.E_L[i], p.V_th[i] - p.E_L[i]
        s.V_m[i] = max(voltage_after(c, v, x) + p.E_L[i], p.V_min[i])
        top = highest(c, v, x)
        peak = voltage_after(c, v, top)
        if peak >= threshold:
            fire(s, p, i, k, max(p.h[0] - (begin + crossing(c, v, top, peak, threshold)), 0.0), out)
            held = True
    return held


@kernel
def advance(s, p, inputs, span, out):
    """Every step in pieces."""
    events, grid, rows = inputs.events, inputs.grid, inputs.current.shape[0]
    heard = heard_by(grid, span.first, span.origin)
    for i in range(span.begin, span.end):
        e = first_event(events, i, heard)
        for k in range(span.first, span.stop):
            current = inputs.current[(k - span.origin) % rows, i] + p.I_e[i]
            e = step_in_pieces(piece, receive, release, s, p, i, k, e, events, grid, current, out)


iaf_psc_exp_ps_lossless = CellModel(
    "iaf_psc_exp_ps_lossless",
    params=(*MEMBRANE, V_MIN, *SYNAPSES),
    state=State,
    recordables=RECORDABLES,
    prepare=prepare,
    advance=advance,
    check=check,
    precise=True,
    about="Leaky integrate-and-fire with exponential synaptic currents and exact spikes, of which none is missed.",
    equations="""\
dV_m/dt = -(V_m - E_L)/tau_m + (I_syn_ex + I_syn_in + I_e + I_stim)/C_m
dI_syn_X/dt = -I_syn_X/tau_X;  a spike of weight w adds w; tau_syn_ex = tau_syn_in
V_m >= V_th: a spike at the time of the crossing; V_m := V_reset, held for t_ref from then (at least one step)
arrivals act at their exact times; a crossing is seen however short V stays above V_th""",
    source="Krishnan et al. (2018), Frontiers in Neuroinformatics 11; NEST's iaf_psc_exp_ps_lossless",
)
