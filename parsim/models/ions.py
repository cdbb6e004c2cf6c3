"""Where ions begin: NEURON's reversal potentials and concentrations."""

from typing import Any, NamedTuple

from parsim.given.values import as_number


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


class Held(NamedTuple):
    """A reversal potential, mV, that stays as it is, whatever concentrations do."""

    value: float


def held(value: Any) -> Held:
    """A reversal potential that follows no concentration: `CableModel(..., ions={"eca": ps.held(140.0)})`.

    Without, it is computed from concentrations where a mechanism writes one of them, and at the start also where one
    reads one, as in NEURON; there, models hold it by `ion_style`. `value` is in mV.
    """
    return Held(as_number(value, "mV", "a held reversal potential"))


def as_start(value: Any, what: str) -> float | Held:
    """What an ion begins with."""
    return value if isinstance(value, Held) else as_number(value, "", what)
