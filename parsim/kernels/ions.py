"""Ions that mechanisms share: at each compartment a reversal potential, a current, concentrations."""

from typing import NamedTuple

import numpy as np

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
def nernst(ion, runs, celsius, valence):
    """Reversal potentials from concentrations, in `runs` of (first compartment, how many).

    Where there is nothing inside it is 1e6 mV, outside -1e6 mV, as in NEURON.
    """
    factor = THERMAL * (celsius + ZERO) / valence
    for r in range(runs.shape[0]):
        first = np.uint64(runs[r, 0])
        for j in range(np.uint64(runs[r, 1])):
            inside, outside = ion.inside[first + j], ion.outside[first + j]
            e = factor * log(outside / inside)
            ion.e[first + j] = 1e6 if inside <= 0.0 else -1e6 if outside <= 0.0 else e
