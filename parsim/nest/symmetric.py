"""Pairs between two collections that are drawn once and connected both ways."""

from collections.abc import Callable
from typing import Any

import numpy as np

from parsim.arrays import Ints
from parsim.given.distributions import Uniform
from parsim.nest.kernel import kernel
from parsim.nest.parameters import drawn
from parsim.nest.spec import Spec
from parsim.nest.wires import Statement
from parsim.network.lists import Lists


def drawn_pairs(p: float, n_sources: int, n_targets: int) -> tuple[Ints, Ints]:
    """Each pair with probability p, by the places of source and target; a target at a time."""
    found = [np.flatnonzero(drawn(Uniform(0.0, 1.0), n_sources) < p) for _ in range(n_targets)]
    targets = np.repeat(np.arange(n_targets), [sources.size for sources in found])
    return np.concatenate([np.empty(0, np.int64), *found]), targets


def both_ways(pre: Any, post: Any, p: float, one: Spec, receptors: tuple[Any, Any]) -> Callable[[], None]:
    """What connects two collections that share no node, once all has been checked; receptors there and back."""
    there, back = receptors

    def act() -> None:
        sources, targets = drawn_pairs(p, len(pre), len(post))
        model, values = one.model.native, one.values
        wires = kernel.wires
        wires.note_delays(values["delay"], values["delay"])
        if sources.size:
            wires.add(Statement(pre, post, Lists(sources, targets), model, values, there, one.mark))
            wires.add(Statement(post, pre, Lists(targets, sources), model, values, back, one.mark))
        wires.count(one.model.name, 2 * sources.size)

    return act
