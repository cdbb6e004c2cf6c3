"""The declaration of adaptive exponential cells with conductances of any number of receptors."""

from collections.abc import Callable
from typing import Any

from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.adaptive import EQUATIONS, MEMBRANE, below_peak
from parsim.models.parts.receptors import CONDUCTANCE, State, advance
from parsim.models.ports import PerReceptor


def adaptive_multisynapse(
    name: str, params: tuple[Param, ...], prepare: Callable[..., Any], shape: str, equations: str
) -> CellModel:
    """Of conductances of a shape, each of which has an `E_rev` and these parameters; `equations` say how they go."""
    each = PerReceptor(
        params=(Param("E_rev", 0.0, "mV", "reversal potential of the receptor"), *params),
        states=CONDUCTANCE,
        positive=True,
    )
    return CellModel(
        name,
        params=(*MEMBRANE, *each.params_of("1")),
        state=State,
        recordables=(
            Variable("V_m", "mV", "membrane potential", initial="E_L"),
            Variable("w", "pA", "adaptation current"),
            *each.states_of("1"),
        ),
        ports=("1",),
        per_receptor=each,
        prepare=prepare,
        advance=advance,
        check=below_peak,
        weight_unit="nS",
        about=f"Adaptive exponential integrate-and-fire with {shape}-shaped conductances of any number of receptors.",
        equations=EQUATIONS.format("sum over receptors R of g_R (V_m - E_rev_R)", equations),
        source=f"Brette and Gerstner (2005), Journal of Neurophysiology 94; NEST's {name}",
    )
