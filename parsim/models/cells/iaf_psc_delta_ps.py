"""Leaky integrate-and-fire whose membrane jumps at each spike, at exact times, and that fires between the steps."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock, heard_by, last_time_of
from parsim.jit import inlined, kernel
from parsim.kernels import elementary
from parsim.kernels.maths import exp, log
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.in_pieces import fire, first_event, refractory_for, step_in_pieces
from parsim.models.parts.leaky import MEMBRANE, V_MIN, below_threshold, exact_refractory_steps


class State(NamedTuple):
    V_m: Floats
    free: Ints  # the cell is refractory until `free_offset` ms before this step
    free_offset: Floats
    kept: Floats  # refractory input to be added when the membrane is free, mV


class Params(NamedTuple):
    h: Floats  # [1]
    tau_m: Floats
    leaks: Floats  # 1 - e^(-h/tau_m)
    per_pA: Floats  # mV that 1 pA leads to
    E_L: Floats
    V_th: Floats
    V_reset: Floats
    V_min: Floats
    I_e: Floats
    keeps: Floats  # 1 where refractory input is kept
    refractory: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """The membrane over a whole step."""
    return Params(
        np.full(1, clock.dt), p.tau_m, -elementary.expm1(-clock.dt / p.tau_m), p.tau_m / p.C_m, p.E_L, p.V_th,
        p.V_reset, p.V_min, p.I_e, p.refractory_input, exact_refractory_steps(p.t_ref, clock),
    )  # fmt: skip


@inlined
def goal_of(p, i, current):
    """Where V would come to."""
    return p.E_L[i] + p.per_pA[i] * (p.I_e[i] + current)


@inlined
def piece(s, p, i, k, begin, end, held, goal, out):
    """A membrane from `begin` to `end` of step k, in ms from its start, if it is free; is it `held` then?"""
    start = s.V_m[i]
    if held:
        return True
    s.V_m[i] = max(goal + (start - goal) * exp(-(end - begin) / p.tau_m[i]), p.V_min[i])
    if s.V_m[i] < p.V_th[i]:
        return False
    at = (
        min(begin + p.tau_m[i] * log((goal - start) / (goal - p.V_th[i])), end)
        if start < p.V_th[i]
        else begin
    )
    fire(s, p, i, k, max(p.h[0] - at, 0.0), out)
    return True


@inlined
def receive(s, p, i, k, at, weight, held):
    """A spike arrives; a refractory membrane may keep it."""
    if not held:
        s.V_m[i] = max(s.V_m[i] + weight, p.V_min[i])
    elif p.keeps[i] > 0.0:
        s.kept[i] += weight * exp(-refractory_for(s, p, i, k, at) / p.tau_m[i])


@inlined
def release(s, p, i):
    """A membrane is free, and gets what it has kept."""
    s.V_m[i] += s.kept[i]
    s.kept[i] = 0.0


@kernel
def advance(s, p, inputs, span, out):
    """A step in which nothing happens is taken whole, any other one in pieces."""
    events, grid, rows = inputs.events, inputs.grid, inputs.current.shape[0]
    heard = heard_by(grid, span.first, span.origin)
    for i in range(span.begin, span.end):
        e, last = first_event(events, i, heard), events.start[i + 1]
        for k in range(span.first, span.stop):
            goal = goal_of(p, i, inputs.current[(k - span.origin) % rows, i])
            v = max(s.V_m[i] + (goal - s.V_m[i]) * p.leaks[i], p.V_min[i])
            v = v if s.free[i] <= k else s.V_m[i]
            arrives = e < last and events.time[e] <= last_time_of(grid, k + 1)
            if arrives or s.free[i] == k + 1 or max(v, s.V_m[i]) >= p.V_th[i]:
                e = step_in_pieces(piece, receive, release, s, p, i, k, e, events, grid, goal, out)
            else:
                s.V_m[i] = v


iaf_psc_delta_ps = CellModel(
    "iaf_psc_delta_ps",
    params=(
        *MEMBRANE,
        V_MIN,
        Param("refractory_input", False, "", "keep spikes that meet a refractory membrane", kind="flag"),
    ),
    state=State,
    recordables=(Variable("V_m", "mV", "membrane potential", initial="E_L"),),
    ports=("all",),
    weight_unit="mV",
    prepare=prepare,
    advance=advance,
    check=below_threshold,
    precise=True,
    about="Leaky integrate-and-fire whose membrane jumps by the weight at each spike, with spikes at exact times.",
    equations="""\
dV_m/dt = -(V_m - E_L)/tau_m + (I_e + I_stim)/C_m; a spike of weight w adds w mV at its exact time
V_m >= V_th: a spike at the time of the crossing; V_m := V_reset, held for t_ref from then (at least one step)
refractory_input: a spike that arrives t before the end of refractoriness adds w exp(-t/tau_m) then""",
    source="Hanuschkin et al. (2010), Frontiers in Neuroinformatics 4; NEST's iaf_psc_delta_ps",
)
