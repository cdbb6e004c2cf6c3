"""How networks with gap junctions are solved, as the user says it, and how it went."""

from dataclasses import dataclass

import numpy as np

from parsim.arrays import shown
from parsim.clock import Clock
from parsim.errors import DescriptionError
from parsim.given.plain import as_count, as_flag, is_whole
from parsim.given.values import as_number

DEFAULT_INTERVAL = 0.1  # ms


@dataclass(frozen=True)
class Relaxation:
    """How networks with gap junctions are solved.

    Parameters
    ----------
    interval : float, optional
        ms that are gone through at a time, a multiple of dt; no more than the smallest delay. By default
        0.1 ms. Longer ones exchange less often, but take more sweeps. Where junctions are so strong that g t / C
        would be above 2, it is shorter, down to one step.
    tolerance : float
        mV. An interval has converged when one more sweep would change the mean voltage of no cell's partners,
        weighted by conductance, by more at any time. What it would change is estimated: the last change
        times its ratio to the one before, for changes shrink faster from sweep to sweep; the first, times eight times
        1 - exp(-g t / C), the share by which a passive membrane follows its partners. Where junctions are strong,
        g t / C over an interval t above 0.7, they do not, and the change may be exp(g t / C) - 1 times smaller than the
        error, which then is what counts. Above 5 in a step none is called converged.
    iterations : int
        Sweeps after which an interval is left as it is, with a warning; at least 2.
    order : int
        Of the polynomials that stand for voltages within half a step: 3 or 1.
    strict : bool
        Raise an error where there would be a warning.
    lag : bool
        Take partners as they were at the start of a step, once, as NEURON's gap junctions by POINTER do. It is of first
        order in dt and not stable where junctions are strong; intervals are one step, so `interval` is left out.
    """

    interval: float | str | None = None
    tolerance: float = 1e-5
    iterations: int = 30
    order: int = 3
    strict: bool = False
    lag: bool = False

    def __post_init__(self) -> None:
        tolerance = as_number(self.tolerance, "mV", "tolerance")
        if self.interval is not None:
            interval = as_number(self.interval, "ms", "interval")
            if not 0.0 < interval < np.inf:
                raise DescriptionError(
                    f"interval is {self.interval} ms; a positive multiple of dt is needed."
                )
            object.__setattr__(self, "interval", interval)
        if not 0.0 < tolerance < np.inf:
            raise DescriptionError(f"tolerance is {self.tolerance} mV; it must be a number above 0.")
        object.__setattr__(self, "tolerance", tolerance)
        object.__setattr__(self, "iterations", as_count(self.iterations, "iterations", least=2))
        if not is_whole(self.order) or self.order not in (1, 3):
            raise DescriptionError(f"order is {shown(self.order)}; polynomials of order 3 and 1 are known.")
        object.__setattr__(self, "strict", as_flag(self.strict, "strict"))
        object.__setattr__(self, "lag", as_flag(self.lag, "lag"))
        if self.lag and self.interval is not None:
            raise DescriptionError(
                f"interval is {self.interval:g} ms, but with lag partners are exchanged at each step. Leave it out."
            )

    def steps(self, clock: Clock) -> int:
        """The interval in steps."""
        if self.lag:
            return 1
        if self.interval is None:
            return max(1, round(DEFAULT_INTERVAL / clock.dt))
        return max(1, clock.steps(as_number(self.interval, "ms", "interval"), "interval of Relaxation"))


@dataclass
class Sweeps:
    """How the relaxation went, alike on all ranks; `residue` is the greatest that was left, in mV."""

    windows: int = 0
    total: int = 0
    most: int = 0
    residue: float = 0.0
    unconverged: int = 0
