"""What many independent gamma processes send together."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.errors import DescriptionError
from parsim.jit import kernel
from parsim.models.base import Param, StimulusModel
from parsim.models.parts.waiting import MOST_DRAWS, stages_wait
from parsim.models.stimuli.runs import spike_steps
from parsim.models.stimuli.window import WINDOW, ordered, window


class Params(NamedTuple):
    per_step: Floats  # stages that a process passes in a step
    shape: Ints
    n_proc: Ints
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Whole numbers, of which there are draws for all in a step."""
    first, stop = window(p, clock)
    for name in ("gamma_shape", "n_proc"):
        if (wrong := getattr(p, name)[getattr(p, name) % 1.0 != 0.0]).size:
            raise DescriptionError(f"{name} is {wrong[0]:g}; a whole number is needed.")
    if (many := (p.gamma_shape * p.n_proc)[p.gamma_shape * p.n_proc > MOST_DRAWS]).size:
        raise DescriptionError(
            f"gamma_shape times n_proc is {many[0]:g}; at most {MOST_DRAWS} is possible. Use several generators."
        )
    per_step = p.rate * p.gamma_shape * (clock.dt * 1e-3)
    return Params(per_step, p.gamma_shape.astype(np.int64), p.n_proc.astype(np.int64), first, stop)


def recalls(p: Params) -> int:
    """The clock of a train, and when each of its processes is due by that."""
    return 1 + int(p.n_proc.max(initial=0))


@kernel
def count(p, g, rows, r, key, step):
    """Spikes of all processes of row r in one step; in each stage begin equally many, and in the last the remainder."""
    state, gid, lane = rows.state, rows.gid[r], rows.lane[r]
    before = state[r, 0]
    now, shape, each = before + p.per_step[g], p.shape[g], p.n_proc[g] // p.shape[g]
    sent = 0.0
    for c in range(p.n_proc[g]):
        due = state[r, 1 + c]
        if due == 0.0:
            stage = min(c // each, shape - 1) if each > 0 else shape - 1
            due = before + stages_wait(shape - stage, key, key.serial, gid, lane, step, c * shape)
        if due <= now:
            due += stages_wait(shape, key, key.serial, gid, lane, step, MOST_DRAWS + c * shape)
            sent += 1.0
        state[r, 1 + c] = due
    state[r, 0] = now
    return sent


@kernel
def drive(p, rows, span, key, page):
    """Each row has processes of its own, which stand still while the generator is off."""
    for j in range(rows.run.size - 1):
        g, delay = rows.stimulus[rows.run[j]], rows.delay[rows.run[j]]
        begin, end = spike_steps(span, delay, key.since, key.until, p.first[g], p.stop[g])
        if p.per_step[g] == 0.0:
            continue
        for step in range(begin, end):
            for r in range(rows.run[j], rows.run[j + 1]):
                n = count(p, g, rows, r, key, step)
                page[step - span.origin, rows.slot[r]] += rows.weight[r] * n


gamma_sup_generator = StimulusModel(
    "gamma_sup_generator",
    params=(
        Param("rate", 0.0, "Hz", "mean rate of each process", at_least=0.0),
        Param("gamma_shape", 1.0, "", "shape of the intervals of each, a whole number", at_least=1.0),
        Param("n_proc", 1.0, "", "number of processes", at_least=1.0),
        *WINDOW,
    ),
    prepare=prepare,
    drive=drive,
    keeps_sign=True,
    recalls=recalls,
    check=ordered,
    about="What many independent gamma processes send together, others for each connection.",
    equations="""\
intervals of each of n_proc processes are the sum of gamma_shape exponential ones, of mean 1/rate in all
at first equally many of them are in each of these stages, the remainder in the last
in each step, the spikes of all of them
sent in steps T with origin + start < T <= origin + stop (T is a step's left edge, as in NEST); waits are in continuous
time, in NEST in whole steps""",
    source="Deger, Helias, Boucsein and Rotter (2012), J Comput Neurosci 32:443; NEST's gamma_sup_generator",
)
