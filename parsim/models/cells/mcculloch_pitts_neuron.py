"""Binary cell that is on where its input is above a threshold."""

from typing import NamedTuple

from parsim.arrays import Floats
from parsim.jit import inlined
from parsim.models.parts.binary import binary


class Params(NamedTuple):
    tau_m: Floats
    theta: Floats


@inlined
def chance(p, i, fed):
    """1 above the threshold."""
    return 1.0 if fed > p.theta[i] else 0.0


mcculloch_pitts_neuron = binary(
    "mcculloch_pitts_neuron",
    (),
    Params,
    chance,
    about="Binary cell that is on where its input is above a threshold.",
    rule="S := 1 where h + I_stim > theta, else 0",
    source="McCulloch and Pitts (1943), Bulletin of Mathematical Biophysics 5",
)
