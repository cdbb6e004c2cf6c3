"""Rules for how many compartments a section has."""

from dataclasses import dataclass
from math import ceil

from parsim.errors import DescriptionError
from parsim.given.values import as_number
from parsim.models.profile import Profile


@dataclass(frozen=True)
class Every:
    """The smallest odd number of compartments that are at most `length` um long."""

    length: float

    def __call__(self, profile: Profile, Ra: float, cm: float) -> int:
        n = max(1, ceil(profile.s[-1] / self.length - 1e-9))
        return n + (n + 1) % 2


@dataclass(frozen=True)
class DLambda:
    """The rule of Hines and Carnevale (2001): compartments of at most `fraction` of a space constant at 100 Hz."""

    fraction: float

    def __call__(self, profile: Profile, Ra: float, cm: float) -> int:
        return int((profile.space_constants(100.0, Ra, cm) / self.fraction + 0.9) / 2.0) * 2 + 1


def every(length: float) -> Every:
    """For `Section(nseg=...)`: the smallest odd number of compartments of at most `length` um."""
    return Every(_positive(length, "um", "the length of a compartment"))


def d_lambda(fraction: float = 0.1) -> DLambda:
    """For `Section(nseg=...)`: NEURON's rule, compartments of at most this part of a space constant at 100 Hz."""
    return DLambda(_positive(fraction, "", "the part of a space constant"))


def _positive(raw: float, unit: str, what: str) -> float:
    value = as_number(raw, unit, what)
    if not 0.0 < value < float("inf"):
        raise DescriptionError(f"{what} is {value:g}{f' {unit}' if unit else ''}; it must be greater than 0.")
    return value
