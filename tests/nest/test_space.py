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


def test_pairs_are_drawn_by_where_both_ends_are():
    cells = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([15, 15], extent=[15.0, 15.0]))
    east, north = (getattr(nest.spatial.target_pos, a) - getattr(nest.spatial.source_pos, a) for a in "xy")
    p = nest.spatial_distributions.gabor(east, north, theta=45.0, gamma=0.7, std=2.0, lam=4.0)
    weight = nest.spatial.source_pos.n(0) + 100.0 * nest.spatial.target_pos.n(1)
    nest.Connect(cells, cells, {"rule": "pairwise_bernoulli", "p": p}, {"weight": weight})
    found, points = nest.GetConnections(), np.array(nest.GetPosition(cells))
    source, target = points[np.array(found.source) - 1], points[np.array(found.target) - 1]
    assert np.array_equal(found.weight, source[:, 0] + 100.0 * target[:, 1])
    x, y = np.moveaxis(points[None] - points[:, None], 2, 0)
    c, s = np.cos(np.pi / 4), np.sin(np.pi / 4)
    along, across = x * c + y * s, y * c - x * s
    chance = np.exp(-(0.7**2 * along**2 + across**2) / (2 * 2.0**2)) * np.maximum(
        np.cos(2 * np.pi * across / 4.0), 0
    )
    spread = np.sqrt((chance * (1 - chance)).sum())
    assert abs(len(found) - chance.sum()) < 5 * spread  # 1 in a million by chance
    seen = p.apply(cells[0], [[1.0, 2.0], [-6.0, 6.5]])
    gap = np.array([[1.0, 2.0], [-6.0, 6.5]]) - points[0]
    assert (np.array(east.apply(cells[0], (points[0] + gap).tolist())) == gap[:, 0]).all() and len(seen) == 2


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


def test_recorders_hear_those_whom_a_mask_about_them_holds():
    cells = nest.Create("parrot_neuron", positions=nest.spatial.grid([10, 10]))
    heard = nest.Create("spike_recorder", positions=nest.spatial.grid([2, 1]))
    meter = nest.Create("voltmeter", positions=nest.spatial.grid([1, 1]))
    mask = {"circular": {"radius": 0.17}, "anchor": [-0.1, 0.2]}
    rule = {"rule": "pairwise_bernoulli", "p": 1.0, "mask": mask}
    nest.Connect(cells, heard, {**rule, "use_on_source": True})
    leaky = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([10, 10]))
    nest.Connect(meter, leaky, rule)
    with pytest.raises(nest.NESTErrors.IllegalConnection, match="use_on_source"):
        nest.Connect(cells, heard, rule)
    points = np.array(nest.GetPosition(cells))
    for device, others in ((heard[0], cells), (heard[1], cells), (meter, leaky)):
        middle = np.add(nest.GetPosition(device), [-0.1, 0.2])
        inside = np.hypot(*(points - middle).T) <= 0.17
        found = nest.GetConnections(device) if device == meter else nest.GetConnections(target=device)
        ends = found.target if device == meter else found.source
        assert sorted(ends) == np.array(others.tolist())[inside].tolist() and inside.sum() > 4
