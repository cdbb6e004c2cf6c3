"""A cell that fires at given times and takes no input."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.models.base import CellModel
from parsim.models.spike_times import PARAMS, PreparedTrains, check, first_after, flat, reported, settle
from parsim.models.stimuli.window import WINDOW, window
from parsim.shard.outbox import emit_at


class State(NamedTuple):
    sent: Ints  # spikes so far


class Params(NamedTuple):
    trains: PreparedTrains
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Trains and window in steps."""
    first, stop = window(p, clock)
    return Params(flat(p, clock), first, stop)


@kernel
def advance(s, p, inputs, span, out):
    """A spike at step k + 1 is sent in the update of step k, as by any cell; several at a time are several."""
    for i in range(span.begin, span.end):
        for at in range(first_after(p.trains, i, span.first), p.trains.end[i]):
            step = p.trains.step[at]
            if step > span.stop:
                break
            if p.first[i] < step <= p.stop[i]:
                for _ in range(p.trains.often[at]):
                    emit_at(out, i, step, p.trains.offset[at])
                s.sent[i] += p.trains.often[at]


spike_train_injector = CellModel(
    "spike_train_injector",
    params=(*PARAMS, *WINDOW),
    state=State,
    ports=("none",),
    prepare=prepare,
    advance=advance,
    check=check,
    settle=settle,
    reports={"spike_times": reported},
    receives=False,
    precise=True,
    weighs=False,
    takes_current=False,
    weight_unit="",
    about="Fires at given times. It is a cell, with synapses of any kind, but takes no input.",
    equations="""\
spikes at origin + spike_times that lie in (origin + start, origin + stop], several where multiplicities say so
within 0.0005 ms of a step: at that step; else refused, or with allow_offgrid_times at the next step
at or before the present: refused, or with shift_now_spikes, at the present step only, one step on
with precise_times: at the very time, whatever the other two flags say""",
    source="NEST's spike_train_injector",
)
