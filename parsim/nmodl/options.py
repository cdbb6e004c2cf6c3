"""How a mechanism is translated, where there is a choice."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Options:
    """`exact`: derivatives by differentiation, where NEURON takes differences or leaves something out, Newton's
    iteration to its end, and all digits of parameters. `neuron`: net_move moves the last event of the instance.
    `tables`: keep what TABLE says. `fine`: tables of what states need of v. `verbatim`: NMODL in place of C, by the
    name of the block that holds it.
    """

    exact: bool = False
    neuron: bool = False
    tables: bool = False
    fine: bool = False
    verbatim: Mapping[str, str] = field(default_factory=dict)
