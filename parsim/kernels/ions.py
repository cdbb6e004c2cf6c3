"""Ions that mechanisms share: at each compartment a reversal potential, a current, concentrations."""

from typing import NamedTuple

from parsim.arrays import Floats
from parsim.jit import kernel
from parsim.kernels.maths import log

THERMAL = 0.08617333262145179  # R/F, mV/K
ZERO = 273.15  # degC in K


class Ion(NamedTuple):
    """Of one ion, [compartment]. `current` is the sum over mechanisms, outward, of the step before."""

    e: Floats  # reversal potential, mV
    current: Floats  # mA/cm2
    inside: Floats  # mM
    outside: Floats  # mM


@kernel
def nernst(ion, celsius, valence):
    """Reversal potentials from concentrations."""
    factor = THERMAL * (celsius + ZERO) / valence
    for k in range(ion.e.size):
        ion.e[k] = factor * log(ion.outside[k] / ion.inside[k])
