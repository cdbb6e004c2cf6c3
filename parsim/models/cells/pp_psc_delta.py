"""Point process: a leaky membrane that jumps at each spike and fires by chance."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.blocks import BLOCK
from parsim.kernels.maths import exp, log
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.after_spikes import (
    Elements,
    add_gains,
    element_params,
    element_states,
    elements,
    wrong_lists,
)
from parsim.models.parts.leaky import membrane
from parsim.rng import uniform
from parsim.shard.outbox import emit
from parsim.streams import CELL_NOISE

MOST_EXPECTED = 500.0  # spikes in one step without a dead time


class State(NamedTuple):
    V_m: Floats
    E_sfa: Floats
    sfa: Floats  # [element, cell]
    free: Ints  # first step in which it may fire again


class Params(NamedTuple):
    decay: Floats  # of the membrane over one step
    drive: Floats  # what I_e adds in one step, mV
    gain: Floats  # what 1 pA adds in one step, mV
    sfa: Elements
    c_1: Floats  # expected spikes in one step for each mV
    c_2: Floats
    c_3: Floats
    dead: Ints  # steps
    random: Floats  # steps of an exponential part of a dead time that is drawn, 0 where it is not
    shape: Ints
    resets: Floats


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Propagators of one step."""
    decay, gain = membrane(p, clock)
    step = clock.dt * 1e-3
    shape = p.dead_time_shape.astype(np.int64)
    dead = np.where(p.dead_time > 0.0, np.maximum(clock.at_least(p.dead_time, "dead_time"), 1), 0)
    drawn = (p.dead_time_random > 0.0) & (p.dead_time > 0.0)
    return Params(
        decay, gain * p.I_e, gain, elements(p, "sfa", clock), p.c_1 * step, p.c_2 * step, p.c_3,
        dead, np.where(drawn, p.dead_time / clock.dt / shape, 0.0), shape, p.with_reset,
    )  # fmt: skip


def check(p: SimpleNamespace) -> str | None:
    """Lists of one length, and a whole shape."""
    wrong = np.atleast_1d(p.dead_time_shape != np.floor(p.dead_time_shape))
    if wrong.any():
        return f"dead_time_shape is {np.atleast_1d(p.dead_time_shape)[wrong][0]:g}; a whole number is needed."
    return wrong_lists(p, "sfa")


@kernel
def advance(s, p, inputs, span, out):
    """Exact integration, also while a cell is dead."""
    rows = inputs.current.shape[0]
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            jump = inputs.spikes[k - span.origin, 0]
            current = inputs.current[(k - span.origin) % rows]
            for i in range(begin, end):
                s.V_m[i] = p.decay[i] * s.V_m[i] + (p.drive[i] + p.gain[i] * current[i]) + jump[i]
                s.E_sfa[i] = 0.0
            for r in range(p.sfa.used[0]):
                for i in range(begin, end):
                    s.sfa[r, i] *= p.sfa.decay[r, i]
                    s.E_sfa[i] += s.sfa[r, i]

            for i in range(begin, end):
                if k >= s.free[i]:
                    v = s.V_m[i] - s.E_sfa[i]
                    expected = p.c_1[i] * v + p.c_2[i] * exp(p.c_3[i] * v)
                    if expected > 0.0:
                        fire(s, p, inputs, k, i, expected, out)


@kernel
def fire(s, p, inputs, k, i, expected, out):
    """One spike or none where there is a dead time, else a Poisson number of them."""
    u = uniform(inputs.seed, CELL_NOISE, inputs.gids[i], k, 0)
    times = 0
    if p.dead[i] > 0:
        times = 1 if u < 1.0 - exp(-expected) else 0
    else:
        left = min(expected, MOST_EXPECTED)
        chance = exp(-left)
        below = chance
        while u >= below and chance > 0.0:
            times += 1
            chance *= left / times
            below += chance
    if times > 0:
        for _ in range(times):
            emit(out, i, k + 1)
        add_gains(s.sfa, p.sfa, i, times)
        if p.resets[i] > 0.0:
            s.V_m[i] = 0.0
        s.free[i] = k + 1 + dead_steps(p, inputs, k, i)


@kernel
def dead_steps(p, inputs, k, i):
    """As said, or gamma distributed with that mean."""
    if p.random[i] == 0.0:
        return p.dead[i]
    drawn = 0.0
    for part in range(p.shape[i]):
        drawn -= p.random[i] * log(1.0 - uniform(inputs.seed, CELL_NOISE, inputs.gids[i], k, 1 + part))
    return np.int64(np.ceil(drawn))


pp_psc_delta = CellModel(
    "pp_psc_delta",
    params=(
        Param("C_m", 250.0, "pF", "capacitance of the membrane", above=0.0),
        Param("tau_m", 10.0, "ms", "time constant of the membrane", above=0.0),
        Param("I_e", 0.0, "pA", "constant input current"),
        Param("c_1", 0.0, "Hz/mV", "slope of the linear part of the rate"),
        Param("c_2", 1.238, "Hz", "rate of the exponential part at rest", at_least=0.0),
        Param("c_3", 0.25, "1/mV", "how steep the exponential part is", at_least=0.0),
        Param(
            "dead_time", 1.0, "ms", "after a spike there is no other; mean where it is drawn", at_least=0.0
        ),
        Param("dead_time_random", False, "", "dead times are drawn", kind="flag"),
        Param(
            "dead_time_shape", 1.0, "", "shape of the gamma distribution they are drawn from", at_least=1.0
        ),
        Param("with_reset", True, "", "V_m goes to 0 after a spike", kind="flag"),
        *element_params("sfa", "mV", "parts of the threshold that spikes raise"),
    ),
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential above rest"),
        Variable("E_sfa", "mV", "what spikes have raised the threshold by"),
        *element_states("sfa", "mV", "part of the threshold"),
    ),
    ports=("all",),
    weight_unit="mV",
    prepare=prepare,
    advance=advance,
    check=check,
    about="Point process: a leaky membrane that jumps by the weight at each spike and fires by chance.",
    equations="""\
dV_m/dt = -V_m/tau_m + (I_e + I_stim)/C_m; a spike of weight w adds w mV
rate = max(0, c_1 V' + c_2 exp(c_3 V')) with V' = V_m - E_sfa; E_sfa = sum of all sfa_j, each decaying with its tau
dead_time > 0: a spike with probability 1 - exp(-rate dt) in each step, none while the cell is dead
dead_time = 0: Poisson(rate dt) spikes in each step, of an expectation of up to 500
after a spike sfa_j gain q_j, and with_reset V_m := 0""",
    source="Cardanobile and Rotter (2010), Journal of Computational Neuroscience 28; "
    "Deger, Helias, Boucsein and Rotter (2012), Journal of Computational Neuroscience 32; NEST's pp_psc_delta",
)
