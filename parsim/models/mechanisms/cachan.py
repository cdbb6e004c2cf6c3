"""cachan: density mechanism.

calcium channel of a presynaptic terminal: one gate, squared, and a constant field (NEURON Book, Example 10.1)

Made by parsim from cachan.mod. Do not edit: it is written anew when the text changes.
"""

# mypy: ignore-errors
# ruff: noqa

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.jit import kernel
from parsim.kernels.maths import exp
from parsim.models.mechanism import IonUse, Mechanism
from parsim.models.params import Param, Variable


class Kept(NamedTuple):
    """Of each instance."""

    oca: Floats
    pcabar: Floats
    taufactor: Floats


class Shared(NamedTuple):
    """Of all instances."""

    celsius: float


@kernel
def initial(kept, shared, tree, volts, ion_ca, runs, t, dt):
    """States at the start."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            v = volts[at]
            u = v + 65.0
            z = 0.1 * (25.0 - u)
            holds = abs(z) < 0.0001
            bend = 1.0 - z * 0.5
            bend_2 = z / (exp(z) - 1.0)
            bend_3 = bend if holds else bend_2
            b = 4.0 * exp(-(u * 0.05555555555555555))
            inf = bend_3 / (bend_3 + b)
            kept.oca[here] = inf


@kernel
def state(kept, shared, tree, volts, ion_ca, runs, t, dt):
    """States a step on, at the voltage of its end."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            v = volts[at]
            taufactor = kept.taufactor[here]
            oca = kept.oca[here]
            u = v + 65.0
            z = 0.1 * (25.0 - u)
            holds = abs(z) < 0.0001
            bend = 1.0 - z * 0.5
            bend_2 = z / (exp(z) - 1.0)
            bend_3 = bend if holds else bend_2
            b = 4.0 * exp(-(u * 0.05555555555555555))
            tau = taufactor / (bend_3 + b)
            inf = bend_3 / (bend_3 + b)
            oca_2 = oca + (1.0 - exp(-(dt / tau))) * (inf - oca)
            kept.oca[here] = oca_2


