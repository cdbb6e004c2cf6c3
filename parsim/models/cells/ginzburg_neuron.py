"""Binary cell that is on by a chance that rises with its input."""

from typing import NamedTuple

from parsim.arrays import Floats
from parsim.jit import inlined
from parsim.kernels.maths import exp
from parsim.models.base import Param
from parsim.models.parts.binary import binary


class Params(NamedTuple):
    tau_m: Floats
    theta: Floats
    c_1: Floats
    c_2: Floats
    c_3: Floats


@inlined
def chance(p, i, fed):
    """(1 + tanh x)/2 is 1/(1 + exp(-2 x))."""
    return p.c_1[i] * fed + p.c_2[i] / (1.0 + exp(-2.0 * p.c_3[i] * (fed - p.theta[i])))


ginzburg_neuron = binary(
    "ginzburg_neuron",
    (
        Param("c_1", 0.0, "1/mV", "slope of the linear part of the chance"),
        Param("c_2", 1.0, "", "height of its sigmoid part"),
        Param("c_3", 1.0, "1/mV", "slope of the sigmoid"),
    ),
    Params,
    chance,
    about="Binary cell that is on by a chance that rises with its input.",
    rule="S := 1 with probability c_1 x + c_2 (1 + tanh(c_3 (x - theta)))/2, x = h + I_stim, else 0",
    source="Ginzburg and Sompolinsky (1994), Physical Review E 50",
)
