"""Variables that INITIAL makes a number and nothing else writes, such as volumes of shells: they are that number."""

from collections.abc import Mapping

from parsim.nmodl import syntax as s
from parsim.nmodl import walk
from parsim.nmodl.algebra import Expr
from parsim.nmodl.symbols import Symbols


def fixed_by(symbols: Symbols, stores: Mapping[str, Expr]) -> dict[str, float]:
    """Such variables of a program whose INITIAL leaves `stores` behind; not those that can be recorded."""
    elsewhere = written_in(symbols, [b for b in symbols.program.blocks if not _at_start(b)])
    return {
        v.name: stores[v.name]
        for v in symbols.of_kind("assigned")
        if isinstance(stores.get(v.name), float) and v.name not in elsewhere and not v.seen
    }


def written_in(symbols: Symbols, blocks: list[s.Block]) -> set[str]:
    """Variables that blocks, and what they call, assign."""
    found = walk.reached(symbols.program, [b.body for b in blocks])
    solved = {node.block for node in found if isinstance(node, s.Solve)}
    found += walk.reached(symbols.program, [b.body for b in symbols.program.blocks if b.name in solved])
    return {e for name in walk.targets(found) for e in symbols.elements(name)}


def _at_start(block: s.Block) -> bool:
    """INITIAL, or what is run only where it is called or solved."""
    return block.kind in ("INITIAL", "FUNCTION", "PROCEDURE") or (block.kind, block.name) in (
        ("BEFORE", "INITIAL"),
        ("AFTER", "INITIAL"),
    )
