"""The program of a rank as it was last laid out, and whether it is to be laid out anew."""

from typing import Any

from parsim.engine.running.program import Runner


class LaidOut:
    """Keeps the program from one run to the next. `touched`: arrays may have been replaced since the last run."""

    def __init__(self) -> None:
        self.runner: Runner | None = None
        self.touched = True
        # For how much it was laid out, and for which parameters of stimuli, which must not go while it is there.
        self._for: Any = ((), [], [])

    def forget(self) -> None:
        """Lay out the ops anew before the next run."""
        self.runner = None

    def now(self, rank: Any) -> Runner:
        """The program, laid out anew when there is something new to do."""
        prepared = [version for source in rank.built.sources.values() for version in source.versions]
        done = len(rank.built.stages), *rank.recorders.counts()
        versions = [(id(v.prepared), v.since, v.until) for v in prepared]
        runner = self.runner
        if runner is None or self._for[:2] != (done, versions) or (self.touched and not runner.fits()):
            runner = self.runner = Runner(rank)
            self._for = done, versions, prepared
        # Queues of events, and arrivals at exact times, may have grown by the end of a run.
        groups = rank.built.groups.values()
        self.touched = not all(group.is_plain and not group.model.precise for group in groups)
        return runner
