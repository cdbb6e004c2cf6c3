"""The state of all ranks by gid, and back on any number of ranks.

Connections, stimuli and what the user gave are functions of what was said, so they are built again;
saved is what changes: states and parameters of cells, arrivals and spikes on their way, parameters of
stimuli, what connections remember, and of them what is not as it was said. The statements are built in
the stages in which they were built before, for these decide which small statements share a table, and
with it the order of sums.
"""

import time
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from parsim.assembly.probes import agree
from parsim.assembly.stimuli import prepared
from parsim.engine.agree import together
from parsim.engine.keeping.gathered import PARTS, SharedWriter, packed, unpacked
from parsim.engine.keeping.saved_group import SavedGroup, SavingGroup
from parsim.engine.rank import Rank
from parsim.engine.rows.disconnecting import lossy, restore_left, save_left
from parsim.engine.rows.row_names import RowNames
from parsim.engine.rows.saved_rows import changed_rows, restore_new_values, restore_states, save_all_rows
from parsim.engine.running.pending import in_order
from parsim.errors import DescriptionError
from parsim.io.checkpoint import Checkpoint
from parsim.shard.drive import Prepared, Version
from parsim.shard.group import AbstractGroup
from parsim.shard.outbox import appended


def save(rank: Rank, path: Path) -> None:
    """Collective: everything that changes to a file, which rank 0 writes; an older one stays until this is whole."""
    rank.let_rows_hear()  # so that what is kept of targets' spikes is the same on any ranks
    file = SharedWriter(rank.comm, path)
    try:
        pending = rank.pending(rank.origin())
        rank.built.event_driven.disband()
        try:
            for g, group in enumerate(rank.built.groups.values()):
                save_group(rank, group, file, f"groups/{g}")
        finally:
            rank.built.form_islands()
        changed, lost = changed_rows(rank), lossy(rank)
        save_left(rank, file, lost)
        save_all_rows(rank, file, changed)
        file.put("pending", pending)
        for s, source in enumerate(rank.built.sources.values()):
            for v, version in enumerate(source.versions):
                for name, value in vars(version.prepared.values).items():
                    for part, values in packed(value).items():
                        file.put_shared(f"stimuli/{s}/{v}/{name}/{part}", values)
        file.finish(about(rank) | {"rows": changed, "left": lost})
    finally:
        file.discard()


def about(rank: Rank) -> dict[str, Any]:
    """What a file says of the network, and all that is but a number."""
    return {
        "written": time.time_ns(),
        "seed": rank.network.seed,
        "dt": rank.clock.dt,
        "statements": rank.network.said.structure(),
        "functions": rank.built.functions,
        "solver": repr(rank.built.relaxer.settings) if rank.network.couplings else None,
        "models": [group.model.name for group in rank.built.groups.values()],
        "stages": rank.built.stages,
        "now": rank.now,
        "anchor": rank.anchor,
        "spikes": rank.spikes_so_far,
        "sets": rank.sets,
        "shortest": rank.built.shortest,
        "longest": rank.built.longest,
        "doses": [
            doses.after(rank.clock.time(rank.origin())).tolist() for doses in rank.built.doses.values()
        ],
        "resets": rank.resets,
        "relaxation": rank.built.relaxer.about(),
        "versions": [[(v.since, v.until) for v in source.versions] for source in rank.built.sources.values()],
    }


def save_group(rank: Rank, group: AbstractGroup, file: SharedWriter, folder: str) -> None:
    """Collective: the cells of a model, and what is on its way to them; no cell is in an island now."""
    columns = group.columns(rank.now)
    if group.gap is not None:
        columns["gap"] = rank.built.relaxer.columns(group)
    names = RowNames(rank.built.numbered(group), group)
    saving = SavingGroup(file, folder, group, rank.built.extent_of(group), names, rank.now)
    saving.put_cells("cells", columns)
    group.save(saving)


def check(about: dict[str, Any], rank: Rank, path: Any) -> None:
    """The checkpoint is one of this network with this dt."""
    net = rank.network
    if about["dt"] != rank.clock.dt:
        raise DescriptionError(
            f"{path} was saved at dt = {about['dt']} ms; dt is {rank.clock.dt} ms. Use the same."
        )
    said, here = about["statements"], net.said.structure()
    if [number for number, _ in said] != [number for number, _ in here]:
        raise DescriptionError(another_network(path, said, here))
    solver = repr(rank.built.relaxer.settings)
    if about["solver"] not in (None, solver):
        raise DescriptionError(
            f"{path} was saved with relaxation={about['solver']}; here it is {solver}. Use the same."
        )


