"""What the script has said, told to a `Network` and a `Simulation` when they have to know."""

from collections.abc import Iterator
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids
from parsim.engine.coupled.relaxation import Relaxation
from parsim.engine.simulation import Simulation
from parsim.errors import ParsimError
from parsim.nest import errors, readout
from parsim.nest.ammeter import measured
from parsim.nest.batches import Batch, as_ids
from parsim.nest.calcium import Calcium
from parsim.nest.correlators import AnyRecorder, Correlator, Wired
from parsim.nest.frozen import Frozen
from parsim.nest.joined import as_lists
from parsim.nest.links import (
    MeterLink,
    PrescribedLink,
    SpikeLink,
    SpinLink,
    Total,
    TransmissionLink,
    WiredLink,
)
from parsim.nest.names import OF_SINES, parts_of_total
from parsim.nest.native import values_for
from parsim.nest.rate_meter import Rates
from parsim.nest.recorders import sampled_every
from parsim.nest.wires import Pairs, Statement
from parsim.network.network import Network
from parsim.network.pairwise import OneToOne
from parsim.network.transmitter import VolumeTransmitter

_WFR = {
    "wfr_comm_interval": "interval", "wfr_tol": "tolerance", "wfr_max_iterations": "iterations",
    "wfr_interpolation_order": "order",
}  # fmt: skip


MOST_NOTED = 1000  # cells of which the time of the last spike is noted


