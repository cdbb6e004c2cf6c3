"""This rank's cells of one model: what the engine may ask of them, however they move."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Gids, Ints
from parsim.clock import Clock, Grid, Span
from parsim.jit import DONE, FAILED, Block, Op, opened
from parsim.kernels.finite import first_not_finite
from parsim.shard.coupled.gap import Gap, Joined
from parsim.shard.inbox import AbstractInbox
from parsim.shard.mailbox import Mailbox
from parsim.shard.outbox import Outbox, first_stray
from parsim.shard.rows.history import History, TargetHistory
from parsim.shard.rows.traced import sample_trace, trace_at, wanted
from parsim.shard.samples import sample, tracing
from parsim.shard.saved import AbstractSaved, AbstractSaving
from parsim.shard.stages import Stages, Watch


def check(at, first, stop, origin):
    """No spike was lost or of no cell, and at an interval's end all states are numbers."""
    columns_at, out_at, cells, interval = opened(at)
    if opened(out_at).lost[0] >= 0 or first_stray(opened(out_at), cells) >= 0:
        return FAILED
    if stop == origin + interval:
        for column in opened(columns_at):
            if first_not_finite(column) >= 0:
                return FAILED
    return DONE


def check_lost(at, first, stop, origin):
    """No spike was lost, or of no cell."""
    out_at, cells = opened(at)
    return DONE if opened(out_at).lost[0] < 0 and first_stray(opened(out_at), cells) < 0 else FAILED


