"""Generalized integrate-and-fire with exponential synaptic currents."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.blocks import BLOCK
from parsim.models.base import CellModel, Variable
from parsim.models.parts.after_spikes import (
    ADAPTATION,
    ESCAPE,
    GIF_MEMBRANE,
    Escape,
    adapt,
    check_escape,
    escape,
    fire_by_chance,
)
from parsim.models.parts.exponential_currents import CURRENTS, Membrane, next_v, under_currents
from parsim.models.parts.leaky import SYNAPSES, refractory_steps


class State(NamedTuple):
    V_m: Floats
    I_syn_ex: Floats
    I_syn_in: Floats
    I_stc: Floats
    E_sfa: Floats
    stc: Floats  # [element, cell]
    sfa: Floats
    free: Ints  # first step that is not refractory


class Params(NamedTuple):
    membrane: Membrane
    escape: Escape
    V_reset: Floats
    refractory: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Propagators of one step; what arrives acts in the same step, so those of currents begin with it."""
    tau_m = p.C_m / p.g_L
    of = under_currents(SimpleNamespace(**vars(p), tau_m=tau_m), clock)
    return Params(of, escape(p, clock), p.V_reset, refractory_steps(p.t_ref, clock))


@kernel
def advance(s, p, inputs, span, out):
    """Exact integration with currents that are those of the step's end; a refractory membrane stays at V_reset."""
    rows, m = inputs.current.shape[0], p.membrane
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            ex = inputs.spikes[k - span.origin, 0]
            in_ = inputs.spikes[k - span.origin, 1]
            current = inputs.current[(k - span.origin) % rows]
            adapt(s, p.escape, begin, end)

            for i in range(begin, end):
                s.I_syn_ex[i] = m.decay_ex[i] * s.I_syn_ex[i] + ex[i]
                s.I_syn_in[i] = m.decay_in[i] * s.I_syn_in[i] + in_[i]
                v = next_v(m, i, s.V_m[i], s.I_syn_ex[i], s.I_syn_in[i], current[i] - s.I_stc[i])
                s.V_m[i] = v if k >= s.free[i] else p.V_reset[i]

            fire_by_chance(s, p.escape, p.refractory, inputs, k, begin, end, out)


gif_psc_exp = CellModel(
    "gif_psc_exp",
    params=(*GIF_MEMBRANE, *SYNAPSES, *ESCAPE),
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential", initial="E_L"),
        *CURRENTS,
        *ADAPTATION,
    ),
    prepare=prepare,
    advance=advance,
    check=check_escape,
    about="Generalized integrate-and-fire: exponential currents, currents of spikes, a threshold that moves.",
    equations="""\
C_m dV_m/dt = -g_L (V_m - E_L) - I_stc + I_syn_ex + I_syn_in + I_e + I_stim
dI_syn_X/dt = -I_syn_X/tau_syn_X; a spike of weight w adds w pA: w > 0 to I_syn_ex, w <= 0 to I_syn_in
I_stc = sum of all stc_j, E_sfa = V_T_star + sum of all sfa_j, each decaying with its tau
a spike with probability 1 - exp(-lambda_0 dt exp((V_m - E_sfa)/Delta_V)) in each step; stc_j and sfa_j gain q_j,
from the next step on V_m := V_reset, held for t_ref
(currents act on V_m in a step with their values at its end, as in NEST)""",
    source="Mensi et al. (2012), Journal of Neurophysiology 107; Pozzorini et al. (2015), PLoS "
    "Computational Biology 11; NEST's gif_psc_exp",
)
