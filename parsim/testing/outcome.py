"""What a run of a small network comes to, to be compared bit for bit; and what differs, in words."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids
from parsim.engine.simulation import Simulation
from parsim.network.recording import SpikeRecording


@dataclass
class Outcome:
    """Spikes and states of a small network, to be compared bit for bit."""

    times: Floats
    gids: Gids
    states: dict[str, Any]

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, Outcome)
        same = np.array_equal(self.times, other.times) and np.array_equal(self.gids, other.gids)
        return same and all(np.array_equal(self.states[k], other.states[k]) for k in self.states)

    def after(self, before: "Outcome") -> "Outcome":
        """The same, of a run that went on from `before`, whose spikes come first."""
        times, gids = np.concatenate([before.times, self.times]), np.concatenate([before.gids, self.gids])
        return Outcome(times, gids, self.states)


def outcome(sim: Simulation, cells: Any, spikes: SpikeRecording) -> Outcome:
    """Spikes so far and the present states."""
    states = {v.name: sim.get(cells, v.name) for v in cells.models[0].recordables}
    return Outcome(spikes.times, spikes.gids, states)


def difference(expected: Outcome, found: Outcome) -> str:
    """What is found and was not expected, in words; nothing where both are the same to the last bit."""
    n = min(expected.times.size, found.times.size)
    apart = (expected.times[:n] != found.times[:n]) | (expected.gids[:n] != found.gids[:n])
    if apart.any():
        at = int(np.argmax(apart))
        return f"spike {at} is {_spike(found, at)}, and not {_spike(expected, at)}"
    if expected.times.size != found.times.size:
        return f"there are {found.times.size} spikes, and not {expected.times.size}"
    for name, values in expected.states.items():
        if values.shape != found.states[name].shape:
            return f"there are {found.states[name].size} values of {name}, and not {values.size}"
        other = (values != found.states[name]) & ~(np.isnan(values) & np.isnan(found.states[name]))
        if other.any():
            at = int(np.argmax(other))
            return f"{name} number {at} is {float(found.states[name][at])!r}, and not {float(values[at])!r}"
    return ""


def _spike(of: Outcome, at: int) -> str:
    return f"of gid {of.gids[at]} at {of.times[at]:.10g} ms"
