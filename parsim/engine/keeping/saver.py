"""When a run saves itself, and where."""

from time import monotonic
from typing import Any

from parsim.clock import Clock
from parsim.engine.agree import together
from parsim.engine.keeping import checkpoint
from parsim.engine.rank import Rank
from parsim.errors import DescriptionError
from parsim.given.values import as_number
from parsim.io.series import Series


class Saver:
    """Checkpoints of one run, every so many ms of model time at the edge of an interval, and where it stops early."""

    def __init__(self, every: Any, to: Any, clock: Clock) -> None:
        if to is None and every is not None:
            raise DescriptionError(
                "checkpoint_every is given without checkpoint_to, which says where. Give both."
            )
        self.series = None if to is None else Series(to)
        self.every = 0  # steps; 0: only where the run stops early
        if every is not None:
            ms = as_number(every, "ms", "checkpoint_every")
            if not 0.0 < ms < float("inf"):
                raise DescriptionError(f"checkpoint_every is {ms:g} ms; a time above 0 is needed.")
            self.every = max(1, round(min(ms / clock.dt, 2.0**52)))

    def check(self, rank: Rank) -> None:
        """Collective: an error unless checkpoints can be made there."""
        series = self.series
        together(rank.comm, lambda: series.check() if series is not None and rank.comm.rank == 0 else None)

    def next_stop(self, rank: Rank, stop: int) -> int:
        """Where the run next pauses to be saved, or `stop`: at the first edge from a multiple of `every` on."""
        if not self.every:
            return stop
        due = (rank.now // self.every + 1) * self.every
        return min(stop, due + (rank.anchor - due) % rank.built.interval)

    def is_due(self, rank: Rank, before: int) -> bool:
        """Has a multiple of `every` been passed since step `before`, and is this an edge?"""
        passed = self.every and rank.now // self.every > before // self.every
        return bool(passed) and rank.now == rank.origin()

    def save(self, rank: Rank) -> float:
        """Collective: save what is held now, and remove what is older than the one before; how long it took, in s."""
        assert self.series is not None
        series, began = self.series, monotonic()
        checkpoint.save(rank, series.path(rank.now))
        together(rank.comm, lambda: series.prune() if rank.comm.rank == 0 else None)
        return monotonic() - began
