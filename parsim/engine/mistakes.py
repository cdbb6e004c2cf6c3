"""What may have gone wrong in the cells that a rank has moved, as an error that names one of them."""

from parsim.engine.built import Built
from parsim.errors import SimulationError
from parsim.shard.outbox import first_stray


def check_cells(built: Built, origin: int, now: int) -> None:
    """No spike was lost in the interval from step `origin` and every state is a number, or an error."""
    rank, clock = built.comm.rank, built.clock
    if mistakes := built.event_driven.mistakes():
        raise SimulationError(mistakes[0])
    for group in built.groups.values():
        out = group.out
        if (said := group.mistake()) is not None:
            raise SimulationError(f"{said} It is on rank {rank}.")
        if out.lost[0] >= 0:
            raise SimulationError(
                f"{group.model.name} emitted more spikes in one interval than the outbox holds ({out.cell.size}): "
                f"first lost was one of gid {group.gids[out.lost[0]]} at t = {clock.time(int(out.lost[1])):g} "
                f"ms on rank {rank}. Lower the rate of what drives it, or shorten the smallest delay."
            )
        if (stray := first_stray(out, group.gids.size)) >= 0:
            raise SimulationError(
                f"The kernel of {group.model.name} emitted a spike of cell {out.cell[stray]} (step {out.step[stray]}), "
                f"but there are {group.gids.size} on rank {rank}, from 0 on. Call emit with the index of the cell that "
                "fires."
            )
        if now == origin + built.interval and (found := group.find_not_finite()):
            at, name, value = found
            raise SimulationError(
                f"{name} of gid {group.gids[at]} ({group.model.name}) became {value:g} between "
                f"t = {clock.time(origin):g} and {clock.time(now):g} ms on rank {rank}. "
                "Look for weights or parameters that are too large, or use a smaller dt."
            )
