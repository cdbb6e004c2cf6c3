"""Ions that mechanisms share: at each compartment a reversal potential, a current, concentrations."""

from typing import NamedTuple

from parsim.arrays import Floats
from parsim.jit import kernel
from parsim.kernels.maths import log

THERMAL = 0.08617333262145179  # R/F, mV/K
ZERO = 273.15  # degC in K


class Ion(NamedTuple):
    """Of one ion, [compartment]. `current` is the sum over mechanisms, outward; it is there for those that read it."""

    e: Floats  # reversal potential, mV
    current: Floats  # mA/cm2
    inside: Floats  # mM
    outside: Floats  # mM


class Rest(NamedTuple):
    """Where an ion begins, and its valence."""

    e: float
    inside: float
    outside: float
    valence: float


# NEURON's. Where a mechanism writes a concentration, e follows from concentrations.
RESTS = {
    "na": Rest(50.0, 10.0, 140.0, 1.0),
    "k": Rest(-77.0, 54.4, 2.5, 1.0),
    "ca": Rest(132.4579341637009, 5e-5, 2.0, 2.0),
    "cl": Rest(0.0, 1.0, 1.0, -1.0),
}
OTHERS = Rest(0.0, 1.0, 1.0, 1.0)  # of ions that are not in RESTS; their valence is said by a mechanism


@kernel
def nernst(ion, celsius, valence):
    """Reversal potentials from concentrations."""
    factor = THERMAL * (celsius + ZERO) / valence
    for k in range(ion.e.size):
        ion.e[k] = factor * log(ion.outside[k] / ion.inside[k])
