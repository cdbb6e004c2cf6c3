"""What a rank keeps: its share of all that was asked to be recorded, until it is where it was asked for."""

from collections.abc import Callable
from typing import Any

from parsim.engine.agree import Attempt, together
from parsim.engine.built import Built
from parsim.engine.keeping.recording import Sampler, SpikeKeeper, cell_sampler
from parsim.network.recording import Recording, SpikeRecording


class Recorders:
    """Of spikes (`keepers`), of states of cells and connections (`samplers`), of spikes over connections (`listeners`).

    Those of connections are added by `add_row_recorders`, when all is built.
    """

    def __init__(self, built: Built, first_process: bool) -> None:
        self.built, self.first_process = built, first_process
        self.keepers: list[SpikeKeeper] = []
        self.samplers: list[Sampler] = []
        self.listeners: list[Any] = []

    def counts(self) -> tuple[int, int, int]:
        """How many there are of each kind."""
        return len(self.keepers), len(self.samplers), len(self.listeners)

    def add(self, recordings: list[Any], now: int, open_file: Callable[[Any, Any], Any]) -> None:
        """Record cells from step `now` on; `open_file(said, gids)` is asked on the ranks that write."""
        built, comm = self.built, self.built.comm
        built.keep_histories()
        for said in recordings:
            said.since = built.clock.time(now)
            if isinstance(said, SpikeRecording):
                self.keepers.append(SpikeKeeper(said, built.partition, comm, self.first_process, now))
            elif isinstance(said, Recording):
                groups, others = list(built.groups.values()), (comm, self.first_process, built.clock)
                sampler = cell_sampler(said, groups, built.partition, *others)
                sampler.begin(now)
                sampler.make_room(built.interval)
                self.samplers.append(sampler)
        self._open(open_file)

    def open_files(self, open_file: Callable[[Any, Any], Any]) -> None:
        """Collective: open the files of recordings that have none yet."""
        together(self.built.comm, lambda: self._open(open_file))

    def _open(self, open_file: Callable[[Any, Any], Any]) -> None:
        for keeper in self.keepers:
            if keeper.writes and keeper.file is None:
                keeper.file = open_file(keeper.said, None)
        for sampler in self.samplers:
            if sampler.writes and sampler.said.to and sampler.file is None:
                sampler.file = open_file(sampler.said, sampler.gids)

    def leave_files(self) -> None:
        """Their files are no more theirs."""
        for keeper in self.keepers:
            keeper.file = None
        for sampler in self.samplers:
            sampler.file = None

    def begin(self, now: int) -> None:
        """What is recorded begins at step `now`, to which the cells were brought otherwise than by a run."""
        for keeper in self.keepers:
            keeper.until = now
        for sampler in self.samplers:
            sampler.begin(now)

    def make_room(self, steps: int) -> None:
        """See that buffers hold all samples of so many steps."""
        for sampler in self.samplers:
            sampler.make_room(steps)

    def note(self, step: int) -> None:
        """All samples up to this step have been taken."""
        for sampler in self.samplers:
            sampler.note(step)

    def finish(self, attempt: Attempt, until: float) -> None:
        """Collective: everything recorded so far, up to `until` (ms), to where it was asked for."""
        recorders: list[Any] = [*self.keepers, *self.samplers, *self.listeners]
        for recorder in recorders:
            recorder.flush(attempt)
            attempt.in_any_case(recorder.finish, until)
