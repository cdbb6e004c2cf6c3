"""`Connections`: some connections of all ranks, as the user holds them, read together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Gids, Ints, shown
from parsim.engine.crew import Crew
from parsim.engine.rank import Rank
from parsim.engine.rows.disconnecting import disconnect
from parsim.engine.rows.own_rows import OwnRows, own_rows
from parsim.engine.rows.row_changes import change
from parsim.engine.rows.row_recorders import names_of as row_names_of
from parsim.engine.rows.wanted import Wanted
from parsim.errors import DescriptionError, MemberError
from parsim.given.plain import as_flag, is_whole
from parsim.installed import needed
from parsim.models.catalogue import SYNAPSE_MODELS
from parsim.models.params import find_settable
from parsim.models.synapse_model import SynapseModel
from parsim.network.digest import digest
from parsim.network.network import Network
from parsim.network.population import as_places
from parsim.network.projection import Projection
from parsim.network.row_recording import AbstractConnections, NamedRows
from parsim.network.row_values import new_row_values, per_of
from parsim.network.row_variables import Declared, declared_of, names_of, states_of

ENDS = ("source", "target")


class ConnectionColumns(NamedTuple):
    """Connections as arrays, in their order. Delays in ms.

    Sources and targets are gids; where the sources are stimuli, their numbers.
    """

    sources: Gids
    targets: Gids
    weights: Floats
    delays: Floats


@dataclass(frozen=True)
class Caller:
    """The simulation that was asked: `begin(call, of_states)` is what each of its calls begins with."""

    network: Network
    crew: Crew
    begin: Callable[[Callable[[], str], bool], None]


class Connections(AbstractConnections):
    """Connections of a simulation, on whatever rank they are, in one order: (statement, source, target, draw).

    `found[mask]`, `found[10:20]` and `found[[3, 5]]` are some of them. What is read is there on every rank, as arrays
    [connection]. All but `len` is collective in a parallel run: call it on every rank.
    """

    __array_ufunc__ = None

    def __init__(self, caller: Caller, owns: list[OwnRows], counts: Ints) -> None:
        self._caller, self._owns, self._counts = caller, owns, counts
        self._epoch, self.network = caller.crew.epoch, caller.network

    @staticmethod
    def found(caller: Caller, wanted: Wanted) -> "Connections":
        """Collective: those that are wanted."""
        crew, serials = caller.crew, caller.network.serials
        owns: list[Any] = [None] * len(crew.ranks)

        def find(rank: Rank) -> Ints:
            own = owns[crew.ranks.index(rank)] = own_rows(rank, wanted)
            return rank.comm.total(own.counts(serials))

        return Connections(caller, owns, crew.each(find))

    def __len__(self) -> int:
        return int(self._counts.sum())

    def __repr__(self) -> str:
        names = ", ".join(model.name for model in self.synapses)
        return f"<{len(self):,} connections{f' by {names}' if names else ''}>"

    @property
    def statements(self) -> list[Projection]:
        """What `connect` has returned for each of the calls that made them; no communication."""
        return [said for said in self._caller.network.projections if self._count(said)]

    @property
    def synapses(self) -> list[SynapseModel]:
        """Their synapse models, each once; no communication."""
        return list(dict.fromkeys(said.synapse for said in self.statements))

    def _having(self, name: Any) -> list[Declared]:
        """What a name means, each model once, of which all must have it; of no connections, any that has."""
        if said := self.statements:
            found = [declared for one in said for declared in declared_of(one, name)]
            return list({model: (declared, model) for declared, model in found}.values())
        if isinstance(name, str):
            for one in self._caller.network.projections:
                if name in names_of(one):
                    return declared_of(one, name)
        having = [model for model in SYNAPSE_MODELS if name in [param.name for param in model.params]]
        model = (having or SYNAPSE_MODELS)[0]
        return [(find_settable(model, name), model)]

    def row_names(self) -> NamedRows:
        """Collective: which they are, by names that hold on any number of ranks."""
        self._begin(lambda: "row_names()", False)
        crew = self._caller.crew

        def named(rank: Rank) -> NamedRows:
            own = self._owns[crew.ranks.index(rank)]
            mine = row_names_of(rank, own)
            return NamedRows(*(own.everyones(column, True) for column in mine))

        return crew.each(named)

    def _count(self, said: Projection) -> int:
        """How many are of a statement, which may have come after they were found."""
        return int(self._counts[said.serial]) if said.serial < self._counts.size else 0

    # ---- reading ---------------------------------------------------------------------------------

    @property
    def sources(self) -> Gids:
        """Collective: gids of the sources; of stimuli their numbers."""
        return self._read("source", True)

    @property
    def targets(self) -> Gids:
        """Collective: gids of the targets."""
        return self._read("target", True)

    @property
    def weights(self) -> Floats:
        """Collective: `get("weight")`."""
        return self.get("weight")

    @property
    def delays(self) -> Floats:
        """Collective: `get("delay")`, in ms."""
        return self.get("delay")

    def get(self, name: str, *, everywhere: bool = True) -> NDArray[Any]:
        """Collective: a parameter or state of the connections, [connection], on every rank.

        Parameters
        ----------
        name : str
            Such as "weight", "delay" (ms), or what the synapse model has besides; "source" and "target" are gids.
        everywhere : bool
            False: on rank 0 alone, else an empty array, which spares the memory there.

        Raises
        ------
        DescriptionError
            Unknown name, with the nearest known one; connections that are no longer there.
        """
        if not (isinstance(name, str) and name in ENDS):
            self._having(name)
        return self._read(name, as_flag(everywhere, "everywhere"))

    def columns(self, *, everywhere: bool = True) -> ConnectionColumns:
        """Collective: sources, targets, weights and delays, as `get` gives them."""
        names = (*ENDS, "weight", "delay")
        return ConnectionColumns(*(self.get(name, everywhere=everywhere) for name in names))

    def to_scipy(self, name: str = "weight") -> Any:
        """Collective: a scipy.sparse.coo_array [source, target] by gids (of stimuli, their numbers), on every rank.

        With an entry for each connection; those of one pair are added up where they are put together.
        """
        sparse, network = needed("scipy.sparse", "to_scipy"), self.network
        values, sources, targets = self.get(name), self.sources, self.targets
        stimuli = any(said.source.kind == "stimulus" for said in self.statements)
        n = (
            sum(p.size for p in network.populations if p.model.kind == "stimulus")
            if stimuli
            else network.n_cells
        )
        return sparse.coo_array((values, (sources, targets)), shape=(n, network.n_cells))

    def to_pandas(self) -> Any:
        """Collective: a DataFrame with a row for each connection, on every rank.

        The gids of its source and target, and all that its synapse model has; NaN where another has not.
        """
        pandas = needed("pandas", "to_pandas")
        frames = []
        for model in self.synapses:
            which = np.repeat(
                [said.synapse is model for said in self.statements],
                [self._count(said) for said in self.statements],
            )
            found = self[which]
            kept = [names_of(said) for said in found.statements]
            names = [name for name in kept[0] if all(name in others for others in kept)] if kept else []
            columns = {name: found.get(name) for name in dict.fromkeys((*ENDS, "weight", "delay", *names))}
            frames.append(pandas.DataFrame(columns, index=np.flatnonzero(which)))
        if not frames:
            return pandas.DataFrame({name: self.get(name) for name in (*ENDS, "weight", "delay")})
        return pandas.concat(frames).sort_index()

    def _read(self, name: str, everywhere: bool) -> Any:
        states = {state for said in self.statements for state in states_of(said)}
        self._begin(lambda: f"get({shown(name)}, everywhere={everywhere!r})", name in states)
        if name in states:
            self._caller.crew.each(lambda rank: rank.let_rows_hear())
        dtype = np.int64 if name in ENDS else np.float64
        return self._each(lambda own: own.everyones(own.column(name, dtype), everywhere))

    # ---- changing --------------------------------------------------------------------------------

    def set(self, **values: Any) -> None:
        """Collective: new values of parameters or states from now on.

        Values are numbers, arrays [connection], distributions, expressions of `ps.distance`, functions of (source gids,
        target gids), strings with units. Everything is checked, on all ranks, before anything is changed. What was sent
        before arrives as it was sent; only what stimuli have sent is weighed when it arrives.

        Raises
        ------
        DescriptionError, BuildError
            Unknown names, with the nearest known ones; wrong lengths; what connect would refuse; delays below the
            interval (`Simulation.interval`), and any of connections from stimuli.
        """
        said = self.statements
        counts = np.array([self._count(one) for one in said], np.int64)
        having = {name: self._having(name) for name in values}
        new = new_row_values(said, counts, having, values)
        shared = {name: per for name, declared in having.items() if (per := per_of(declared))}
        self._begin(lambda: f"set({', '.join(new)}), numbered {digest(0, new)}", False)
        crew = self._caller.crew
        own = self._owns
        crew.each(lambda rank: change(rank, own[crew.ranks.index(rank)], new, len(self), said, shared))

    def are_of(self, crew: Crew) -> bool:
        """Are they connections of these ranks' simulation?"""
        return self._caller.crew is crew

    def take_away(self) -> None:
        """Collective: what `Simulation.disconnect` does."""
        self._begin(lambda: "disconnect()", False)
        crew = self._caller.crew
        crew.each(lambda rank: disconnect(rank, self._owns[crew.ranks.index(rank)]))

    # ---- choosing --------------------------------------------------------------------------------

    def __getitem__(self, key: Any) -> "Connections":
        keep = self._kept(key)
        self._begin(lambda: f"[{int(keep.sum())} of them, numbered {digest(0, keep)}]", False)
        owns: list[Any] = [None] * len(self._owns)

        def pick(own: OwnRows) -> None:
            owns[self._owns.index(own)] = own.picked(keep)

        self._each(pick)
        ends = np.cumsum(self._counts)
        before = np.append(0, np.cumsum(keep))
        return Connections(self._caller, owns, before[ends] - before[ends - self._counts])

    def _kept(self, key: Any) -> NDArray[np.bool_]:
        """A mask, slice, number or list of numbers as a mask."""
        n, keep = len(self), np.zeros(len(self), bool)
        if is_whole(key):
            key = np.array([key])
        if isinstance(key, slice):
            if key.step is not None and (not is_whole(key.step) or key.step < 1):
                raise MemberError(f"{shown(key)} is no slice of connections, which stand in one order alone.")
            try:
                keep[key] = True
            except (TypeError, ValueError) as error:
                raise MemberError(f"{shown(key)} is no slice of connections: {error}.") from None
            return keep
        chosen = as_places(key)
        if chosen.dtype == bool:
            if chosen.shape != (n,):
                raise MemberError(f"a mask of shape {chosen.shape} does not fit {self!r}; give {n} values.")
            return chosen
        if (outside := (chosen < -n) | (chosen >= n)).any():
            raise MemberError(f"{self!r} have no number {int(chosen[outside][0])}.")
        keep[chosen.astype(np.int64)] = True
        if keep.sum() != chosen.size:
            raise MemberError(f"{shown(key)} names a connection twice; name each once.")
        return keep

    # ---- together --------------------------------------------------------------------------------

    def _begin(self, call: Callable[[], str], of_states: bool) -> None:
        crew = self._caller.crew
        self._caller.begin(lambda: f"{self!r}.{call()}", of_states)
        if self._epoch != crew.epoch:
            raise DescriptionError(
                f"{self!r} were found before reset or disconnect was called. Ask sim.connections(...) again."
            )

    def _each(self, act: Callable[[OwnRows], Any]) -> Any:
        """Collective: what an act on this rank's rows gives, of the first rank here."""
        crew = self._caller.crew
        return crew.each(lambda rank: act(self._owns[crew.ranks.index(rank)]))


def check_found(found: Any, crew: Crew) -> None:
    """These are connections of this simulation."""
    if not isinstance(found, Connections):
        raise DescriptionError(
            f"{shown(found)} are no connections. Give what sim.connections(...) has found, or some of it."
        )
    if not found.are_of(crew):
        raise DescriptionError(f"{found!r} are those of another simulation. Ask this one for its own.")
