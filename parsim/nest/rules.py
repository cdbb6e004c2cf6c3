"""conn_spec: NEST's words for who is connected to whom, as rules of the network."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from parsim.errors import DescriptionError
from parsim.nest import elsewhere, errors
from parsim.nest.attributes import RULES
from parsim.nest.masks import mask_of
from parsim.nest.parameters import Parameter
from parsim.network.degrees import FixedIndegree, FixedOutdegree, FixedTotalNumber
from parsim.network.pairwise import (
    AllToAll,
    OneToOne,
    PairwiseBernoulli,
    PairwisePoisson,
    SymmetricPairwiseBernoulli,
)

_FLAGS = {"allow_autapses": True, "allow_multapses": True, "make_symmetric": False}
_OLD = {"autapses": "allow_autapses", "multapses": "allow_multapses", "symmetric": "make_symmetric"}
_NEEDED = {
    "fixed_indegree": "indegree", "fixed_outdegree": "outdegree", "fixed_total_number": "N",
    "pairwise_bernoulli": "p", "symmetric_pairwise_bernoulli": "p", "pairwise_poisson": "pairwise_avg_num_conns",
}  # fmt: skip
_DEGREES = ("indegree", "outdegree")
_BY_NUMBER = ("fixed_indegree", "fixed_outdegree")
_SPATIAL = ("mask", "use_on_source", "allow_oversized_mask")


class Rule(NamedTuple):
    """A rule by NEST's name; `value` is the one number that it takes, if any, or a Parameter for a degree."""

    name: str
    value: Any
    allow_autapses: bool
    allow_multapses: bool
    make_symmetric: bool
    mask: Any = None  # about sources, in which targets are
    is_spatial: bool = False  # does it say something of space?
    is_about_targets: bool = False  # was the mask said of targets, in which sources are?
    proportion: Any = None  # to p partners are drawn, where their number is given
    may_be_wide: bool = False  # may the mask be wider than the space, so that pairs are met more than once?


def rule_of(given: Any) -> Rule:
    """What conn_spec says."""
    if given is None:
        given = "all_to_all"
    spec: dict[str, Any] = {"rule": given} if isinstance(given, str) else _as_dict(given)
    name = spec.pop("rule")
    if name not in RULES:
        if isinstance(name, str) and name.startswith("tripartite"):
            raise errors.unsupported(f"the rule {name}", elsewhere.ASTROCYTES)
        raise errors.BadProperty(f"there is no rule {name!r:.60}. There are: {', '.join(RULES)}.")
    is_about_targets = bool(spec.get("use_on_source", False))
    may_be_wide = bool(spec.get("allow_oversized_mask", False))
    mask, is_spatial = _mask_of(name, spec)
    flags = {}
    for key, default in _FLAGS.items():
        flags[key] = spec.pop(key, default)
        if not isinstance(flags[key], (bool, np.bool)):
            raise errors.TypeMismatch(f"{key} is {flags[key]!r:.60}; True or False is needed.")
    value = None
    if needed := _NEEDED.get(name):
        if is_spatial and needed == "p":
            spec.setdefault("p", 1.0)
        if needed not in spec:
            raise IndexError(f"the rule {name} needs '{needed}'.")
        value = _number(needed, spec.pop(needed))
        if name == "symmetric_pairwise_bernoulli" and not isinstance(value, float):
            raise errors.TypeMismatch("p is a Parameter; symmetric_pairwise_bernoulli takes a number.")
    proportion = _number("p", spec.pop("p")) if name in _BY_NUMBER and "p" in spec else None
    if "p" in spec:
        raise ValueError(f"p does not go with the rule {name}; use pairwise_bernoulli.")
    if spec:
        raise errors.UnaccessedDictionaryEntry(
            f"{', '.join(map(str, spec))} does not belong to the rule {name}."
        )
    return Rule(
        name,
        value,
        **{key: bool(flag) for key, flag in flags.items()},
        mask=mask,
        is_spatial=is_spatial,
        is_about_targets=is_about_targets,
        proportion=proportion,
        may_be_wide=may_be_wide,
    )


def _mask_of(name: str, spec: dict[str, Any]) -> tuple[Any, bool]:
    """The mask about sources, taken from conn_spec, and whether anything was said of space."""
    said = {key: spec.pop(key) for key in _SPATIAL if key in spec}
    said.pop("allow_oversized_mask", None)
    if name == "pairwise_poisson" and (said or ("p" in spec)):
        raise errors.unsupported(
            f"{', '.join(said) or 'p'} with the rule {name}", "Use pairwise_bernoulli with a mask and p."
        )
    if name not in ("pairwise_bernoulli", *_BY_NUMBER) and said:
        raise ValueError(f"{', '.join(said)} does not go with the rule {name}; use pairwise_bernoulli.")
    if name in _BY_NUMBER and "use_on_source" in said:
        raise ValueError(
            f"use_on_source does not go with the rule {name}, which says itself about whom masks are."
        )
    mask = None if "mask" not in said else mask_of(said["mask"])
    # Where the mask is about targets, that about sources is its mirror image.
    about_targets = name == "fixed_indegree" or said.get("use_on_source", False)
    is_spatial = bool(said) or (name in _BY_NUMBER and "p" in spec)
    return mask.mirrored() if mask is not None and about_targets else mask, is_spatial


