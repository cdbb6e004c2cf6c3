"""Where cells are, how far from each other, and which of them masks and probabilities connect."""

import numpy as np
import pytest

import parsim as ps
from parsim.assembly import tables
from parsim.errors import BuildError, DescriptionError
from parsim.network import nearby
from tests.held import spatial


def network(layout, other=None, n=1, seed=3):
    net = ps.Network(seed=seed)
    a = net.create("iaf_psc_exp", n, positions=layout)
    return net, a, net.create("iaf_psc_exp", n, positions=other or layout)


def ways(a, b, period=np.inf):
    """From each of a to each of b, [dimension, a, b], by definition."""
    way = ps.positions(b).T[:, None, :] - ps.positions(a).T[:, :, None]
    return way if period == np.inf else way - period * np.floor(way / period + 0.5)


def joined(net, a, b, **values):
    """Which pairs are connected, [a, b], each at most once; and the connections."""
    found = ps.Simulation(net).connections(a, b)
    there = np.zeros((len(a), len(b)), int)
    np.add.at(there, (found.sources - a.first, found.targets - b.first), 1)
    assert there.max(initial=0) <= 1
    return there.astype(bool), found


# ---- positions ---------------------------------------------------------------------------------------


def test_a_grid_is_numbered_down_its_columns():
    _, a, _ = network(ps.grid([2, 3], extent=[2.0, 3.0], center=[10.0, 0.0]))
    assert len(a) == 6
    assert ps.positions(a).tolist() == [[9.5, 1], [9.5, 0], [9.5, -1], [10.5, 1], [10.5, 0], [10.5, -1]]
    _, a, _ = network(ps.grid([1, 2, 2]))
    assert ps.positions(a[1:3]).tolist() == [[0.0, 0.25, 0.25], [0.0, -0.25, -0.25]]


def test_points_are_as_given_and_drawn_points_hang_on_the_seed_alone():
    points = np.array([[0.1, 0.2], [0.3, -0.4], [0.0, 0.0]])
    assert np.array_equal(ps.positions(network(ps.free(points))[1]), points)
    drawn = ps.free([ps.Uniform(-0.5, 0.5), 2.0 * ps.Normal(0.0, 0.1), ps.Uniform(0.0, 1.0)])
    one, again, other = (ps.positions(network(drawn, n=500, seed=seed)[1]) for seed in (3, 3, 4))
    assert np.array_equal(one, again) and not np.isclose(one, other).any()
    assert np.abs(one.mean(axis=0) - [0.0, 0.0, 0.5]).max() < 0.06  # 4.6 standard deviations of 500
    assert abs(np.corrcoef(one.T)[0, 1]) < 0.2


# ---- who is connected --------------------------------------------------------------------------------

FLAT = ps.free([ps.Uniform(-0.5, 0.5)] * 2, extent=1.0, wrap=True)
DEEP = ps.free([ps.Uniform(-0.5, 0.5)] * 3, extent=1.0)
MASKS = [
    (FLAT, ps.circle(0.3), lambda x, y: x * x + y * y <= 0.09),
    (FLAT, ps.circle(0.2, anchor=[0.1, -0.2]), lambda x, y: (x - 0.1) ** 2 + (y + 0.2) ** 2 <= 0.04),
    (FLAT, ps.doughnut(0.1, 0.45), lambda x, y: (x * x + y * y <= 0.2025) & (x * x + y * y > 0.01)),
    (FLAT, ps.rectangle([-0.1, 0.0], [0.3, 0.2]), lambda x, y: (abs(x - 0.1) <= 0.2) & (abs(y - 0.1) <= 0.1)),
    (FLAT, ps.rectangle([-0.3, -0.1], [0.3, 0.1], angle=90), lambda x, y: (abs(x) <= 0.1) & (abs(y) <= 0.3)),
    (FLAT, ps.ellipse(0.6, 0.2), lambda x, y: (x / 0.3) ** 2 + (y / 0.1) ** 2 <= 1.0),
    (FLAT, ps.ellipse(0.6, 0.2, angle=90), lambda x, y: (x / 0.1) ** 2 + (y / 0.3) ** 2 <= 1.0),
    (FLAT, ps.circle(0.3) - ps.rectangle([-1.0, -1.0], [0.0, 1.0]), lambda x, y: (x * x + y * y <= 0.09) & (x > 0.0)),
    (FLAT, ps.circle(0.3) & ps.circle(0.3, anchor=[0.2, 0.0]),
     lambda x, y: (x * x + y * y <= 0.09) & ((x - 0.2) ** 2 + y * y <= 0.09)),
    (DEEP, ps.sphere(0.4), lambda x, y, z: x * x + y * y + z * z <= 0.16),
    (DEEP, ps.box([-0.1, -0.2, -0.3], [0.1, 0.2, 0.3]),
     lambda x, y, z: (abs(x) <= 0.1) & (abs(y) <= 0.2) & (abs(z) <= 0.3)),
    (DEEP, ps.ellipsoid(0.8, 0.4, 0.2), lambda x, y, z: (x / 0.4) ** 2 + (y / 0.2) ** 2 + (z / 0.1) ** 2 <= 1.0),
    (DEEP, ps.sphere(0.2) | ps.sphere(0.1, anchor=[0.4, 0.4, 0.4]),
     lambda x, y, z: (x * x + y * y + z * z <= 0.04) | ((x - 0.4) ** 2 + (y - 0.4) ** 2 + (z - 0.4) ** 2 <= 0.01)),
]  # fmt: skip


