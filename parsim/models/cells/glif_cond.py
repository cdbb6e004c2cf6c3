"""Generalized leaky integrate-and-fire (GLIF) with alpha-shaped conductances of any number of receptors."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.blocks import BLOCK
from parsim.models.base import Param
from parsim.models.parts.glif import Glif, after_currents, fire, glif, glif_cell
from parsim.models.parts.leaking import Felt, Leaking, leaking, membrane
from parsim.models.parts.receptors import CONDUCTANCE
from parsim.models.ports import PerReceptor, of_receptors

RECEPTOR = PerReceptor(
    params=(
        Param("E_rev", 0.0, "mV", "reversal potential of the receptor"),
        Param("tau_syn", 2.0, "ms", "rise time of the receptor's conductance", above=0.0),
    ),
    states=CONDUCTANCE,
    positive=True,
)


class State(NamedTuple):
    V_m: Floats
    I: Floats  # noqa: E741, for this is what it is called
    threshold: Floats
    threshold_spike: Floats
    threshold_voltage: Floats
    ASCurrents_sum: Floats
    ASCurrents: Floats  # [element, cell]
    g: Floats  # [receptor, cell]
    dg: Floats
    free: Ints  # first step that is not refractory


class Params(NamedTuple):
    glif: Glif
    leaking: Leaking


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Courses of the receptors' conductances over a step, and the membrane."""
    tau = of_receptors(p, "tau_syn")
    of = leaking(SimpleNamespace(**vars(p), g_L=p.g_m), clock, tau, tau, of_receptors(p, "E_rev"))
    return Params(glif(p, p.g_m, clock), of)


@kernel
def advance(s, p, inputs, span, out):
    """Magnus' series to fourth order; of a refractory cell conductances alone go on."""
    rows, q, c = inputs.current.shape[0], p.glif, p.leaking.courses
    before, force, after = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            current = inputs.current[(k - span.origin) % rows]
            for i in range(begin, end):  # as in NEST, with the currents of the step before
                force[i - begin] = current[i] + s.ASCurrents_sum[i]
            after_currents(s, q, k, begin, end)
            membrane(Felt(s.V_m, s.g, s.dg), p.leaking, force, begin, end, after)
            for i in range(begin, end):
                before[i - begin], s.V_m[i] = s.V_m[i], after[i - begin]

            for r in range(s.g.shape[0]):
                arrived, g, x = inputs.spikes[k - span.origin, r], s.g[r], s.dg[r]
                decay, grown, decay_x, gain = c.decay[r], c.grown[r], c.decay_x[r], c.gain[r]
                for i in range(begin, end):
                    g[i] = decay[i] * g[i] + grown[i] * x[i]
                    x[i] = decay_x[i] * x[i] + gain[i] * arrived[i]

            fire(s, q, before, current, k, begin, end, out)


glif_cond = glif_cell(
    "glif_cond",
    "g_m",
    RECEPTOR,
    (),
    """\
C_m dV_m/dt = -g_m (V_m - E_L) - sum over receptors of g_R (V_m - E_rev_R) + sum of ASCurrents_j + I_stim
g_R(t) = sum over spikes at R of w e/tau_syn_R t exp(-t/tau_syn_R); a weight of w nS, at least 0, peaks at w nS""",
    "exc=dict(E_rev=0.0, tau_syn=0.2), inh=dict(E_rev=-85.0)",
    state=State,
    prepare=prepare,
    advance=advance,
    weight_unit="nS",
    about="Generalized leaky integrate-and-fire (GLIF) with alpha-shaped conductances of any number of receptors.",
).with_receptors(**{"1": dict(E_rev=0.0, tau_syn=0.2), "2": dict(E_rev=-85.0, tau_syn=2.0)})
