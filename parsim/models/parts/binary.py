"""Cells that are on or off and look at their input now and then; their spikes say which they have become.

Two spikes at one time say that a cell has gone on, one that it has gone off. So a cell that hears must know which
spikes are from one connection: it hears them one by one, as cells that hear exact times do.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

from parsim.arrays import Floats, Ints
from parsim.clock import Clock, heard_by, last_time_of, time_of
from parsim.jit import inlined, kernel
from parsim.kernels.maths import log
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.in_pieces import first_event
from parsim.rng import uniform
from parsim.shard.outbox import emit
from parsim.streams import CELL_NOISE


class State(NamedTuple):
    S: Floats
    h: Floats
    due: Floats  # when it looks at its input next, ms
    begun: Ints  # 1 when that has been drawn


HEARD = """\
of a source that goes on (two spikes at one time) h gains w, of one that goes off (one spike) it loses w
at times of a Poisson process with the mean interval tau_m, which are felt in the step after them,"""
EVERY = (
    Param("tau_m", 10.0, "ms", "mean time between two looks at the input", above=0.0),
    Param("theta", 0.0, "mV", "threshold"),
)


def binary(
    name: str,
    params: tuple[Param, ...],
    bundle: Any,
    chance: Callable[..., float],
    about: str,
    rule: str,
    source: str,
) -> CellModel:
    """Cells that are on after a look with the probability `chance(p, i, input)`; `bundle` names what that reads."""

    def prepare(p: SimpleNamespace, clock: Clock) -> Any:
        """As said."""
        return bundle(*(getattr(p, field) for field in bundle._fields))

    @kernel
    def advance(s, p, inputs, span, out):
        events, grid, rows = inputs.events, inputs.grid, inputs.current.shape[0]
        heard = heard_by(grid, span.first, span.origin)
        for i in range(span.begin, span.end):
            e = first_event(events, i, heard)
            for k in range(span.first, span.stop):
                now = time_of(grid, k)
                if s.begun[i] == 0:
                    s.begun[i] = 1
                    s.due[i] = now + until_look(inputs, p.tau_m[i], i, k, 2)
                e = hear(s, events, i, e, last_time_of(grid, k + 1))
                if now > s.due[i]:
                    u = uniform(inputs.seed, CELL_NOISE, inputs.gids[i], k, 1)
                    fed = s.h[i] + inputs.current[(k - span.origin) % rows, i]
                    on = 1.0 if u < chance(p, i, fed) else 0.0
                    turn(s, i, on, k, out)
                    s.due[i] += until_look(inputs, p.tau_m[i], i, k, 0)

    return CellModel(
        name,
        params=(*EVERY, *params),
        state=State,
        recordables=(
            Variable("h", "mV", "input from sources that are on"),
            Variable("S", "", "1 where the cell is on", at_least=0.0, at_most=1.0),
        ),
        ports=("all",),
        weight_unit="mV",
        prepare=prepare,
        advance=advance,
        precise=True,
        about=about,
        equations=f"{HEARD}\n{rule}",
        source=f"{source}; NEST's {name}",
    )


@inlined
def hear(s, events, i, e, until):
    """Spikes up to a time; returns the number of the first that comes later."""
    last = events.start[i + 1]
    while e < last and events.time[e] <= until:
        both = e + 1 < last and events.row[e + 1] == events.row[e] and events.time[e + 1] == events.time[e]
        s.h[i] += events.weight[e] if both else -events.weight[e]
        e += 2 if both else 1
    return e


@inlined
def turn(s, i, on, k, out):
    """A cell goes on or off in step k, or stays as it is."""
    if on != s.S[i]:
        emit(out, i, k + 1)
        if on > 0.0:
            emit(out, i, k + 1)
    s.S[i] = on


@kernel
def until_look(inputs, tau, i, k, lane):
    """How long it is until a cell looks at its input again, ms."""
    return -tau * log(1.0 - uniform(inputs.seed, CELL_NOISE, inputs.gids[i], k, lane))
