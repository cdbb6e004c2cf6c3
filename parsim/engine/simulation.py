"""`Simulation`: a network brought to life with a time step, on one rank or many."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar

import numpy as np

from parsim.arrays import Floats, shown
from parsim.clock import Clock
from parsim.comm.base import AbstractComm
from parsim.comm.threads import ThreadTeam
from parsim.comm.world import wrap
from parsim.engine import checkpoint, state
from parsim.engine.agree import check_alike, is_on_all_ranks, together
from parsim.engine.course import Course
from parsim.engine.interrupts import Interrupts, WallTime
from parsim.engine.once import Once
from parsim.engine.progress import Progress
from parsim.engine.rank import Rank
from parsim.engine.relaxation import Relaxation
from parsim.engine.report import Report, peak_memory
from parsim.engine.result_files import new_file, resumed_file
from parsim.engine.resuming import go_on, is_passed, is_resuming, newest, say_how, unknown
from parsim.engine.saver import Saver
from parsim.engine.state import Connections, JunctionList, members
from parsim.errors import DescriptionError, SimulationError
from parsim.given.plain import as_count, as_flag
from parsim.given.values import as_number
from parsim.io.checkpoint import checkpoint_path
from parsim.io.provenance import parts_of
from parsim.io.results import SpikeFile, TraceFile
from parsim.io.series import Series
from parsim.models.params import find_settable, read_value
from parsim.network.digest import digest
from parsim.network.network import Network, check_network
from parsim.network.population import Chosen, Selection, as_selection
from parsim.network.timeline import Timeline, check_settled
from parsim.network.values import check_together, check_values, known_columns

T = TypeVar("T")


def _checked(
    network: Any, dt: Any, threads: Any, progress: Any, relaxation: Any, provenance: Any
) -> tuple[Clock, int, bool, Relaxation, tuple[str, ...]]:
    """What a simulation is made with, or an error."""
    if not isinstance(network, Network):
        raise DescriptionError(f"the network is {shown(network)}; a parsim Network is needed.")
    clock = Clock(as_number(dt, "ms", "dt"))
    check_network(network, clock)
    if not isinstance(relaxation, Relaxation | None):
        raise DescriptionError(f"relaxation is {shown(relaxation)}; give Relaxation(...).")
    settings = relaxation or Relaxation()
    settings.steps(clock)
    ranks, line = as_count(threads, "threads", least=1, most=1024), as_flag(progress, "progress")
    return clock, ranks, line, settings, parts_of(provenance)


def call_of(name: str, first: str, given: dict[str, Any]) -> str:
    """The text of a call, with what was given besides; it is compared between ranks, and stands in errors."""
    usual = {"threads": 1, "progress": True, "provenance": True, "resuming": False}
    said = [f"{key}={shown(value, 200)}" for key, value in given.items() if value is not usual.get(key)]
    return f"{name}({', '.join([first, *said])})"


def named(chosen: Selection | None) -> str:
    """A selection in the text of a call, which is compared between ranks."""
    return "None" if chosen is None else f"{chosen!r} numbered {digest(0, chosen)}"


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
        given |= {"relaxation": relaxation, "provenance": provenance}
        check_alike(
            outer, network, call_of("Simulation", f"dt={shown(dt, 200)}", given | {"resuming": is_resuming()})
        )
        self._clock, threads, self.progress, settings, self._provenance = together(
            outer, lambda: _checked(network, dt, threads, progress, relaxation, provenance)
        )
        self.network = network
        self._team, self._settings = ThreadTeam(outer, threads), settings
        self._ranks = self._new_ranks()
        self._failed = ""
        self._resuming, self._passed_over = is_resuming(), False
        if restore is not None:
            place = checkpoint_path(restore, "restore")
            self._each(lambda rank: checkpoint.build_and_restore(rank, place))
        self._build()
        # Only now, so that a simulation that cannot be built leaves the one before it as it was.
        self._timeline = Timeline(self._clock, self._ranks[0].now)
        network.timeline = self._timeline
        for recording in network.recordings:
            recording.forget()
        self._gather_report()

    def _new_ranks(self) -> list[Rank]:
        comms = self._team.comms
        once = Once(len(comms))
        return [
            Rank(self.network, self._clock, comm, i == 0, once, self._settings)
            for i, comm in enumerate(comms)
        ]

    def __reduce__(self) -> Any:
        raise DescriptionError(
            "a Simulation cannot be copied or pickled. Pickle its network or its recordings, or save(...) its state "
            "and go on with Simulation(network, restore=...)."
        )

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
    def interval(self) -> float:
        """The time between exchanges of spikes in ms: the smallest delay of all connections."""
        return self._clock.time(self._ranks[0].interval)

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
        if not 0.0 <= duration < np.inf:
            raise DescriptionError(f"duration is {duration:g} ms; a multiple of dt of at least 0 is needed.")
        steps = self._clock.steps(duration, "duration")
        self._clock.counted(duration + self.now, "the end of the run at")
        saver, limit = Saver(checkpoint_every, checkpoint_to, self._clock), WallTime(walltime)
        given = {"checkpoint_every": checkpoint_every, "checkpoint_to": checkpoint_to, "walltime": walltime}
        with Interrupts() as asked:
            self._begin(call_of("run", f"{duration:g}", given))
            self._each(saver.check)
            end, course = self._ranks[0].now + steps, Course(saver, limit, asked)
            if not (self._resuming and self._passes_over(end, saver.series)):
                course.begin(self._ranks[0], end, Progress(self._clock.time(end)) if self._shows() else None)
                self._follow(course)
        if course.reason:
            raise course.outcome(self.now, self.comm.rank == 0)
        if asked.noted:  # too late for all ranks to agree
            os.kill(os.getpid(), asked.noted)

    def _follow(self, course: Course) -> None:
        """Collective: move, with pauses to save, until it is over."""
        first = self._ranks[0]
        try:
            while True:
                with self._failing_for_good():
                    course.reason = self._each(course.move)
                    self._timeline.now = first.now
                if course.is_to_be_saved():
                    course.limit.saved(self._each(course.saver.save))
                if course.is_over():
                    break
        finally:
            course.close()
        self._gather_report()

    def _passes_over(self, end: int, series: Series | None) -> bool:
        """Collective, while resuming: pass over a run to step `end` that lies before the newest checkpoint, else go on
        from that checkpoint, or from the beginning if there is none.
        """
        first, (path, about) = self._ranks[0], self._each(lambda rank: newest(rank, series))
        if path is not None and is_passed(first, about, end):
            for rank in self._ranks:
                rank.now = end
            self._timeline.now, self._passed_over = end, True
            return True
        with self._failing_for_good():
            since = self._each(lambda rank: go_on(rank, path, self._passed_over))
            self._timeline.now, self._resuming, self._passed_over = first.now, False, False
            self._each(lambda rank: rank.open_files(partial(self._open_file, since=since)))
        if self.comm.rank == 0:
            say_how(path, self.now, self.network)
        return False

    def _shows(self) -> bool:
        return self.progress and self.comm.rank == 0

    def _check_owner(self) -> None:
        if self.network.timeline is not self._timeline:
            raise DescriptionError(
                "a newer Simulation has taken this network over, with its recordings. Use that one, or make a "
                "network for each simulation."
            )

    def _each(self, act: Callable[[Rank], T]) -> T:
        """Run something on every rank of this process; what its first rank returns.

        An error that ranks agree on comes before anything is changed; any other leaves them apart.
        """
        try:
            return self._team.run(lambda thread: act(self._ranks[thread]))[0]
        except BaseException as error:
            if not is_on_all_ranks(error):
                self._fail(error)
            raise

    @contextmanager
    def _failing_for_good(self) -> Iterator[None]:
        """What fails within it, on all ranks or on one, leaves the simulation where it cannot go on from."""
        try:
            yield
        except BaseException as error:
            self._fail(error)
            raise

    def _fail(self, error: BaseException) -> None:
        self._failed = self._failed or f"{error}" or type(error).__name__
        if not is_on_all_ranks(error) and self._team.outer.size > 1:
            self._team.outer.parted = self._failed

    # ---- reading and changing ------------------------------------------------------------------

    def get(self, cells: Chosen, name: str) -> Floats | list[Floats]:
        """Collective: a parameter or state of cells or stimuli, in their order, on every rank.

        A parameter that is a list of numbers gives a list of arrays; times as they are used, such as
        spike times rounded to steps.

        Raises
        ------
        DescriptionError
            Unknown name, with the nearest known one.
        """
        chosen = self._chosen(cells)
        for model in chosen.models:
            if name not in (trace.name for trace in model.traces):
                find_settable(model, name)
        if self._passed_over:
            raise unknown(f"get({chosen!r}, '{name}')", self.now)
        self._begin(f"get({named(chosen)}, '{name}')")
        return self._each(lambda rank: state.get(rank, chosen, name))

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
        n = len(chosen)
        said: dict[str, Any] = {}
        for model in chosen.models:
            for name, raw in values.items():
                said[name] = read_value(model, name, raw, n)
            check_values(model, said, n)
        self._begin(f"set({named(chosen)}, {', '.join(said)}), numbered {digest(0, said)}")
        if chosen.kind == "stimulus":
            self._check_stimuli(chosen, said)
        self._each(lambda rank: state.change(rank, chosen, said))

    def reset(self, keep: Iterable[str] = ()) -> None:
        """Collective: back to time 0, as in a new simulation of this network, but with the tables that are built.

        States, what is on its way and random draws begin anew, and so do recordings: those in memory are
        emptied, files are written anew. After that the same spikes come to the last bit.

        Parameters
        ----------
        keep : names
            What stays as it is now, and is not again as it was said: "parameters", of cells and stimuli;
            "weights", of synapses that change them (those of `static_synapse` never do).

        Raises
        ------
        DescriptionError
            Something else is to be kept.
        """
        self._check_owner()
        names = state.kept_names(keep)
        self._begin(f"reset({sorted(names)})")
        with self._failing_for_good():
            kept = [rank.shard.parameters() if "parameters" in names else None for rank in self._ranks]
            # Statements that were built in several stages stand in other tables than if they were built at once.
            resets, rebuild = self._ranks[0].resets + 1, len(self._ranks[0].stages) > 1
            for recording in self.network.recordings:
                recording.forget()
            if rebuild:
                self._ranks = self._new_ranks()
                self._each(lambda rank: rank.build(lambda said, gids: None))
            for rank in self._ranks:
                rank.resets = resets
            self._team.run(lambda thread: self._ranks[thread].reset(kept[thread]))
            self._timeline.now, self._passed_over = 0, False
            self._each(lambda rank: rank.open_files(self._open_file))
            self._gather_report()

    def _check_stimuli(self, chosen: Selection, said: dict[str, Any]) -> None:
        """New values fit those that stay, which every rank holds of all stimuli."""
        new, offset = known_columns(said, len(chosen)), 0
        for part in chosen.parts:
            model: Any = part.population.model
            where = part.places
            held = vars(self._ranks[0].sources[part.population].values)
            before = {name: members(column, where) for name, column in held.items()}
            columns = before | {name: column[offset : offset + where.size] for name, column in new.items()}
            check_together(model, columns)
            check_settled(model, columns, SimpleNamespace(**before), self._timeline)
            offset += where.size

    def _chosen(self, cells: Chosen) -> Selection:
        self._check_owner()
        chosen = as_selection(cells, "cells")
        if chosen.network is not self.network:
            raise DescriptionError(
                f"{chosen!r} belongs to another network. Use what create of sim.network has returned."
            )
        return chosen

    def _begin(self, call: str) -> None:
        """Collective: what every call begins with: all ranks make the same one, and what is new is built."""
        if self._failed:
            raise SimulationError(
                f"this simulation cannot go on, because it has failed before: {self._failed}"
            )
        check_alike(self._team.outer, self.network, call)
        self._build()

    def _build(self) -> None:
        """Collective: build what is new."""
        with self._failing_for_good():  # what is held may be half of what was said
            self._each(lambda rank: rank.build(self._open_file))

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
        self._begin(f"save('{place}')")
        if self._passed_over:  # it was saved when this was run
            return
        self._each(lambda rank: checkpoint.save(rank, place))

    def connections(
        self, source: Chosen | None = None, target: Chosen | None = None, *, everywhere: bool = False
    ) -> Connections:
        """Collective: connections from `source` to `target`, on rank 0 or everywhere, else empty arrays.

        Without a source: those from cells.
        """
        everywhere = as_flag(everywhere, "everywhere")
        sources = None if source is None else self._chosen(source)
        targets = None if target is None else self._chosen(target)
        if targets is not None and targets.kind != "cell":
            raise DescriptionError(f"{targets!r} are stimuli, which are no targets. Give them as the source.")
        self._begin(f"connections({named(sources)}, {named(targets)}, everywhere={everywhere!r})")
        return self._each(lambda rank: state.connections(rank, sources, targets, everywhere))

    def junctions(self, *, everywhere: bool = False) -> JunctionList:
        """Collective: all gap junctions, each once, on rank 0 or everywhere, else empty arrays."""
        everywhere = as_flag(everywhere, "everywhere")
        self._check_owner()
        self._begin(f"junctions(everywhere={everywhere!r})")
        return self._each(lambda rank: state.junctions(rank, everywhere))

    # ---- reporting -----------------------------------------------------------------------------

    def report(self) -> Report:
        """Where time and memory went up to the end of the last run; on rank 0. No communication."""
        return self._report

    def _gather_report(self) -> None:
        def gather(rank: Rank) -> Any:
            c, seconds, sent = rank.comm, rank.timings.as_array(), rank.bytes_sent()
            relaxer = rank.relaxer
            rows = np.array([sum(t.slot.size for t in rank.tables), relaxer.n_junctions], dtype=np.int64)
            waveforms = np.array([[relaxer.messages, relaxer.bytes_sent]], dtype=np.float64)
            memory = np.array([peak_memory() if rank.first_process else 0.0])
            return (
                c.gather(seconds[None, :]),
                c.gather(np.array([float(sent)])),
                c.gather(memory),
                c.total(rows).tolist(),
                c.gather(waveforms),
            )

        seconds, sent, memory, (rows, junctions), waveforms = self._each(gather)
        first = self._ranks[0]
        self._report = Report(
            self.now, self.network.n_cells, rows, first.spikes_so_far, self.interval,
            seconds, sent, memory[memory > 0], junctions, replace(first.relaxer.sweeps), waveforms,
            first.shard.island_map.count, first.shard.island_map.largest,
        )  # fmt: skip

    def _open_file(self, said: Any, gids: Any, since: float | None = None) -> SpikeFile | TraceFile | None:
        """The file of a recording, anew, or to go on with at the time `since`."""
        if self._resuming:  # the first run says which
            return None
        if since is not None:
            return resumed_file(said, gids, since)
        return new_file(said, gids, self._ranks[0], self._team.threads, self._provenance)