@kernel
def current(kept, shared, tree, volts, ion_ca, runs, t, dt, d, rhs):
    """Conductance to the diagonal, what is left of the current to the right side, uS and nA."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            pcabar = kept.pcabar[here]
            oca = kept.oca[here]
            v = volts[at]
            cai = ion_ca.inside[at]
            cao = ion_ca.outside[at]
            celsius = shared.celsius
            z = 192.97066424662003 * v / (8.31446261815324 * (celsius + 273.15))
            z_2 = -z
            holds = abs(z_2) < 0.0001
            bend = 1.0 - z_2 * 0.5
            bend_2 = z_2 / (exp(z_2) - 1.0)
            bend_3 = bend if holds else bend_2
            holds_2 = abs(z) < 0.0001
            bend_4 = 1.0 - z * 0.5
            bend_5 = z / (exp(z) - 1.0)
            bend_6 = bend_4 if holds_2 else bend_5
            field = 192.97066424662003 * (cai * bend_3 - cao * bend_6)
            ica = pcabar * oca * oca * field
            v_raised = v + 0.001
            z_raised = 192.97066424662003 * v_raised / (8.31446261815324 * (celsius + 273.15))
            z_2_raised = -z_raised
            holds_raised = abs(z_2_raised) < 0.0001
            bend_raised = 1.0 - z_2_raised * 0.5
            bend_2_raised = z_2_raised / (exp(z_2_raised) - 1.0)
            bend_3_raised = bend_raised if holds_raised else bend_2_raised
            holds_2_raised = abs(z_raised) < 0.0001
            bend_4_raised = 1.0 - z_raised * 0.5
            bend_5_raised = z_raised / (exp(z_raised) - 1.0)
            bend_6_raised = bend_4_raised if holds_2_raised else bend_5_raised
            field_raised = 192.97066424662003 * (cai * bend_3_raised - cao * bend_6_raised)
            ica_raised = pcabar * oca * oca * field_raised
            slope = (ica_raised - ica) * 1000.0
            rest = ica - slope * v
            patch = tree.patch[at]
            d[at] += patch * slope
            rhs[at] -= patch * rest


@kernel
def current_and_ions(kept, shared, tree, volts, ion_ca, runs, t, dt, d, rhs):
    """Conductance to the diagonal, what is left of the current to the right side, uS and nA; currents of ions, mA/cm2."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            pcabar = kept.pcabar[here]
            oca = kept.oca[here]
            v = volts[at]
            cai = ion_ca.inside[at]
            cao = ion_ca.outside[at]
            celsius = shared.celsius
            z = 192.97066424662003 * v / (8.31446261815324 * (celsius + 273.15))
            z_2 = -z
            holds = abs(z_2) < 0.0001
            bend = 1.0 - z_2 * 0.5
            bend_2 = z_2 / (exp(z_2) - 1.0)
            bend_3 = bend if holds else bend_2
            holds_2 = abs(z) < 0.0001
            bend_4 = 1.0 - z * 0.5
            bend_5 = z / (exp(z) - 1.0)
            bend_6 = bend_4 if holds_2 else bend_5
            field = 192.97066424662003 * (cai * bend_3 - cao * bend_6)
            ica = pcabar * oca * oca * field
            v_raised = v + 0.001
            z_raised = 192.97066424662003 * v_raised / (8.31446261815324 * (celsius + 273.15))
            z_2_raised = -z_raised
            holds_raised = abs(z_2_raised) < 0.0001
            bend_raised = 1.0 - z_2_raised * 0.5
            bend_2_raised = z_2_raised / (exp(z_2_raised) - 1.0)
            bend_3_raised = bend_raised if holds_raised else bend_2_raised
            holds_2_raised = abs(z_raised) < 0.0001
            bend_4_raised = 1.0 - z_raised * 0.5
            bend_5_raised = z_raised / (exp(z_raised) - 1.0)
            bend_6_raised = bend_4_raised if holds_2_raised else bend_5_raised
            field_raised = 192.97066424662003 * (cai * bend_3_raised - cao * bend_6_raised)
            ica_raised = pcabar * oca * oca * field_raised
            slope = (ica_raised - ica) * 1000.0
            rest = ica - slope * v
            patch = tree.patch[at]
            d[at] += patch * slope
            rhs[at] -= patch * rest
            ion_ca.current[at] += ica


@kernel
def observe(kept, shared, tree, volts, ion_ca, runs, t, dt, out):
    """Rows of `out`: ica."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            v = volts[at]
            pcabar = kept.pcabar[here]
            oca = kept.oca[here]
            cai = ion_ca.inside[at]
            cao = ion_ca.outside[at]
            celsius = shared.celsius
            z_2 = 192.97066424662003 * v / (8.31446261815324 * (celsius + 273.15))
            z_3 = -z_2
            holds_2 = abs(z_3) < 0.0001
            bend_4 = 1.0 - z_3 * 0.5
            bend_5 = z_3 / (exp(z_3) - 1.0)
            bend_6 = bend_4 if holds_2 else bend_5
            holds_3 = abs(z_2) < 0.0001
            bend_7 = 1.0 - z_2 * 0.5
            bend_8 = z_2 / (exp(z_2) - 1.0)
            bend_9 = bend_7 if holds_3 else bend_8
            field = 192.97066424662003 * (cai * bend_6 - cao * bend_9)
            ica = pcabar * oca * oca * field
            out[0, here] = ica


mechanism = Mechanism(
    name="cachan",
    kind="density",
    kept=Kept,
    shared=Shared,
    params=(
        Param("pcabar", 0.0002, "cm/s", at_least=0.0, at_most=1000000000.0),
        Param("taufactor", 0.5, "", at_least=1e-06, at_most=1000000.0),
    ),
    states=(Variable("oca", ""),),
    observed=(Variable("ica", "mA/cm2"),),
    ions=(IonUse("ca", ("cai", "cao"), ("ica",), 2.0),),
    linear=False,
    about="calcium channel of a presynaptic terminal: one gate, squared, and a constant field (NEURON Book, Example 10.1)",
    kernels={"initial": initial, "state": state, "current": current, "current_and_ions": current_and_ions, "observe": observe},
)
