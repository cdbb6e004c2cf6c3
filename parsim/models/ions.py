"""Where ions begin: NEURON's reversal potentials and concentrations."""

from typing import NamedTuple


class Rest(NamedTuple):
    """Of one ion. Where a mechanism writes a concentration, e follows from concentrations."""

    e: float  # mV
    inside: float  # mM
    outside: float  # mM
    valence: float


RESTS = {
    "na": Rest(50.0, 10.0, 140.0, 1.0),
    "k": Rest(-77.0, 54.4, 2.5, 1.0),
    "ca": Rest(132.4579341637009, 5e-5, 2.0, 2.0),
    "cl": Rest(0.0, 1.0, 1.0, -1.0),
}
OTHER = Rest(0.0, 1.0, 1.0, 1.0)  # of ions that are not in RESTS; their valence is said by a mechanism
