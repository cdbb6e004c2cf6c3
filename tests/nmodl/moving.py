"""A small mechanism on one compartment, moved in plain Python, for tests of what the language does."""

from parsim.nmodl.compiled import mechanism
from tests.nmodl.compartment import Compartment

DT = 0.025


def moved(text: str, steps: int = 1, v: float = -60.0, values: dict | None = None, trains=(), **options):
    """The compartment and the instance after some steps of a mechanism that leaves v where it is."""
    cell = Compartment()
    placed = cell.insert(mechanism(text, **options), values or {}, trains)
    cell.start(v, DT)
    for _ in range(steps):
        cell.advance()
        cell.volts[:] = v
    return cell, placed


def kept(text: str, name: str, steps: int = 0, **more) -> float:
    return float(getattr(moved(text, steps, **more)[1].kept, name)[0])
