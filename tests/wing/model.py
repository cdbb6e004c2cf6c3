"""A cell model of the toy wing: two compartments, each with a receptor; what a kind of cells says of itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar, NamedTuple

import numpy as np

import parsim as ps
from parsim.arrays import Floats
from parsim.models.base import AbstractModel, with_defaults
from parsim.models.declared import check_declared, new_columns
from tests.wing.group import ToyGroup


def no_check(values):
    return None


@dataclass(frozen=True, eq=False, repr=False)
class ToyModel(AbstractModel):
    """Cells that a `ToyGroup` moves; `step(s, p, page, k, i)` says whether cell i fires at the end of step k.

    `coupled(s, p, page, gap, k, row, i)` does the same where cells are joined; the step stands in a row of the gap.
    """

    name: str
    params: tuple[ps.Param, ...]
    state: type
    recordables: tuple[ps.Variable, ...]
    ports: tuple[str, ...]
    prepare: Callable[..., Any]
    step: Callable[..., bool]
    check: Callable[[SimpleNamespace], str | None] = no_check
    weight_unit: str = "mV"
    weighs: bool = True
    takes_current: bool = False
    receives: bool = True
    precise: bool = False
    coupled: Callable[..., bool] | None = None
    voltage: str = "V_m"
    detectors: tuple[str, ...] = ()
    settle: None = None
    reports: dict = field(default_factory=dict)
    kind: str = field(default="cell", init=False)
    host: ClassVar[type] = ToyGroup

    def __post_init__(self):
        check_declared(self)

    def with_defaults(self, **values):
        return with_defaults(self, values)

    def new_state(self, values, n):
        return new_columns(self.state, self.recordables, values, n)


class State(NamedTuple):
    v: Floats  # [compartment, cell]


class Params(NamedTuple):
    decay: Floats
    flow: Floats
    v_th: Floats
    dt: Floats
    per_charge: Floats  # dt / C, mV/pA


C = 100.0  # pF, of each compartment


def prepare(p: SimpleNamespace, clock):
    dt = np.full(p.tau.size, clock.dt)
    return Params(1.0 - clock.dt / p.tau, p.flow * clock.dt, p.V_th, dt, dt / C)


@ps.kernel
def step(s, p, page, k, i):
    """Both compartments decay and pull at each other; the soma fires and both begin anew."""
    soma, dend = s.v[0, i], s.v[1, i]
    s.v[0, i] = p.decay[i] * soma + p.flow[i] * (dend - soma) + page[k, 0, i]
    s.v[1, i] = p.decay[i] * dend + p.flow[i] * (soma - dend) + page[k, 1, i]
    fires = s.v[0, i] >= p.v_th[i]
    if fires:
        s.v[0, i] = s.v[1, i] = 0.0
    return fires


@ps.kernel
def joined_step(s, p, page, gap, k, row, i):
    """As `step`, with what flows through junctions at the step's start; a waveform is a line from there to the end."""
    for x in range(2):
        c, v = x * p.dt.size + i, s.v[x, i]
        flows = gap.drive[row, 0, c] - gap.g[c] * v
        other = s.v[1, i] if x == 0 else gap.wave[row, 0, i]
        end = p.decay[i] * v + p.flow[i] * (other - v) + page[k, x, i] + p.per_charge[i] * flows
        slope = (end - v) / p.dt[i]
        for j in range(3):
            gap.wave[row, j, c] = v + (0.5 * j) * (end - v)
            gap.wave[row, 3 + j, c] = slope
        s.v[x, i] = end
    fires = s.v[0, i] >= p.v_th[i]
    if fires:
        s.v[0, i] = s.v[1, i] = 0.0
    return fires


toy = ToyModel(
    "toy",
    params=(
        ps.Param("tau", 10.0, "ms", above=0.0),
        ps.Param("flow", 0.3, "1/ms", at_least=0.0),
        ps.Param("V_th", 8.0, "mV"),
    ),
    state=State,
    recordables=(ps.Variable("soma.V_m", "mV", of="v"), ps.Variable("dend.V_m", "mV", of="v")),
    detectors=("soma",),
    ports=("near", "far"),
    prepare=prepare,
    step=step,
    coupled=joined_step,
)
assert np.array_equal(toy.new_state(SimpleNamespace(), 2).v, np.zeros((2, 2)))
