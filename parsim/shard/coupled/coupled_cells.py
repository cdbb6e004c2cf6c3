"""A group of which cells are joined by gap junctions: its waveforms, and its ops in a window."""

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.jit import DONE, Block, Op, opened
from parsim.kernels import junctions as kernels
from parsim.shard.coupled.gap import COEFFICIENTS, NODES, SLOPE_START, Gap, Joined, Waves
from parsim.shard.coupled.junctions import Junctions
from parsim.shard.coupled.site import gids_of, spots_of
from parsim.shard.coupled.window import FIRST, PULL, STRONGEST, SWEEP, TURN
from parsim.shard.group import AbstractGroup
from parsim.shard.stages import Stages

TINY = 1e-300
PROBE = 1e-3  # mV by which partners are raised to see how closely cells follow them


def go_on(at, first, stop, origin):
    """A first guess: what partners add up to goes on as it did at the end of the window before."""
    waves_at, sums_at, cells, places = opened(at)
    s = opened(sums_at)
    last, steps = first - s.words[FIRST] - 1, stop - first
    kernels.extrapolate(opened(waves_at).drive, last, cells, places, steps, s.dt, s.sums[s.words[TURN]])
    return DONE


def to_polynomials(at, first, stop, origin):
    """What partners add up to, for the cells to read."""
    waves_at, sums_at, cells, places = opened(at)
    s = opened(sums_at)
    sums, drive = s.sums[s.words[TURN]], opened(waves_at).drive
    order = s.order if s.reals[PULL] <= STRONGEST else 1
    kernels.to_polynomials(sums, s.owed, places, cells, stop - first, s.dt, order, drive)
    return DONE


def pack(at, first, stop, origin):
    """Waveforms to their rows, all that these hold."""
    waves_at, sums_at, cells, places = opened(at)
    s = opened(sums_at)
    kernels.pack(opened(waves_at).wave, cells, s.steps, places, s.rows)
    return DONE


def probe(at, first, stop, origin):
    """How much faster V rises in the first step when all partners are raised: PULL is the most, g dt / C.

    Called before the sweep without and the one with, and after. Where a slope is a difference over the step, of
    which partners make the share 1 - exp(-g dt / C), it is of that share.
    """
    waves_at, sums_at, cells, places, slopes, implicit = opened(at)
    s, waves = opened(sums_at), opened(waves_at)
    turn, wave, drive = s.words[SWEEP], waves.wave, waves.drive
    for c in range(cells.size):
        i = cells[c]
        if turn == 1:
            slopes[c] = wave[0, SLOPE_START, i]
            drive[0, 0, i] += PROBE * s.g[places[c]]
            drive[0, 4, i] += PROBE * s.g[places[c]]
        elif turn == 2:
            faster = abs(wave[0, SLOPE_START, i] - slopes[c]) / PROBE
            pull = faster * s.dt
            if implicit:
                pull = -np.log(max(1.0 - pull, TINY))
            s.reals[PULL] = max(s.reals[PULL], pull)
    return DONE


class CoupledCells:
    """The cells of a group in a network with junctions between cells of its model.

    `joined` are their sites, `places` where these are in `Junctions`; `said` are the spots that couplings name.
    """

    def __init__(self, group: AbstractGroup, junctions: Junctions, said: list[int], steps: int) -> None:
        self.group, self.junctions = group, junctions
        gids = gids_of(junctions.sites)
        self.places: Ints = np.flatnonzero(np.isin(gids, group.gids))
        cells = np.searchsorted(group.gids, gids[self.places])
        spots = group.spots(said)
        rows = np.searchsorted(spots, spots_of(junctions.sites[self.places]))
        self.joined = Joined(cells, rows * group.gids.size + cells, spots)
        self.make_room(steps)

    def make_room(self, steps: int) -> None:
        """For waveforms of windows of so many steps."""
        n = self.group.gids.size * self.joined.spots.size
        g = np.zeros(n)
        g[self.joined.columns] = self.junctions.g[self.places]
        self.group.gap = Gap(g, np.zeros((steps, COEFFICIENTS, n)), np.zeros((steps, NODES, n)), 0)

    @property
    def gap(self) -> Gap:
        """What the cells read and write."""
        assert self.group.gap is not None
        return self.group.gap

    def _waves(self) -> Waves:
        return Waves(self.gap.g, self.gap.drive, self.gap.wave)

    def ops(self, stages: Stages, sums: Block, words: Ints) -> dict[str, list[Op]]:
        """The ops of a window, by the names that `Window` has for them."""
        waves = stages.follow(self._waves)
        columns = (self.joined.columns, self.places)
        return self.group.sweep_ops(stages, self.joined, waves, words) | {
            "probe": [Op(probe, waves, sums, *columns, np.zeros(self.places.size), self.group.implicit)],
            "go_on": [Op(go_on, waves, sums, *columns)],
            "to_polynomials": [Op(to_polynomials, waves, sums, *columns)],
            "pack": [Op(pack, waves, sums, *columns)],
        }

    # ---- a checkpoint ----------------------------------------------------------------------------

    def columns(self) -> Floats:
        """[cell, numbers]: what partners add up to in the window, by spot, step and coefficient; the charge owed."""
        n, rows, drive = self.group.gids.size, self.joined.spots.size, self.gap.drive
        owed = np.zeros(rows * n)
        owed[self.joined.columns] = self.junctions.owed[self.places]
        by_cell = drive.reshape(*drive.shape[:2], rows, n).transpose(3, 2, 0, 1)
        return np.hstack([by_cell.reshape(n, rows * drive.shape[0] * COEFFICIENTS), owed.reshape(rows, n).T])

    def put_columns(self, saved: Floats, interval: int) -> None:
        """The reverse of `columns`; there is room for windows of `interval` steps at least."""
        n, rows = self.group.gids.size, self.joined.spots.size
        steps = saved.shape[1] // (rows * COEFFICIENTS)
        drive = saved[:, : rows * steps * COEFFICIENTS].reshape(n, rows, steps, COEFFICIENTS)
        self.make_room(max(interval, steps))
        self.gap.drive[:steps] = drive.transpose(2, 3, 1, 0).reshape(steps, COEFFICIENTS, rows * n)
        if saved.shape[1] > rows * steps * COEFFICIENTS:
            self.junctions.owed[self.places] = saved[:, -rows:].T.reshape(-1)[self.joined.columns]
