"""All ranks back to the beginning, and what stays as it is."""

from typing import Any

from parsim.arrays import shown
from parsim.engine.crew import Crew
from parsim.engine.rows.kept_rows import kept_values, put_kept
from parsim.errors import DescriptionError
from parsim.given.plain import several
from parsim.network.network import Network

KEPT = ("parameters", "weights")


def kept_names(keep: Any) -> set[str]:
    """What is to be kept by `Simulation.reset`."""
    names = several(keep) or []
    if several(keep) is None or any(not isinstance(name, str) or name not in KEPT for name in names):
        raise DescriptionError(
            f'keep is {shown(keep)}; give names out of {", ".join(KEPT)}, such as ("parameters",).'
        )
    return set(names)


def begin_anew(crew: Crew, network: Network, keep: set[str]) -> None:
    """Collective: back to step 0, where files are still to be opened; tables stay unless they are other than in a new
    simulation.
    """
    first = crew.ranks[0]
    kept = [rank.built.parameters() if "parameters" in keep else None for rank in crew.ranks]
    for rank in crew.ranks if "weights" in keep else ():
        rank.let_rows_hear()
    rows = [kept_values(rank) if "weights" in keep else [] for rank in crew.ranks]
    resets, rebuild = first.resets + 1, first.built.is_patched()
    crew.epoch += 1
    for recording in network.recordings:
        recording.forget()
    if rebuild:
        crew.form()
        crew.build(lambda said, gids: None)
    for rank in crew.ranks:
        rank.resets = resets
    crew.each(lambda rank: rank.reset(kept[crew.ranks.index(rank)]))
    crew.each(lambda rank: put_kept(rank, rows[crew.ranks.index(rank)]))
