"""Which cells are sampled, and when: one noun for all that move cells, which stop where a sample is due."""

import itertools

import numpy as np

from parsim.engine.keeping.recording import RecordedCells, Sampler, sample_op
from parsim.shard.group import AbstractGroup
from parsim.shard.stages import Stages, Watch


class Watching:
    """What samples the cells of a rank, laid out as ops of some stages."""

    def __init__(self, samplers: list[Sampler], stages: Stages) -> None:
        self.samplers, self.stages = samplers, stages

    def _pieces(self, group: AbstractGroup) -> list[tuple[Sampler, RecordedCells]]:
        return [(s, piece) for s in self.samplers for piece in s.pieces if piece.group is group]

    def of(self, group: AbstractGroup) -> list[Watch]:
        """What samples cells of a group."""
        return [Watch(sample_op(self.stages, s, piece), s.every) for s, piece in self._pieces(group)]

    def rows(self) -> list[Watch]:
        """What samples connections that change while cells of islands move."""
        ops = [(s, op) for s in self.samplers for op in s.row_samples(self.stages, within_islands=True)]
        return [Watch(op, s.every) for s, op in ops]

    def ranges(self, group: AbstractGroup, block: int) -> list[tuple[int, int, list[Watch]]]:
        """Cells of a group that are moved together: those of blocks with sampled cells apart from the rest.

        No cell reaches another within an interval, so only the former are cut at samples.
        """
        n = group.gids.size
        watched = np.zeros(-(-n // block), bool)
        for _, piece in self._pieces(group):
            watched[piece.cells // block] = True
        edges = np.flatnonzero(np.diff(watched)) + 1
        bounds = [0, *(edges * block).tolist(), n]
        runs = [(b, e, bool(watched[b // block])) for b, e in itertools.pairwise(bounds) if e > b]
        quiet: list[tuple[int, int, list[Watch]]] = [
            (b, e, []) for b, e, is_watched in runs if not is_watched
        ]
        loud = [(b, e) for b, e, is_watched in runs if is_watched]
        if len(loud) > 1:  # a sample copies all recorded cells of the group at once, so they go together
            quiet, loud = [], [(0, n)]
        return quiet + [(b, e, self.of(group)) for b, e in loud]