def _as_dict(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise TypeError(f"conn_spec is {given!r:.60}; the name of a rule or a dict with 'rule' is needed.")
    spec: dict[Any, Any] = {_OLD.get(key, key): value for key, value in given.items()}
    if "rule" not in spec:
        raise KeyError("rule")
    return spec


def _number(key: str, value: Any) -> Any:
    if isinstance(value, Parameter):
        if key == "p":
            return value.value.clipped(0.0, 1.0)
        if key in _DEGREES:
            return value
        raise errors.unsupported(f"{key} as a Parameter", "Give a number.")
    if key in ("p", "pairwise_avg_num_conns"):
        if not isinstance(value, (int, float, np.number)):
            raise errors.TypeMismatch(f"{key} is {value!r:.60}; a number is needed.")
        if value < 0 or (key == "p" and value > 1):
            raise errors.BadProperty(
                f"{key} is {value!r:.60}; it must be {'from 0 to 1' if key == 'p' else 'at least 0'}."
            )
        return float(value)
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool):
        raise errors.TypeMismatch(f"{key} is {value!r:.60}; a whole number is needed.")
    if value < 0:
        raise errors.BadProperty(f"{key} is {value}; it must be at least 0.")
    return int(value)


def native_rule(rule: Rule) -> Any:
    """The same as a rule of the network."""
    autapses, multapses = rule.allow_autapses, rule.allow_multapses
    if rule.make_symmetric and rule.name not in ("one_to_one", "symmetric_pairwise_bernoulli"):
        raise errors.NotImplemented(
            f"make_symmetric goes with one_to_one and symmetric_pairwise_bernoulli, not {rule.name}."
        )
    if rule.name == "one_to_one":
        return OneToOne(allow_autapses=autapses)
    if rule.name == "all_to_all":
        return AllToAll(allow_autapses=autapses)
    if rule.name == "fixed_indegree":
        return FixedIndegree(rule.value, autapses, multapses, mask=rule.mask, p=rule.proportion)
    if rule.name == "fixed_outdegree":
        return FixedOutdegree(rule.value, autapses, multapses, mask=rule.mask, p=rule.proportion)
    if rule.name == "fixed_total_number":
        if not multapses:
            raise errors.NotImplemented("fixed_total_number has no allow_multapses=False.")
        return FixedTotalNumber(rule.value, allow_autapses=autapses)
    if rule.name == "pairwise_bernoulli":
        return PairwiseBernoulli(rule.value, allow_autapses=autapses, mask=rule.mask)
    if rule.name == "pairwise_poisson":
        if not multapses:
            raise errors.BadProperty(
                "pairwise_poisson draws how often a pair is connected: allow_multapses is True."
            )
        return PairwisePoisson(rule.value, allow_autapses=autapses)
    if autapses or not multapses or not rule.make_symmetric:
        raise errors.BadProperty(
            "symmetric_pairwise_bernoulli needs allow_autapses=False, allow_multapses=True and make_symmetric=True."
        )
    return SymmetricPairwiseBernoulli(rule.value)


def check_sizes(rule: Rule, native: Any, n_sources: int, n_targets: int, shared: int) -> None:
    """The rule fits so many nodes, of which some are on both sides."""
    if rule.name == "one_to_one" and n_sources != n_targets:
        raise errors.DimensionMismatch(
            f"one_to_one joins {n_sources} sources and {n_targets} targets; as many are needed."
        )
    try:
        native.check(n_sources, n_targets, shared)
    except DescriptionError as error:
        raise errors.as_kind(errors.BadProperty, error) from None


def count(rule: Rule, n_sources: int, n_targets: int, shared: int) -> int | None:
    """How many connections there will be; None where that is drawn."""
    own = 0 if rule.allow_autapses else shared
    if rule.name == "one_to_one":
        return (n_sources - own) * (2 if rule.make_symmetric else 1)
    if rule.name == "all_to_all":
        return n_sources * n_targets - own
    if rule.name == "fixed_indegree":
        return n_targets * int(rule.value)
    if rule.name == "fixed_outdegree":
        return n_sources * int(rule.value)
    if rule.name == "fixed_total_number":
        return int(rule.value)
    return None