@pytest.mark.parametrize(("layout", "mask", "inside"), MASKS, ids=[repr(mask) for _, mask, _ in MASKS])
def test_a_mask_lets_those_through_that_lie_in_it_about_their_source(layout, mask, inside):
    net, a, b = network(layout, n=150)
    net.connect(a, b, ps.PairwiseBernoulli(1.0, mask=mask))
    expected = inside(*ways(a, b, 1.0 if layout is FLAT else np.inf))
    assert 20 < expected.sum() < expected.size and np.array_equal(joined(net, a, b)[0], expected)


def test_a_mask_as_wide_as_the_space_meets_each_pair_once():
    net, a, b = network(ps.grid([8, 8], wrap=True))  # ways of exactly half of it
    net.connect(a, b, ps.PairwiseBernoulli(1.0, mask=ps.rectangle([-0.5, -0.5], [0.5, 0.5])))
    assert joined(net, a, b)[0].all()


@pytest.mark.parametrize("n", [None, 3])
def test_a_mask_beyond_half_of_the_space_goes_on_at_the_other_side(n):
    """From 0.22 to 0.78 to the right of each source, where space begins anew after 1."""
    net, a, b = network(ps.grid([20, 8], wrap=True))
    mask = ps.rectangle([0.22, -0.1], [0.78, 0.1])
    net.connect(a, b, ps.FixedOutdegree(n, mask=mask) if n else ps.PairwiseBernoulli(1.0, mask=mask))
    right, up = ways(a, b, 1.0)
    inside = (np.abs(right % 1.0 - 0.5) < 0.28) & (np.abs(up) < 0.1)
    found = ps.Simulation(net).connections(a, b)
    there = np.zeros(inside.shape, int)
    np.add.at(there, (found.sources - a.first, found.targets - b.first), 1)
    assert inside.sum() == 160 * 11 and not there[~inside].any()
    assert (there.sum(1) == n).all() and there[right < -0.2].any() if n else (there == inside).all()


@pytest.mark.parametrize("mask", [None, ps.circle(0.4)], ids=repr)
def test_pairs_are_connected_with_the_probability_of_their_distance(mask):
    net, a, b = network(FLAT, n=400)
    net.connect(a, b, ps.PairwiseBernoulli(ps.exp(-ps.distance / 0.2), mask=mask))
    there, _ = joined(net, a, b)
    far = np.sqrt((ways(a, b, 1.0) ** 2).sum(axis=0))
    p = np.exp(-far / 0.2) * (far <= (1.0 if mask is None else 0.4))
    for low, high in ((0.0, 0.1), (0.1, 0.2), (0.2, 0.3), (0.3, 0.4), (0.4, 0.7)):
        ring = (far > low) & (far <= high)
        # 4.5 standard deviations of a sum of coins; with no probability, none at all
        assert abs(there[ring].sum() - p[ring].sum()) <= 4.5 * np.sqrt((p * (1.0 - p))[ring].sum())
    assert not there[far > 0.4].any() or mask is None


def test_the_coin_of_a_pair_hangs_on_no_mask():
    def pairs(mask):
        net, a, b = network(FLAT, n=200)
        net.connect(a, b, ps.PairwiseBernoulli(0.5, mask=mask))
        return joined(net, a, b)[0], np.sqrt((ways(a, b, 1.0) ** 2).sum(axis=0))

    (near, far), (wide, _) = pairs(ps.circle(0.2)), pairs(ps.circle(0.4))
    assert near.sum() > 1000 and np.array_equal(near, wide & (far <= 0.2))


