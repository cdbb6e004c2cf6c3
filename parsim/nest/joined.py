"""Single pairs as one statement of the network."""

from typing import Any

import numpy as np

from parsim.nest.wires import Pairs, Statement
from parsim.network.lists import Lists


def as_lists(pairs: Pairs) -> Statement:
    """All pairs by their places among the nodes that occur in them."""
    source, target = np.array(pairs.sources, np.int64), np.array(pairs.targets, np.int64)
    sources, at_source = np.unique(source, return_inverse=True)
    targets, at_target = np.unique(target, return_inverse=True)
    values: dict[str, Any] = {}
    for name, column in pairs.values.items():
        numbers = np.array(column, np.float64)
        values[name] = float(numbers[0]) if (numbers == numbers[0]).all() else numbers
    rule = Lists(at_source, at_target)
    return Statement(sources, targets, rule, pairs.synapse, values, pairs.receptor, pairs.mark)
