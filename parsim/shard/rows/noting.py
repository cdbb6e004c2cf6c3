"""Kernels of connections that note what they bring: made over those of a synapse model, for rows that are recorded."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.jit import DONE, ROOM, inlined, opened, within
from parsim.kernels.sources import Sources, rows_from
from parsim.shard.rows.row_samples import Transmitted


class Noting(NamedTuple):
    """Parameters of rows, with where it is noted what they bring: `which` is as in `Watched`."""

    params: Any
    which: NDArray[np.int64]
    noted: Transmitted


@inlined
def note(p, r, time, brought):
    """What row r brings for a spike, unless it is no number, which is nothing."""
    if p.which[r] >= 0 and brought == brought:
        n = p.noted.count[0]
        p.noted.times[n], p.noted.which[n], p.noted.weights[n] = time, p.which[r], brought
        p.noted.count[0] = n + 1


@cache
def noting(transmit: Callable[..., float], history: bool) -> Callable[..., float]:
    """A `transmit` that does the same, with parameters in a `Noting`."""
    transmit = within(transmit)
    if history:

        def transmit_with_target(s, p, r, spike, target):
            brought = transmit(s, p.params, r, spike, target)
            note(p, r, spike.time, brought)
            return brought

        return within(transmit_with_target)

    def transmit_and_note(s, p, r, spike):
        brought = transmit(s, p.params, r, spike)
        note(p, r, spike.time, brought)
        return brought

    return within(transmit_and_note)


@cache
def hearing_within(hear: Callable[..., None]) -> Callable[..., None]:
    """A `hear`, or a `dose`, that does the same, with parameters in a `Noting`."""
    hear = within(hear)

    def hear_within(s, p, r, echo):
        hear(s, p.params, r, echo)

    return within(hear_within)


@cache
def room_in_notes(notes: int) -> Callable[..., bool]:
    """has_room(p, n): can `n` more spikes be noted by each of so many who note them?"""
    if notes == 0:

        def always(p, n):
            return True

        return within(always)
    others = room_in_notes(notes - 1)

    def has_room(p, n):
        return p.noted.count[0] + n <= p.noted.times.size and others(p.params, n)

    return within(has_room)


class Walked(NamedTuple):
    """The rows of sources, as they are looked at before spikes go through them."""

    sources: Sources


def see_to_room(at, first, stop, origin):
    """See that all that rows may bring for the interval's spikes can be noted."""
    walked_at, noted_at, found_at, need = opened(at)
    walked, noted, found = opened(walked_at), opened(noted_at), opened(found_at)
    need[0] = 0
    for j in range(found.count[0]):
        begin, end = rows_from(walked.sources, found.gids[j])
        need[0] += np.int64(end - begin)
    return DONE if noted.count[0] + need[0] <= noted.times.size else ROOM
