"""Generalized integrate-and-fire cells (GIF): currents that spikes trigger, a threshold that they raise, and chance."""

from types import SimpleNamespace
from typing import Any, NamedTuple

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.maths import exp
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.after_spikes import (
    Elements,
    add_gains,
    element_params,
    element_states,
    elements,
    wrong_lists,
)
from parsim.rng import uniform
from parsim.shard.outbox import emit
from parsim.streams import CELL_NOISE

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


def gif_cell(
    name: str, params: tuple[Param, ...], states: tuple[Variable, ...], drive: str, **parts: Any
) -> CellModel:
    """With synapses that have these parameters and states, and `drive` the membrane as said.

    `parts` are the state, prepare and advance, what the model is about, and what it has of ports and units.
    """
    return CellModel(
        name,
        params=(*GIF_MEMBRANE, *params, *ESCAPE),
        recordables=(Variable("V_m", "mV", "membrane potential", initial="E_L"), *states, *ADAPTATION),
        check=check_escape,
        equations=f"""\
{drive}
I_stc = sum of all stc_j, E_sfa = V_T_star + sum of all sfa_j, each decaying with its tau
a spike with probability 1 - exp(-lambda_0 dt exp((V_m - E_sfa)/Delta_V)) in each step; stc_j and sfa_j gain q_j,
from the next step on V_m := V_reset, held for t_ref""",
        source="Mensi et al. (2012), Journal of Neurophysiology 107; Pozzorini et al. (2015), PLoS "
        f"Computational Biology 11; NEST's {name}",
        **parts,
    )
