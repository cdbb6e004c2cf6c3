"""Recorders: what is connected to them, and the events that they hold."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np

from parsim.arrays import Floats, Gids
from parsim.clock import NEAR, Clock
from parsim.nest import errors
from parsim.nest.files import OF_FILES, EventFile
from parsim.nest.names import FOREVER, NodeModel

FROZEN = ("interval", "offset", "record_from")  # once something is connected


class Events(NamedTuple):
    """Some events: times in ms, ids, and what was recorded of each, by name."""

    times: Floats
    senders: Gids
    values: dict[str, Floats]


class AbstractLink(Protocol):
    """From where a recorder's events come."""

    def take(self) -> Events:
        """Those that have come since the last time."""


class Recorder:
    """One multimeter, voltmeter or spike recorder.

    `links` bring its events; `take` keeps what they have, as the settings say, before those are changed and when it is
    asked for.
    """

    def __init__(self, node: int, model: NodeModel, clock: Clock) -> None:
        self.node, self.model, self.clock = node, model, clock
        self.settings: dict[str, Any] = dict(model.defaults)
        self.links: list[AbstractLink] = []
        self.waiting: list[Any] = []  # connections of which the simulation does not know yet
        self.linked: set[int] = set()  # nodes that a meter is connected to
        self.count = 0
        self.file: EventFile | None = None
        self.place: Callable[[], str] = str  # what stands before the names of files
        self._kept: list[Events] = []
        # Of what was recorded once: it is named still when that is gone.
        self._names: tuple[str, ...] = ()
        if "senders" in self.settings:
            self._names = "targets", "weights", "receptors", "ports"

    @property
    def samples(self) -> bool:
        """Is it a meter?"""
        return "record_from" in self.settings

    @property
    def writes(self) -> bool:
        """Does it write to a file or the screen?"""
        return bool(self.settings["record_to"] != "memory")

    @property
    def keys(self) -> set[str]:
        """What it answers by itself; those that write to files hold no events."""
        held = {"filenames", *OF_FILES} if self.writes else {"events"}
        return {*self.model.defaults, "n_events"} | held

    @property
    def path(self) -> str | None:
        """Where it writes to, if it does."""
        if self.settings["record_to"] != "ascii":
            return None
        name, ending = self.settings["label"] or self.model.name, self.answer("file_extension")
        return f"{self.place()}{name}-{self.node}-0.{ending}"

    @property
    def is_connected(self) -> bool:
        """Is anything connected to it?"""
        return bool(self.links or self.waiting)

    # ---- settings ---------------------------------------------------------------------------------

    def check(self, given: Mapping[str, Any], prepared: bool) -> None:
        """These settings may be made now."""
        if prepared:
            raise errors.BadProperty("a recorder cannot be changed between Prepare and Cleanup.")
        new = {**self.settings, **given}
        for key in FROZEN:
            if key in given and self.is_connected and given[key] != self.settings[key]:
                raise errors.BadProperty(f"{key} cannot be changed once the {self.model.name} is connected.")
        for key in ("start", "stop", "origin", "interval", "offset"):
            if key in given:
                self._check_on_grid(key, given[key])
        if new["stop"] < new["start"]:
            raise errors.BadProperty(
                f"stop is {new['stop']:g} ms and start is {new['start']:g} ms; stop must not be before."
            )
        if self.samples and new["interval"] < self.clock.dt * (1 - NEAR):
            raise errors.BadProperty(
                f"interval is {new['interval']:g} ms; at least one step ({self.clock.dt:g} ms) is needed."
            )
        if new.get("offset", 0.0) < 0.0:
            raise errors.BadProperty(f"offset is {new['offset']:g} ms; it must be at least 0.")
        if new["record_to"] not in ("memory", "ascii", "screen"):
            where = new["record_to"]
            if where in ("sionlib", "mpi"):
                raise errors.unsupported(
                    f"record_to='{where}'", "Record to memory, or natively with to='file.h5'."
                )
            raise errors.BadProperty(f"record_to is {where!r:.60}; there are memory, ascii and screen.")
        if (
            "time_in_steps" in given
            and self.is_connected
            and given["time_in_steps"] != self.settings["time_in_steps"]
        ):
            raise errors.BadProperty("time_in_steps cannot be changed once the recorder is connected.")
        if new["record_to"] == "memory" and (beside := [key for key in OF_FILES if key in given]):
            raise errors.UnaccessedDictionaryEntry(
                f"{beside[0]} is of recorders that write: say record_to, too."
            )
        if "record_to" in given and self.count and given["record_to"] != self.settings["record_to"]:
            raise errors.BadProperty("record_to cannot be changed once there are events.")

    def _check_on_grid(self, key: str, value: float) -> None:
        if abs(value) >= FOREVER:
            return
        if abs(value / self.clock.dt - round(value / self.clock.dt)) > 1e-6:
            raise errors.BadProperty(
                f"{key} is {value:g} ms; a multiple of the resolution ({self.clock.dt:g} ms) is needed."
            )

    def change(self, given: Mapping[str, Any]) -> None:
        """Make settings that have been checked; what came before stays as it was recorded."""
        self.take()
        for key, value in given.items():
            if key == "n_events":
                self._kept, self.count = [], 0
            else:
                self.settings[key] = value

    # ---- events -----------------------------------------------------------------------------------

    def take(self) -> None:
        """Keep what has come, as far as the settings say that it is recorded."""
        found = [link.take() for link in self.links]
        found = [self._wanted(one) for one in found if one.times.size]
        found = [one for one in found if one.times.size]
        if not found:
            return
        events = _joined(found)
        self._names = tuple(events.values)
        self.count += events.times.size
        if self.settings["record_to"] == "memory":
            self._kept.append(events)
        elif self.file is not None:
            self.file.write(events, self.settings, self.clock)

    def _wanted(self, events: Events) -> Events:
        said, slack = self.settings, NEAR * self.clock.dt
        if "senders" in said:
            events = self._among(events)
        begin, end = said["origin"] + said["start"], said["origin"] + said["stop"]
        if begin <= 0.0 and end >= FOREVER and not said.get("offset"):
            return events
        keep = (events.times > begin + slack) & (events.times <= end + slack)
        if said.get("offset"):
            turns = (events.times - said["offset"]) / said["interval"]
            keep &= (np.abs(turns - np.rint(turns)) < 1e-6) & (turns > -1e-6)
        names = {name: column[keep] for name, column in events.values.items()}
        return Events(events.times[keep], events.senders[keep], names)

    def _among(self, events: Events) -> Events:
        """Those of the senders and targets that a weight recorder is to hear, if any are said."""
        keep = np.ones(events.times.size, bool)
        for ids, column in (
            (self.settings["senders"], events.senders),
            (self.settings["targets"], events.values["targets"]),
        ):
            if len(ids):
                keep &= np.isin(column, np.asarray(ids))
        names = {name: column[keep] for name, column in events.values.items()}
        return Events(events.times[keep], events.senders[keep], names)

    @property
    def events(self) -> dict[str, Any]:
        """All that is held, by time and then by id."""
        self.take()
        if not self._kept:
            names = ("senders", "times", *self._names)
            spins = ("state",) if self.links and self.model.type_id == "spin_detector" else ()
            return {name: np.empty(0) for name in (*names, *spins)}
        if len(self._kept) > 1:
            self._kept = [_joined(self._kept)]
        held = self._kept[0]
        found = {"senders": held.senders.copy(), **{n: v.copy() for n, v in held.values.items()}}
        if self.settings["time_in_steps"]:
            steps = np.ceil(held.times / self.clock.dt - NEAR).astype(np.int64)
            before = steps * self.clock.dt - held.times
            offsets = np.where(before > NEAR * self.clock.dt, before, 0.0)  # on the grid there is none
            return found | {"times": steps, "offsets": offsets}
        return found | {"times": held.times.copy()}

    def answer(self, key: str) -> Any:
        """What it says when asked for a property."""
        if key in self.settings:
            value = self.settings[key]
            if key in ("senders", "targets"):
                return np.array([int(node) for node in getattr(value, "ids", value)], np.int64)
            return list(value) if isinstance(value, list) else value
        if key == "events":
            return self.events
        self.take()
        if key == "n_events":
            return self.count
        if key == "filenames":
            return [self.path] if self.path else []
        return OF_FILES[key]


def sampled_every(recorder: Recorder) -> float:
    """The interval by which all samples of a meter are met, in ms."""
    clock, said = recorder.clock, recorder.settings
    steps = clock.steps(said["interval"], "interval")
    if said["offset"]:
        steps = int(np.gcd(steps, clock.steps(said["offset"], "offset")))
    return clock.time(steps)


def _joined(parts: list[Events]) -> Events:
    """One after another, by time and then by id; what some do not have is NaN there."""
    if len(parts) == 1:
        return parts[0]
    names = list(dict.fromkeys(name for part in parts for name in part.values))
    times = np.concatenate([part.times for part in parts])
    senders = np.concatenate([part.senders for part in parts])
    order = np.lexsort((senders, times))
    values = {
        name: np.concatenate([p.values.get(name, np.full(p.times.size, np.nan)) for p in parts])[order]
        for name in names
    }
    return Events(times[order], senders[order], values)