class Said:
    """The network and its simulation; `runs` counts how often time has passed."""

    def __init__(self, kernel: Any) -> None:
        self.kernel = kernel
        self.network: Network | None = None
        self.simulation: Simulation | None = None
        self.runs = self.cuts = 0  # how often time has passed, and connections were taken away
        self._told = 0  # batches
        self.frozen = Frozen()
        self._leaving: Any = None  # rows of which some are to be taken away
        # Of populations: the first gid, or the number of the first stimulus, and the id of that node.
        self._firsts: dict[str, list[tuple[int, int]]] = {"neuron": [], "stimulator": []}
        self._spikes: list[Any] = []  # recordings by which `last_spikes` knows
        self._watched: set[int] = set()
        self._last: dict[int, float] = {}
        self._noted = 0
        self.calcium = Calcium(kernel.batches)
        self._statements: dict[Any, dict[Any, list[Any]]] = {}
        self._turns = readout.Turns()

    @property
    def is_large(self) -> bool:
        """Has the network so many cells that nobody notes when each of them fired last?"""
        return self.network is not None and self.network.n_cells > MOST_NOTED

    def calcium_of(self, ids: Any) -> list[float]:
        """What the spikes of cells have left."""
        self._check_noted("Ca")
        return self.calcium.at(ids, self.now)

    def _check_noted(self, name: str) -> None:
        if self.is_large:
            raise errors.unsupported(
                f"{name} in a network of more than {MOST_NOTED} cells", "Connect a spike_recorder."
            )

    def last_spikes(self, ids: list[int]) -> list[float]:
        """When cells fired last, in ms; -1 for those that have not."""
        self._check_noted("t_spike")
        return [self._last.get(node, -1.0) for node in ids]

    def _note_spikes(self, net: Network) -> None:
        """Watch those cells of a small network that are new."""
        if net.n_cells > self._noted and not self.is_large:
            cells = [b for b in self.kernel.batches.all if b.model.is_cell and b.population is not None]
            ids = np.concatenate(
                [np.empty(0, np.int64), *(np.arange(b.first, b.first + b.size) for b in cells)]
            )
            new = ids[[node not in self._watched for node in ids.tolist()]]
            if new.size:
                self._watched |= set(new.tolist())
                self._spikes.append(
                    net.record_spikes(self.kernel.batches.selection(net, new), everywhere=True)
                )
            self._noted = net.n_cells

    def _keep_last(self) -> None:
        for recording in self._spikes:
            if len(recording):
                ids = self.ids_of(recording.gids)
                self._last.update(zip(ids.tolist(), recording.times.tolist(), strict=True))
                self.calcium.hear(ids, np.asarray(recording.times))
                recording.forget()

    @property
    def exists(self) -> bool:
        """Is there a network, so that its seed and the time step stay as they are?"""
        return self.network is not None

    @property
    def now(self) -> float:
        """How far the simulation is, in ms."""
        return 0.0 if self.simulation is None else self.simulation.now

    def tell(self) -> Simulation:
        """Collective: the simulation of all that was said up to now."""
        kernel = self.kernel
        leaving, self._leaving = self._leaving, None
        if leaving is not None and self.simulation is not None:
            self.simulation.disconnect(leaving.leaving())
        if self.network is None:
            self.network = Network(kernel.settings["rng_seed"])
        net = self.network
        self._create(net)
        for statement in kernel.wires.taken():
            self._connect(net, statement)
        for recorder in kernel.recorders:
            self._record(net, recorder)
        self._note_spikes(net)
        self.frozen.check(net)
        if self.simulation is None:
            self.simulation = Simulation(
                net, kernel.settings["resolution"], comm=kernel.comm, threads=kernel.settings["local_num_threads"],
                progress=kernel.settings["print_time"], relaxation=self._relaxation(),
            )  # fmt: skip
        self._change(self.simulation)
        self._turns.number(self.simulation, self._statements, kernel.models)
        return self.simulation

    def run(self, ms: float) -> None:
        """Collective: time passes."""
        try:
            simulation = self.tell()
            if simulation.progress is not self.kernel.settings["print_time"]:
                simulation.progress = self.kernel.settings["print_time"]
            before = simulation.spikes
            simulation.run(ms)
            self.kernel.spikes_of_last_run = simulation.spikes - before
            self._keep_last()
        except errors.KernelException:
            raise
        except ParsimError as error:
            raise errors.as_kind(errors.KernelException, error) from error
        self.runs += 1

    def disconnect(self, found: Any) -> None:
        """Collective: connections are no more."""
        self.tell().disconnect(found)
        self.cuts += 1

    def disconnect_later(self, rows: Any) -> None:
        """The same once somebody has to know; of one `rows` at a time, which the others hear of by `cuts`."""
        assert self._leaving in (None, rows)
        self._leaving = rows
        self.cuts += 1

    def waits_for(self, rows: Any) -> bool:
        """Are some of these to be taken away, and no others?"""
        return self._leaving is rows

    def read(self, batch: Batch, key: str) -> None:
        """Collective: a state of its nodes is in the batch as it is now."""
        if batch.population is None or batch.as_of.get(key, 0) == self.runs:
            return
        assert self.simulation is not None
        chosen = batch.part(self.network, range(batch.size))
        batch.columns[key] = np.asarray(self.simulation.get(chosen, key))
        batch.as_of[key] = self.runs

    def elements(self, batch: Batch, name: str, sizes: list[int]) -> list[Floats] | None:
        """Collective: lists of so many elements that its nodes have as they are now; None before anything has run."""
        if batch.population is None or not self.runs:
            return None
        assert self.simulation is not None
        chosen, most = batch.part(self.network, range(batch.size)), max(sizes, default=0)
        columns = [np.asarray(self.simulation.get(chosen, f"{name}_{k + 1}")) for k in range(most)]
        return [np.array([column[i] for column in columns[:size]]) for i, size in enumerate(sizes)]

    def heard(self) -> float:
        """The time up to which meters have heard: the beginning of the last interval, in ms."""
        kernel = self.kernel
        steps = kernel.clock.nearest(np.array([self.now]))[0] if self.now else 0
        interval = max(1, round(kernel.interval / kernel.clock.dt))
        return float(kernel.clock.time((int(steps) - 1) // interval * interval)) if steps else 0.0

    def by_synapse(self, kind: str) -> dict[Any, dict[Any, list[Any]]]:
        """Statements from cells or generators, by synapse model, and then by its name and receptor in the script."""
        return {native: groups for (one, native), groups in self._statements.items() if one == kind}

    def ids_of(self, gids: Gids, kind: str = "neuron") -> Gids:
        """The ids of cells by their gids, or of generators by their numbers."""
        firsts = np.array(self._firsts[kind], np.int64).reshape(-1, 2)
        at = np.searchsorted(firsts[:, 0], gids, side="right") - 1
        found: Gids = gids - firsts[at, 0] + firsts[at, 1]
        return found

    # ---- telling ----------------------------------------------------------------------------------

    def _create(self, net: Network) -> None:
        new = self.kernel.batches.all[self._told :]
        if not new:
            return
        self._told += len(new)
        # Several models of NEST may be one of ours, and not have the same to set.
        alike = groupby(new, key=lambda batch: (batch.native(), batch.layer, batch.model.type_id))
        for (native, layer, _), group in alike:
            batches = list(group)
            if native is None:
                continue
            values = values_for(batches, self.now)
            population = net.create(
                native, sum(b.size for b in batches), name=batches[0].model.name,
                positions=None if layer is None else layer.layout, **values
            )  # fmt: skip
            self._firsts[batches[0].model.kind].append((population.first, batches[0].first))
            offset = 0
            for batch in batches:
                batch.population, batch.offset = population, offset
                if np.any(batch.columns.get("frozen", False)):
                    batch.changed["frozen"] = range(batch.size)
                batch.as_of = dict.fromkeys(batch.model.states, self.runs)
                offset += batch.size

    def _connect(self, net: Network, statement: Statement | Pairs) -> None:
        batches = self.kernel.batches
        if isinstance(statement, Pairs):
            statement = as_lists(statement)
        source, target = (batches.selection(net, ids) for ids in (statement.source, statement.target))
        if statement.synapse is None:
            net.couple(source, target, statement.rule, statement.values["weight"])
            return
        mark, values = statement.mark, dict(statement.values)
        if mark.transmitter is not None:
            values["vt"] = VolumeTransmitter(batches.selection(net, as_ids(mark.transmitter)), 0.0)
        synapse = statement.synapse(**values, receptor=statement.receptor)
        made = net.connect(source, target, statement.rule, synapse)
        kind = "stimulator" if source.kind == "stimulus" else "neuron"
        groups = self._statements.setdefault((kind, statement.synapse), {})
        groups.setdefault((mark.name, mark.receptor, mark.label), []).append(made)
        if mark.recorder is not None:
            batch = self.kernel.batches.of(mark.recorder)
            recording = net.record_transmissions(made, everywhere=True)
            link = TransmissionLink(recording, self.ids_of, mark.receptor)
            batch.recorders[mark.recorder - batch.first].links.append(link)

    def _record(self, net: Network, recorder: AnyRecorder) -> None:
        """What was connected to a recorder since the last time, all of one kind together."""
        waiting, recorder.waiting = recorder.waiting, []
        if not waiting:
            return
        batches = self.kernel.batches
        if isinstance(recorder, Correlator):
            wired = Wired(*(np.concatenate(columns) for columns in zip(*waiting, strict=True)))
            for batch, link in self._links_of(net, np.unique(wired.sources), None):
                # Spikes of cells arrive as at other cells: those of the last interval when the next one begins.
                until = self.heard if batch is None else None
                recorder.links.append(WiredLink(link, wired, until))
            return
        ids, counts = np.unique(np.concatenate([np.asarray(one) for one in waiting]), return_counts=True)
        often = dict(zip(ids.tolist(), counts.tolist(), strict=True)) if (counts > 1).any() else None
        if recorder.samples:
            cells = self._cells(ids)
            for names, chosen in _alike(batches, cells, recorder.settings["record_from"]):
                record = partial(
                    net.record,
                    batches.selection(net, chosen),
                    interval=sampled_every(recorder),
                    everywhere=True,
                )
                found = {
                    name: Total([record(part) for part in parts]) if parts else record(name)
                    for name, parts in names
                }
                recorder.links.append(
                    MeterLink(found, self.ids_of, self.heard, frozen=lambda: self.frozen.ids)
                )
            for batch, places in batches.pieces(ids):
                if not batch.model.is_cell and recorder.settings["record_from"]:
                    if batch.model.type_id in OF_SINES:
                        rates = Rates(batch, places, lambda: self.now, sampled_every(recorder))
                        recorder.links.append(MeterLink({"rate": rates}, lambda ids: ids, self.heard))
                    else:
                        recorder.links.append(measured(self, recorder, batch.first + np.asarray(places)))
            return
        spins = recorder.model.type_id == "spin_detector"
        for _, link in self._links_of(net, ids, None if spins else often):
            recorder.links.append(SpinLink(link) if spins else link)

    def _cells(self, ids: Any) -> Any:
        """Those of the nodes that are cells."""
        pieces = self.kernel.batches.pieces(ids)
        found = [b.first + np.asarray(places) for b, places in pieces if b.model.is_cell]
        return np.concatenate([np.empty(0, np.int64), *found])

    def _links_of(
        self, net: Network, ids: Any, often: dict[int, int] | None
    ) -> Iterator[tuple[Batch | None, Any]]:
        """Links that bring the spikes of nodes: of all that are cells one, with no batch, and of generators others."""
        cells = self._cells(ids)
        if cells.size:
            recording = net.record_spikes(self.kernel.batches.selection(net, cells), everywhere=True)
            yield None, SpikeLink(recording, self.ids_of, often)
        for batch, places in self.kernel.batches.pieces(ids):
            if batch.model.type_id == "spike_generator":
                each = np.asarray(places).tolist()
                yield batch, PrescribedLink(batch, each, lambda: self.now, self.kernel.clock.dt)
            elif not batch.model.is_cell:
                yield batch, self._overheard(net, batch, batch.first + np.asarray(places), often)

    def _overheard(self, net: Network, batch: Batch, ids: Any, often: dict[int, int] | None) -> SpikeLink:
        """Generators have no spikes of their own: parrots that only the recorder knows repeat them a step later."""
        clock, exact = self.kernel.clock, batch.native().events is not None
        parrot = self.kernel.models.node("parrot_neuron_ps" if exact else "parrot_neuron").native
        parrots = net.create(parrot, len(ids), name="overheard")
        static = self.kernel.models.synapse("static_synapse").native
        net.connect(
            self.kernel.batches.selection(net, ids),
            parrots,
            OneToOne(),
            static(weight=1.0, delay=clock.dt, receptor="heard"),
        )
        recording = net.record_spikes(parrots, everywhere=True)
        first = parrots.first

        def sent(times: Floats) -> Floats:
            return times - clock.dt if exact else clock.times(clock.nearest(times) - 1)

        return SpikeLink(recording, lambda gids: ids[gids - first], often, sent)

    def _change(self, simulation: Simulation) -> None:
        """What was set since the last time, nodes with the same changes together."""
        net = self.network
        for batch in self.kernel.batches.all:
            if not batch.changed:
                continue
            changed, batch.changed = batch.changed, {}
            if "frozen" in changed:
                self.frozen.change(simulation, batch, self.kernel.recorders)
            by_nodes: dict[Any, tuple[Any, list[str]]] = {}
            for key, places in changed.items():
                if not isinstance(places, range) and places.dtype == bool:
                    places = np.flatnonzero(places)
                which = places if isinstance(places, range) else places.tobytes()
                by_nodes.setdefault(which, (places, []))[1].append(key)
            for places, keys in by_nodes.values():
                if values := values_for([batch], self.now, keys, places):
                    simulation.set(batch.part(net, places), **values)

    def _relaxation(self) -> Relaxation | None:
        settings = self.kernel.settings
        said = {ours: settings[theirs] for theirs, ours in _WFR.items() if theirs in settings.touched}
        if said.get("order") == 0:
            raise errors.unsupported("wfr_interpolation_order = 0", "Use 1 or 3.")
        if "iterations" in said:
            said["iterations"] = max(2, said["iterations"])
        return Relaxation(**said) if said else None


def _alike(batches: Any, ids: Any, wanted: list[str]) -> list[tuple[list[tuple[str, tuple[str, ...]]], Any]]:
    """Nodes by which of the wanted states they have, each with those of which it is the sum, if of any."""
    found: dict[tuple[tuple[str, tuple[str, ...]], ...], list[Any]] = {}
    for batch, places in batches.pieces(ids):
        known = {v.name for v in batch.native().recordables}
        names = tuple(
            (name, () if name in known else parts_of_total(known))
            for name in wanted
            if name in batch.recordables
        )
        found.setdefault(names, []).append(batch.first + np.asarray(places))
    return [(list(names), np.concatenate(parts)) for names, parts in found.items() if names]
