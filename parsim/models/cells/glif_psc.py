"""Generalized leaky integrate-and-fire (GLIF) with alpha-shaped currents of any number of receptors."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels import elementary
from parsim.kernels.blocks import BLOCK
from parsim.models.base import Param, Variable
from parsim.models.cells.iaf_psc_alpha import alpha_propagators
from parsim.models.parts.glif import Glif, after_currents, fire, glif, glif_cell
from parsim.models.ports import PerReceptor, of_receptors

RECEPTOR = PerReceptor(
    params=(Param("tau_syn", 2.0, "ms", "rise time of the receptor's current", above=0.0),),
    states=(
        Variable("I_alpha", "pA", "current of the receptor"),
        Variable("dI_alpha", "pA/ms", "how fast it rises, but for its decay"),
    ),
)


class State(NamedTuple):
    V_m: Floats
    I_syn: Floats
    I: Floats  # noqa: E741, for this is what it is called
    threshold: Floats
    threshold_spike: Floats
    threshold_voltage: Floats
    ASCurrents_sum: Floats
    ASCurrents: Floats  # [element, cell]
    I_alpha: Floats  # [receptor, cell]
    dI_alpha: Floats
    free: Ints  # first step that is not refractory


class Params(NamedTuple):
    glif: Glif
    gain: Floats  # what 1 pA adds in one step, mV
    v_from_d: Floats  # [receptor, cell], as what follows
    v_from_i: Floats
    decay_syn: Floats
    i_from_d: Floats
    rise: Floats  # e / tau: a weight of 1 pA peaks at 1 pA


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Propagators of one step."""
    of, tau, h = glif(p, p.g, clock), of_receptors(p, "tau_syn"), clock.dt
    by = np.array([alpha_propagators(one, p.C_m / p.g, p.C_m, h) for one in tau])
    decay = elementary.exp(-h / tau)
    gain = -elementary.expm1(-h * p.g / p.C_m) / p.g
    return Params(of, gain, by[:, 0], by[:, 1], decay, h * decay, np.e / tau)


@kernel
def advance(s, p, inputs, span, out):
    """Exact integration; of a refractory cell the currents of synapses alone go on."""
    rows, q, before = inputs.current.shape[0], p.glif, np.empty(BLOCK)
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            current = inputs.current[(k - span.origin) % rows]
            after_currents(s, q, k, begin, end)
            for i in range(begin, end):
                v = s.V_m[i]
                before[i - begin] = v
                pushed = p.gain[i] * (current[i] + s.ASCurrents_sum[i])
                s.V_m[i] = q.E_L[i] + (q.decay_m[i] * (v - q.E_L[i]) + pushed)
                s.I_syn[i] = 0.0 if k >= s.free[i] else s.I_syn[i]

            for r in range(s.I_alpha.shape[0]):
                now, rising, spikes = s.I_alpha[r], s.dI_alpha[r], inputs.spikes[k - span.origin, r]
                v_from_i, v_from_d = p.v_from_i[r], p.v_from_d[r]
                decay, i_from_d, rise = p.decay_syn[r], p.i_from_d[r], p.rise[r]
                for i in range(begin, end):
                    s.V_m[i] += v_from_d[i] * rising[i] + v_from_i[i] * now[i]
                    s.I_syn[i] += now[i] if k >= s.free[i] else 0.0
                    now[i] = i_from_d[i] * rising[i] + decay[i] * now[i]
                    rising[i] = decay[i] * rising[i] + rise[i] * spikes[i]

            fire(s, q, before, current, k, begin, end, out)


glif_psc = glif_cell(
    "glif_psc",
    "g",
    RECEPTOR,
    (Variable("I_syn", "pA", "current of all synapses at the beginning of the step"),),
    """\
C_m dV_m/dt = -g (V_m - E_L) + sum of ASCurrents_j + sum over receptors of I_R + I_stim
I_R(t) = sum over spikes of w e/tau_syn_R t exp(-t/tau_syn_R)    (a weight of w pA peaks at w pA, of either sign)""",
    "fast=dict(tau_syn=2.0), slow=dict(tau_syn=50.0)",
    state=State,
    prepare=prepare,
    advance=advance,
    about="Generalized leaky integrate-and-fire (GLIF) with alpha-shaped currents of any number of receptors.",
)
