"""What a text says twice: blocks that go on are joined, others and names are errors, as in NEURON."""

from parsim.nmodl import syntax as s
from parsim.nmodl.refusal import NmodlError

_GO_ON = ("INITIAL", "BREAKPOINT")  # a second one goes on where the first ends
_HOOKS = ("BEFORE", "AFTER", "CONSTRUCTOR", "DESTRUCTOR", "TERMINAL")


def whole(program: s.Program) -> s.Program:
    """The program, with each block and each name once."""
    _join(program)
    _once(program)
    _receives(program)
    return program


def _join(program: s.Program) -> None:
    first: dict[str, s.Block] = {}
    for block in list(program.blocks):
        if block.kind in _GO_ON and first.setdefault(block.kind, block) is not block:
            first[block.kind].body.extend(block.body)
            program.blocks.remove(block)


def _once(program: s.Program) -> None:
    """Variables, and blocks that have a name, have it alone."""
    known: dict[str, tuple[str, str]] = {}  # name: what it is, where
    p = program
    said = [(kind, d.name, d.where) for kind, ds in (
        ("CONSTANT", p.constants), ("PARAMETER", p.parameters), ("STATE", p.states), ("ASSIGNED", p.assigned)
    ) for d in ds]  # fmt: skip
    said += [("UNITS", d.name, d.where) for d in p.physical]
    said += [(b.kind, b.name, b.where) for b in p.blocks if b.name and b.kind not in _HOOKS]
    for kind, name, where in said:
        if name in known:
            other, line = known[name]
            raise NmodlError(f"{where}: {name} of {kind} is there already, of {other} in {line}; rename one.")
        known[name] = kind, where


def _receives(program: s.Program) -> None:
    blocks = [b for b in program.blocks if b.kind == "NET_RECEIVE"]
    if len(blocks) > 1:
        raise NmodlError(
            f"{blocks[1].where}: there is a NET_RECEIVE already, in {blocks[0].where}; join them."
        )
    if blocks and program.kind == "density":
        raise NmodlError(
            f"{blocks[0].where}: a density mechanism receives no events; make it a POINT_PROCESS, or leave NET_RECEIVE "
            "out."
        )