class AbstractGroup(ABC):
    """Cells of one model as arrays, in the order of their gids.

    `values` holds what the user gave and `params` what the kernels need, both [cell]; `state` is the model's
    bundle. `inbox` holds what is on its way to the cells, `out` what they have fired. A model names its kind of
    group, its `host`; what the network needs to know of the kind before there are cells is said on the class.
    """

    # Do the cells move in steps of the clock? If not, what they fire may reach each other within a step, or at the very
    # time at which a run begins.
    clocked: ClassVar[bool]
    # Are its states and parameters arrays [cell], and the states those of the present step?
    is_plain: ClassVar[bool] = False
    # Is a slope in a waveform the difference over a step, and not what it is at its start?
    implicit: ClassVar[bool] = False
    # Are delays onto them whole steps? Else they are ms.
    delays_in_steps: ClassVar[bool] = True
    # Cells that are moved together, and cut together where one of them is sampled. None: all groups of the kind are
    # moved by one noun of their own.
    block: ClassVar[int | None]

    # May some stand still while others move?
    may_freeze: ClassVar[bool] = False
    # Do its cells never fire?
    silent: bool = False

    blocks: dict[str, Block]  # what its ops work on
    inbox: AbstractInbox
    out: Outbox

    def __init__(self, model: Any, seed: int, grid: Grid) -> None:
        self.model, self.seed, self.grid = model, seed, grid
        self.gids: Gids = np.empty(0, np.int64)
        self.values = SimpleNamespace(
            **{p.name: [] if p.kind == "train" else np.empty(0) for p in model.params}
        )
        self.state = model.new_state(self.values, 0)
        self.params: Any = None
        self.frozen = np.zeros(0, bool)  # which cells stand still, [cell]
        self.gap: Gap | None = None  # what passes through gap junctions, where cells are joined by them
        self.history: TargetHistory | None = None  # of spikes, where connections ask for it
        self._finite: list[tuple[str, Any]] | None = None  # what is never infinite, of the state as it is

    # ---- what is held ----------------------------------------------------------------------------

    def grow(self, gids: Gids, values: dict[str, Any], states: dict[str, Floats]) -> None:
        """Add cells behind those that are here; `states` overrides the model's initial values."""
        before = self.gids.size
        self.gids = np.concatenate([self.gids, gids])
        for name, value in values.items():
            held = getattr(self.values, name)
            setattr(
                self.values, name, held + value if isinstance(held, list) else np.concatenate([held, value])
            )
        self.frozen = np.concatenate([self.frozen, np.zeros(gids.size, bool)])
        self.add_states(SimpleNamespace(**values), states, gids.size)
        if self.history is not None:
            self.history.grow(self.gids.size)
        self.make_place(before)

    def add_states(self, values: SimpleNamespace, states: dict[str, Floats], n: int) -> None:
        """The states of `n` new cells, as they begin: as the model says, or as in `states`."""
        new = self.model.new_state(values, n)
        columns = self.model.by_name(new)
        for name, value in states.items():
            columns[name][:] = value
        self._finite = None
        self.state = type(new)(*(np.concatenate(pair, -1) for pair in zip(self.state, new, strict=True)))

    def keep_history(self, longest: float) -> None:
        """Keep the cells' spikes from now on, for connections of delays up to `longest` ms."""
        if self.history is None:
            self.history = TargetHistory(self.grid)
            self.history.grow(self.gids.size)
            self.history.decay_by(self.values)
        self.history.longest = max(self.history.longest, longest)

    def history_bundle(self) -> History:
        """The spikes that are kept, as kernels see them."""
        assert self.history is not None
        return self.history.bundle()

    def begin_anew(self) -> None:
        """Be as when just made, without cells; those who hold the group go on holding it."""
        self.__dict__.update(type(self)(self.model, self.seed, self.grid).__dict__)

    @property
    def mailbox(self) -> Mailbox:
        """What arrives in which step."""
        return self.inbox.mailbox  # type: ignore[no-any-return]

    @abstractmethod
    def make_place(self, before: int) -> None:
        """Cells from `before` on are new: fit to them what else is held by cell."""

    @abstractmethod
    def derived(self, values: SimpleNamespace, clock: Clock) -> Any:
        """What the kernels need of values that a user gave; nothing is changed."""

    @abstractmethod
    def hold(self, params: Any) -> None:
        """Take what was derived."""

    def prepare(self, clock: Clock) -> None:
        """Derive what the kernels need from what the user gave."""
        self.hold(self.derived(self.values, clock))
        if self.history is not None:
            self.history.decay_by(self.values)

    @abstractmethod
    def add_rows(self, slots: NDArray[np.int32]) -> None:
        """Connections behind those that lead here already, by the slot at which each ends."""

    @property
    def kept_of_rows(self) -> dict[str, Any]:
        """What cells keep of each connection that leads to them, by name, [row]."""
        return {}

    def lose_rows(self, new: Ints, now: int) -> None:
        """Connections have other numbers now, at step `now`: those that are gone one below 0."""
        self.inbox.renumber(new, now, np.zeros(self.gids.size, bool))

    @abstractmethod
    def lay_out(self, now: int, interval: int, longest: int) -> None:
        """Fit to intervals of `interval` steps from `now` on, and delays up to `longest`."""

    # ---- a checkpoint ----------------------------------------------------------------------------

    def columns(self, now: int) -> dict[str, Any]:
        """What is saved by cell, [cell, ...] or lists of trains: states, parameters, sums that arrive after `now`."""
        frozen = {"frozen": self.frozen} if self.may_freeze else {}
        return self._lasting() | frozen | self.inbox.columns(now)

    def save(self, saving: AbstractSaving) -> None:
        """Collective: all that is no column. Here, nothing but what is on its way."""
        self.inbox.save(saving)
        if self.history is not None:
            self.history.save(saving)

    def begin_at(self, origin: int) -> None:
        """Nothing is on its way, and an interval begins at step `origin`: then come `put_columns` and `restore`."""
        self.inbox.begin_at(origin)

    def put_columns(self, cells: Ints, columns: dict[str, Any], now: int) -> None:
        """The reverse of `columns`, for some cells; others than those from there are passed by."""
        for name, held in self._lasting().items():
            if isinstance(held, list):
                for i, train in zip(cells, columns[name], strict=True):
                    held[i] = train
            else:
                held[cells] = columns[name]
        if self.may_freeze:
            self.frozen[cells] = columns["frozen"]
        self.inbox.put_columns(cells, columns, now)

    def restore(self, saved: AbstractSaved) -> None:
        """The reverse of `save`."""
        self.inbox.restore(saved)
        if self.history is not None:
            self.history.restore(saved)

    def _lasting(self) -> dict[str, Any]:
        """States and parameters by name."""
        parameters = {f"parameter {name}": column for name, column in vars(self.values).items()}
        return self.arrays() | parameters

    # ---- how it moves ----------------------------------------------------------------------------

    @classmethod
    def gather(cls, groups: Sequence[Any], free: Sequence[Any]) -> None:
        """Of all groups of the kind, those that `move_ops` will move are `free` to be moved with others: here, none is.

        Ops are laid out after that.
        """
        return

    @abstractmethod
    def driven_by(self, into: str) -> None:
        """Stimuli will bring "spikes" or "current"."""

    @abstractmethod
    def drive(self, model: Any, params: Any, rows: Any, span: Span, key: Any) -> None:
        """Take what a stimulus brings in the steps of the span."""

    @abstractmethod
    def begin_ops(self, stages: Stages) -> None:
        """Lay out what comes before stimuli drive, and the looks that are taken at the end."""

    def check_ops(self, stages: Stages) -> None:
        """Lay out the looks that are taken at the end of each interval."""
        out, columns = (
            self.blocks["out"],
            stages.follow(lambda: tuple(held for _, held in self.finite_columns())),
        )
        if self.finite_columns():
            stages.collect.append(Op(check, columns, out, self.gids.size, self.mailbox.interval))
        else:
            stages.collect.append(Op(check_lost, out, self.gids.size))

    @abstractmethod
    def gather_ops(self, stages: Stages) -> None:
        """Lay out what comes between driving and moving."""

    def history_ops(self, stages: Stages, catch_up: Callable[[int], None]) -> None:
        """Lay out the keeping of spikes for connections that ask; `catch_up(step)` lets these hear what is back."""
        if self.history is not None:
            cells = stages.follow(lambda: (self.gids,))
            self.history.ops(stages, stages.follow(self.history_bundle), cells, catch_up)

    @abstractmethod
    def move_ops(self, stages: Stages, begin: int, end: int, watches: list[Watch]) -> None:
        """Lay out the moving of a range of cells."""

    def spots(self, said: list[int]) -> Ints:
        """The spots of cells that have waveforms where some are joined: here, all that the model has, said or not.

        Ascending, and the same on all ranks, as `said` is: what couplings name.
        """
        return np.arange(len(self.model.membranes))

    def sweep_ops(self, stages: Stages, joined: Joined, waves: Block, words: Ints) -> dict[str, list[Op]]:
        """The ops of a window that move cells joined by junctions, by the names that `Window` has for them.

        keep and back: the state at the window's start. stand_still: waveforms of voltages as they are. sweep: cells
        that are joined, and write waveforms, with what outlasts a sweep left to `back`. rest: the others. whole: all.
        """
        raise NotImplementedError(f"{self.model.name} has no kernel for junctions")

    def pages(self, origin: int) -> list[Floats]:
        """Inputs of the interval that begins at `origin`, [step, ...], which drives add to."""
        return [self.mailbox.page(origin)]

    @abstractmethod
    def end_ops(self, stages: Stages) -> None:
        """Lay out what follows the exchange at an interval's edge."""

    @abstractmethod
    def catch_up(self, cells: Ints, now: int) -> None:
        """Bring the states of some cells to step `now`, up to which they have been moved, before a user's change."""

    @abstractmethod
    def changed(self, cells: Ints, now: int) -> None:
        """Something of some cells was changed, after `catch_up`."""

    # ---- what can be seen ------------------------------------------------------------------------

    @abstractmethod
    def sample(self, name: str, cells: Ints, now: int, into: Floats) -> None:
        """A recordable of some cells, which have been moved up to step `now`, at its end."""

    def sample_op(self, stages: Stages, name: str, into: Block) -> Op:
        """What takes samples of a recordable, to where the `Samples` in a block say."""
        for trace in self.model.traces:
            if trace.name == name:
                return Op(tracing(trace.at), self.blocks["state"], self.blocks["params"], into, self.grid)
        return Op(sample, stages.follow(lambda: (self.arrays()[name],)), into)

    def sample_trace(self, which: int, cells: Ints, now: int, into: Floats) -> None:
        """One of the traces that a history has, of some cells at the end of step `now`."""
        some = wanted(cells, which, self.gids.size)
        trace_at(self.history_bundle(), self.out, some, self.grid, self.grid.time(now), into)

    def sample_trace_op(self, stages: Stages, which: int, into: Block) -> Op:
        """What takes samples of such a trace, to where the `Samples` in a block say."""
        some = wanted(into.value.cells, which, self.gids.size)
        return Op(sample_trace, stages.follow(self.history_bundle), self.blocks["out"], some, into, self.grid)

    def put(self, name: str, cells: Ints, values: Floats) -> None:
        """Set a state of some cells, between `catch_up` and `changed`."""
        self.arrays()[name][cells] = values

    def mistake(self) -> str | None:
        """What has gone wrong in a step, in words, if anything."""
        return None

    @abstractmethod
    def finite_states(self) -> list[str]:
        """The states that are never infinite."""

    def arrays(self) -> dict[str, Any]:
        """The state by name, each [cell], for recording, reading, setting and saving."""
        return self.model.by_name(self.state)  # type: ignore[no-any-return]

    def finite_columns(self) -> list[tuple[str, Floats]]:
        """What must not become infinite, by name."""
        if self._finite is None:
            columns = ((name, self.arrays()[name]) for name in self.finite_states())
            self._finite = [(name, values) for name, values in columns if values.dtype == np.float64]
        return self._finite

    def find_not_finite(self) -> tuple[int, str, float] | None:
        """The local index of a cell whose state is not finite, the name of that state, and what it is."""
        for name, values in self.finite_columns():
            if (at := first_not_finite(values)) >= 0:
                return at, name, float(values[at])
        return None
