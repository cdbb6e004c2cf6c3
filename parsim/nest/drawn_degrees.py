"""Numbers of partners that are drawn for each node: nodes of one number are connected by a rule of their own."""

import numpy as np

from parsim.nest.nodes import NodeCollection
from parsim.nest.rules import Rule

Part = tuple[NodeCollection, NodeCollection, Rule]


def parts(pre: NodeCollection, post: NodeCollection, rule: Rule) -> list[Part]:
    """Sources, targets and a rule with a number, which is rounded, and 0 for what is drawn below that."""
    has_indegree = rule.name == "fixed_indegree"
    nodes = post if has_indegree else pre
    drawn = np.array(rule.value.draw(len(nodes), nodes.ids))
    numbers = np.maximum(np.floor(drawn + 0.5), 0.0).astype(np.int64)
    found = []
    for number in np.unique(numbers[numbers > 0]).tolist():
        some, one = nodes[numbers == number], rule._replace(value=number)
        found.append((pre, some, one) if has_indegree else (some, post, one))
    return found