def test_a_cell_is_not_joined_to_itself_where_that_is_not_allowed():
    net = ps.Network()
    a = net.create("iaf_psc_exp", positions=ps.grid([5, 5]))
    net.connect(a, a, ps.PairwiseBernoulli(1.0, allow_autapses=False, mask=ps.circle(0.25)))
    found = ps.Simulation(net).connections()
    assert (
        len(found) == 80 and (found.sources != found.targets).all()
    )  # four neighbours each, fewer at the sides


def test_weights_and_delays_know_how_far_and_whither():
    net, a, b = network(FLAT, n=60)
    east = ps.where(ps.displacement.x > 0.0, 1.0, -1.0)
    synapse = ps.static_synapse(
        weight=10.0 * east * ps.distance, delay=(1.0 + 10.0 * abs(ps.displacement.y)).rounded()
    )
    net.connect(a, b, ps.FixedIndegree(7), synapse)
    sim = ps.Simulation(net)
    found = sim.connections()
    x, y = ways(a, b, 1.0)[:, found.sources, found.targets - b.first]
    assert np.array_equal(found.weights, 10.0 * np.where(x > 0.0, 1.0, -1.0) * np.sqrt(x * x + y * y))
    assert np.array_equal(found.delays, np.rint(1.0 + 10.0 * np.abs(y)))


@pytest.mark.parametrize("threads", [1, 3])
def test_what_connections_have_may_hang_on_where_both_ends_are(threads):
    net, a, b = network(FLAT, n=60)
    from_west = ps.where(ps.source_position.x < 0.0, 0.7, 0.0)
    weight = ps.source_position.x + 10.0 * ps.target_position.y
    synapse = ps.static_synapse(weight=weight, delay=(2.0 + ps.target_position.x).rounded())
    near, few = (
        net.connect(a, b, rule, synapse)
        for rule in (
            ps.PairwiseBernoulli(from_west, mask=ps.circle(0.4)),
            ps.FixedIndegree(7, p=from_west * abs(ps.target_position.y)),
        )
    )
    sim = ps.Simulation(net, threads=threads)
    source, target = ps.positions(a), ps.positions(b)
    for said in (near, few):
        found = sim.connections(said)
        (x, y), (u, v) = source[found.sources].T, target[found.targets - b.first].T
        assert len(found) > 100 and (x < 0.0).all()
        assert np.array_equal(found.weights, x + 10.0 * v)
        assert np.array_equal(found.delays, np.rint(2.0 + u))
    found.set(weight=ps.source_position.y)
    assert np.array_equal(found.weights, y)


def test_an_axis_that_positions_lack_is_an_error_that_names_it():
    net, a, b = network(FLAT, n=5)
    net.connect(a, b, ps.AllToAll(), ps.static_synapse(weight=ps.target_position.z))
    with pytest.raises(BuildError, match=r"target_position\.z is asked of cells whose positions have two"):
        ps.Simulation(net)


def test_gap_junctions_are_made_by_distance_too():
    net = ps.Network()
    a = net.create("hh_psc_alpha_gap", positions=ps.grid([4, 4]))
    net.couple(a, a, ps.PairwiseBernoulli(1.0, mask=ps.circle(0.25)), weight=4.0 * ps.distance)
    found = ps.Simulation(net).junctions()
    assert len(found.weights) == 24 and set(found.weights) == {1.0}  # 2 * 4 * 3 neighbours, 0.25 apart


def test_stimuli_may_have_positions():
    net = ps.Network()
    noise = net.create("poisson_generator", positions=ps.grid([3, 3]), rate=100.0)
    cells = net.create("iaf_psc_exp", positions=ps.grid([6, 6]))
    said = net.connect(
        noise, cells, ps.PairwiseBernoulli(1.0, mask=ps.circle(0.13)), ps.static_synapse(weight=5.0)
    )
    assert abs(said.rule.expected(9, 36) - 36.0) < 5.0  # each drives the four about it, 0.118 away
    ps.Simulation(net).run(1.0)


@pytest.mark.parametrize("threads", [2, 3])
def test_the_number_of_ranks_changes_nothing(threads):
    alone, found = spatial(1), spatial(threads)
    assert alone["weights"].size > 100
    assert all(np.array_equal(found[name], alone[name]) for name in alone)


