"""New values of connections that are there, checked as in connect as far as they are known before anything is drawn."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from parsim.arrays import Ints
from parsim.errors import DescriptionError
from parsim.given.values import AbstractValue, as_value, known_numbers
from parsim.models.params import Param
from parsim.models.ports import wrong_sign
from parsim.network.projection import Projection, check_space, weight_unit
from parsim.network.row_variables import Declared
from parsim.network.shared_values import new_shared_value


def new_row_values(
    said: list[Projection], counts: Ints, having: Mapping[str, list[Declared]], given: Mapping[str, Any]
) -> dict[str, AbstractValue]:
    """What was given for connections, of which each statement has so many, one statement after another.

    `having` is what a name means, by name: of all models that have it, those of the statements if there are any.
    """
    n = int(counts.sum())
    targets = list(dict.fromkeys(model for one in said for model in one.target.models))
    values = {}
    for name, raw in given.items():
        declared, model = having[name][0]
        unit, per = declared.unit, per_of(having[name])
        if name == "weight":
            unit = weight_unit(raw, targets)
            if targets and not any(model.weighs for model in targets):
                raise DescriptionError(
                    f"{targets[0].name} hears that a spike comes, but not its weight, which cannot be set."
                )
        if per:
            assert isinstance(declared, Param)
            value = new_shared_value(raw, declared, n, model.name)
        else:
            value = as_value(raw, unit, name, n, takes=("source gids", "target gids"))
        for statement in said:
            check_space(statement.source, statement.target, value)
        if (known := known_numbers(value)) is not None:
            for one, model in having[name]:
                if name == "delay" and any(target.host.delays_in_steps for target in targets):
                    one = replace(one, above=0.0, at_least=None)
                one.check(known, model.name)
            if name == "weight":
                _check_signs(said, counts, np.broadcast_to(known, n))
        values[name] = value
    return values


def per_of(having: list[Declared]) -> str:
    """What has one value of a name for all of its connections: "target", "statement", or "" where each has its own."""
    said = {one.per if isinstance(one, Param) else "": (one, model) for one, model in having}
    if len(said) > 1:
        texts = [f"per {per or 'connection'} in {model.name}" for per, (_, model) in said.items()]
        raise DescriptionError(
            f"{having[0][0].name} is said {' and '.join(texts)}. Set these connections apart."
        )
    return next(iter(said))


def _check_signs(said: list[Projection], counts: Ints, weights: Any) -> None:
    ends = np.cumsum(counts)
    for one, begin, end in zip(said, ends - counts, ends, strict=True):
        for model in one.target.models:
            if complaint := wrong_sign(model, one.receptor, weights[begin:end]):
                raise DescriptionError(complaint)
