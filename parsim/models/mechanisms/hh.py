"""hh: density mechanism.

sodium, potassium and leak currents of the squid axon, rest near -65 mV (Hodgkin and Huxley 1952)

Made by parsim from hh.mod. Do not edit: it is written anew when the text changes.
"""

# mypy: ignore-errors
# ruff: noqa

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.jit import kernel
from parsim.kernels.functions import power
from parsim.kernels.maths import exp
from parsim.models.mechanism import IonUse, Mechanism
from parsim.models.params import Param, Variable


class Kept(NamedTuple):
    """Of each instance."""

    m: Floats
    h: Floats
    n: Floats
    gnabar: Floats
    gkbar: Floats
    gl: Floats
    el: Floats


class Shared(NamedTuple):
    """Of all instances."""

    celsius: float


@kernel
def initial(kept, shared, tree, volts, ion_na, ion_k, runs, t, dt):
    """States at the start."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            v = volts[at]
            x = -(v + 40.0)
            holds = abs(x * 0.1) < 1e-06
            linoid = 10.0 * (1.0 - x * 0.1 * 0.5)
            exp_v = exp((v + 65.0) * (-0.0125))
            exp_v_2 = exp_v * exp_v
            exp_v_3 = exp_v_2 * exp_v_2
            exp_v_4 = exp_v_3 * exp_v_3
            linoid_2 = x / (12.182493960703473 * exp_v_4 - 1.0)
            linoid_3 = linoid if holds else linoid_2
            a = 0.1 * linoid_3
            b = 4.0 * exp(-((v + 65.0) * 0.05555555555555555))
            minf = a / (a + b)
            a_2 = 0.07 * exp_v_3
            b_2 = 1.0 / (20.085536923187668 * exp_v_4 + 1.0)
            hinf = a_2 / (a_2 + b_2)
            x_2 = -(v + 55.0)
            holds_2 = abs(x_2 * 0.1) < 1e-06
            linoid_4 = 10.0 * (1.0 - x_2 * 0.1 * 0.5)
            linoid_5 = x_2 / (2.718281828459045 * exp_v_4 - 1.0)
            linoid_6 = linoid_4 if holds_2 else linoid_5
            a_3 = 0.01 * linoid_6
            b_3 = 0.125 * exp_v
            ninf = a_3 / (a_3 + b_3)
            kept.m[here] = minf
            kept.h[here] = hinf
            kept.n[here] = ninf


@kernel
def state(kept, shared, tree, volts, ion_na, ion_k, runs, t, dt):
    """States a step on, at the voltage of its end."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            v = volts[at]
            celsius = shared.celsius
            m = kept.m[here]
            h = kept.h[here]
            n = kept.n[here]
            q_2 = power(3.0, (celsius - 6.3) * 0.1)
            x = -(v + 40.0)
            holds = abs(x * 0.1) < 1e-06
            linoid = 10.0 * (1.0 - x * 0.1 * 0.5)
            exp_v = exp((v + 65.0) * (-0.0125))
            exp_v_2 = exp_v * exp_v
            exp_v_3 = exp_v_2 * exp_v_2
            exp_v_4 = exp_v_3 * exp_v_3
            linoid_2 = x / (12.182493960703473 * exp_v_4 - 1.0)
            linoid_3 = linoid if holds else linoid_2
            a = 0.1 * linoid_3
            b = 4.0 * exp(-((v + 65.0) * 0.05555555555555555))
            minf = a / (a + b)
            a_2 = 0.07 * exp_v_3
            b_2 = 1.0 / (20.085536923187668 * exp_v_4 + 1.0)
            hinf = a_2 / (a_2 + b_2)
            x_2 = -(v + 55.0)
            holds_2 = abs(x_2 * 0.1) < 1e-06
            linoid_4 = 10.0 * (1.0 - x_2 * 0.1 * 0.5)
            linoid_5 = x_2 / (2.718281828459045 * exp_v_4 - 1.0)
            linoid_6 = linoid_4 if holds_2 else linoid_5
            a_3 = 0.01 * linoid_6
            b_3 = 0.125 * exp_v
            ninf = a_3 / (a_3 + b_3)
            m_2 = m + (1.0 - exp(-(dt * (q_2 * (a + b))))) * (minf - m)
            h_2 = h + (1.0 - exp(-(dt * (q_2 * (a_2 + b_2))))) * (hinf - h)
            n_2 = n + (1.0 - exp(-(dt * (q_2 * (a_3 + b_3))))) * (ninf - n)
            kept.m[here] = m_2
            kept.h[here] = h_2
            kept.n[here] = n_2


