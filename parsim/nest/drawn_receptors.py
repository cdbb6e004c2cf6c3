"""Connections that each end at a receptor of their own, which is drawn: their pairs are drawn here, too."""

from collections.abc import Callable
from typing import Any

import numpy as np

from parsim.arrays import Ints
from parsim.given.distributions import Uniform
from parsim.nest import errors, spec
from parsim.nest.kernel import kernel
from parsim.nest.legal import check_legal, receptor_of
from parsim.nest.parameters import drawn
from parsim.nest.rules import Rule
from parsim.nest.spec import Spec
from parsim.nest.wires import Statement
from parsim.network.lists import Lists

_ADVICE = "Connect each receptor in a call of its own."


def planned(pre: Any, post: Any, rule: Rule, one: Spec) -> Callable[[], None]:
    """What connects nodes, once all has been checked."""
    if rule.is_spatial or rule.make_symmetric:
        raise errors.unsupported("receptor_type as a Parameter with positions or make_symmetric", _ADVICE)
    sources, targets, shape = _pairs(np.asarray(pre), np.asarray(post), rule)
    spec.check_shapes(one, shape, rule.name)
    numbers = drawn(one.receptor.value, sources.size).astype(np.int64)
    a, b = ([batch for batch, _ in kernel.batches.pieces(ids)] for ids in (pre, post))
    statements = []
    for number in np.unique(numbers).tolist():
        here = np.flatnonzero(numbers == number)
        arrays = {k: v.ravel()[here] for k, v in one.values.items() if isinstance(v, np.ndarray)}
        single = one.single(number, {**one.values, **arrays})
        check_legal(a, b, single)
        receptor, pairs = receptor_of(a, b, single), Lists(sources[here], targets[here])
        made = Statement(pre, post, pairs, one.model.native, single.values, receptor, single.mark)
        statements.append(made)

    def act() -> None:
        wires = kernel.wires
        if a[0].model.kind == "stimulator":
            wires.note_sent(pre, one.model.name)
        if isinstance(delay := one.values["delay"], (float, np.ndarray)):
            wires.note_delays(float(np.min(delay)), float(np.max(delay)))
        for statement in statements:
            wires.add(statement)
        wires.count(one.model.name, sources.size)

    return act


def _pairs(pre: Ints, post: Ints, rule: Rule) -> tuple[Ints, Ints, tuple[int, ...]]:
    """Places of sources and targets, a target at a time, and the shape of arrays of values for them."""
    n, m = pre.size, post.size
    if rule.name == "one_to_one" and n == m:
        return np.arange(n), np.arange(n), (n,)
    if rule.name == "all_to_all" and (rule.allow_autapses or not np.isin(pre, post).any()):
        return np.tile(np.arange(n), m), np.repeat(np.arange(m), n), (m, n)
    if rule.name != "fixed_indegree" or not rule.allow_multapses or not isinstance(rule.value, int):
        raise errors.unsupported(f"receptor_type as a Parameter with {rule.name}", _ADVICE)
    targets = np.repeat(np.arange(m), rule.value)
    sources = _drawn_places(n, targets.size)
    if not rule.allow_autapses and n > 1:
        while (same := np.flatnonzero(pre[sources] == post[targets])).size:
            sources[same] = _drawn_places(n, same.size)
    return sources, targets, (m, rule.value)


def _drawn_places(n: int, size: int) -> Ints:
    places: Ints = np.minimum(drawn(Uniform(0.0, 1.0), size) * n, n - 1).astype(np.int64)
    return places
