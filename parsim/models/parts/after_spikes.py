"""What a cell's own spikes leave behind: sums of exponentials, of which each cell has a list of its own.

A spike adds q to each element, which then decays with tau. Cells have up to MOST elements of a kind; loops go over as
many as the cell with most of them has.
"""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined, kernel
from parsim.kernels import elementary
from parsim.kernels.maths import exp
from parsim.models.base import Param, Variable
from parsim.rng import uniform
from parsim.shard.outbox import emit
from parsim.streams import CELL_NOISE

MOST = 10


class Elements(NamedTuple):
    """Of one kind; arrays [element, cell]."""

    decay: Floats  # over one step
    gain: Floats  # by each spike
    used: Ints  # one element: how many rows some cell uses


def element_params(kind: str, unit: str, what: str) -> tuple[Param, Param]:
    """The parameters tau_KIND and q_KIND."""
    return (
        Param(f"tau_{kind}", (), "ms", f"time constants of {what}", kind="train"),
        Param(f"q_{kind}", (), unit, f"what a spike adds to each of {what}", kind="train"),
    )


def element_states(kind: str, unit: str, what: str) -> tuple[Variable, ...]:
    """The states KIND_1, KIND_2 and so on, which are rows of the field KIND."""
    return tuple(Variable(f"{kind}_{r + 1}", unit, f"{what}, element {r + 1}", of=kind) for r in range(MOST))


def rows_of_lists(lists: list[Floats], rest: float) -> Floats:
    """Lists of all cells as an array [element, cell]; `rest` stands where a list has ended."""
    held = np.full((MOST, len(lists)), rest)
    for i, one in enumerate(lists):
        held[: one.size, i] = one
    return held


def elements(p: SimpleNamespace, kind: str, clock: Clock) -> Elements:
    """Of the parameters tau_KIND and q_KIND."""
    tau = getattr(p, f"tau_{kind}")
    decay = elementary.exp(-clock.dt / rows_of_lists(tau, 1.0))
    used = max((one.size for one in tau), default=0)
    return Elements(decay, rows_of_lists(getattr(p, f"q_{kind}"), 0.0), np.array([used], np.int64))


def wrong_lists(p: SimpleNamespace, kind: str) -> str | None:
    """A sentence where lists do not fit together."""
    names = f"tau_{kind}", f"q_{kind}"
    for tau, q in zip(getattr(p, names[0]), getattr(p, names[1]), strict=True):
        if tau.size != q.size:
            return f"{names[0]} has {tau.size} elements and {names[1]} has {q.size}; they need as many."
        if tau.size > MOST:
            return f"{names[0]} has {tau.size} elements; a cell can have up to {MOST}."
        if (tau <= 0.0).any():
            return f"{names[0]} has {tau[tau <= 0.0][0]:g} ms; time constants above 0 are needed."
    return None


@inlined
def add_gains(held, q, i, times):
    """A cell has fired so many times."""
    for r in range(q.used[0]):
        held[r, i] += times * q.gain[r, i]


# ---- generalized integrate-and-fire ------------------------------------------------------------------

ESCAPE = (
    Param("V_T_star", -35.0, "mV", "threshold without adaptation"),
    Param("Delta_V", 0.5, "mV", "how sharp the threshold is", above=0.0),
    Param("lambda_0", 1.0, "Hz", "rate of firing at threshold", at_least=0.0),
    *element_params("stc", "pA", "currents that spikes trigger"),
    *element_params("sfa", "mV", "parts of the threshold that spikes raise"),
)
GIF_MEMBRANE = (
    Param("C_m", 80.0, "pF", "capacitance of the membrane", above=0.0),
    Param("g_L", 4.0, "nS", "leak conductance", above=0.0),
    Param("t_ref", 4.0, "ms", "duration of the refractory period", at_least=0.0),
    Param("E_L", -70.0, "mV", "resting potential"),
    Param("V_reset", -55.0, "mV", "potential after a spike"),
    Param("I_e", 0.0, "pA", "constant input current"),
)
ADAPTATION = (
    Variable("I_stc", "pA", "current that spikes have triggered"),
    Variable("E_sfa", "mV", "threshold; it follows from its parts"),
    *element_states("stc", "pA", "current that spikes have triggered"),
    *element_states("sfa", "mV", "part of the threshold"),
)


class Escape(NamedTuple):
    """What decides whether a cell fires."""

    stc: Elements
    sfa: Elements
    V_T_star: Floats
    per_Delta_V: Floats
    hazard: Floats  # expected spikes in one step at threshold


def escape(p: SimpleNamespace, clock: Clock) -> Escape:
    """Of the parameters above."""
    return Escape(
        elements(p, "stc", clock), elements(p, "sfa", clock), p.V_T_star, 1.0 / p.Delta_V,
        p.lambda_0 * clock.dt * 1e-3,
    )  # fmt: skip


def check_escape(p: SimpleNamespace) -> str | None:
    """Lists of one length each."""
    return wrong_lists(p, "stc") or wrong_lists(p, "sfa")


@kernel
def adapt(s, q, begin, end):
    """Currents and thresholds of this step; their elements a step later."""
    for i in range(begin, end):
        s.I_stc[i], s.E_sfa[i] = 0.0, q.V_T_star[i]
    for r in range(q.stc.used[0]):
        for i in range(begin, end):
            s.I_stc[i] += s.stc[r, i]
            s.stc[r, i] *= q.stc.decay[r, i]
    for r in range(q.sfa.used[0]):
        for i in range(begin, end):
            s.E_sfa[i] += s.sfa[r, i]
            s.sfa[r, i] *= q.sfa.decay[r, i]


@kernel
def fire_by_chance(s, q, refractory, inputs, k, begin, end, out):
    """Each cell draws whether it fires; what the spike leaves behind is felt from the next step on."""
    for i in range(begin, end):
        expected = q.hazard[i] * exp((s.V_m[i] - s.E_sfa[i]) * q.per_Delta_V[i])
        if k >= s.free[i] and uniform(inputs.seed, CELL_NOISE, inputs.gids[i], k, 0) < 1.0 - exp(-expected):
            add_gains(s.stc, q.stc, i, 1.0)
            add_gains(s.sfa, q.sfa, i, 1.0)
            s.free[i] = k + 1 + refractory[i]
            emit(out, i, k + 1)
