"""Detectors of correlations: histograms of how long after each other spikes come, of up to so many channels."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import NEAR, Clock
from parsim.kernels.correlations import LagBins, Marked, Pulses, correlate, correlate_all, overlap
from parsim.nest import errors
from parsim.nest.names import FOREVER, NodeModel
from parsim.nest.recorders import AbstractLink, Events, Recorder

NEVER = 2**62  # a step that is not reached


class Wired(NamedTuple):
    """Connections from nodes to a detector, [connection]."""

    sources: Ints
    channels: Ints
    weights: Floats


class AbstractTally(ABC):
    """What is counted of the events that a detector hears."""

    @abstractmethod
    def add(self, steps: Ints, events: Events, bins: LagBins) -> None:
        """Some events more, by time, sender and channel."""

    @abstractmethod
    def found(self) -> dict[str, Any]:
        """What has been counted, by name."""


class PairTally(AbstractTally):
    """Pairs of spikes: of channel 0 with channel 1, or of all with all."""

    def __init__(self, reach: int, channels: int, is_matrix: bool) -> None:
        shape = (channels, channels, reach + 1) if is_matrix else (2 * reach + 1,)
        self.is_matrix, self.seen = is_matrix, np.zeros(channels, np.int64)
        self.counts, self.sums, self.lost = np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape)
        self._past = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)

    def add(self, steps: Ints, events: Events, bins: LagBins) -> None:
        """As said."""
        columns = steps, events.values["channel"], events.values["weight"]
        first = self._past[0].size
        step, channel, weight = (np.concatenate(pair) for pair in zip(self._past, columns, strict=True))
        marked = Marked(step, channel, weight, first)
        if self.is_matrix:
            correlate_all(marked, bins, self.seen, self.counts, self.sums)
        else:
            correlate(marked, bins, self.seen, self.counts, self.sums, self.lost)
        old = np.searchsorted(step, step[-1] - (bins.reach + 1) * bins.width)
        self._past = step[old:], channel[old:], weight[old:]

    def found(self) -> dict[str, Any]:
        """As said."""
        if self.is_matrix:
            return {"covariance": self.sums, "count_covariance": self.counts, "n_events": self.seen}
        return {
            "histogram": self.sums, "count_histogram": self.counts, "histogram_correction": self.lost,
            "n_events": self.seen,
        }  # fmt: skip


class SpinTally(AbstractTally):
    """How long channels are on together; two spikes of one source at one time say that its channel has gone on."""

    def __init__(self, reach: int, channels: int) -> None:
        self.counts = np.zeros((channels, channels, 2 * reach + 1), np.int64)
        self._on = np.full(channels, NEVER)  # since when each is on
        self._past = [np.empty(0, np.int64)] * 3

    def add(self, steps: Ints, events: Events, bins: LagBins) -> None:
        """As said."""
        first, ended = self._past[0].size, self._ended(steps, events)
        channel, on, off = (np.concatenate(pair) for pair in zip(self._past, ended, strict=True))
        overlap(Pulses(channel, on, off, first), bins, self.counts)
        # What ends from now on has begun at the earliest when those that are on did.
        begun = min(int(steps[-1]), int(self._on.min()))
        keep = off + bins.reach * bins.width > begun
        self._past = [channel[keep], on[keep], off[keep]]

    def _ended(self, steps: Ints, events: Events) -> list[Ints]:
        """Channel, begin and end of what has ended."""
        ended, channel, senders = [], events.values["channel"], events.senders
        at = 0
        while at < steps.size:
            one = int(channel[at])
            same = [column[at : at + 2] for column in (steps, channel, senders)]
            if all(column.size == 2 and column[0] == column[1] for column in same):
                self._on[one] = min(int(steps[at]), int(self._on[one]))
                at += 2
                continue
            if self._on[one] < NEVER:
                ended.append((one, self._on[one], steps[at]))
                self._on[one] = NEVER
            at += 1
        return list(np.array(ended, np.int64).reshape(-1, 3).T)

    def found(self) -> dict[str, Any]:
        """As said."""
        return {"count_covariance": self.counts}


class Correlator:
    """One correlation detector, of two channels, or of a matrix of any number.

    `links` bring what it hears; `take` counts that, as the settings say, before those are changed and when it is
    asked for.
    """

    samples = writes = False

    def __init__(self, node: int, model: NodeModel, clock: Clock) -> None:
        self.node, self.model, self.clock = node, model, clock
        self.settings: dict[str, Any] = dict(model.defaults)
        widths = 1 if self.is_spin else 5  # steps, where nothing is said
        self.settings["delta_tau"] = self.settings["delta_tau"] or widths * clock.dt
        self.settings["tau_max"] = self.settings["tau_max"] or 10 * self.settings["delta_tau"]
        self.links: list[AbstractLink] = []
        self.waiting: list[Wired] = []  # connections of which the simulation does not know yet
        self._begin()

    @property
    def is_spin(self) -> bool:
        """Does it hear cells that are on or off?"""
        return self.model.type_id == "correlospinmatrix_detector"

    @property
    def channels(self) -> int:
        """How many receptors it has."""
        return int(self.settings.get("N_channels", 2))

    @property
    def keys(self) -> set[str]:
        """What it answers by itself."""
        return {*self.settings, *self._tally.found()}

    def _begin(self) -> None:
        reach = self._bins(self.settings).reach
        self._tally: AbstractTally
        if self.is_spin:
            self._tally = SpinTally(reach, self.channels)
        else:
            self._tally = PairTally(reach, self.channels, "N_channels" in self.settings)

    def _bins(self, said: Mapping[str, Any]) -> LagBins:
        width, most, begin, end = (
            round(min(max(said[key] / self.clock.dt, -NEVER), NEVER))
            for key in ("delta_tau", "tau_max", "Tstart", "Tstop")
        )
        return LagBins(width, most // width, begin, end)

    # ---- settings ---------------------------------------------------------------------------------

    def check(self, given: Mapping[str, Any], prepared: bool) -> None:
        """These settings may be made now."""
        new, name = {**self.settings, **given}, self.model.name
        if prepared:
            raise errors.BadProperty(f"a {name} cannot be changed between Prepare and Cleanup.")
        if "n_events" in given and "N_channels" in new:
            raise errors.UnaccessedDictionaryEntry(
                f"n_events of {name} can only be read. Another delta_tau, tau_max or N_channels empties it."
            )
        for key in ("delta_tau", "tau_max", "Tstart", "Tstop", "start", "stop", "origin"):
            steps = new[key] / self.clock.dt
            if abs(new[key]) < FOREVER and abs(steps - round(steps)) > 1e-6:
                raise errors.StepMultipleRequired(
                    f"{key} of {name} is {new[key]:g} ms; a multiple of {self.clock.dt:g}, the resolution, is needed."
                )
        if not new["delta_tau"] > 0 or not 0 <= new["tau_max"] < FOREVER:
            raise errors.BadProperty(
                f"delta_tau and tau_max of {name} are {new['delta_tau']:g} and {new['tau_max']:g} ms; lags of a width "
                "above 0 up to at least 0 are needed."
            )
        bins = self._bins(new)
        if round(new["tau_max"] / self.clock.dt) % bins.width:
            raise errors.TimeMultipleRequired(
                f"tau_max of {name} is {new['tau_max']:g} ms; a multiple of {new['delta_tau']:g}, delta_tau, is needed."
            )
        if self.model.type_id == "correlomatrix_detector" and bins.width % 2 == 0:
            raise errors.BadProperty(
                f"delta_tau of {name} is {new['delta_tau']:g} ms; an odd number of steps is needed."
            )
        if new.get("N_channels", 2) < 1:
            raise errors.BadProperty(f"N_channels of {name} is {new['N_channels']}; at least 1 is needed.")
        if new["stop"] < new["start"]:
            raise errors.BadProperty(
                f"stop is {new['stop']:g} ms and start is {new['start']:g} ms; stop must not be before."
            )

    def change(self, given: Mapping[str, Any]) -> None:
        """Make settings that have been checked; other bins, and a number of events of 0, begin anew."""
        self.take()
        self.settings |= {key: value for key, value in given.items() if key != "n_events"}
        if {"delta_tau", "tau_max", "N_channels", "n_events"} & set(given):
            self._begin()

    # ---- events -----------------------------------------------------------------------------------

    def take(self) -> None:
        """Count what has come."""
        found = [one for link in self.links if (one := link.take()).times.size]
        if not found:
            return
        times, senders = (
            np.concatenate([getattr(one, key) for one in found]) for key in ("times", "senders")
        )
        values = {key: np.concatenate([one.values[key] for one in found]) for key in ("channel", "weight")}
        # Spikes of cells that hear exact times belong to the step in which they are.
        steps = np.ceil(times / self.clock.dt - NEAR).astype(np.int64)
        begin, end = (self.settings["origin"] + self.settings[key] for key in ("start", "stop"))
        slack = NEAR * self.clock.dt
        order = np.lexsort((values["channel"], senders, steps))
        order = order[((times > begin + slack) & (times <= end + slack))[order]]
        order = order[values["channel"][order] < self.channels]  # if there were more once
        if order.size:
            events = Events(
                times[order], senders[order], {key: column[order] for key, column in values.items()}
            )
            self._tally.add(steps[order], events, self._bins(self.settings))

    def answer(self, key: str) -> Any:
        """What it says when asked for a property."""
        if key in self.settings:
            return self.settings[key]
        self.take()
        return self._tally.found()[key].copy()


AnyRecorder = Recorder | Correlator


def recorder(node: int, model: NodeModel, clock: Clock, place: Callable[[], str] = str) -> AnyRecorder:
    """A recorder of a model; `place()` stands before the names of its files."""
    if "delta_tau" in model.defaults:
        return Correlator(node, model, clock)
    made = Recorder(node, model, clock)
    made.place = place
    return made
