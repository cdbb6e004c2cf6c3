"""From where events of recorders come: what the simulation records for them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.clock import NEAR
from parsim.nest.batches import Batch
from parsim.nest.correlators import Wired
from parsim.nest.recorders import Events

IdsOf = Callable[[Gids], Gids]  # of nodes, of the gids of cells
NOTHING = Events(np.empty(0), np.empty(0, np.int64), {})


class SpikeLink:
    """The spikes of cells; `counts` says how often each is connected, where some are more than once.

    `sent` says when an event came of which a spike of these cells is but the echo.
    """

    def __init__(
        self, recording: Any, ids_of: IdsOf, counts: dict[int, int] | None,
        sent: Callable[[Floats], Floats] | None = None,
    ) -> None:  # fmt: skip
        self.recording, self.ids_of, self.counts, self.sent = recording, ids_of, counts, sent

    def take(self) -> Events:
        """Those that have come since the last time."""
        if len(self.recording) == 0:
            return NOTHING
        times, senders = self.recording.times, self.ids_of(self.recording.gids)
        if self.sent is not None:
            times = self.sent(times)
        self.recording.forget()
        if self.counts is not None:
            often = np.array([self.counts[node] for node in senders.tolist()])
            times, senders = np.repeat(times, often), np.repeat(senders, often)
        return Events(times, senders, {})


class SpinLink:
    """Cells that go on or off, and which: two spikes at one time say that a cell has gone on."""

    def __init__(self, spikes: Any) -> None:
        self.spikes = spikes

    def take(self) -> Events:
        """Those that have come since the last time."""
        events = self.spikes.take()
        pairs = np.stack([events.times, events.senders])
        found, often = np.unique(pairs, axis=1, return_counts=True)
        return Events(found[0], found[1].astype(np.int64), {"state": np.minimum(often - 1, 1)})


class WiredLink:
    """Spikes over connections with channels and weights, up to `until()` where that is said."""

    def __init__(self, spikes: Any, wired: Wired, until: Callable[[], float] | None) -> None:
        order = np.argsort(wired.sources, kind="stable")
        self.spikes, self.wired, self.until = (
            spikes,
            Wired(wired.sources[order], wired.channels[order], wired.weights[order]),
            until,
        )
        self.held = NOTHING

    def take(self) -> Events:
        """Those that have come since the last time."""
        new = self.spikes.take()
        times = np.concatenate([self.held.times, new.times])
        senders = np.concatenate([self.held.senders, new.senders])
        if self.until is not None:
            late = times > self.until() * (1 + 1e-12)
            self.held = Events(times[late], senders[late], {})
            times, senders = times[~late], senders[~late]
        sources, channels, weights = self.wired
        first = np.searchsorted(sources, senders)
        often = np.searchsorted(sources, senders, side="right") - first
        # Of each event the connections of its sender, which follow one another.
        which = np.arange(often.sum()) + np.repeat(first - (np.cumsum(often) - often), often)
        values = {"channel": channels[which], "weight": weights[which]}
        return Events(np.repeat(times, often), np.repeat(senders, often), values)


class Total:
    """The sum of several recordings of the same cells, as one."""

    def __init__(self, parts: list[Any]) -> None:
        self.parts = parts

    def __len__(self) -> int:
        return len(self.parts[0])

    @property
    def gids(self) -> Gids:
        """Those of the cells."""
        found: Gids = self.parts[0].gids
        return found

    @property
    def times(self) -> Floats:
        """Of the samples, in ms."""
        found: Floats = self.parts[0].times
        return found

    @property
    def values(self) -> Floats:
        """The sums, [time, cell]."""
        return np.sum([one.values for one in self.parts], axis=0)

    def forget(self) -> None:
        """Of all parts what has come."""
        for one in self.parts:
            one.forget()


class MeterLink:
    """Samples of some states of cells, up to `until()`: those of the last interval come when the next one begins.

    `sent` says of which time a sample is, where that is another; NaN for those that nobody wants. Cells that stand
    still, `frozen()`, are not sampled.
    """

    def __init__(
        self, recordings: dict[str, Any], ids_of: IdsOf, until: Callable[[], float],
        sent: Callable[[Floats], Floats] | None = None, frozen: Callable[[], set[int]] = set,
    ) -> None:  # fmt: skip
        self.recordings, self.ids_of, self.until, self.sent = recordings, ids_of, until, sent
        self.frozen = frozen
        self.held = NOTHING

    def hold(self) -> None:
        """What was sampled is of cells that stand still now, or do not."""
        self.held = self._all()

    def take(self) -> Events:
        """Those that have come since the last time."""
        new = self._all()
        last = int(np.searchsorted(new.times, self.until() * (1 + 1e-12), side="right"))
        self.held = _cut(new, slice(last, None))
        return _cut(new, slice(0, last))

    def _all(self) -> Events:
        """What is held, and what is new."""
        new, held = self._new(), self.held
        if not held.times.size:
            return new
        names = {n: np.concatenate([held.values[n], v]) for n, v in new.values.items()} or held.values
        return Events(
            np.concatenate([held.times, new.times]), np.concatenate([held.senders, new.senders]), names
        )

    def _new(self) -> Events:
        first = next(iter(self.recordings.values()))
        if len(first) == 0:
            return NOTHING
        ids = self.ids_of(first.gids)
        times = np.repeat(first.times, ids.size)
        senders = np.tile(ids, len(first))
        values = {name: one.values.reshape(-1) for name, one in self.recordings.items()}
        for one in self.recordings.values():
            one.forget()
        if frozen := self.frozen():
            found = Events(times, senders, values)
            return _cut(found, ~np.isin(senders, np.fromiter(frozen, np.int64)))
        if self.sent is None:
            return Events(times, senders, values)
        times = self.sent(times)
        return _cut(Events(times, senders, values), times > 0.0)


def _cut(events: Events, which: Any) -> Events:
    return Events(events.times[which], events.senders[which], {n: v[which] for n, v in events.values.items()})


class TransmissionLink:
    """Spikes over connections, with what they bring."""

    def __init__(self, recording: Any, ids_of: IdsOf, receptor: int) -> None:
        self.recording, self.ids_of, self.receptor = recording, ids_of, receptor

    def take(self) -> Events:
        """Those that have come since the last time."""
        one = self.recording
        if len(one) == 0:
            return NOTHING
        values = {
            "targets": self.ids_of(one.targets), "weights": one.weights,
            "receptors": np.full(len(one), self.receptor), "ports": np.zeros(len(one), np.int64),
        }  # fmt: skip
        found = Events(one.times, self.ids_of(one.senders), values)
        one.forget()
        return found


class PrescribedLink:
    """The spikes of generators, of which every time is known."""

    def __init__(self, batch: Batch, places: Any, now: Callable[[], float], dt: float) -> None:
        self.batch, self.places, self.now, self.slack = batch, places, now, NEAR * dt
        self.since = now()

    def take(self) -> Events:
        """Those that have come since the last time."""
        until, since, self.since = self.now(), self.since, self.now()
        if until <= since:
            return NOTHING
        found: list[Floats] = [np.empty(0)]
        senders: list[Ints] = [np.empty(0, np.int64)]
        for place in self.places:
            one = {key: self.batch.values(key, range(place, place + 1))[0] for key in _USED}
            times = one["spike_times"] + one["origin"]
            begin, end = one["start"] + one["origin"], one["stop"] + one["origin"]
            keep = (times > max(since, begin) + self.slack) & (times <= min(until, end) + self.slack)
            if (often := one["spike_multiplicities"]).size:
                times, keep = np.repeat(times, often.astype(int)), np.repeat(keep, often.astype(int))
            found.append(times[keep])
            senders.append(np.full(int(keep.sum()), self.batch.first + place))
        times, ids = np.concatenate(found), np.concatenate(senders)
        order = np.lexsort((ids, times))
        return Events(times[order], ids[order], {})


_USED = ("spike_times", "origin", "start", "stop", "spike_multiplicities")