def build_and_restore(rank: Rank, path: Path) -> None:
    """Collective: bring a new rank to where a checkpoint was saved."""

    def opened() -> Checkpoint:
        file = Checkpoint(path)
        check(file.about, rank, path)
        return file

    with together(rank.comm, opened) as file:
        for stage in file.about["stages"]:
            rank.build_stage(*stage)
        together(rank.comm, lambda: check_functions(file.about, rank, path))
        restore(rank, file)


def check_functions(about: dict[str, Any], rank: Rank, path: Any) -> None:
    """The functions of the network, once it is built, give what they gave when the checkpoint was written."""
    for (what, saved), (_, here) in zip(about["functions"], rank.built.functions, strict=False):
        if not agree(saved, here):
            raise DescriptionError(
                f"{path} was saved from another network. First to differ is the function for {what}: it does not give "
                f"the values that it gave then. {_SAY_THE_SAME}"
            )


_SAY_THE_SAME = (
    "Make the same create, connect and couple calls in the same order, with the same seed, before "
    "Simulation(..., restore=...)."
)


def another_network(path: Any, saved: list[Any], here: list[Any]) -> str:
    """What is said of a checkpoint that was not saved from this network."""
    place, then, now = next(
        (place, then, now)
        for place, (then, now) in enumerate(zip_longest(saved, here, fillvalue=(0, "nothing more")))
        if then[0] != now[0]
    )
    what = f"it was {then[1]}, here it is {now[1]}" if then[1] != now[1] else f"{now[1]}, with other values"
    return f"{path} was saved from another network. First to differ is statement {place}: {what}. {_SAY_THE_SAME}"


def restore(rank: Rank, file: Checkpoint) -> None:
    """Collective: put each rank's share of a checkpoint into ranks that have built the same stages."""
    restore_left(rank, file)
    together(rank.comm, lambda: restore_new_values(rank, file))
    if any(file.about["rows"]):
        rank.rows_have_changed((file.about["shortest"], file.about["longest"]))
    together(rank.comm, lambda: _restore(rank, file))


def _restore(rank: Rank, file: Checkpoint) -> None:
    about = file.about
    rank.now, rank.sets, rank.resets = about["now"], about["sets"], about["resets"]
    origin = rank.now - (rank.now - about["anchor"]) % rank.built.interval
    rank.built.event_driven.disband()
    windows: dict[AbstractGroup, Any] = {}
    for g, group in enumerate(rank.built.groups.values()):
        restore_group(rank, group, file, f"groups/{g}", origin, windows)
    rank.built.form_islands()
    restore_states(rank, file)
    for doses, times in zip(rank.built.doses.values(), about["doses"], strict=True):
        doses.put(np.array(times, np.float64))
    rank.anchor = origin
    if rank.built.relaxer.active:
        rank.built.relaxer.restore(about["relaxation"], windows)

    spikes = in_order(file.read("pending"), origin, rank.built.precise, rank.clock.for_kernels)
    for group in rank.built.groups.values():
        here = np.isin(spikes.gids, group.gids)
        cells = np.searchsorted(group.gids, spikes.gids[here])
        group.out = appended(group.out, cells, spikes.steps[here], spikes.offsets[here])
    rank.count_spikes(about["spikes"], spikes.gids.size)

    for s, source in enumerate(rank.built.sources.values()):
        names = vars(source.values)
        source.versions = [
            Version(
                rank.once((s, v), partial(stimuli, source.model, names, file, f"stimuli/{s}/{v}", rank)),
                *times,
            )
            for v, times in enumerate(about["versions"][s])
        ]


def restore_group(
    rank: Rank, group: AbstractGroup, file: Checkpoint, folder: str, origin: int, windows: dict[AbstractGroup, Any]
) -> None:  # fmt: skip
    """The reverse of `save_group`; what coupled cells' partners do in the window is put into `windows`."""
    saved = SavedGroup(file, folder, group, RowNames(rank.built.numbered(group), group), rank.now)
    group.begin_at(origin)
    for cells, columns in saved.cells("cells"):
        group.put_columns(cells, columns, rank.now)
        if "gap" in columns:
            gap = columns["gap"]
            held = windows.setdefault(group, np.zeros((group.gids.size, gap.shape[1])))
            held[cells] = gap
    group.prepare(rank.clock)
    group.restore(saved)
    if group.history is not None:
        group.history.has_heard(rank.clock.time(origin))


def stimuli(model: Any, names: dict[str, Any], file: Checkpoint, folder: str, rank: Rank) -> Prepared:
    """Parameters of stimuli, called as in `names`, as they were saved."""
    columns = {}
    for name, held in names.items():
        parts = PARTS if isinstance(held, list) else ("values",)
        found = {f"{name}/{part}": file.read(f"{folder}/{name}/{part}") for part in parts}
        columns[name] = unpacked(found, name, isinstance(held, list))
    return prepared(model, columns, rank.clock)
