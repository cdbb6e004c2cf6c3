"""The members of a selection by place, of which none is written down that need not be.

On many ranks a selection holds far more cells than a rank does. So a rank asks for those that concern it: which cell
stands at a place, at which place a cell stands.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Gids, Ints, picked, written

MOST_PIECES = 1_000  # beyond them all members are written down: these are not many cells, or many already

FEW_PIECES = 16  # that reach into each other and are looked through one after another


@dataclass(frozen=True, eq=False)
class Members:
    """Members in pieces of equal steps: piece k begins with `first[k]` and goes on by `step[k]`, up to place `end[k]`.

    `written` has all members where there is no such order in them. Stimuli are numbered -1, -2, ... as sources, so
    that none is taken for a cell: see `as_sources`.
    """

    first: Gids
    step: Ints
    end: Ints
    written: Gids | None = None

    @property
    def size(self) -> int:
        """How many there are."""
        return int(self.end[-1]) if self.end.size else 0

    @cached_property
    def begin(self) -> Ints:
        """The place where each piece begins."""
        return np.concatenate([np.zeros(1, np.int64), self.end[:-1]])[: self.end.size]

    @cached_property
    def all(self) -> Gids:
        """Every one, written down, int64[n]."""
        return self.at(np.arange(self.size)) if self.written is None else self.written

    @property
    def least(self) -> int:
        """The smallest of them; 0 where there is none."""
        edges = (self.first, self._last) if self.written is None else (self.written,)
        return int(min(edge.min() for edge in edges)) if self.size else 0

    @property
    def most(self) -> int:
        """The greatest of them; -1 where there is none."""
        edges = (self.first, self._last) if self.written is None else (self.written,)
        return int(max(edge.max() for edge in edges)) if self.size else -1

    @property
    def in_a_row(self) -> bool:
        """Does each follow the one before it?"""
        return self.size == 0 or bool(
            self.written is None and self.first.size == 1 and (self.step[0] == 1 or self.size == 1)
        )

    @property
    def ascends(self) -> bool:
        """Is each greater than the one before it?"""
        in_order = self.written is None and (self.first[1:] > self._last[:-1]).all() and (self.step > 0).all()
        return self.size == 0 or bool(in_order)

    @cached_property
    def _last(self) -> Gids:
        return self.first + self.step * (self.end - self.begin - 1)

    def at(self, places: Any) -> Gids:
        """The members at these places, int64."""
        if self.written is not None:
            return self.written[places]
        if self.first.size == 1:
            found: Gids = places * self.step[0]
            found = found.astype(np.int64, copy=False)
            found += self.first[0]
            return found
        if self.first.size == 0:
            return np.empty(0, np.int64)
        piece = np.searchsorted(self.end, places, side="right")
        among: Gids = self.first[piece] + self.step[piece] * (places - self.begin[piece])
        return among

    def places_of(self, gids: Gids) -> Ints:
        """Where each of these stands, or -1, int64."""
        if self.size == 0 or gids.size == 0:
            return np.full(gids.size, -1, np.int64)
        if self.written is None and self._runs.are_apart:
            runs = self._runs
            return runs.places(gids, np.maximum(np.searchsorted(runs.low, gids, side="right") - 1, 0))
        if self.written is None and self.first.size <= FEW_PIECES:
            return np.max([self._runs.places(gids, k) for k in range(self.first.size)], axis=0)
        order, sorted_members = self._order
        at = np.minimum(np.searchsorted(sorted_members, gids), order.size - 1)
        return np.where(sorted_members[at] == gids, order[at], -1).astype(np.int64)

    def has(self, gids: Gids) -> NDArray[np.bool_]:
        """Which of these are members?"""
        return self.places_of(gids) >= 0

    @cached_property
    def _runs(self) -> "_Runs":
        """The pieces from the lowest on."""
        low = np.minimum(self.first, self._last)
        high, step = np.maximum(self.first, self._last), self.step
        runs = _Runs(low, np.abs(step), high, self.begin, self.end, step < 0)
        return picked(runs, np.argsort(low))

    @cached_property
    def _order(self) -> tuple[Ints, Gids]:
        """The places of members in ascending order, and these."""
        order = np.argsort(self.all, kind="stable")
        return order, self.all[order]

    def as_sources(self, kind: str) -> "Members":
        """The same, of stimuli by numbers below 0."""
        if kind == "cell":
            return self
        written = None if self.written is None else -1 - self.written
        return Members(-1 - self.first, -self.step, self.end, written)

    def runs_among(self, others: "Members") -> tuple[Ints, Ints]:
        """The places of members that are among others, as runs: where each begins, and where it ends."""
        if self._counts_by_one and others._counts_by_one:
            found = _common(self.first, self.begin, self.end, others.first, others._last)
        else:
            shared = np.flatnonzero(others.has(self.all))
            cuts = np.flatnonzero(np.diff(shared) != 1) + 1
            edges = np.concatenate([np.zeros(1, np.int64), cuts, np.full(1, shared.size)])
            edges = edges if shared.size else np.zeros(1, np.int64)
            found = shared[edges[:-1]], shared[edges[1:] - 1] + 1
        return found

    @property
    def _counts_by_one(self) -> bool:
        return self.written is None and bool((self.step == 1).all())


def members(pieces: list[tuple[int, range | Ints]]) -> Members:
    """Of pieces of a selection: each the first gid of its population, and places in that."""
    sizes = np.cumsum([len(where) for _, where in pieces], dtype=np.int64)
    if len(pieces) <= MOST_PIECES and all(isinstance(where, range) for _, where in pieces):
        runs = [(first, where) for first, where in pieces if len(where)]
        ends = np.cumsum([len(where) for _, where in runs], dtype=np.int64)
        begins = np.array([first + where[0] for first, where in runs], np.int64)
        steps = np.array([where.step if len(where) > 1 else 1 for _, where in runs], np.int64)  # type: ignore[union-attr]
        return Members(begins, steps, ends)
    every = np.concatenate([np.empty(0, np.int64), *(first + written(where) for first, where in pieces)])
    return Members(every[:1], np.ones(min(every.size, 1), np.int64), sizes[-1:], every)


class _Runs(NamedTuple):
    """Pieces as they ascend: what they begin and end with, at which places, and whether these go `back`."""

    low: Gids
    step: Ints
    high: Gids
    begin: Ints
    end: Ints
    back: NDArray[np.bool_]

    @property
    def are_apart(self) -> bool:
        """Does none reach into another?"""
        return bool((self.low[1:] > self.high[:-1]).all())

    def places(self, gids: Gids, piece: Any) -> Ints:
        """Of each gid in one piece, or of each in its own; -1 where it is not in it."""
        behind = gids - self.low[piece]
        there = (behind >= 0) & (gids <= self.high[piece])
        if (self.step != 1).any():
            there &= behind % self.step[piece] == 0
            behind = behind // self.step[piece]
        place = self.begin[piece] + behind
        if self.back.any():
            place = np.where(self.back[piece], self.end[piece] - 1 - behind, place)
        return np.where(there, place, -1)


def _common(first: Gids, begin: Ints, end: Ints, others: Gids, last: Gids) -> tuple[Ints, Ints]:
    """Runs of places whose members are among others, of pieces that go on by one."""
    order = np.argsort(others)
    others, last = others[order], last[order]
    begins, ends = [], []
    for one, low, high in zip(first.tolist(), begin.tolist(), end.tolist(), strict=True):
        stop = one + high - low
        near = slice(int(np.searchsorted(last, one)), int(np.searchsorted(others, stop)))
        begins.append(np.maximum(others[near], one) - one + low)
        ends.append(np.minimum(last[near] + 1, stop) - one + low)
    nothing = np.empty(0, np.int64)
    return np.concatenate([nothing, *begins]), np.concatenate([nothing, *ends])