@kernel
def current(kept, shared, tree, volts, ion_na, ion_k, runs, t, dt, d, rhs):
    """Conductance to the diagonal, what is left of the current to the right side, uS and nA."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            gnabar = kept.gnabar[here]
            m = kept.m[here]
            h = kept.h[here]
            ena = ion_na.e[at]
            gkbar = kept.gkbar[here]
            n = kept.n[here]
            ek = ion_k.e[at]
            gl = kept.gl[here]
            el = kept.el[here]
            gna = gnabar * m * m * m * h
            gk = gkbar * n * n * n * n
            ina_at_0 = -(gna * ena)
            ik_at_0 = -(gk * ek)
            il_at_0 = -(gl * el)
            slope = gl + gna + gk
            rest = il_at_0 + ina_at_0 + ik_at_0
            patch = tree.patch[at]
            d[at] += patch * slope
            rhs[at] -= patch * rest


@kernel
def current_and_ions(kept, shared, tree, volts, ion_na, ion_k, runs, t, dt, d, rhs):
    """Conductance to the diagonal, what is left of the current to the right side, uS and nA; currents of ions, mA/cm2."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            gnabar = kept.gnabar[here]
            m = kept.m[here]
            h = kept.h[here]
            v = volts[at]
            ena = ion_na.e[at]
            gkbar = kept.gkbar[here]
            n = kept.n[here]
            ek = ion_k.e[at]
            gl = kept.gl[here]
            el = kept.el[here]
            gna = gnabar * m * m * m * h
            ina = gna * (v - ena)
            gk = gkbar * n * n * n * n
            ik = gk * (v - ek)
            ina_at_0 = -(gna * ena)
            ik_at_0 = -(gk * ek)
            il_at_0 = -(gl * el)
            slope = gl + gna + gk
            rest = il_at_0 + ina_at_0 + ik_at_0
            patch = tree.patch[at]
            d[at] += patch * slope
            rhs[at] -= patch * rest
            ion_na.current[at] += ina
            ion_k.current[at] += ik


@kernel
def observe(kept, shared, tree, volts, ion_na, ion_k, runs, t, dt, out):
    """Rows of `out`: gna, ina, gk, ik, il."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            v = volts[at]
            gnabar = kept.gnabar[here]
            m = kept.m[here]
            h = kept.h[here]
            ena = ion_na.e[at]
            gkbar = kept.gkbar[here]
            n = kept.n[here]
            ek = ion_k.e[at]
            gl = kept.gl[here]
            el = kept.el[here]
            gna = gnabar * m * m * m * h
            ina = gna * (v - ena)
            gk = gkbar * n * n * n * n
            ik = gk * (v - ek)
            il = gl * (v - el)
            out[0, here] = gna
            out[1, here] = ina
            out[2, here] = gk
            out[3, here] = ik
            out[4, here] = il


mechanism = Mechanism(
    name="hh",
    kind="density",
    kept=Kept,
    shared=Shared,
    params=(
        Param("gnabar", 0.12, "S/cm2", at_least=0.0, at_most=1000000000.0),
        Param("gkbar", 0.036, "S/cm2", at_least=0.0, at_most=1000000000.0),
        Param("gl", 0.0003, "S/cm2", at_least=0.0, at_most=1000000000.0),
        Param("el", -54.3, "mV"),
    ),
    states=(Variable("m", ""), Variable("h", ""), Variable("n", "")),
    observed=(
        Variable("gna", "S/cm2"),
        Variable("ina", "mA/cm2"),
        Variable("gk", "S/cm2"),
        Variable("ik", "mA/cm2"),
        Variable("il", "mA/cm2"),
    ),
    ions=(IonUse("na", ("ena",), ("ina",), 1.0), IonUse("k", ("ek",), ("ik",), 1.0)),
    about="sodium, potassium and leak currents of the squid axon, rest near -65 mV (Hodgkin and Huxley 1952)",
    notes=("hh.mod:69: what TABLE would hold is computed; tables=True keeps it.",),
    kernels={"initial": initial, "state": state, "current": current, "current_and_ions": current_and_ions, "observe": observe},
)
