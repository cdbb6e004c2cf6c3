"""Nodes at points that are drawn, and pairs that are drawn by their distance."""

import numpy as np
import pytest

import parsim.nest as nest


def test_points_are_drawn_once_and_each_for_itself():
    where = nest.spatial.free(nest.random.uniform(-0.5, 0.5), num_dimensions=3)
    cells = nest.Create("parrot_neuron", 200, positions=where)
    points = np.array(nest.GetPosition(cells))
    assert points.shape == (200, 3) and (np.abs(points) <= 0.5).all() and np.unique(points).size == 600
    assert nest.GetPosition(cells) == points.tolist() == cells.spatial["positions"].tolist()
    others = nest.Create("parrot_neuron", 200, positions=where)
    assert not np.isin(nest.GetPosition(others), points).any()


@pytest.mark.parametrize("about_targets", [False, True])
def test_pairs_are_drawn_by_their_distance(about_targets):
    cells = nest.Create(
        "parrot_neuron", positions=nest.spatial.grid([20, 20], extent=[2.0, 2.0], edge_wrap=True)
    )
    rule = {
        "rule": "pairwise_bernoulli", "p": nest.spatial_distributions.gaussian(nest.spatial.distance, std=0.25),
        "mask": {"circular": {"radius": 0.7}, "anchor": [0.2, 0.0]}, "use_on_source": about_targets,
    }  # fmt: skip
    nest.Connect(cells, cells, rule)
    found = nest.GetConnections()
    source, target = np.array(found.source), np.array(found.target)
    points = np.array(nest.GetPosition(cells))
    way = (points[None] - points[:, None] + 1.0) % 2.0 - 1.0
    far = np.hypot(way[..., 0], way[..., 1])
    seen = -way if about_targets else way
    inside = np.hypot(seen[..., 0] - 0.2, seen[..., 1]) <= 0.7 + 1e-9
    there = np.zeros(far.shape, bool)
    there[source - 1, target - 1] = True
    assert there.sum() == source.size and not there[~inside].any()
    p = np.exp(-(far**2) / (2 * 0.25**2))
    for low, high in ((0.0, 0.2), (0.2, 0.4), (0.4, 0.9)):
        ring = inside & (far >= low) & (far < high)
        expected, spread = p[ring].sum(), np.sqrt((p * (1 - p))[ring].sum())
        assert abs(there[ring].sum() - expected) < 5 * spread  # 1 in a million by chance


@pytest.mark.parametrize("rule", ["fixed_indegree", "fixed_outdegree"])
def test_so_many_partners_are_drawn_from_a_mask_about_each_node(rule):
    cells = nest.Create(
        "iaf_psc_alpha", positions=nest.spatial.grid([12, 12], extent=[1.0, 1.0], edge_wrap=True)
    )
    spec = {"rule": rule, rule[6:]: 7, "mask": {"circular": {"radius": 0.2}, "anchor": [0.15, 0.0]}}
    nest.Connect(
        cells, cells, {**spec, "p": nest.math.exp(-nest.spatial.distance)}, {"weight": nest.spatial.distance}
    )
    found = nest.GetConnections()
    source, target = np.array(found.source) - 1, np.array(found.target) - 1
    points = np.array(nest.GetPosition(cells))
    one, other = (target, source) if rule == "fixed_indegree" else (source, target)
    way = (points[other] - points[one] + 0.5) % 1.0 - 0.5
    assert (np.bincount(one) == 7).all() and (np.hypot(way[:, 0] - 0.15, way[:, 1]) <= 0.2 + 1e-9).all()
    assert np.allclose(found.weight, np.hypot(*way.T), atol=1e-12)
    with pytest.raises(ValueError, match="use_on_source"):
        nest.Connect(cells, cells, {**spec, "use_on_source": True})


def test_a_create_that_fails_leaves_nothing():
    with pytest.raises(nest.NESTErrors.BadProperty):
        nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([2, 2]), params={"C_m": -1.0})
    cells = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([3, 2]))
    assert cells.tolist() == [1, 2, 3, 4, 5, 6]


def test_layers_that_wrap_otherwise_are_told_apart():
    a = nest.Create("parrot_neuron", positions=nest.spatial.grid([3, 3], edge_wrap=True))
    b = nest.Create("parrot_neuron", positions=nest.spatial.grid([3, 3]))
    rule = {"rule": "pairwise_bernoulli", "mask": {"circular": {"radius": 0.4}}, "use_on_source": True}
    with pytest.raises(NotImplementedError, match="use_on_source"):
        nest.Connect(a, b, rule)
