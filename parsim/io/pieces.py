"""Unbranched pieces of a tree of points, as NEURON's Import3d makes them of an SWC file."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from parsim.errors import DescriptionError

SOMA = 1

Place = tuple[float, float, float, float]  # x, y, z, diameter


class Point(NamedTuple):
    """A line of a file."""

    line: int
    type: int
    at: Place
    parent: int


@dataclass(frozen=True)
class Piece:
    """Points of one type that become a section, at `x` of the piece `parent`."""

    type: int
    points: list[Place]
    parent: int | None
    x: float = 1.0


def pieces(
    points: Mapping[int, Point], beyond: Mapping[int, Sequence[int]], root: int, name: str
) -> list[Piece]:
    """The pieces of a tree, parents before children. `beyond`: what grows from each point, in the order of the file."""
    return _Pieces(points, beyond, root, name).found


class _Pieces:
    def __init__(
        self, points: Mapping[int, Point], beyond: Mapping[int, Sequence[int]], root: int, name: str
    ) -> None:
        self.points, self.beyond, self.root = points, beyond, root
        self.order = {own: k for k, own in enumerate(points)}
        self.found: list[Piece] = []
        self.waiting: list[
            tuple[int, int, float, bool]
        ] = []  # first point, parent, x, does it reach the parent?
        self._begin(name)
        while self.waiting:
            first, parent, x, reaches = self.waiting.pop(0)
            chain = self._chain(first)
            own = [self.points[k].at for k in chain]
            if reaches or len(chain) == 1:
                own.insert(0, self._joint(first))
            self.found.append(Piece(self.points[first].type, own, parent, x))
            self._ahead(chain, len(self.found) - 1)

    def _begin(self, name: str) -> None:
        """The piece of the root: a ball, or a chain that goes on to the first point that grows from it."""
        root = self.points[self.root]
        x, y, z, diameter = root.at
        ball = [(x, y - diameter / 2.0, z, diameter), (x, y + diameter / 2.0, z, diameter)]
        if root.type == SOMA and (soma := self._ball()):
            self.found.append(Piece(SOMA, ball, None))
            for own in [k for at in soma for k in self.beyond[at] if k not in soma]:
                self.waiting.append((own, 0, 0.5, False))
            return
        if not self.beyond[self.root]:
            raise DescriptionError(f"{name} holds one point, which is no soma.")
        alike = [k for k in self.beyond[self.root] if self.points[k].type == root.type]
        if root.type != SOMA and len(alike) < len(self.beyond[self.root]):
            self.found.append(Piece(root.type, ball, None))
            self.waiting += [(k, 0, 0.0, True) for k in self.beyond[self.root]]
            return
        chain = [self.root, *self._chain(alike[0])]
        self.found.append(Piece(root.type, [self.points[k].at for k in chain], None))
        self._ahead(chain, 0)

    def _ball(self) -> list[int]:
        """The points of a soma that stands for a ball: one, or two more at both sides of it."""
        soma = [own for own, point in self.points.items() if point.type == SOMA]
        if not any(self.points[k].type == SOMA for k in self.beyond[self.root]):
            return [self.root]
        x, y, z, diameter = self.points[self.root].at
        sides = [
            k for k in soma if k != self.root and self.points[k].parent == self.root and not self.beyond[k]
        ]
        if len(soma) != 3 or len(sides) != 2 or any(self.points[k].at[3] != diameter for k in sides):
            return []
        length = sum(math.dist((x, y, z), self.points[k].at[:3]) for k in sides)
        return soma if abs(length / diameter - 1.0) < 0.01 else []

    def _chain(self, first: int) -> list[int]:
        """The unbranched piece that begins with a point. What grows from a soma does not end it, but another soma does;
        and what forks at its own first point goes on to the next line."""
        own = self.points[first]
        chain = [first]
        before = self.points[own.parent].type
        if own.type != SOMA and before == SOMA and self.order[first] > 1 and len(self.beyond[first]) > 1:
            chain += [k for k in self.beyond[first] if self._follows(k, first)]
        while True:
            ahead = self.beyond[chain[-1]]
            if own.type == SOMA:
                ahead = [k for k in ahead if self.points[k].type == SOMA]
            if len(ahead) != 1 or self.points[ahead[0]].type != own.type:
                return chain
            chain.append(ahead[0])

    def _follows(self, own: int, first: int) -> bool:
        """Is it on the next line, and of the same type?"""
        return self.order[own] == self.order[first] + 1 and self.points[own].type == self.points[first].type

    def _ahead(self, chain: list[int], piece: int) -> None:
        """What grows from a chain waits for its turn."""
        soma = self.found[piece].type == SOMA
        for at in chain:
            crowd = sum(self.points[k].type == SOMA for k in self.beyond[at]) > 1
            for own in self.beyond[at]:
                if own in chain:
                    continue
                inner = 0.5 if soma and not (piece == 0 and at == self.root) else 0.0
                x = 1.0 if at == chain[-1] else inner
                out = soma and self.points[own].type != SOMA
                self.waiting.append((own, piece, x, not (out and (x == 0.5 or crowd))))

    def _joint(self, first: int) -> Place:
        """Where a piece meets the one that it grows from: as thick as that, but for a soma."""
        own = self.points[first]
        before = self.points[own.parent]
        thick = own.at[3] if before.type == SOMA and own.type != SOMA else before.at[3]
        return (*before.at[:3], thick)
