"""All laws for synapses with a kernel of their own, onto cells of every kind: spikes and all that rows remember."""

from functools import cache, partial
from typing import Any

import numpy as np
import pytest

import parsim as ps
import parsim.shard.events.arrivals as arrivals
import parsim.shard.rows.doses as doses
import parsim.shard.rows.history as history
from tests.plasticity import network
from tests.plasticity.network import REMEMBERING, differ

T = 60.0
Plastic = partial(network.Plastic, short=True)


@cache
def whole(model: Any) -> dict[str, Any]:
    """On one rank in one go."""
    found = Plastic(model).run(T)
    assert found["times"].size > 100 and found["source"].size > 100
    return found


@pytest.mark.parametrize("model", REMEMBERING, ids=str)
class TestLaws:
    def test_the_number_of_ranks_changes_nothing(self, model):
        for threads in (2, 3, 40):  # of which the last are more than there are cells
            assert differ(Plastic(model).run(T, threads=threads), whole(model)) == []

    def test_cuts_and_looks_change_nothing(self, model):
        net = Plastic(model)
        sim = net.simulation(threads=2)
        for duration in (0.1, 0.4, 29.2, 0.0, 30.3):
            sim.run(duration)
            sim.connections(synapse=model).get("weight")
        assert differ(net.columns(sim), whole(model)) == []

    def test_a_restart_on_other_ranks_goes_on_as_if_never_stopped(self, model, tmp_path):
        for saved_on, restored_on, stop in ((1, 3, 31.3), (3, 2, 12.0), (2, 1, 0.0)):
            first = Plastic(model)
            sim = first.simulation(threads=saved_on)
            sim.run(stop)
            sim.save(tmp_path / "state.h5")
            second = Plastic(model)
            again = second.simulation(threads=restored_on, restore=tmp_path / "state.h5")
            again.run(T - stop)
            found = second.columns(again)
            found["times"] = np.concatenate([first.spikes.times, found["times"]])
            found["gids"] = np.concatenate([first.spikes.gids, found["gids"]])
            assert differ(found, whole(model)) == []

    def test_after_a_reset_all_is_as_in_a_new_simulation(self, model):
        net = Plastic(model)
        sim = net.simulation(threads=2)
        sim.run(23.4)
        sim.reset()
        sim.run(T)
        assert differ(net.columns(sim), whole(model)) == []

    def test_neighbours_change_nothing(self, model):
        net = Plastic(model)
        more = net.net.create("parrot_neuron", 3)
        quick = ps.static_synapse(weight=1.0, delay=0.2)
        net.net.connect(more, more, ps.FixedIndegree(1), quick)
        net.net.connect(more, net.net.create("iaf_psc_exp", 2), ps.AllToAll(), model(**net.felt))
        sim = net.simulation()
        sim.run(T)
        found, expected = net.columns(sim), whole(model)
        mine = found["source"] < more.gids[0]
        assert mine.sum() == expected["source"].size
        spikes = {"times": found.pop("times"), "gids": found.pop("gids")}
        assert differ(spikes | {name: column[mine] for name, column in found.items()}, expected) == []

    def test_room_for_one_spike_is_enough(self, model, monkeypatch):
        for kept in (history, doses):
            monkeypatch.setattr(kept, "PLACES", 1)
            monkeypatch.setattr(kept, "MOST_PLACES", 1)
        monkeypatch.setattr(arrivals, "BATCH", 1)
        net = Plastic(model)
        sim = net.simulation(threads=2)
        sim.run(T)
        assert differ(net.columns(sim), whole(model)) == []
        assert all(rank.laid_out.runner.stages.stale() == [] for rank in sim._ranks)
