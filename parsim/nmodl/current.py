"""The membrane current of a mechanism as conductance and rest: I = slope V + rest.

Where I is linear in V both are exact. Elsewhere the slope is NEURON's quotient (I(V + 0.001) - I(V)) / 0.001, or the
derivative if that is wanted.
"""

from dataclasses import dataclass

from parsim.nmodl import algebra as al
from parsim.nmodl.algebra import Expr
from parsim.nmodl.flatten import Flat

DV = 0.001  # mV


@dataclass
class Current:
    """Sums over all currents, outward positive; `linear` says whether slope and rest do not depend on V."""

    linear: bool
    slope: Expr
    rest: Expr


def membrane_current(flat: Flat, v: str | None, exact: bool) -> Current:
    """Slope and rest of what a BREAKPOINT has computed from a voltage of this name."""
    electrode = set(flat.program.electrode)
    total: Expr = al.ZERO
    for name, _ in flat.symbols.currents:
        total = (al.sub if name in electrode else al.add)(total, flat.read(name))
    if v is None or not flat.depends(total, {v}):
        return Current(True, al.ZERO, flat.keep("rest", total))
    slope = _slope(flat, total, v)
    if slope is not None and not flat.depends(slope, {v}) and not flat.is_chosen_by([total], {v}):
        rest = flat.substituted([total], {v: al.ZERO}, "_at_0")[0]
        return Current(True, flat.keep("slope", slope), flat.keep("rest", rest))
    if slope is None or not exact:
        raised = flat.alias(f"{v}_raised", al.add(v, DV))
        total = flat.keep("before", total)
        end = flat.substituted([total], {v: raised}, "_raised")[0]
        slope = al.mul(al.sub(end, total), 1.0 / DV)
    slope = flat.keep("slope", slope)
    return Current(False, slope, flat.keep("rest", al.sub(total, al.mul(slope, v))))


def _slope(flat: Flat, total: Expr, v: str) -> Expr | None:
    """The derivative, where there is one."""
    try:
        return flat.derivative(total, v)
    except al.NoDerivative:
        return None
