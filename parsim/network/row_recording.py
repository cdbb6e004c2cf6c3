"""What is to be recorded of connections, and what has been: filled when `run` returns, read without communication."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.errors import DescriptionError
from parsim.installed import needed
from parsim.network.projection import Projection
from parsim.network.row_variables import declared_of


class NamedRows(NamedTuple):
    """Connections by what is the same on any number of ranks, in their order.

    The serial of the statement, the gid of the target, and the how manyth it is of those that the statement makes onto
    that target.
    """

    serials: Ints
    targets: Gids
    nth: Ints


class AbstractConnections(ABC):
    """Connections of a simulation, as recordings ask for them."""

    network: Any

    @property
    @abstractmethod
    def statements(self) -> list[Projection]:
        """Whose they are."""

    @abstractmethod
    def row_names(self) -> NamedRows:
        """Collective: which they are, on every rank."""


class RecordedRows(NamedTuple):
    """Connections that are recorded: all of a statement, or those that have these names."""

    statements: Sequence[Projection]
    names: NamedRows | None

    @property
    def said(self) -> tuple[Any, ...]:
        """As ranks compare it."""
        return tuple(one.serial for one in self.statements), self.names


class _Chunks:
    """Arrays of equal length that grow together."""

    def __init__(self, *empty: Any) -> None:
        self.parts = [empty]

    def keep(self, *arrays: Any) -> None:
        """Add to each."""
        if arrays[0].size:
            self.parts.append(arrays)

    def all(self) -> tuple[Any, ...]:
        """Each as one array."""
        if len(self.parts) > 1:
            self.parts = [tuple(np.concatenate(arrays) for arrays in zip(*self.parts, strict=True))]
        return self.parts[0]


class RowRecording:
    """A parameter or state of some connections, sampled at multiples of an interval.

    After `run`, on rank 0 (on every rank with `everywhere=True`), else empty. `values[sample, connection]`; `sources`
    and `targets` say which connection a column is, of stimuli by their numbers. Connections hear of spikes where
    intervals end: a sample shows what the spikes of the intervals that had ended before it have done. What is
    disconnected is NaN.
    """

    to: None = None  # no file holds it yet

    def __init__(
        self, rows: RecordedRows, variable: str, unit: str, interval: float, everywhere: bool
    ) -> None:
        self.rows, self.variable, self.unit = rows, variable, unit
        self.interval, self.everywhere = interval, everywhere
        self.since = 0.0  # ms: when it began
        self.sources: Gids = np.empty(0, np.int64)
        self.targets: Gids = np.empty(0, np.int64)
        self.forget()

    def forget(self) -> None:
        """Empty the recording: a new simulation of the network begins."""
        self._chunks = _Chunks(np.empty(0), np.empty((0, self.sources.size)))

    def begin(self, sources: Gids, targets: Gids) -> None:
        """These connections are recorded from now on, where samples are kept."""
        self.sources, self.targets = sources, targets
        self.forget()

    def keep(self, times: Floats, values: Floats) -> None:
        """Add samples that come after all that are held."""
        self._chunks.keep(times, values)

    @property
    def times(self) -> Floats:
        """Times of the samples in ms, float64[sample]."""
        return self._chunks.all()[0]  # type: ignore[no-any-return]

    @property
    def values(self) -> Floats:
        """What was sampled, float64[sample, connection]."""
        return self._chunks.all()[1]  # type: ignore[no-any-return]

    def __len__(self) -> int:
        return int(self.times.size)

    def to_pandas(self) -> Any:
        """A DataFrame indexed by time (ms) with one column for each connection, (source, target)."""
        pandas = needed("pandas", "to_pandas")
        ends = pandas.MultiIndex.from_arrays([self.sources, self.targets], names=["source", "target"])
        return pandas.DataFrame(self.values, index=pandas.Index(self.times, name="time"), columns=ends)


class TransmissionRecording:
    """Every spike that goes over some connections: when it was sent, from whom to whom, and what it brings.

    After `run`, on rank 0 (on every rank with `everywhere=True`), else empty. In the order of (time, connection).
    """

    to: None = None

    def __init__(self, rows: RecordedRows, everywhere: bool) -> None:
        self.rows, self.everywhere = rows, everywhere
        self.since, self.duration = 0.0, 0.0  # ms: when it began, and how far the simulation is
        self.forget()

    def forget(self) -> None:
        """Empty the recording: a new simulation of the network begins."""
        ints = [np.empty(0, np.int64) for _ in range(3)]
        self._chunks = _Chunks(np.empty(0), ints[0], ints[1], np.empty(0), ints[2])

    def keep(self, times: Floats, senders: Gids, targets: Gids, weights: Floats, ports: Ints) -> None:
        """Add spikes that come after all that are held."""
        self._chunks.keep(times, senders, targets, weights, ports)

    @property
    def times(self) -> Floats:
        """When the spikes were sent, in ms."""
        return self._chunks.all()[0]  # type: ignore[no-any-return]

    @property
    def senders(self) -> Gids:
        """Gids of the cells that sent them."""
        return self._chunks.all()[1]  # type: ignore[no-any-return]

    @property
    def targets(self) -> Gids:
        """Gids of the cells that they reach."""
        return self._chunks.all()[2]  # type: ignore[no-any-return]

    @property
    def weights(self) -> Floats:
        """What they bring, in the unit of the target's weights."""
        return self._chunks.all()[3]  # type: ignore[no-any-return]

    @property
    def ports(self) -> Ints:
        """The receptors by which they enter, as places in `model.ports` of the target."""
        return self._chunks.all()[4]  # type: ignore[no-any-return]

    def __len__(self) -> int:
        return int(self.times.size)

    def to_pandas(self) -> Any:
        """A DataFrame with the columns `time` (ms), `sender`, `target`, `weight` and `port`."""
        pandas = needed("pandas", "to_pandas")
        names = ("time", "sender", "target", "weight", "port")
        return pandas.DataFrame(dict(zip(names, self._chunks.all(), strict=True)))


def recorded_rows(network: Any, given: Any) -> RecordedRows:
    """The connections that are to be recorded, of a `connect` call or found by `Simulation.connections`, or an error.

    Collective for those that were found.
    """
    said = [given] if isinstance(given, Projection) else given.statements
    known = network.projections
    if any(all(one is not other for other in known) for one in said):
        raise DescriptionError(
            f"{given!r} belongs to another network. Use what connect of this one has returned, or what "
            "Simulation.connections has found in it."
        )
    return RecordedRows(tuple(said), None if isinstance(given, Projection) else given.row_names())


def unit_of_rows(rows: RecordedRows, variable: str) -> str:
    """The unit of a parameter or state that all of these connections have."""
    units = [one.unit for said in rows.statements for one, _ in declared_of(said, variable)]
    if variable == "weight":
        targets = [model for said in rows.statements for model in said.target.models]
        units = [model.weight_unit for model in dict.fromkeys(targets) if model.weighs]
    return units[0] if len(set(units)) == 1 else ""


def check_transmits_spikes(rows: RecordedRows) -> None:
    """Stimuli send over no connection that could be watched."""
    for said in rows.statements:
        if said.source.kind == "stimulus":
            raise DescriptionError(
                f"{said!r}: what {said.source.models[0].name} sends is computed where it arrives, and no spike goes "
                "over a connection. Drive a parrot_neuron with it and record what that transmits."
            )
