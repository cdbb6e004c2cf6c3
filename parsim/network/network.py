"""`Network`: the statements, in order, the same on every rank."""

import os
from typing import Any

import numpy as np

from parsim.arrays import shown
from parsim.clock import Clock
from parsim.errors import DescriptionError
from parsim.given.layouts import AbstractLayout, as_layout
from parsim.given.plain import as_count, as_flag, as_path, as_text
from parsim.given.values import as_number
from parsim.kernels.order import GID_BITS
from parsim.models.base import AbstractModel, CellModel, StimulusModel
from parsim.models.catalogue import find_model
from parsim.models.event_model import EventModel
from parsim.models.params import read_value
from parsim.network.coupling import Coupling, couple
from parsim.network.digest import Code, Digest, gating, rows_said
from parsim.network.link import Link, link, refuse_more
from parsim.network.pairwise import OneToOne
from parsim.network.population import Chosen, Population, Selection, as_selection, firing
from parsim.network.projection import Projection, project
from parsim.network.recording import Recording, SpikeRecording, free_path
from parsim.network.row_recording import (
    AbstractConnections,
    RowRecording,
    TransmissionRecording,
    check_transmits_spikes,
    recorded_rows,
    unit_of_rows,
)
from parsim.network.timeline import Timeline, check_delay, check_interval, check_times
from parsim.network.values import check_columns_fit, check_said, defaults_of

MOST_CELLS = 2**GID_BITS - 1  # a spike is sent as one number of step and gid


