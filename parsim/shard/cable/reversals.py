"""Where reversal potentials of ions follow concentrations: as in NEURON by section, and not where they are held."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Ints


class Nernst(NamedTuple):
    """Of one ion: runs of (first compartment, how many) in which it is computed in each step, and those at the start.

    It is where a mechanism writes a concentration; at the start also where one reads it, if some read the potential.
    """

    step: Ints
    start: Ints


def written_by(mechanism: Any) -> set[str]:
    """The ions of which a mechanism writes a concentration."""
    return {ion.name for ion in mechanism.ions if _concentrations(ion.name) & set(ion.write)}


def read_by(mechanism: Any) -> set[str]:
    """The ions of which a mechanism reads a concentration."""
    return {ion.name for ion in mechanism.ions if _concentrations(ion.name) & set(ion.read)}


def nernst_of(name: str, planted: Sequence[Any], parts: Sequence[Collection[int]], lanes: int) -> Nernst:
    """What is computed of an ion; `parts` are the nodes of sections, each of which is one as a whole."""
    written = follows_at(name, planted, parts)
    read = {node for p in planted if name in read_by(p.mechanism) for node in p.nodes}
    uses = [ion for p in planted for ion in p.mechanism.ions if ion.name == name]
    wanted = any(f"e{name}" in ion.read for ion in uses)
    starts = _whole(written | read, parts) if wanted else written
    return Nernst(spans_of(written, lanes), spans_of(starts, lanes))


def flows_of(name: str, planted: Sequence[Any], lanes: int) -> Ints:
    """Where a current of an ion is added up, as runs of (first compartment, how many)."""
    flows = [p for p in planted for ion in p.mechanism.ions if f"i{name}" in ion.write and ion.name == name]
    return spans_of({node for p in flows for node in p.nodes}, lanes)


def follows_at(name: str, planted: Sequence[Any], parts: Sequence[Collection[int]]) -> set[int]:
    """The nodes at which the potential of an ion is computed in each step, where it is not held."""
    return _whole({node for p in planted if name in written_by(p.mechanism) for node in p.nodes}, parts)


def _concentrations(name: str) -> set[str]:
    return {f"{name}i", f"{name}o"}


def _whole(nodes: set[int], parts: Sequence[Collection[int]]) -> set[int]:
    return nodes.union(*(part for part in parts if nodes & set(part)))


def spans_of(nodes: set[int], lanes: int) -> Ints:
    """Rows (first compartment, how many)."""
    rows: list[list[int]] = []
    for node in sorted(nodes):
        if rows and node == sum(rows[-1]):
            rows[-1][1] += 1
        else:
            rows.append([node, 1])
    return np.array(rows, np.int64).reshape(-1, 2) * lanes
