"""`Ca` of neurons: what their spikes leave, beta_Ca each, which decays with tau_Ca."""

from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.models.params import Param

DECLARED = {
    "Ca": Param("Ca", 0.0, "", at_least=0.0),
    "tau_Ca": Param("tau_Ca", 10000.0, "ms", above=0.0),
    "beta_Ca": Param("beta_Ca", 0.001, "", at_least=0.0),
}
DEFAULTS = {name: one.default for name, one in DECLARED.items()}


class Calcium:
    """The Ca of nodes as of their last spikes, by id; what was set stands in the batches."""

    def __init__(self, batches: Any) -> None:
        self.batches = batches
        self._held, self._since = np.empty(0), np.empty(0)  # [id]: Ca, and the time of that in ms

    def _grow(self) -> None:
        """Nodes that are new have what was set."""
        known = self._held.size
        if known <= self.batches.size:
            new = np.arange(known, self.batches.size + 1)
            self._held = np.concatenate([self._held, self._said("Ca", new)])
            self._since = np.concatenate([self._since, np.zeros(new.size)])

    def _said(self, key: str, ids: Ints) -> Floats:
        """What was set of nodes; 0 of those that have none."""
        found = np.zeros(ids.size)
        real = ids[ids > 0]
        at = ids.size - real.size
        for batch, places in self.batches.pieces(real):
            if key in batch.columns:
                found[at : at + len(places)] = batch.at(key, places)
            at += len(places)
        return found

    def _decayed(self, ids: Ints, now: Any) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            left: Floats = self._held[ids] * np.exp((self._since[ids] - now) / self._said("tau_Ca", ids))
        return left

    def hear(self, ids: Gids, times: Floats) -> None:
        """Spikes since the last call, by time."""
        self._grow()
        have = self._said("tau_Ca", np.unique(ids)) > 0.0  # devices that fire have none
        if not have.all():
            keep = np.isin(ids, np.unique(ids)[have])
            ids, times = ids[keep], times[keep]
        who, which = np.unique(ids, return_inverse=True)
        last = np.zeros(who.size)
        np.maximum.at(last, which, times)
        tau, beta = self._said("tau_Ca", who), self._said("beta_Ca", who)
        gained = np.bincount(which, np.exp((times - last[which]) / tau[which]), who.size)
        self._held[who] = self._decayed(who, last) + beta * gained
        self._since[who] = last

    def put(self, ids: Ints, now: float) -> None:
        """It was set anew."""
        self._grow()
        self._held[ids], self._since[ids] = self._said("Ca", ids), now

    def at(self, ids: Ints, now: float) -> list[float]:
        """What it is now."""
        self._grow()
        found: list[float] = self._decayed(ids, now).tolist()
        return found