class Network:
    """What is to be simulated: populations, connections, stimuli, recordings.

    Nothing is computed here: a `Simulation` builds what was said, also what is said after a run. In
    a parallel run every rank says the same.

    Parameters
    ----------
    seed : int
        From 0 to 2^32 - 1. All random numbers follow from it, on any number of ranks.
    """

    def __init__(self, seed: int = 1) -> None:
        self.seed = as_count(seed, "seed")
        if self.seed >= 2**32:
            raise DescriptionError(f"seed is {shown(self.seed)}; it must be less than 2^32 = 4294967296.")
        self.populations: list[Population] = []
        self.projections: list[Projection] = []
        self.couplings: list[Coupling | Link] = []  # gap junctions, and links
        self.recordings: list[Any] = []
        self.timeline: Timeline | None = None
        self.n_cells = 0
        self._said = Digest(self.seed)
        self._n_stimuli = 0
        self._serial = 0

    def create(
        self,
        model: str | CellModel | EventModel | StimulusModel,
        n: int = 1,
        *,
        name: str | None = None,
        positions: Any = None,
        **values: Any,
    ) -> Population:
        """Make `n` cells or stimuli of a model.

        Parameters
        ----------
        model : str or model
            The name of a built-in model, or a model.
        n : int
            How many; 0 is allowed.
        name : str, optional
            What the population is called in files and plots; the model's name by default.
        positions : layout, optional
            Where they are: `ps.grid([20, 20])` or `ps.free(...)`; n is how many points there are, where that is said.
        **values
            Parameters and initial states in their units: one number for all, an array [n], a
            distribution, a function of the gids, a string such as "-65 mV", or a quantity.

        Raises
        ------
        DescriptionError
            Unknown model or parameter, wrong unit, value out of bounds, array of the wrong length.
        """
        found: Any = find_model(model) if isinstance(model, str) else model
        kind = found.kind if isinstance(found, AbstractModel) else None
        if kind not in ("cell", "stimulus"):
            word = "a synapse model; use it in connect" if kind == "synapse" else "no model"
            raise DescriptionError(f"{shown(model)} is {word}. Give a name or a model of cells or stimuli.")
        name = found.name if name is None else as_text(name, "name")
        layout = as_layout(positions)
        n = as_count(n if layout is None else _points_of(layout, n), "n", most=MOST_CELLS)
        check_columns_fit(found, n)
        given = {key: read_value(found, key, raw, n) for key, raw in values.items()}
        for key, default in defaults_of(found).items():
            if key not in given:
                given[key] = read_value(found, key, default, n)
        said = {key: given[key] for key in sorted(given, key=found.lane)}  # in one order, however written
        check_said(found, said, n)
        check_times(found, said, n, self.timeline)

        is_cell = not isinstance(found, StimulusModel)
        first = self.n_cells if is_cell else self._n_stimuli
        population = Population(self, found, first, n, self._take_serial(), name, said, layout)
        self.populations.append(population)
        if is_cell:
            self.n_cells += n
        else:
            self._n_stimuli += n
        told = {"model": found.name, "n": n, **found.says(), **said}
        told |= {} if layout is None else {"positions": layout}
        self._said.note("create", told, True, ("model", "n", *values), name=name, code=Code(found))
        return population

    def connect(self, source: Chosen, target: Chosen, rule: Any, synapse: Any = None) -> Projection:
        """Connect cells or stimuli to cells.

        Parameters
        ----------
        source, target : Population or Selection
        rule : rule
            Such as `AllToAll()` or `FixedIndegree(100)`.
        synapse : synapse
            Such as `static_synapse(weight=20.0, delay=1.5)`; weight 1 and delay 1 ms by default. Its
            `receptor=`, or the targets' `.at(...)`, names the receptor at which it ends.

        Raises
        ------
        DescriptionError
            What does not fit: sizes, weights, delays, kinds of cells.
        """
        from parsim.models.synapses.static_synapse import static_synapse

        sources, targets = firing(self._own(source, "source")), self._own(target, "target")
        said = project(sources, targets, rule, static_synapse if synapse is None else synapse, self._serial)
        if self.timeline is not None:
            check_delay(said, self.timeline.clock)
        self._take_serial()
        self.projections.append(said)
        self._note_rows(said)
        return said

    def couple(
        self, a: Chosen, b: Chosen, rule: Any, weight: Any = None, *, junction: Any = None, delay: Any = None
    ) -> Coupling:
        """Join cells by gap junctions, which conduct both ways: g (V_b - V_a) into a and the reverse into b.

        Parameters
        ----------
        a, b : Population or Selection
            Of models with a `coupled` kernel; they may be the same. Cells that have several places are joined where
            `.at(...)` says.
        rule : rule
            Any that connect takes, asked about pairs: where a rule would meet a pair of cells in both
            directions it is met once. Pairs that a rule draws several times, or that several statements
            name, have several junctions, which add up. A cell has none with itself, except from one of its places
            to another.
        weight
            Conductance in nS, at least 0: a number, a distribution, an array of the rule's shape, or a
            function of (gids of a, gids of b).
        junction : kernel, optional
            `f(dv)`: which part of the weight conducts at dv = V_a - V_b in mV, from 0 up; all of it by
            default. The current from a to b is weight f(dv) dv.

        Raises
        ------
        DescriptionError
            A model without a voltage, a place without one, a delay, a conductance below 0, what does not fit the rule.
        """
        one, other = self._own(a, "a"), self._own(b, "b")
        said = couple(one, other, rule, weight, junction, delay, self._serial)
        self._take_serial()
        self.couplings.append(said)
        given = {"junction": gating(junction)}
        self._said.note("couple", rows_said(said) | given, True)
        return said

    def link(
        self, source: Chosen, variable: str, target: Chosen, pointer: str, rule: Any = None, **more: Any
    ) -> Link:
        """Let POINTERs of mechanisms follow a variable of other cells, on whatever rank these are.

        In each step a pointer is what the variable was at the end of the one before; a voltage, for states that read
        it, what it has become in this one. Each pointer of each cell follows one variable.

        Parameters
        ----------
        source, target : Population or Selection
            Of cable cells; the same cells, too. `target.at("syn")` names the place of a point process, or a section.
        variable : str
            A voltage, a concentration, a state or a parameter of the sources, as it is recorded: "bouton.cai".
        pointer : str
            As the mechanism declares it; of a density mechanism "mechanism.pointer".
        rule : rule, optional
            Who follows whom; `OneToOne()` by default.

        Raises
        ------
        DescriptionError
            No such variable or pointer; a variable that is computed within a step, or that follows another itself.
        """
        refuse_more(more)
        one, other = self._own(source, "source"), self._own(target, "target")
        said = link(one, variable, other, pointer, OneToOne() if rule is None else rule, self._serial)
        self._take_serial()
        self.couplings.append(said)
        self._said.note("link", rows_said(said) | said.in_words(), True)
        return said

    def record_spikes(
        self, cells: Chosen, *, to: str | os.PathLike[str] | None = None, everywhere: bool = False
    ) -> SpikeRecording:
        """Record the spikes of cells, in memory or to a SONATA file.

        Parameters
        ----------
        cells : Population or Selection
        to : path, optional
            An HDF5 file; then nothing is kept in memory.
        everywhere : bool
            Keep the spikes on every rank, not on rank 0 alone.
        """
        everywhere = as_flag(everywhere, "everywhere")
        recording = SpikeRecording(firing(self._cells(cells)), self._file(to), everywhere)
        self.recordings.append(recording)
        self._said.note(
            "record_spikes", {"cells": recording.cells, "to": to, "everywhere": everywhere}, False
        )
        return recording

    def record(
        self,
        cells: Chosen,
        variable: str,
        *,
        interval: float = 1.0,
        to: str | os.PathLike[str] | None = None,
        everywhere: bool = False,
    ) -> Any:
        """Record a state of cells at multiples of `interval` (ms), in memory or to a SONATA file.

        Parameters
        ----------
        cells : Population or Selection; or Projection or Connections
            Connections, as `connect` returns them or `Simulation.connections` finds them, give a `RowRecording`; it is
            collective for those that were found.
        variable : str
            A recordable of the cells' models, such as "V_m"; of connections a parameter or state, such as "weight".
        interval : float
            ms, a multiple of dt. The first sample is taken at `interval`, none at 0.
        to, everywhere
            As in `record_spikes`.
        """
        everywhere = as_flag(everywhere, "everywhere")
        if isinstance(cells, (Projection, AbstractConnections)):
            return self._record_rows(cells, variable, interval, to, everywhere)
        chosen = self._cells(cells)
        found = [model.recordable(variable, chosen.place) for model in chosen.models]
        units = [one.unit for one in found]
        variable = found[0].name if found else variable
        every = self._interval(interval)
        unit = units[0] if units else ""
        recording = Recording(chosen, variable, unit, every, self._file(to), everywhere)
        self.recordings.append(recording)
        given = {"cells": chosen, "variable": variable, "interval": every, "to": to, "everywhere": everywhere}
        self._said.note("record", given, False)
        return recording

    def _interval(self, interval: Any) -> float:
        every = as_number(interval, "ms", "interval")
        if not 0.0 < every < np.inf:
            raise DescriptionError(f"interval is {every:g} ms; a positive multiple of dt is needed.")
        if self.timeline is not None:
            check_interval(every, self.timeline.clock)
        return every

    def _record_rows(
        self, given: Any, variable: str, interval: Any, to: Any, everywhere: bool
    ) -> RowRecording:  # fmt: skip
        every, name = self._interval(interval), as_text(variable, "variable")
        if to is not None:
            raise DescriptionError(f"to is {shown(to)}; what connections have is recorded in memory alone.")
        rows = recorded_rows(self, given)
        recording = RowRecording(rows, name, unit_of_rows(rows, name), every, everywhere)
        self.recordings.append(recording)
        said = {"connections": rows.said, "variable": name, "interval": every, "everywhere": everywhere}
        self._said.note("record", said, False)
        return recording

    def record_transmissions(self, connections: Any, *, everywhere: bool = False) -> TransmissionRecording:
        """Record every spike that goes over some connections: when it was sent, from whom to whom, what it brings.

        Collective where the connections were found.

        Parameters
        ----------
        connections : Projection or Connections
            What `connect` has returned, or `Simulation.connections`.
        everywhere : bool
            Keep them on every rank, not on rank 0 alone.
        """
        everywhere = as_flag(everywhere, "everywhere")
        if not isinstance(connections, (Projection, AbstractConnections)):
            raise DescriptionError(
                f"connections is {shown(connections)}; give what connect or Simulation.connections has returned."
            )
        rows = recorded_rows(self, connections)
        check_transmits_spikes(rows)
        recording = TransmissionRecording(rows, everywhere)
        self.recordings.append(recording)
        self._said.note("record_transmissions", {"connections": rows.said, "everywhere": everywhere}, False)
        return recording

    def __getstate__(self) -> dict[str, Any]:
        # A copy is what was said, and so far nobody simulates it.
        return vars(self) | {"timeline": None}

    def _note_rows(self, said: Projection) -> None:
        rows, model = rows_said(said), said.synapse
        if model.transmit is None:
            self._said.note("connect", rows, True)
        else:
            self._said.note(
                "connect", rows | {"synapse": model.name}, True, (*rows, "synapse"), code=Code(model)
            )

    def _own(self, chosen: Chosen, what: str) -> Selection:
        found = as_selection(chosen, what)
        if found.network is not self:
            name = "" if what == "cells" else f"{what} "
            raise DescriptionError(
                f"{name}{found!r} belongs to another network. Use what this one's create has returned."
            )
        return found

    def _cells(self, cells: Chosen) -> Selection:
        chosen = self._own(cells, "cells")
        if chosen.kind != "cell":
            raise DescriptionError(
                f"{chosen!r} are stimuli, which cannot be recorded; record a parrot_neuron they drive."
            )
        return chosen

    def _file(self, to: str | os.PathLike[str] | None) -> str | None:
        if to is None:
            return None
        return free_path(
            os.path.abspath(as_path(to, "to")), [r.to for r in self.recordings if r.to is not None]
        )

    def _take_serial(self) -> int:
        self._serial += 1
        return self._serial - 1

    @property
    def serials(self) -> int:
        """How many statements create or connect so far, each of which has a serial below this."""
        return self._serial

    @property
    def digest(self) -> int:
        """A number for all that was said, by which ranks know that they have said the same."""
        return self.said.number()

    @property
    def said(self) -> Digest:
        """All statements, and numbers by which ranks and checkpoints know that they are the same."""
        return self._said


def _points_of(layout: AbstractLayout, n: Any) -> Any:
    """How many members there are where a layout says it, or as said beside it."""
    if layout.size is None:
        return n
    if n not in (1, layout.size):
        raise DescriptionError(f"n is {shown(n)}, and there are {layout.size} positions. Leave n out.")
    return layout.size


def check_network(network: Network, clock: Clock) -> None:
    """What was said before there was a time step fits this one."""
    for said in network.projections:
        check_delay(said, clock)
    for recording in network.recordings:
        if isinstance(recording, (Recording, RowRecording)):
            check_interval(recording.interval, clock)
    for population in network.populations:
        check_times(population.model, dict(population.values), population.size, Timeline(clock))
