"""Binary cell that is on by a chance that rises with its input as if normal noise were added."""

from typing import NamedTuple

from parsim.arrays import Floats
from parsim.jit import inlined
from parsim.kernels.erfc import SQRT_HALF, erfc
from parsim.models.base import Param
from parsim.models.parts.binary import binary


class Params(NamedTuple):
    tau_m: Floats
    theta: Floats
    sigma: Floats


@inlined
def chance(p, i, fed):
    """That the input is above the threshold, with the noise."""
    return 0.5 * erfc((p.theta[i] - fed) / p.sigma[i] * SQRT_HALF)


erfc_neuron = binary(
    "erfc_neuron",
    (Param("sigma", 1.0, "mV", "deviation of the noise that the input is taken to have", above=0.0),),
    Params,
    chance,
    about="Binary cell that is on by a chance that rises with its input as if normal noise were added.",
    rule="S := 1 with probability erfc((theta - x)/(sqrt(2) sigma))/2, x = h + I_stim, else 0",
    source="Ginzburg and Sompolinsky (1994), Physical Review E 50; Grytskyy et al. (2013), Frontiers in Computational "
    "Neuroscience 7",
)
