"""`parsim mechanism FILE`: the Python module that a file of NMODL becomes; and its page, for `parsim models FILE`."""

import argparse
from collections.abc import Sequence
from typing import Any

from parsim.cli.tables import table


def add(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser("mechanism", help="print the module of kernels that a mechanism becomes")
    parser.add_argument("file", metavar="FILE", help="a .mod file, or the name of a built-in mechanism")
    parser.add_argument(
        "--exact", action="store_true", help="dI/dV by differentiation, also where I is not linear in V"
    )
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Print the module; below it, as comments, what was left out of the text."""
    from parsim.nmodl.compiled import mechanism, module_file

    found = mechanism(args.file, exact=args.exact)
    print(found.text or module_file(args.file).read_text(), end="")
    for note in found.notes:
        print(f"# {note}")
    return 0


def page_of(m: Any) -> str:
    """All that a mechanism says about itself."""
    kinds = {"density": "density mechanism", "point": "point process", "artificial": "artificial cell"}
    blocks = [f"{m.name} ({kinds[m.kind]})" + (f"\n{m.about}" if m.about else "")]
    for title, params in (
        ("Parameters, of each instance", m.params),
        ("Parameters, of all instances", m.globals),
    ):
        if params:
            rows = [(p.name, f"{p.default:g}", p.unit) for p in params]
            blocks.append(f"{title}\n" + table(("name", "default", "unit"), rows, numbers=(1,)))
    for title, variables in (
        ("States", m.states),
        ("Can be recorded", (*m.carried, *m.observed)),
        ("Pointers", m.pointers),
    ):
        if variables:
            blocks.append(f"{title}\n" + table(("name", "unit"), [(v.name, v.unit) for v in variables]))
    if m.ions:
        ions = [(i.name, _listed(i.read), _listed(i.write), _valence(i.valence)) for i in m.ions]
        blocks.append("Ions\n" + table(("name", "reads", "writes", "valence"), ions, numbers=(3,)))
    if m.arguments is not None:
        blocks.append(f"Connections hold\n  {_listed(m.arguments) or 'nothing'}")
    if m.notes:
        blocks.append("Notes\n" + "\n".join(f"  {note}" for note in m.notes))
    return "\n\n".join(blocks)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _valence(z: float | None) -> str:
    return "" if z is None else f"{z:g}"
