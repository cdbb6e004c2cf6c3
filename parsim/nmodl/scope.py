"""Names that a block has for itself: arguments, LOCAL, the variable of a loop."""

from typing import TYPE_CHECKING

from parsim.nmodl import syntax as s
from parsim.nmodl.algebra import ZERO, Expr

if TYPE_CHECKING:
    from parsim.nmodl.symbols import Symbols


class Scope:
    """Names on top of those around them, which may be assigned too."""

    def __init__(self, names: dict[str, Expr] | None = None, outer: "Scope | None" = None) -> None:
        self._names = {} if names is None else names
        self._outer = outer
        self.sizes: dict[str, int] = dict(outer.sizes) if outer else {}

    def __contains__(self, name: str) -> bool:
        return name in self._names or (self._outer is not None and name in self._outer)

    def __getitem__(self, name: str) -> Expr:
        if name in self._names or self._outer is None:
            return self._names[name]
        return self._outer[name]

    def __setitem__(self, name: str, e: Expr) -> None:
        if name in self._names or self._outer is None or name not in self._outer:
            self._names[name] = e
        else:
            self._outer[name] = e

    def declare(self, local: s.Local, symbols: "Symbols") -> None:
        """Names of a LOCAL statement, which begin at 0."""
        for name, size in local.names:
            if size is None:
                self._names[name] = ZERO
                continue
            self.sizes[name] = symbols.size(size)
            self._names.update({f"{name}_{k}": ZERO for k in range(self.sizes[name])})

    def levels(self) -> list[dict[str, Expr]]:
        """The names of this scope, of the one around it, and so on."""
        return [self._names, *(self._outer.levels() if self._outer else [])]

    def copied(self) -> list[dict[str, Expr]]:
        """All levels as they are now."""
        return [dict(names) for names in self.levels()]

    def restore(self, levels: list[dict[str, Expr]]) -> None:
        """As they were; what has come since goes."""
        for names, before in zip(self.levels(), levels, strict=True):
            names.clear()
            names.update(before)
