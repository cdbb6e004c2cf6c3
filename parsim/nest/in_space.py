"""Connections that hang on where nodes are: what must hold for them."""

from typing import Any

import numpy as np

from parsim.arrays import Ints
from parsim.given.distributions import Uniform
from parsim.given.masks import folded, images
from parsim.given.value import AbstractValue
from parsim.given.where import Ends
from parsim.nest import errors
from parsim.nest.kernel import kernel
from parsim.nest.layers import layer_of, points_of, way
from parsim.nest.masks import GridMask
from parsim.nest.parameters import drawn, hangs_on_nodes
from parsim.nest.rules import Rule
from parsim.network.space import are_spatial

_RULES = ("pairwise_bernoulli", "pairwise_poisson", "fixed_indegree", "fixed_outdegree")


def parts(pre: Any, post: Any, rule: Rule) -> list[Rule]:
    """The rule with its mask as that of the network; several rules for a mask that meets pairs more than once."""
    if rule.mask is None:
        return [rule]
    # Masks about targets, of which the rule has the mirror image, hold sources.
    is_about_targets = rule.is_about_targets or rule.name == "fixed_indegree"
    held = layer_of(pre if is_about_targets else post)
    mask = rule.mask.on(held) if isinstance(rule.mask, GridMask) else rule.mask
    period = layer_of(post).layout.period  # type: ignore[union-attr]
    low, high = mask.box
    if not rule.may_be_wide or (high - low <= period).all():
        return [rule._replace(mask=mask)]
    if rule.name != "pairwise_bernoulli":
        raise errors.unsupported(f"allow_oversized_mask with the rule {rule.name}", "Use pairwise_bernoulli.")
    return [rule._replace(mask=one) for one in images(mask, period)]


def check(pre: Any, post: Any, rule: Rule, values: dict[str, Any]) -> None:
    """Where a rule or a value hangs on positions: both sides have some, and the rule is one that NEST takes then."""
    if any(hangs_on_nodes(value) for value in (rule.value, rule.proportion, *values.values())):
        raise errors.BadProperty("nest.spatial.pos is of nodes; connections have nest.spatial.distance.")
    if not (rule.is_spatial or are_spatial(rule.value, rule.proportion, *values.values())):
        return
    if rule.name not in _RULES or rule.make_symmetric:
        raise ValueError(
            f"{rule.name} does not go with what hangs on positions; use pairwise_bernoulli, with p=1 for all pairs."
        )
    if any(b.layer is None for ids in (pre, post) for b, _ in kernel.batches.pieces(ids)):
        raise TypeError(
            "what hangs on positions needs them: Create(..., positions=nest.spatial.grid([20, 20]))."
        )
    layers = [layer_of(ids) for ids in (pre, post)]
    source, target = (layer.layout for layer in layers if layer is not None)
    if source.dimensions != target.dimensions:
        raise errors.BadProperty(
            f"sources are in {source.dimensions} dimensions and targets in {target.dimensions}; both need as many."
        )
    if rule.is_about_targets and not np.array_equal(source.period, target.period):
        raise errors.unsupported(
            "use_on_source between layers that wrap otherwise", "Leave use_on_source out."
        )


def drawn_pairs(pre: Any, post: Any, rule: Rule) -> Ints:
    """How often pairwise_bernoulli connects each pair, [source, target]: for those of recorders, which the network does
    not draw."""
    n, m = len(pre), len(post)
    ends = None
    if rule.is_spatial or are_spatial(rule.value):
        layer = layer_of(post)
        start, end = np.repeat(points_of(pre), m, axis=0), np.tile(points_of(post), (n, 1))
        apart = np.ascontiguousarray(way(start, end, layer).T)  # type: ignore[arg-type]
        nobody = np.zeros(n * m, np.int64)
        ends = Ends(lambda: nobody, lambda: nobody, lambda: apart, lambda: start.T, lambda: end.T)
    counts = np.zeros(n * m, np.int64)
    for part in parts(pre, post, rule):
        p = drawn(part.value, n * m, None, ends) if isinstance(part.value, AbstractValue) else part.value
        inside = True if part.mask is None else folded(part.mask, layer.layout.period).inside(apart)  # type: ignore[union-attr]
        counts += (drawn(Uniform(0.0, 1.0), n * m) < p) & inside
    return counts.reshape(n, m)
