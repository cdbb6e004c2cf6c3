"""This rank's cells of one model."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.clock import Clock, Grid, Span
from parsim.jit import entry_point
from parsim.kernels.finite import first_not_finite
from parsim.kernels.order import take
from parsim.shard.arrivals import NO_EVENTS, Arrivals, Events
from parsim.shard.gap import Gap
from parsim.shard.mailbox import Mailbox
from parsim.shard.outbox import Outbox, outbox


class ClockedGroup:
    """Cells of one clocked model as arrays, moved step by step.

    `values` holds what the user gave and `params` what the kernel needs, both [cell]; `state` is
    the model's bundle. Cells stand in the order of their gids. `arrivals` holds the spikes on their
    way to cells that hear exact times; those to other cells are summed in the mailbox.
    """

    def __init__(self, model: Any, make_inputs: Any, seed: int, grid: Grid) -> None:
        self.model, self.seed, self.grid = model, seed, grid
        self.gids: Gids = np.empty(0, np.int64)
        self.values = SimpleNamespace(
            **{p.name: [] if p.kind == "train" else np.empty(0) for p in model.params}
        )
        self.state = model.new_state(self.values, 0)
        self.params: Any = None
        self.mailbox = Mailbox(len(model.ports), 0)
        self.arrivals = Arrivals(grid) if model.precise else None
        self.has_current = self.has_driven_spikes = False  # are there stimuli that bring any?
        self.current: Floats = np.zeros((1, 0))
        self.out: Outbox = outbox(0)
        self._make_inputs = make_inputs
        self.inputs: Any = None
        self.gap: Gap | None = None  # where cells are joined by gap junctions
        self._advance: Any = None  # compiled for the bundles as they are
        self._finite: list[tuple[str, Any]] | None = None  # what is never infinite, of the state as it is

    def grow(self, gids: Gids, values: dict[str, Floats], states: dict[str, Floats]) -> None:
        """Add cells behind those that are here; `states` overrides the model's initial values."""
        new = SimpleNamespace(**values)
        state = self.model.new_state(new, gids.size)
        for name, value in states.items():
            getattr(state, name)[:] = value
        self.gids = np.concatenate([self.gids, gids])
        for name, value in values.items():
            held = getattr(self.values, name)
            setattr(
                self.values, name, held + value if isinstance(held, list) else np.concatenate([held, value])
            )
        self._finite = None
        self.state = type(state)(*(np.concatenate(pair) for pair in zip(self.state, state, strict=True)))

    def prepare(self, clock: Clock) -> None:
        """Derive what the kernel needs from what the user gave."""
        self.params = self.model.prepare(self.values, clock)
        self._advance = None

    def lay_out(self, now: int, interval: int, longest: int) -> None:
        """Fit mailbox and current to the cells and to intervals from `now` on."""
        self._advance = None
        self.mailbox.lay_out(self.gids.size, now, interval, longest)
        if self.arrivals is not None:
            self.arrivals.lay_out(self.gids.size, now, interval, longest)
        self.current = np.zeros((interval if self.has_current else 1, self.gids.size))

    def couple(self, gap: Gap) -> None:
        """From now on the cells are moved by the model's `coupled` kernel."""
        self.gap, self._advance = gap, None

    def open(self, origin: int) -> None:
        """Lay out the page of the interval that begins at `origin`."""
        page = self.mailbox.page(origin)
        spikes = page.reshape(len(page), self.mailbox.ports, self.mailbox.cells)
        self.inputs = self._make_inputs(spikes, self.current, self.gids, self.seed, self.grid, NO_EVENTS)
        if self.has_current:
            self.current.fill(0.0)

    def gather(self, span: Span) -> None:
        """Put the events of the interval in order, once stimuli have driven the span's steps."""
        if self.arrivals is not None:
            self.inputs = self.inputs._replace(events=self.gathered(span))

    def gathered(self, span: Span) -> Events:
        """What reaches cells that hear exact times, in order."""
        assert self.arrivals is not None
        page = self.mailbox.ring[:0]
        if self.has_driven_spikes:
            page = self.mailbox.page(span.origin)[span.first - span.origin : span.stop - span.origin]
        return self.arrivals.gather(page, span.first, span.origin)

    def clear(self, origin: int) -> None:
        """Forget what arrived in the interval that is past."""
        if self.arrivals is None or self.has_driven_spikes:
            self.mailbox.clear(origin)
        if self.arrivals is not None:
            self.arrivals.clear(origin)

    def advance(self, span: Span, out: Outbox) -> None:
        """Move the span's cells through its steps."""
        act = self.model.advance if self.gap is None else self.model.coupled
        inputs = (self.inputs,) if self.gap is None else (self.inputs, self.gap)
        if self._advance is None:
            self._advance = entry_point(act, self.state, self.params, *inputs, span, out)
        self._advance(self.state, self.params, *inputs, span, out)

    def arrays(self) -> dict[str, Any]:
        """The state by name, for recording, reading and saving."""
        return self.state._asdict()  # type: ignore[no-any-return]

    def find_not_finite(self) -> tuple[int, str] | None:
        """The local index of a cell whose state is not finite, and the name of that state."""
        if self._finite is None:
            columns = ((name, getattr(self.state, name)) for name in self.finite_states())
            self._finite = [(name, values) for name, values in columns if values.dtype == np.float64]
        for name, values in self._finite:
            if (at := first_not_finite(values)) >= 0:
                return at, name
        return None

    def finite_states(self) -> list[str]:
        """The states that are never infinite."""
        return list(self.arrays())

    def sample(self, name: str, cells: Ints, now: int, into: Floats) -> None:
        """A state of some cells at the end of step `now`."""
        take(getattr(self.state, name), cells, into)
