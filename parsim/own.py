"""What kernels of your own models call, beside what `parsim` itself has: functions that vectorize and have the same
bits on every processor, random numbers that depend on no rank, what junctions pass, and cells of gates.

`draw_of_cell(q, e, count, lane)` is for event-driven cells; synapses have `parsim.draw`.
"""

from parsim.kernels.draws import STREAM
from parsim.kernels.maths import exp, exp_one, expm1, expm1_one, exprel, log, log1p, sine
from parsim.models.parts import channels, columns
from parsim.models.parts.driving import alpha_currents, conductances
from parsim.models.parts.excitable import Formulas, excitable
from parsim.rng import exponential, normal, uniform, uniforms
from parsim.shard.coupled.gap import SLOPE_END, SLOPE_MIDDLE, SLOPE_START, V_END, V_MIDDLE, V_START, driven
from parsim.shard.events.queue import NEVER
from parsim.shard.events.queue import draw as draw_of_cell
from parsim.streams import CELL_NOISE

__all__ = [
    "CELL_NOISE",  # the serial of what cells draw in steps
    "NEVER",
    "SLOPE_END",
    "SLOPE_MIDDLE",
    "SLOPE_START",
    "STREAM",  # added to the number of a draw of a stimulus
    "V_END",
    "V_MIDDLE",
    "V_START",
    "Formulas",
    "alpha_currents",
    "channels",
    "columns",
    "conductances",
    "draw_of_cell",
    "driven",
    "excitable",
    "exp",
    "exp_one",
    "expm1",
    "expm1_one",
    "exponential",
    "exprel",
    "log",
    "log1p",
    "normal",
    "sine",
    "uniform",
    "uniforms",
]