def test_empty_populations_and_empty_masks_are_ordinary():
    net, a, b = network(FLAT, n=0)
    net.connect(a, b, ps.PairwiseBernoulli(ps.exp(-ps.distance), mask=ps.circle(0.2)))
    c = net.create("iaf_psc_exp", positions=ps.grid([3, 3]))
    net.connect(c, c, ps.PairwiseBernoulli(1.0, allow_autapses=False, mask=ps.circle(0.1)))
    net.connect(c[:0], c, ps.PairwiseBernoulli(ps.exp(-ps.distance)))
    sim = ps.Simulation(net, threads=2)
    sim.run(1.0)
    assert len(sim.connections()) == 0


# ---- so many partners within a mask ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "mask", [ps.circle(0.3, anchor=[0.1, 0.0]), ps.rectangle([0.0, -0.2], [0.4, 0.1])], ids=repr
)
@pytest.mark.parametrize("repeat", [True, False], ids=["again", "once"])
def test_so_many_partners_lie_within_the_mask(mask, repeat):
    for rule, axis in ((ps.FixedIndegree, 0), (ps.FixedOutdegree, 1)):
        net, a, b = network(FLAT, n=150)
        net.connect(a, b, rule(6, allow_multapses=repeat, mask=mask))
        found = ps.Simulation(net).connections()
        there = np.zeros((150, 150), int)
        np.add.at(there, (found.sources - a.first, found.targets - b.first), 1)
        inside = mask.inside(ways(a, b, 1.0).reshape(2, -1)).reshape(150, 150)
        assert (there.sum(axis=axis) == 6).all() and not there[~inside].any()
        assert (there.max() > 1) == repeat
        # Each of those inside is as likely: 5 standard deviations of 900 chosen ones, east or west of the mask's middle
        x = ways(a, b, 1.0)[0]
        west = (x < np.mean([side[0] for side in mask.box])) & inside
        share = (west.sum(axis=axis) / inside.sum(axis=axis)).mean()
        assert abs(there[west].sum() / 900 - share) < 5.0 * np.sqrt(share * (1.0 - share) / 900)


@pytest.mark.parametrize(
    ("layout", "mask"), [case[:2] for case in MASKS[::2]], ids=[repr(one[1]) for one in MASKS[::2]]
)
def test_cells_that_share_a_search_find_what_each_finds_alone(layout, mask, monkeypatch):
    monkeypatch.setattr(tables, "BLOCK_ROWS", 997)  # blocks of rows end within those of a source
    found = []
    for together in (0, 1000):
        monkeypatch.setattr(nearby, "TOGETHER", together)
        net, a, b = network(layout, n=400)
        net.connect(a, b, ps.PairwiseBernoulli(0.5, mask=mask), ps.static_synapse(weight=ps.distance))
        net.connect(a, b, ps.PairwiseBernoulli(0.7, mask=mask))
        there = ps.Simulation(net).connections()
        found.append((there.sources, there.targets, there.weights))
    assert found[0][0].size > 1000
    assert all(map(np.array_equal, *found))


def test_partners_are_drawn_in_proportion_to_p():
    net = ps.Network(seed=5)
    three = net.create("iaf_psc_exp", 3, positions=ps.free([[0.1, 0.0], [0.2, 0.0], [0.3, 0.0]]))
    many = net.create("iaf_psc_exp", 4000, positions=ps.free(np.zeros((4000, 2))))
    one = net.connect(three, many, ps.FixedIndegree(1, p=ps.distance))
    first = net.connect(three, many, ps.FixedIndegree(1, p=ps.distance, allow_multapses=False))
    two = net.connect(three, many, ps.FixedIndegree(2, p=ps.distance, allow_multapses=False))
    sim = ps.Simulation(net)

    def shares(said):
        return np.bincount(sim.connections(said).sources - three.first, minlength=3) / 4000

    # 5 standard deviations of shares of 4000 draws are at most 0.04
    assert np.abs(shares(one) - np.array([1, 2, 3]) / 6).max() < 0.04
    assert np.abs(shares(first) - np.array([1, 2, 3]) / 6).max() < 0.04
    # left out of two: the first with 2/6 3/4 + 3/6 2/3, the third with 1/6 2/5 + 2/6 1/4
    left = 1.0 - shares(two)
    assert np.abs(left - [2 / 6 * 3 / 4 + 3 / 6 * 2 / 3, 1 / 6 * 3 / 5 + 3 / 6 * 1 / 3, 0.15]).max() < 0.04


