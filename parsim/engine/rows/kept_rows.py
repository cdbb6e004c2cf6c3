"""Values of connections that stay as they are while all else begins anew."""

from typing import Any, NamedTuple

import numpy as np

from parsim.engine.agree import together
from parsim.engine.rank import Rank
from parsim.engine.rows.disconnecting import among
from parsim.engine.rows.own_rows import own_rows
from parsim.engine.rows.row_changes import put
from parsim.engine.rows.row_recorders import names_of
from parsim.engine.rows.wanted import Wanted
from parsim.errors import SimulationError
from parsim.network.row_recording import NamedRows


class KeptRows(NamedTuple):
    """Values of all rows of a synapse model on a rank, in the order of all connections."""

    wanted: Wanted
    names: NamedRows
    columns: dict[str, Any]


def kept_values(rank: Rank) -> list[KeptRows]:
    """What was said of connections as it is now, for `put_kept`; nothing collective."""
    synapses = dict.fromkeys(
        (said.source.kind, said.synapse)
        for said in rank.network.projections
        if rank.built.rows_changed or said.synapse.transmit is not None
    )
    kept = []
    for kind, synapse in synapses:
        wanted = Wanted(kind=kind, synapse=synapse)
        own = own_rows(rank, wanted)
        names = [param.name for param in synapse.params if kind == "cell" or param.name == "weight"]
        kept.append(KeptRows(wanted, names_of(rank, own), {name: own.column(name) for name in names}))
    return kept


def put_kept(rank: Rank, kept: list[KeptRows]) -> None:
    """Collective: the same values to the same connections, once they have been built anew."""
    if not kept:
        return

    def act() -> None:
        for wanted, names, columns in kept:
            own = own_rows(rank, wanted)
            if own.size != names.nth.size:  # some had been taken away, and are there again
                own = own.masked(among(names_of(rank, own), names))
            if not np.array_equal(own.column("target", np.int64), names.targets):
                raise SimulationError("connections were built anew in another order; this must not happen.")
            for name, column in columns.items():
                for share, values in own.split(column):
                    put(rank, share, {name: values})

    together(rank.comm, act)
    rank.rows_have_changed()
