"""What an exchange brings is the spikes for here, how many there were on all ranks, and the greatest note."""

import numpy as np
import pytest

import parsim as ps
from parsim.assembly.short_rows import source_gids
from parsim.engine.keeping import recording
from parsim.engine.running import program
from parsim.engine.running.exchange import Exchange
from parsim.kernels.sources import gids_of


def network(precise=False):
    net = ps.Network(seed=5)
    first = net.create(
        "iaf_psc_exp_ps" if precise else "iaf_psc_exp", 23, V_m=ps.Uniform(-70.0, -56.0), I_e=520.0
    )
    second = net.create("iaf_psc_exp", 8, I_e=400.0)
    net.connect(first, second, ps.FixedIndegree(2), ps.static_synapse(weight=60.0, delay=1.5))
    net.connect(second[:3], first, ps.FixedIndegree(2), ps.static_synapse(weight=-40.0, delay=2.0))
    return net, [net.record_spikes(first[::2]), net.record_spikes(first + second, everywhere=True)]


def run(threads, precise=False):
    net, recordings = network(precise)
    sim = ps.Simulation(net, threads=threads, progress=False)
    for duration in (30.4, 29.6):
        sim.run(duration)
    return [column.tolist() for r in recordings for column in (r.times, r.gids)], sim


@pytest.mark.parametrize("precise", [False, True], ids=["steps", "exact"])
def test_a_rank_needs_no_spikes_but_those_for_here(precise, monkeypatch):
    """As if an exchange were directed: others' spikes whose cells have no rows here are taken out again."""
    expected, alone = run(1, precise)
    assert len(expected[0]) > 40
    monkeypatch.setattr(program, "PATIENCE", 0.0)  # each exchange passes through Python
    gone, exchanged, needed = [], Exchange.__call__, {}

    def directed(self, met):
        found = exchanged(self, met)
        spikes = self.found.value
        if self.comm.rank not in needed:
            rank = next(r for r in sims[0]._ranks if r.comm is self.comm)
            own = [group.gids for group in rank.built.groups.values()]
            needed[self.comm.rank] = np.concatenate([*own, *(source_gids(t) for t in rank.built.tables)])
        words = spikes.keys[: found.here * self.words_of_one].reshape(-1, self.words_of_one)
        here = np.isin(words[:, 0] & ((1 << 40) - 1), needed[self.comm.rank])
        kept = words[here].reshape(-1).copy()
        spikes.keys[: kept.size] = kept
        spikes.count[0] = here.sum()
        gone.append(int((~here).sum()))
        return found._replace(here=int(here.sum()))

    monkeypatch.setattr(Exchange, "__call__", directed)
    net, recordings = network(precise)
    sims = [ps.Simulation(net, threads=5, progress=False)]
    for duration in (30.4, 29.6):
        sims[0].run(duration)
    assert [column.tolist() for r in recordings for column in (r.times, r.gids)] == expected
    assert sims[0].report().spikes == alone.report().spikes and sum(gone) > 20


@pytest.mark.parametrize("precise", [False, True], ids=["steps", "exact"])
@pytest.mark.parametrize("at_once", [1, 1 << 14])
def test_recorders_are_fed_from_local_spikes_and_give_the_same(precise, at_once, monkeypatch):
    expected, _ = run(1, precise)
    monkeypatch.setattr(recording, "KEPT", at_once)
    found, sim = run(3, precise)
    assert found == expected
    for rank in sim._ranks:
        keeper = rank.recorders.keepers[1]
        held = np.sort(np.concatenate([group.gids for group in rank.built.groups.values()]))
        wanted = keeper.kept.value.wanted
        assert gids_of(wanted)[np.diff(wanted.start) > 0].tolist() == held.tolist()
