"""A rule is added in one file: what others must know of it, it says itself."""

from dataclasses import dataclass

import numpy as np
import pytest

import parsim as ps
from parsim.network.rules import AbstractRule


@dataclass(frozen=True)
class Ring(AbstractRule):
    """Each cell from those before it, on a ring of the same cells."""

    reach: int
    allow_autapses = False  # no field: rules of this kind have none
    needs_same_cells = True

    def check(self, n_sources, n_targets, shared):
        if self.reach >= n_sources:
            raise ps.DescriptionError(f"reach is {self.reach}; there are {n_sources} cells.")

    def expected(self, n_sources, n_targets):
        return n_targets * self.reach

    def shape(self, n_sources, n_targets):
        return None

    def draw_sources(self, w):
        before = w.places[:, None] - np.arange(1, self.reach + 1)
        return (before % w.sources.size).reshape(-1).astype(np.int32), np.full(w.targets.size, self.reach)


def ring(rule, threads=1, couple=False):
    net = ps.Network(seed=2)
    cells = net.create("iaf_psc_exp", 7)
    if couple:
        net.couple(cells, cells, rule, weight=ps.Uniform(1.0, 2.0))
    else:
        net.connect(cells, cells, rule, ps.static_synapse(weight=ps.Normal(0.0, 1.0)))
    return net, ps.Simulation(net, threads=threads, progress=False)


@pytest.mark.parametrize("threads", [1, 3, 9])
def test_it_connects_on_any_number_of_ranks(threads):
    found, alone = (ring(Ring(2), ranks)[1].connections().columns() for ranks in (threads, 1))
    assert sorted(zip(found.targets.tolist(), found.sources.tolist(), strict=True)) == sorted(
        (target, (target - k) % 7) for target in range(7) for k in (1, 2)
    )
    assert np.array_equal(found.weights, alone.weights)


def test_its_numbers_tell_what_was_said_apart():
    numbers = [ring(Ring(reach))[0]._said.number() for reach in (1, 2, 2)]
    assert numbers[0] != numbers[1] == numbers[2]


def test_its_traits_are_heeded():
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 7)
    with pytest.raises(ps.DescriptionError, match="Ring needs the same cells as sources and as targets"):
        net.connect(cells, cells[::-1], Ring(2))
    with pytest.raises(ps.DescriptionError, match="reach is 7; there are 7 cells"):
        net.connect(cells, cells, Ring(7))


def test_it_joins_cells_by_junctions_once_each():
    alone = ring(Ring(1), 1, couple=True)[1]._ranks[0].built.relaxer.ends
    assert alone.own.size == 14 and (np.unique(alone.own, return_counts=True)[1] == 2).all()
