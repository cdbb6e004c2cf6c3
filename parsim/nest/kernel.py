"""The one kernel of a process, as in NEST: all that a script says goes to it, and `ResetKernel` empties it."""

import math
import time
from functools import cache
from typing import Any

import numpy as np

from parsim.clock import NEAR, Clock
from parsim.comm.base import AbstractComm
from parsim.comm.world import world
from parsim.errors import ParsimError
from parsim.nest import errors
from parsim.nest.batches import Batches
from parsim.nest.correlators import AnyRecorder
from parsim.nest.files import EventFile
from parsim.nest.levels import VerbosityLevel
from parsim.nest.models import Models
from parsim.nest.recorders import Recorder
from parsim.nest.said import Said
from parsim.nest.settings import Settings
from parsim.nest.wires import Wires

MOST_OWED = 100  # short calls of Simulate that are run as one


class Kernel:
    """Nodes, connections, attributes, and the simulation of them."""

    def __init__(self) -> None:
        self.resets = 0
        self.verbosity = VerbosityLevel.INFO
        self.settings = Settings()
        self.seconds = {
            "time_construction_create": 0.0,
            "time_construction_connect": 0.0,
            "time_simulate": 0.0,
        }
        self._begin()

    def _begin(self) -> None:
        self.batches = Batches()
        self.models = Models()
        self.wires = Wires(self.settings["resolution"])
        self.said = Said(self)
        self.recorders: list[AnyRecorder] = []
        self.now_steps = 0
        self.draws = 0  # of random parameters: each has a stream of its own
        self.prepared = False
        self.spikes_of_last_run = 0
        self.seconds = dict.fromkeys(self.seconds, 0.0)
        self._owed = 0  # steps that are still to be run, of several short calls
        self._calls = 0  # that were made in a row
        self._few = round(1.0 / self.settings["resolution"])  # steps of a short call
        self._watched: bool | None = None

    @property
    def comm(self) -> AbstractComm:
        """All ranks."""
        return world()

    @property
    def clock(self) -> Clock:
        """Of the resolution."""
        return _clock(self.settings["resolution"])

    @property
    def interval(self) -> float:
        """NEST's: the shortest delay of all connections, those of recorders among them, in ms."""
        wires = self.wires
        shortest = wires.allowed[0] if wires.allowed else wires.shortest
        return self.settings["resolution"] if math.isinf(shortest) else float(shortest)

    @property
    def now(self) -> float:
        """Model time in ms."""
        return self.clock.time(self.now_steps)

    def process_of(self, node: int) -> int:
        """The virtual process of a cell; virtual processes are dealt out to ranks in turn."""
        return int(node % self.settings["total_num_virtual_procs"])

    def reset(self) -> None:
        """Everything as at first, but for the verbosity and where files go."""
        self.resets += 1
        self.settings = Settings(self.settings)
        self._begin()

    # ---- time -------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Ready for `run`."""
        if self.prepared:
            raise errors.KernelException(
                "Prepare was called already; call Cleanup before it is called again."
            )
        self.settle()
        self.prepared = True

    def run(self, duration: Any) -> None:
        """Collective: so many ms more.

        Calls that follow one another directly, of at most one ms each, are run a hundred at a time: nobody has looked
        in between.
        """
        if not self.prepared:
            raise errors.KernelException("Run needs Prepare before it; Simulate does both.")
        steps = self._steps(duration)
        self._calls += 1
        self.now_steps += steps
        self._owed += steps
        if self._calls == 1 or self._calls % MOST_OWED == 0 or steps > self._few or self._is_watched():
            self._run()

    def cleanup(self) -> None:
        """After the last `run`."""
        if not self.prepared:
            raise errors.KernelException("Cleanup needs Prepare before it.")
        self.prepared = False

    def settle(self) -> None:
        """Collective: whoever looks or changes something sees the present."""
        self._calls, self._watched = 0, None
        if self._owed:
            self._run()

    def _run(self) -> None:
        began, owed = time.perf_counter(), self._owed
        self._owed = 0
        if owed == 0:
            return
        before = self.now_steps - owed
        try:
            self._open_files()
            self.said.run(self.clock.time(self.now_steps) - self.clock.time(before))
        except BaseException:
            self.now_steps, self.prepared = before, False
            raise
        if self._is_watched():
            for recorder in self.recorders:
                recorder.take()
        self.seconds["time_simulate"] += time.perf_counter() - began

    def _steps(self, duration: Any) -> int:
        if type(duration) is float and 0.0 < duration < 1e6:
            steps = duration / self.clock.dt
            if abs(steps - round(steps)) < NEAR:
                return round(steps)
        if isinstance(duration, str) or not isinstance(duration, (int, float, np.number)):
            raise TypeError(f"the duration is {duration!r:.60}; a number of ms is needed.")
        if not math.isfinite(duration) or duration < 0:
            raise errors.BadParameter(f"the duration is {duration:g} ms; a number of at least 0 is needed.")
        try:
            return self.clock.steps(float(duration), "the duration")
        except ParsimError as error:
            raise errors.as_kind(errors.BadParameter, error) from None

    # ---- recorders --------------------------------------------------------------------------------

    def _is_watched(self) -> bool:
        """Is something written as it comes?"""
        if self._watched is None:
            self._watched = any(one.writes for one in self.recorders)
        return self._watched

    def prefix(self) -> str:
        """What stands before the names of files."""
        folder = self.settings["data_path"]
        return (f"{folder}/" if folder else "") + str(self.settings["data_prefix"])

    def _open_files(self) -> None:
        for one in self.recorders:
            if isinstance(one, Recorder) and one.writes and one.file is None:
                one.file = EventFile(one.path, self.settings["overwrite_files"], self.comm.rank == 0)


@cache
def _clock(resolution: float) -> Clock:
    return Clock(resolution)


kernel = Kernel()
