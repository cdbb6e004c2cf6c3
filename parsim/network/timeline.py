"""`Timeline`: how far a simulation of the network is, and what is said fits its time step and lies ahead of it."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from parsim.clock import NEAR, Clock
from parsim.errors import DescriptionError
from parsim.given.values import known_numbers
from parsim.models.base import CellModel, StimulusModel
from parsim.models.checks import called, settled
from parsim.models.event_model import EventModel
from parsim.network.projection import Projection
from parsim.network.values import known_columns

MOST_DELAY = 2**31 - 1  # steps
BLOCK = 1 << 16  # delays looked at together


@dataclass
class Timeline:
    """How far a simulation of the network is: what is said after that is checked against it."""

    clock: Clock
    now: int = 0


def check_times(
    model: CellModel | EventModel | StimulusModel, said: dict[str, Any], n: int, timeline: Timeline | None
) -> None:
    """Times of `n` new members on the grid, once there is one, and in the future."""
    if model.settle is not None or isinstance(model, StimulusModel):
        columns = known_columns(said, n)
        if n and all(param.name in columns for param in model.params):
            check_settled(model, columns, None, timeline)


def check_settled(
    model: CellModel | EventModel | StimulusModel,
    columns: dict[str, Any],
    before: Any,
    timeline: Timeline | None,
) -> None:
    """`columns` may be said now in place of what was held `before`, and, of stimuli, be prepared."""
    clock, now = (None, 0) if timeline is None else (timeline.clock, timeline.now)
    columns = columns | settled(model, columns, before, clock, now)
    if clock is not None and isinstance(model, StimulusModel):
        try:
            called(f"prepare of {model.name}", lambda: model.prepare(SimpleNamespace(**columns), clock))
        except DescriptionError as error:
            raise DescriptionError(f"{model.name}: {error}") from None


def check_interval(interval: float, clock: Clock) -> None:
    """An interval of recording is whole steps, at least one."""
    if interval < clock.dt * (1 - NEAR):
        raise DescriptionError(
            f"interval {interval:g} ms is less than one step (dt = {clock.dt} ms). Use a multiple of {clock.dt} ms."
        )
    clock.steps(interval, "interval")


def check_delay(said: Projection, clock: Clock) -> None:
    """Delays that are known before anything is drawn are whole steps, at least one."""
    delays = known_numbers(said.delay)
    if delays is not None and delays.max(initial=0.0) / clock.dt > MOST_DELAY:
        raise DescriptionError(too_long(said, float(delays.max()), clock))
    if delays is None or not any(model.host.delays_in_steps for model in said.target.models):
        return  # those that are in ms are not rounded
    if (less := delays < clock.dt * (1 - NEAR)).any():
        raise DescriptionError(
            f"delay {delays[np.argmax(less)]:g} ms of {said!r} is less than one step (dt = {clock.dt} ms). "
            f"Use a delay of at least {clock.dt} ms or a smaller dt."
        )
    if said.synapse.any_delay:
        return
    for begin in range(0, delays.size, BLOCK):  # there may be more than fit into memory
        clock.grid(delays[begin : begin + BLOCK], f"delay of {said!r}:")


def too_long(said: Projection, delay: float, clock: Clock) -> str:
    """What is wrong with a delay of too many steps."""
    return (
        f"delay {delay:g} ms of {said!r} is {delay / clock.dt:.3g} steps (dt = {clock.dt} ms); at most "
        f"{MOST_DELAY:,} can be held. Use delays below {clock.time(MOST_DELAY):g} ms."
    )
