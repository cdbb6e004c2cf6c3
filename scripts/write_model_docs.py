"""Writes docs/models.md from what the models say about themselves: python scripts/write_model_docs.py."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from parsim.models.archived import ARCHIVED  # noqa: E402
from parsim.models.base import Param, Variable  # noqa: E402
from parsim.models.catalogue import CELL_MODELS, EVENT_MODELS, STIMULUS_MODELS, SYNAPSE_MODELS  # noqa: E402

PAGE = ROOT / "docs" / "models.md"

HEAD = """\
<!-- Written by scripts/write_model_docs.py from the models; do not edit. -->

# Models

Names, parameters, defaults and units are NEST's. The same is in the terminal: `parsim models` lists the models, and
`parsim models NAME` describes one. Models are written in `parsim/models`, one a file; [your own](own_models.md) work
like these.

Every cell that can be a target has two parameters beside its own, which count where [plastic
synapses](synapses.md) lead to it: `tau_minus` (20 ms) and `tau_minus_triplet` (110 ms), of traces of its spikes,
which can be recorded there: `Kminus`, `Kminus_triplet`.
"""


def text() -> str:
    """The whole page."""
    kinds = (
        ("Cells", CELL_MODELS),
        ("Event-driven cells", EVENT_MODELS),
        ("Stimuli", STIMULUS_MODELS),
        ("Synapses", SYNAPSE_MODELS),
    )
    parts = [HEAD]
    for title, models in kinds:
        parts.append(f"## {title}\n")
        parts.extend(section(model) for model in models)
    return "\n".join(parts)


def section(model: Any) -> str:
    """One model: equations, parameters, what can be recorded, where it comes from."""
    lines = [f"### {model.name}", "", model.about, "", "```text", model.equations.strip("\n"), "```", ""]
    if model.params:
        rows = [
            (f"`{p.name}`", number(p.default), p.unit, described(p))
            for p in model.params
            if p not in ARCHIVED
        ]
        lines += [table(("parameter", "default", "unit", ""), rows), ""]
    if variables := getattr(model, "recordables", ()):
        rows = [(f"`{v.name}`", initial(v), v.unit, v.text) for v in variables]
        lines += [table(("can be recorded and set", "at the start", "unit", ""), rows), ""]
    if model.kind == "cell" and model.weighs:
        lines += [f"Weights are in {model.weight_unit}.", ""]
    if getattr(model, "coupled", None) is not None:
        lines += ["Cells can be joined by gap junctions.", ""]
    for method, other in getattr(model, "methods", {}).items():
        said = f'`{model.name}(method="{method}")`'
        lines += [
            f"By another method: {said}, which is `{other.name}`; see [Performance](performance.md).",
            "",
        ]
    lines += [f"Source: {model.source}.", ""]
    return "\n".join(lines)


def number(value: Any) -> str:
    """A default as one writes it; nothing for an empty list."""
    if isinstance(value, (bool, str)):
        return str(value)
    return f"{value:g}" if isinstance(value, (int, float)) else "none"


def described(param: Param) -> str:
    """What it is, and its bounds."""
    bounds = (("greater than", param.above), ("at least", param.at_least), ("at most", param.at_most))
    said = [f"{words} {bound:g}" for words, bound in bounds if bound is not None]
    return "; ".join([param.text, *said])


def initial(variable: Variable) -> str:
    """Where a state begins."""
    if isinstance(variable.initial, str):
        return f"`{variable.initial}`"
    return "computed" if callable(variable.initial) else number(variable.initial)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(text())
    print(f"wrote {PAGE.relative_to(ROOT)}")
