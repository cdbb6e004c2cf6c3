"""`Simulation`: a network brought to life with a time step, on one rank or many."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from parsim.arrays import Floats, shown
from parsim.comm.base import AbstractComm
from parsim.comm.world import wrap
from parsim.engine import state
from parsim.engine.agree import check_alike, together
from parsim.engine.coupled.relaxation import Relaxation
from parsim.engine.crew import Crew
from parsim.engine.keeping import checkpoint
from parsim.engine.keeping.resetting import begin_anew, kept_names
from parsim.engine.keeping.resuming import is_resuming, passes_over, unknown
from parsim.engine.keeping.saver import Saver
from parsim.engine.making import Making, call_of, named
from parsim.engine.rank import Rank
from parsim.engine.report import Report
from parsim.engine.reported import reported
from parsim.engine.rows.connections import Caller, Connections, check_found
from parsim.engine.rows.wanted import wanted_of
from parsim.engine.running import direct
from parsim.engine.running.course import Course, steps_of
from parsim.engine.running.interrupts import Between, Interrupts, Pace
from parsim.engine.running.progress import Progress
from parsim.engine.running.wall_time import WallTime
from parsim.errors import DescriptionError
from parsim.given.plain import as_flag, as_text
from parsim.given.values import as_number
from parsim.io.checkpoint import checkpoint_path
from parsim.io.provenance import in_words, provenance
from parsim.io.result_files import new_file, resumed_file
from parsim.io.series import Series
from parsim.models.params import read_value
from parsim.network.digest import digest
from parsim.network.network import Network
from parsim.network.population import Chosen, Selection, as_selection
from parsim.network.timeline import Timeline
from parsim.network.traced import check_readable
from parsim.network.values import check_said


class Simulation:
    """Runs a network.

    Every method is collective in a parallel run: call it on every rank. Results do not depend on the
    number of ranks or threads, to the last bit.

    Parameters
    ----------
    network : Network
        It may grow after a run. A network serves one simulation at a time: a new one starts from the
        beginning and takes the recordings over.
    dt : float
        The time step in ms.
    comm : mpi4py communicator, optional
        The world of the launcher by default; one rank without a launcher.
    threads : int
        Ranks as threads in this process (kernels run side by side), as many in each process under MPI.
    progress : bool
        Show a line on rank 0 when a run lasts over 2 s.
    restore : path, optional
        A file that `save` has written: go on from there, on any number of ranks, as if never stopped.
        The network must have been said as it was then; recordings may differ and begin anew.
    relaxation : Relaxation, optional
        How cells joined by gap junctions are solved.
    provenance : bool or list of str
        What result files say about how they came about: all, nothing (False), or these parts of `versions platform date
        command script seed dt interval ranks threads populations projections couplings`. `script` is the text of the
        script that runs, `command` its arguments.

    Raises
    ------
    DescriptionError, BuildError
        What was said cannot be simulated: a delay below dt, values out of bounds.
    """

    def __init__(
        self, network: Network, dt: float = 0.1, *, comm: Any = None, threads: int = 1, progress: bool = True,
        restore: str | os.PathLike[str] | None = None, relaxation: Relaxation | None = None,
        provenance: bool | Iterable[str] = True,
    ) -> None:  # fmt: skip
        outer = wrap(comm)
        # First of all, for ranks that were given other things would go on to do other things.
        given: dict[str, Any] = {"threads": threads, "progress": progress, "restore": restore}
        given |= {"relaxation": relaxation, "provenance": provenance, "resuming": is_resuming()}
        check_alike(outer, network, call_of("Simulation", f"dt={shown(dt, 200)}", given))
        made = together(outer, lambda: Making.of(network, dt, threads, progress, relaxation, provenance))
        self.network, self._progress, self._provenance = network, made.progress, made.provenance
        self._crew = Crew(network, made.clock, outer, made.threads, made.relaxation)
        self._clock, self._resuming, self._passed_over = made.clock, is_resuming(), False
        if restore is not None:
            place = checkpoint_path(restore, "restore")
            self._crew.each(lambda rank: checkpoint.build_and_restore(rank, place))
        self._crew.build(self._open_file)
        # Only now, so that a simulation that cannot be built leaves the one before it as it was.
        self._timeline = Timeline(self._clock, self._ranks[0].now)
        network.timeline = self._timeline
        for recording in network.recordings:
            recording.forget()
        self._report: Report | None = None
        self._pace = Pace()
        self._gather_report()

    def __reduce__(self) -> Any:
        raise DescriptionError(
            "a Simulation cannot be copied or pickled. Pickle its network or its recordings, or save(...) its state "
            "and go on with Simulation(network, restore=...)."
        )

    @property
    def _ranks(self) -> list[Rank]:
        return self._crew.ranks

    # ---- what can be read at once ------------------------------------------------------------

    @property
    def comm(self) -> AbstractComm:
        """This process's first rank and its view of the others: `sim.comm.rank`, `sim.comm.size`."""
        return self._ranks[0].comm

    @property
    def now(self) -> float:
        """Model time in ms."""
        return self._clock.time(self._ranks[0].now)

    @property
    def dt(self) -> float:
        """The time step in ms; fixed when the simulation is made."""
        return self._clock.dt

    @dt.setter
    def dt(self, value: float) -> None:
        raise DescriptionError(
            f"dt cannot be changed to {shown(value)} ms: it is {self.dt} ms since the simulation was made. "
            "Make a new Simulation(network, dt=...), which starts from the beginning."
        )

    @property
    def progress(self) -> bool:
        """Whether a line on rank 0 shows how far a run is; may be changed."""
        return self._progress

    @progress.setter
    def progress(self, value: bool) -> None:
        self._progress = as_flag(value, "progress")

    @property
    def interval(self) -> float:
        """The time between exchanges of spikes in ms: the smallest delay of all connections."""
        return self._clock.time(self._ranks[0].built.interval)

    @property
    def spikes(self) -> int:
        """How many spikes there were so far, of all cells."""
        return self._ranks[0].spikes_so_far

    # ---- running -------------------------------------------------------------------------------

    def run(
        self, duration: float, *, checkpoint_every: float | str | None = None,
        checkpoint_to: str | os.PathLike[str] | None = None, walltime: float | str | None = None,
    ) -> None:  # fmt: skip
        """Collective: simulate `duration` ms more.

        When it returns, rank 0 holds everything recorded. Ctrl-C stops all ranks at an interval's
        edge, keeps what was recorded, and raises KeyboardInterrupt. SIGTERM, SIGUSR1, SIGUSR2 and SIGXCPU,
        on any rank, raise `Stopped` in the same way, which ends the process. A second signal ends it at once.

        Parameters
        ----------
        checkpoint_every : float, optional
            Save a checkpoint every so many ms of model time, at the edge of an interval.
        checkpoint_to : path, optional
            What the names of checkpoints begin with; the newest two are kept. One is saved also where a
            signal or the wall time stops the run. `parsim run --resume` goes on from the newest.
        walltime : float or str, optional
            How long this call may take, in seconds or as "90 s", "30 min", "2 h". It stops in time to save a
            checkpoint before that.

        Raises
        ------
        DescriptionError
            The duration is not a multiple of dt, or negative; checkpoints cannot be made there.
        SimulationError
            A state became infinite or NaN, or an outbox overflowed, or a file could not be written; on all ranks
            alike.
        Stopped
            Stopped by a signal or the wall time. Its code is 75 if a checkpoint was saved.
        """
        self._check_owner()
        duration = as_number(duration, "ms", "duration")
        steps = steps_of(duration, self._clock, self.now)
        saver, limit = Saver(checkpoint_every, checkpoint_to, self._clock), WallTime(walltime)
        given = {"checkpoint_every": checkpoint_every, "checkpoint_to": checkpoint_to, "walltime": walltime}
        with Interrupts(self._pace, steps if saver.series is None else None) as asked:
            self._begin(lambda: call_of("run", f"{duration:g}", given), replaces=False)
            self._crew.each(saver.check)
            end, course = self._ranks[0].now + steps, Course(saver, limit, asked)
            if not (self._resuming and self._passes_over(end, saver.series)):
                shows = self.progress and self.comm.rank == 0
                course.begin(self._ranks[0], end, Progress(self._clock.time(end)) if shows else None)
                course.follow(self._crew, self._timeline)
                self._gather_report()
        if course.reason:
            raise course.outcome(self.now, self.comm.rank == 0)
        if saver.series is not None:
            Between(saver.series.is_begun).begin()
        if asked.noted:  # too late for all ranks to agree
            os.kill(os.getpid(), asked.noted)

    def _passes_over(self, end: int, series: Series | None) -> bool:
        """Collective, while resuming: as `passes_over`; after that which goes on there is nothing to be resumed."""
        passed = passes_over(self._crew, self._timeline, end, series, self._passed_over, self._file_from)
        self._resuming = self._passed_over = passed
        return passed

    def _check_owner(self) -> None:
        if self.network.timeline is not self._timeline:
            raise DescriptionError(
                "a newer Simulation has taken this network over, with its recordings. Use that one, or make a "
                "network for each simulation."
            )

    # ---- reading and changing ------------------------------------------------------------------

    def get(self, cells: Chosen, name: str) -> Floats | list[Floats]:
        """Collective: a parameter, state or trace of cells or stimuli, in their order, on every rank.

        A parameter that is a list of numbers gives a list of arrays; times as they are used, such as
        spike times rounded to steps.

        Raises
        ------
        DescriptionError
            Unknown name, with the nearest known one.
        """
        chosen = self._chosen(cells)
        if self._sees_all() and (found := direct.taken(self._ranks[0], chosen, name)) is not None:
            return found
        name = chosen.name_of(name)
        for model in chosen.models:
            check_readable(self.network, model, name)
        name = as_text(name, "name")
        if self._passed_over:
            raise unknown(f"get({chosen!r}, '{name}')", self.now)
        self._begin(lambda: f"get({named(chosen)}, '{name}')")
        return self._crew.each(lambda rank: state.get(rank, chosen, name))

    def set(self, cells: Chosen, **values: Any) -> None:
        """Collective: change parameters or states of cells or stimuli from now on.

        Values are numbers, arrays [cell], distributions, functions of gids, strings with units.
        Everything is checked before anything is changed.

        Raises
        ------
        DescriptionError, BuildError
            As in `Network.create`.
        """
        chosen = self._chosen(cells)
        if self._sees_all() and direct.put(self._ranks[0], chosen, values):
            return
        n = len(chosen)
        values = {chosen.name_of(name): raw for name, raw in values.items()}
        said: dict[str, Any] = {}
        for model in chosen.models:
            for name, raw in values.items():
                said[name] = read_value(model, name, raw, n)
            check_said(model, said, n)
        self._begin(lambda: f"set({named(chosen)}, {', '.join(said)}), numbered {digest(0, said)}")
        if chosen.kind == "stimulus":
            state.check_stimuli(self._ranks[0], chosen, said, self._timeline)
        self._crew.each(lambda rank: state.change(rank, chosen, said))

    def reset(self, keep: Iterable[str] = ()) -> None:
        """Collective: back to time 0, as in a new simulation of this network, but with the tables that are built.

        States, what is on its way and random draws begin anew, and so do recordings: those in memory are
        emptied, files are written anew. After that the same spikes come to the last bit.

        Parameters
        ----------
        keep : names
            What stays as it is now, and is not again as it was said: "parameters", of cells and stimuli;
            "weights", and what else was said of connections, as synapses and `Connections.set` have made them.

        Raises
        ------
        DescriptionError
            Something else is to be kept.
        """
        self._check_owner()
        names = kept_names(keep)
        self._begin(lambda: f"reset({sorted(names)})")
        with self._crew.failing_for_good():
            begin_anew(self._crew, self.network, names)
            self._timeline.now, self._passed_over = 0, False
            self._crew.each(lambda rank: rank.recorders.open_files(self._open_file))
            self._gather_report()

    def _sees_all(self) -> bool:
        """May the one rank that there is look into what it holds, without a word to others?"""
        return self._crew.sees_all and not (self._resuming or self._passed_over)

    def _chosen(self, cells: Chosen) -> Selection:
        self._check_owner()
        chosen = as_selection(cells, "cells")
        if chosen.network is not self.network:
            raise DescriptionError(
                f"{chosen!r} belongs to another network. Use what create of sim.network has returned."
            )
        return chosen

    def _begin(self, call: Callable[[], str], replaces: bool = True) -> None:
        """Collective: what every call begins with: all ranks make the same one, and what is new is built."""
        self._crew.begin(call)
        if replaces:
            self._crew.touch()
        self._crew.build(self._open_file)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Collective: write everything that changes to a file, from which `restore=` goes on.

        An older checkpoint of that name stays until the new one is whole and on the disk; nothing else is
        replaced. What was recorded is not part of it. Models and functions of the network are not saved
        either: the script that goes on says them again.

        Raises
        ------
        DescriptionError
            The path is none, its folder does not exist or cannot be written to, or something else than a
            checkpoint is there.
        SimulationError
            It could not be written, as on a full disk; nothing of it is left behind.
        """
        self._check_owner()
        place = checkpoint_path(path, "path")
        self._begin(lambda: f"save('{place}')")
        if not self._passed_over:  # else it was saved when this was run
            self._crew.each(lambda rank: checkpoint.save(rank, place))

    def connections(self, source: Any = None, target: Any = None, *, synapse: Any = None) -> Connections:
        """Collective: connections from `source` to `target`, populations or selections, of a synapse model or of all.

        Without a source: those from cells. What `connect` has returned stands for the connections of that call.
        """
        self._check_owner()
        wanted = wanted_of(self.network, source, target, synapse)
        self._begin(lambda: f"connections({wanted.text()})")
        return Connections.found(Caller(self.network, self._crew, self._begin_on_rows), wanted)

    def disconnect(self, found: Connections) -> None:
        """Collective: take connections away that `connections` has found; what was sent over them arrives.

        All that was found before is to be asked for again after that. A reset makes them anew.
        """
        self._check_owner()
        check_found(found, self._crew)
        found.take_away()
        self._crew.epoch += 1

    def _begin_on_rows(self, call: Callable[[], str], of_states: bool) -> None:
        """Collective: what a call on connections begins with; states are not known while runs are passed over."""
        self._check_owner()
        if self._passed_over and of_states:
            raise unknown(call(), self.now)
        self._begin(call)

    def junctions(self, *, everywhere: bool = False) -> state.JunctionList:
        """Collective: all gap junctions, each once, on rank 0 or everywhere, else empty arrays."""
        everywhere = as_flag(everywhere, "everywhere")
        self._check_owner()
        self._begin(lambda: f"junctions(everywhere={everywhere!r})")
        return self._crew.each(lambda rank: state.junctions(rank, everywhere))

    # ---- reporting -----------------------------------------------------------------------------

    def report(self) -> Report:
        """Where time and memory went up to the end of the last run; on rank 0. No communication."""
        self._report = self._report or reported(self._crew)
        return self._report

    def _gather_report(self) -> None:
        # The memory takes as long as a short run; one rank alone is asked when somebody looks.
        self._report = None if self._crew.is_alone else reported(self._crew)

    def _open_file(self, said: Any, gids: Any) -> Any:
        """The file of a recording; None while resuming, for the first run says which."""
        return None if self._resuming else self._file_from(said, gids, None)

    def _file_from(self, said: Any, gids: Any, since: float | None) -> Any:
        """The same anew, or to go on with at the time `since`."""
        if since is not None:
            return resumed_file(said, gids, since)
        shared = {"ranks": self.comm.size, "threads": self._crew.threads, **in_words(self.network)}
        about = provenance(dt=self.dt, interval=self.interval, **shared)
        return new_file(said, gids, {part: about[part] for part in self._provenance}, self.now)
