"""A script that is gone through again after it was stopped: what was run is passed over, up to the newest checkpoint.

Statements and changes are made again, for the network and the draws hang on them. A checkpoint says how many there
had been, so that the run in which it was made is found also where several end or begin at its time.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from parsim.engine.agree import together
from parsim.engine.crew import Crew
from parsim.engine.keeping import checkpoint
from parsim.engine.rank import Rank
from parsim.engine.running.interrupts import Between
from parsim.errors import DescriptionError, SimulationError
from parsim.io.checkpoint import Checkpoint
from parsim.io.series import Series
from parsim.network.network import Network
from parsim.network.timeline import Timeline
from parsim.telling import log

VARIABLE = "PARSIM_RESUME"  # set by `parsim run --resume`, for the simulations of the script


def is_resuming() -> bool:
    """Is the script one that goes on?"""
    return os.environ.get(VARIABLE) == "1"


@contextmanager
def resumed() -> Iterator[None]:
    """Within it, simulations go on from the newest checkpoints of their runs."""
    before = os.environ.get(VARIABLE, "")
    os.environ[VARIABLE] = "1"
    Between(lambda: True).begin()  # while the network is built again, nothing is lost that is not on the disk
    try:
        yield
    finally:
        os.environ[VARIABLE] = before


def newest(rank: Rank, series: Series | None) -> tuple[Path | None, dict[str, Any]]:
    """Collective: the newest checkpoint that is whole, found by rank 0, and what it says."""
    if series is None:
        raise DescriptionError(
            "a script is resumed, and this run has no checkpoint_to, so that nobody knows how far it was. Give "
            "checkpoint_to to every run, the same to all of one simulation."
        )
    found = together(rank.comm, lambda: series.newest() if rank.comm.rank == 0 else None)
    path, about = rank.comm.bcast(found) or (None, {})
    return path, about


def is_passed(rank: Rank, about: dict[str, Any], end: int) -> bool:
    """Was the checkpoint made after a run from here to step `end`?"""
    then, here = (about["resets"], about["now"]), (rank.resets, end)
    said_more = about["sets"] > rank.sets or len(about["stages"]) > len(rank.built.stages)
    return then > here or (then == here and said_more)


def said(sets: int, stages: list[Any]) -> tuple[int, list[tuple[int, ...]]]:
    """How much had been changed and said."""
    return sets, [tuple(stage) for stage in stages]


def go_on(rank: Rank, path: Path | None, passed_over: bool) -> float | None:
    """Collective: put a checkpoint in place of what is held, which was built by the same calls; its time in ms.

    None without a checkpoint: all is as in the beginning, unless runs have been `passed_over`.
    """
    if path is None:
        if passed_over:
            raise SimulationError("the checkpoints that this run was to go on from are gone.")
        return None

    def opened() -> Checkpoint:
        file = Checkpoint(path)
        checkpoint.check(file.about, rank, path)
        checkpoint.check_functions(file.about, rank, path)
        about = file.about
        if about["now"] < rank.now or said(about["sets"], about["stages"]) != said(
            rank.sets, rank.built.stages
        ):
            raise SimulationError(
                f"the script cannot be resumed from {path}, at t = {rank.clock.time(about['now']):g} ms: here, at t = "
                f"{rank.clock.time(rank.now):g} ms, {rank.sets} calls of set have been made, there {about['sets']}. A "
                "resumed script must make the same calls in the same order."
            )
        return file

    with together(rank.comm, opened) as file:
        checkpoint.restore(rank, file)
    rank.record_from_now()
    return rank.clock.time(rank.now)


def unknown(call: str, now: float) -> SimulationError:
    """What is said to who asks for a state that was passed over."""
    return SimulationError(
        f"{call} cannot be answered while a script is resumed: the state at t = {now:g} ms is not known, because runs "
        "up to there are passed over. Ask before the first run or after the last."
    )


def say_how(path: Path | None, now: float, network: Network) -> None:
    """Tell the user from where it goes on, and what is not known of the time before."""
    if path is None:
        log.warning("there is no checkpoint to go on from; running from t = %g ms", now)
        return
    log.warning("going on from %s at t = %g ms", path, now)
    if any(said.to is None for said in network.recordings):
        log.warning(
            "recordings in memory begin at t = %g ms; what they held before was lost, unlike files", now
        )


def passes_over(
    crew: Crew, timeline: Timeline, end: int, series: Series | None, has_before: bool, open_file: Callable[..., Any]
) -> bool:  # fmt: skip
    """Collective: pass over a run to step `end` that lies before the newest checkpoint; else go on from that
    checkpoint, or from the beginning if there is none, and open the files. `has_before`: runs were passed over already.
    """
    first, (path, about) = crew.ranks[0], crew.each(lambda rank: newest(rank, series))
    if path is not None and is_passed(first, about, end):
        for rank in crew.ranks:
            rank.now = end
        timeline.now = end
        return True
    with crew.failing_for_good():
        since = crew.each(lambda rank: go_on(rank, path, has_before))
        timeline.now = first.now
        crew.touch()
        crew.each(lambda rank: rank.recorders.open_files(partial(open_file, since=since)))
    if first.comm.rank == 0:
        say_how(path, first.clock.time(first.now), crew.network)
    return False
