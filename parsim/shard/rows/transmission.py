"""The rows of a table whose connections have a kernel of their own: what they remember, and how spikes go through."""

from collections.abc import Callable
from copy import copy
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints, with_new
from parsim.clock import Clock
from parsim.jit import Block, Op
from parsim.kernels.sources import Sources
from parsim.shard.rows.by_source import BySource
from parsim.shard.rows.doses import DoseHistory
from parsim.shard.rows.early import Early
from parsim.shard.rows.history import History
from parsim.shard.rows.noting import Noting, hearing_within, noting
from parsim.shard.rows.passing import Chance, count_pairs
from parsim.shard.rows.transmitting import (
    NO_TIME,
    Walk,
    catching_up,
    transmitting_exactly_op,
    transmitting_op,
)
from parsim.shard.stages import Stages


class Transmission:
    """The parameters and the state of the rows of a table, and how spikes go through them.

    `values` are what was said of each row, `params` what the kernel needs of them; `state` is [row]. Where a parameter
    is how a state begins, there is the state in its place. `now` is the step from which on the rows are there; `last`
    and `fired` are by source, and so are states per source while the rows are `alike` in all that these hang on.
    """

    def __init__(
        self, synapse: Any, values: SimpleNamespace, clock: Clock, sources: Sources, now: int
    ) -> None:
        n = int(sources.start[-1])
        self.synapse, self.clock, self.grid, self.sources = synapse, clock, clock.for_kernels, sources
        self.alike = bool(synapse.per_source) and all(
            np.ndim(getattr(values, name)) == 0 for name in synapse.shared_along
        )
        self.state = synapse.new_state(values, n, sources.start.size - 1 if self.alike else n)
        begun = {name: column for name, column in self._by_row().items() if hasattr(values, name)}
        self.values = SimpleNamespace(**(vars(values) | begun))
        self.prepare()
        self.doses: DoseHistory | None = None  # what rows feel of a volume transmitter
        self.notes: list[Callable[[Any], Noting]] = []  # where ops note what rows bring
        self.note_rooms: list[Callable[[], None]] = []  # makes room there, where ops ask for none themselves
        self.early: list[Early] = []  # what was brought before there were any
        # The how manyth of its pair each row is, once that is no longer seen of the rows that are here.
        self.nth: NDArray[np.uint8] = np.zeros((), np.uint8)
        self.last: Floats = np.full(sources.start.size - 1, NO_TIME - clock.time(now))
        self.fired: Ints = np.zeros(sources.start.size - 1, np.int64)

    def prepare(self) -> None:
        """Derive what the kernel needs from `values`."""
        self.params = self.synapse.prepared(self.values, self.clock)

    def columns(self) -> dict[str, Any]:
        """The state by name, each [row], or by source and read and written by rows."""
        shared = {name: BySource(self.sources, getattr(self.state, name)) for name in self._shared}
        return self._by_row() | shared

    @property
    def _shared(self) -> tuple[str, ...]:
        """States that rows of a source have together."""
        return self.synapse.per_source if self.alike else ()  # type: ignore[no-any-return]

    def _by_row(self) -> dict[str, Any]:
        """The others by name, each [row]."""
        held = self.synapse.by_name(self.state).items()
        return {name: column for name, column in held if name not in self._shared}

    def put(self, name: str, rows: Ints | None, values: Any) -> bool:
        """New values of some rows, or of all; is `name` what they remember, and saved so, and not what was said?"""
        of, parted = self.synapse, False
        if (rows is not None or values.ndim) and name in (*of.per_source, *of.shared_along):
            parted = self._part()
        if name in (state := of.by_name(self.state)):
            state[name][slice(None) if rows is None else rows] = values
            return not parted
        if name != "delay":
            said = vars(self.values)
            said[name] = with_new(said[name], rows, values, int(self.sources.start[-1]))
        return False

    def _part(self) -> bool:
        """Each row has its own of what those of a source have shared; have they?"""
        if not self.alike:
            return False
        counts = np.diff(self.sources.start)
        parted = {name: np.repeat(getattr(self.state, name), counts) for name in self.synapse.per_source}
        self.state, self.alike = self.state._replace(**parted), False
        vars(self.values).update((name, own) for name, own in parted.items() if hasattr(self.values, name))
        return True

    def number_pairs(self, table: Any) -> None:
        """Let all rows draw as they do now, whichever of them go."""
        cells, nth = max(table.group.gids.size, 1), np.empty(table.slot.size, np.uint8)
        count_pairs(np.asarray(table.serial), table.slot, self.nth, cells, self.sources.start, nth)
        self.nth = nth

    def picked(self, keep: Any, sources: Sources) -> "Transmission":
        """The same of the rows for which `keep` is true, as they begin: of the same sources, or of none."""
        part, n = copy(self), sources.start.size - 1
        part.last, part.fired = self.last[:n].copy(), self.fired[:n].copy()
        part.notes, part.note_rooms, part.early = [], [], []
        shared = {name: getattr(self.state, name)[:n].copy() for name in self._shared}
        part.state = self.state._replace(**shared)
        part.take_away(keep, sources)
        return part

    def take_away(self, keep: Any, sources: Sources) -> None:
        """Only the rows for which `keep` is true are left."""
        self.nth = self.nth[keep] if self.nth.ndim else self.nth
        said = {name: column[keep] if column.ndim else column for name, column in vars(self.values).items()}
        held = self.state._asdict().items()
        left = {name: column[..., keep] for name, column in held if name not in self._shared}
        self.state = self.state._replace(**left)
        begun = {name: column for name, column in self._by_row().items() if name in said}
        self.values, self.sources = SimpleNamespace(**(said | begun)), sources
        self.prepare()

    def signed(self, weights: Any, rows: Ints | None) -> Any:
        """Weights of some rows, or of all, by whose signs they enter: where one is 0, by another parameter's."""
        other = getattr(self.values, self.synapse.sign)
        return np.where(weights == 0.0, other if rows is None or other.ndim == 0 else other[rows], weights)

    def saved(self) -> dict[str, Any]:
        """What a checkpoint has of the rows."""
        by_source = {"source's last": self.last, "source's spikes": self.fired}
        return self.columns() | {name: BySource(self.sources, held) for name, held in by_source.items()}

    def walk(self, table: Any) -> Walk:
        """The rows of a table as they are walked."""
        group = table.group
        chance = Chance(group.seed, np.asarray(table.serial), group.gids, table.slot, self.nth)
        return Walk(
            table.sources, table.slot, table.delay, self.last, self.fired, max(table.cells, 1),
            max(table.cells * group.inbox.places, 1), not group.model.weighs, table.base, chance, self.alike,
        )  # fmt: skip

    def catch_up(self, table: Any, history: History, until: float) -> None:
        """Let all rows hear the spikes of their targets that have come back by a time, at which no source is late."""
        hear, dose = self.synapse.hear, self.synapse.dose
        if (hear is not None or dose is not None) and table.slot.size:
            loop = catching_up(hear, dose, table.delay.dtype.kind != "f")
            loop(self.walk(table), self.state, self.params, self._with_doses(history), self.grid, until)

    def _with_doses(self, history: History) -> History:
        return history if self.doses is None else history._replace(doses=self.doses.bundle())

    # ---- as ops ----------------------------------------------------------------------------------

    def blocks(self, follow: Callable[[Callable[[], Any]], Block], table: Any) -> list[Block]:
        """What loops over the rows of a table work on, in blocks that `follow` it, for it may begin anew."""
        history = Block(())
        if self.synapse.history:
            history = follow(lambda: table.transmission._with_doses(table.group.history_bundle()))
        return [
            follow(lambda: table.transmission.walk(table)),
            follow(lambda: table.transmission.state),
            follow(lambda: table.transmission.noting_params()),
            history,
        ]

    def noting_params(self) -> Any:
        """What kernels that note what rows bring are given as parameters."""
        params = self.params
        for note in self.notes:
            params = note(params)
        return params

    def kernels(self) -> tuple[Callable[..., float], Any, bool, Any, Any]:
        """What rows do, noting what they bring where that is asked for: transmit, hear, history, dose, leave."""
        of = self.synapse
        transmit, others = of.transmit, (of.hear, of.dose, of.leave)
        for _ in self.notes:
            transmit = noting(transmit, of.history)
            others = tuple(hearing_within(act) if act else None for act in others)  # type: ignore[assignment]
        hear, dose, leave = others
        return transmit, hear, of.history, dose, leave

    def ops(self, stages: Stages, table: Any, box: Block) -> None:
        """Lay out the adding up in the mailbox that is in `box`."""
        op = transmitting_op(*self.kernels())
        stages.deliver.append(Op(op, *self.blocks(stages.follow, table), self.grid, box, stages.found))

    def exact_ops(
        self, stages: Stages, table: Any, flight: Block, buckets: Block, make_room: Callable[[], None]
    ) -> None:
        """Lay out the delivery to exact times."""
        op = transmitting_exactly_op(*self.kernels(), table.delay.dtype.kind != "f")
        held = self.blocks(stages.follow, table)
        stages.deliver.append(
            Op(op, *held, flight, buckets, stages.found, np.array([0, -1]), make_room=make_room)
        )