@pytest.mark.parametrize("rule", [ps.FixedIndegree, ps.FixedOutdegree], ids=["indegree", "outdegree"])
def test_partners_within_a_mask_are_the_same_on_any_number_of_ranks(rule):
    found = []
    for threads in (1, 3):
        net, a, b = network(FLAT, n=90)
        for more in ({"p": ps.exp(-ps.distance / 0.2)}, {"allow_multapses": False}):
            net.connect(
                a, b, rule(4, mask=ps.circle(0.4), **more), ps.static_synapse(weight=ps.Normal(1.0, 0.1))
            )
        found.append(ps.Simulation(net, threads=threads).connections().columns())
    assert len(found[0].weights) == 720
    assert all(np.array_equal(one, other) for one, other in zip(*found, strict=True))


def test_nobody_is_drawn_in_proportion_to_nothing():
    with pytest.raises(DescriptionError, match="p is 0"):
        ps.FixedIndegree(3, p=0.0)


def test_too_few_partners_within_a_mask_are_an_error_that_names_the_cell():
    net, a, b = network(ps.grid([5, 5]))
    net.connect(a, b, ps.FixedIndegree(4, mask=ps.circle(0.25), allow_multapses=False))
    with pytest.raises(ps.BuildError, match=r"gid \d+ has fewer sources .* Use a wider mask"):
        ps.Simulation(net)


# ---- what is refused ---------------------------------------------------------------------------------


def refused(call, *message):
    net, a, b = network(FLAT, n=20)
    with pytest.raises(DescriptionError) as caught:
        call(net, a, b)
        ps.Simulation(net)
    assert all(part in str(caught.value) for part in message), str(caught.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda net, a, b: net.create("iaf_psc_exp", 5, positions=ps.grid([2, 2])), "n is 5, and there are 4 "),
        (lambda net, a, b: net.create("iaf_psc_exp", 5, positions=[[0.0, 0.0]]), "give ps.grid([20, 20]), ps.free"),
        (lambda net, a, b: net.create("iaf_psc_exp", V_m=-70.0 + ps.distance), "a cell is no way from another"),
        (lambda net, a, b: net.connect(a, net.create("iaf_psc_exp"), ps.AllToAll(),
                                       ps.static_synapse(weight=ps.distance)),
         "have no positions"),
        (lambda net, a, b: net.connect(a, b, ps.PairwiseBernoulli(0.1, mask=ps.sphere(0.2))), "has 3 dimensions"),
        (lambda net, a, b: net.connect(a, b, ps.PairwiseBernoulli(0.1, mask=ps.circle(0.6))), "is wider than the"),
        (lambda net, a, b: net.connect(a, b, ps.PairwiseBernoulli(0.1, mask=0.3)), "mask is 0.3; give ps.circle(0.3)"),
        (lambda net, a, b: net.connect(a, b, ps.PairwiseBernoulli(1.0 + ps.distance)), ".clipped(0, 1)"),
        (lambda net, a, b: net.connect(a, net.create("iaf_psc_exp", positions=ps.grid([2, 2, 2])),
                                       ps.PairwiseBernoulli(ps.exp(-ps.distance))), "they must be in one space"),
        (lambda net, a, b: ps.grid([2]), "two or three whole numbers"),
        (lambda net, a, b: ps.grid([2, 0]), "two or three whole numbers"),
        (lambda net, a, b: ps.grid([2, 2], extent=-1.0), "numbers greater than 0"),
        (lambda net, a, b: ps.free([[0.0, 2.0]], extent=1.0), "point 0 is at [0.0, 2.0], outside"),
        (lambda net, a, b: ps.free([[0.0, 2.0]], wrap=True), "Give extent"),
        (lambda net, a, b: ps.free([0.0, 2.0]), "points have shape (2,)"),
        (lambda net, a, b: ps.circle(0.0), "radius is 0.0"),
        (lambda net, a, b: ps.doughnut(0.4, 0.3), "inner must be"),
        (lambda net, a, b: ps.rectangle([0, 0], [1, 0]), "the first must be less"),
        (lambda net, a, b: ps.ellipse(0.1, 0.3), "major must not be less"),
        (lambda net, a, b: ps.circle(0.1) | ps.sphere(0.1), "no mask of 2 dimensions"),
        (lambda net, a, b: ps.positions(net.create("iaf_psc_exp", 3)), "have no positions"),
    ],
)  # fmt: skip
def test_what_cannot_be_placed_is_an_error_at_the_call(call, message):
    refused(call, message)
