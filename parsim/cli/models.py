"""`parsim models [NAME]`: what models and mechanisms there are, and what one of them does and takes."""

import argparse
import textwrap
from collections.abc import Sequence
from typing import Any

from parsim.cli.tables import table
from parsim.errors import DescriptionError, suggestion
from parsim.models.ports import sorts_by_sign

_KINDS = (
    ("cell", "Cells"), ("stimulus", "Stimuli"), ("synapse", "Synapses"),
    ("density", "Mechanisms on membranes"), ("point", "Point processes"),
)  # fmt: skip


def add(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "models", help="list the models, or describe one, or the mechanism in a file"
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="a model, a mechanism, or a .mod file")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Print the list, or the page of one model."""
    from parsim.cli.mechanism import page_of
    from parsim.models.catalogue import ALL_MODELS
    from parsim.models.mechanisms import NAMES, built_in
    from parsim.nmodl.compiled import mechanism

    if args.name is None:
        print(listing([*ALL_MODELS, *map(built_in, NAMES)]))
    elif args.name in NAMES or args.name.endswith(".mod"):
        print(page_of(mechanism(args.name)))
    else:
        print(page(find(args.name, ALL_MODELS)))
    return 0


def find(name: str, models: Sequence[Any]) -> Any:
    """The model called `name`, or an error with the nearest name."""
    for model in models:
        if model.name == name:
            return model
    names = [model.name for model in models]
    raise DescriptionError(
        f"There is no model '{name}'.{suggestion(name, names)} See them all with: parsim models"
    )


def listing(models: Sequence[Any]) -> str:
    """One line a model, by kind."""
    width = max((len(model.name) for model in models), default=0)
    blocks = []
    for kind, title in _KINDS:
        lines = [f"  {m.name:<{width}}  {m.about}".rstrip() for m in models if m.kind == kind]
        if lines:
            blocks.append("\n".join([title, *lines]))
    blocks.append("More about one of them: parsim models NAME")
    return "\n\n".join(blocks)


def page(model: Any) -> str:
    """All that the model says about itself."""
    blocks = [f"{model.name} ({model.kind})" + (f"\n{model.about}" if model.about else "")]
    if model.equations:
        blocks.append(f"Equations\n{_indented(model.equations)}")
    if model.params:
        rows = [(p.name, _number(p.default), p.unit, p.text) for p in model.params]
        blocks.append("Parameters\n" + table(("name", "default", "unit", ""), rows, numbers=(1,)))
    if recordables := getattr(model, "recordables", ()):
        states = [(r.name, r.unit, r.text) for r in recordables]
        blocks.append("Can be recorded\n" + table(("name", "unit", ""), states))
    ports: tuple[str, ...] = getattr(model, "ports", ())
    if len(ports) > 1 and not sorts_by_sign(model):
        blocks.append(f'Receptors\n  {", ".join(ports)}, chosen by receptor="{ports[0]}"')
    if model.source:
        blocks.append(f"Source\n{_indented(model.source)}")
    return "\n\n".join(blocks)


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _indented(text: str) -> str:
    return textwrap.indent(textwrap.dedent(text).strip("\n"), "  ").rstrip()
