"""A rank finds its own among all targets of a statement, with an element for each place or for its own alone."""

import numpy as np
import pytest

import parsim as ps
from parsim.jit import kernel
from parsim.kernels import wiring
from parsim.kernels.wiring import local_of, place_listed, targets_at
from parsim.network.degrees import gids_of


@kernel
def all_of(here, places, found):
    for j in range(places.size):
        found[j] = local_of(here, places[j])


@pytest.mark.parametrize("dense", [1, 64])
@pytest.mark.parametrize(
    "places", [[], [7], [3, 0, 11, 5], list(range(40, 60)), [0, 999_999, 4, 17, 500_000]], ids=str
)
def test_each_is_found_at_its_place_and_nothing_elsewhere(places, dense, monkeypatch):
    monkeypatch.setattr(wiring, "DENSE", dense)
    places = np.array(places, np.int64)
    asked = np.unique(
        np.concatenate([places, places + 1, np.abs(places - 1), [0, 63, 2_000_000_000]])
    ).astype(np.int32)
    found = np.empty(asked.size, np.int64)
    all_of(targets_at(places), asked, found)
    where = {place: at for at, place in enumerate(places.tolist())}
    assert found.tolist() == [where.get(place, -1) for place in asked.tolist()]


def test_rows_are_the_same_either_way(monkeypatch):
    rng = np.random.default_rng(2)
    sources, targets = (rng.integers(0, 50, 400).astype(np.int32) for _ in range(2))
    mine = rng.permutation(50)[:9]
    placed = []
    for dense in (1, 64):
        monkeypatch.setattr(wiring, "DENSE", dense)
        here = targets_at(mine)
        counts, nothing = np.zeros(9, np.int64), np.empty(0, np.int32)
        place_listed(sources, targets, here, counts, nothing, nothing)
        cursor, source, number = (
            np.cumsum(counts) - counts,
            np.empty(counts.sum(), np.int32),
            np.empty(counts.sum(), np.int32),
        )
        place_listed(sources, targets, here, cursor, source, number)
        placed.append((counts.tolist(), source.tolist(), number.tolist()))
    assert placed[0] == placed[1]
    assert placed[0][0] == [int((targets == place).sum()) for place in mine]


@pytest.mark.parametrize(
    "rule",
    [ps.FixedOutdegree(5), ps.FixedTotalNumber(90, allow_multapses=False),
     ps.FixedTotalNumber(90, allow_autapses=False, allow_multapses=False)],
    ids=repr,
)  # fmt: skip
def test_networks_are_the_same_either_way(rule, monkeypatch):
    def rows(threads):
        net = ps.Network(seed=2)
        cells = net.create("iaf_psc_exp", 30)
        net.connect(cells[::-1], cells[5:], rule, ps.static_synapse(weight=ps.Uniform(0.0, 1.0)))
        found = ps.Simulation(net, threads=threads).connections()
        return [found.get(name).tolist() for name in ("source", "target", "weight")]

    expected = rows(1)
    monkeypatch.setattr(wiring, "DENSE", 1)
    assert rows(4) == expected and len(expected[0]) > 80


@kernel
def gids_at(gids, places, found):
    for j in range(places.size):
        found[j] = wiring.gid_at(gids, places[j])


def test_a_gid_is_found_at_its_place_in_pieces_or_written_down():
    net = ps.Network()
    a, b, c = (net.create("iaf_psc_exp", n) for n in (10, 7, 30))
    for chosen in (a[2:5], a[::3] + c[4:20:5] + b, (a + b + c)[[3, 40, 0, 12]], c[::-1]):
        found = np.empty(len(chosen), np.int64)
        gids_at(gids_of(chosen[:].members), np.arange(len(chosen)), found)
        assert found.tolist() == chosen[:].gids.tolist()
