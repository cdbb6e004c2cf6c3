import numpy as np
import pytest

import parsim as ps


def cells_of(n=6, model="iaf_psc_exp", seed=1):
    net = ps.Network(seed=seed)
    return net, net.create(model, n)


def pairs(net, **options):
    found = ps.Simulation(net, **options).junctions()
    return sorted(zip(found.a.tolist(), found.b.tolist(), strict=True)), found.weights


def unordered(found):
    return sorted(tuple(sorted(pair)) for pair in found)


ALL = [(i, j) for i in range(6) for j in range(i + 1, 6)]


@pytest.mark.parametrize("rule", [ps.AllToAll(), ps.AllToAll(allow_autapses=False)], ids=repr)
def test_all_to_all_joins_each_pair_once_and_no_cell_with_itself(rule):
    net, cells = cells_of()
    net.couple(cells, cells, rule, weight=0.5)
    found, weights = pairs(net)
    assert unordered(found) == ALL
    assert (weights == 0.5).all()


def test_between_two_populations_all_pairs_are_joined():
    net, cells = cells_of()
    net.couple(cells[:2], cells[2:], ps.AllToAll())
    assert unordered(pairs(net)[0]) == [(i, j) for i in range(2) for j in range(2, 6)]


def test_selections_that_overlap_in_part_join_their_common_pairs_once():
    net, cells = cells_of()
    net.couple(cells[:4], cells[2:], ps.AllToAll())
    expected = {tuple(sorted((i, j))) for i in range(4) for j in range(2, 6) if i != j}
    assert unordered(pairs(net)[0]) == sorted(expected)


def test_one_to_one_between_a_population_and_its_reverse_joins_each_pair_once():
    net, cells = cells_of()
    net.couple(cells, cells[::-1], ps.OneToOne())
    assert unordered(pairs(net)[0]) == [(0, 5), (1, 4), (2, 3)]


@pytest.mark.parametrize("rule", [ps.PairwiseBernoulli(0.3), ps.SymmetricPairwiseBernoulli(0.3)], ids=repr)
def test_a_pair_has_one_chance(rule):
    net, cells = cells_of(100)
    net.couple(cells, cells, rule)
    found = unordered(pairs(net)[0])
    assert len(set(found)) == len(found)
    # Binomial with 4,950 pairs: mean 1,485, standard deviation 32.
    assert abs(len(found) - 1485) < 5 * 32


def test_a_mean_number_is_that_of_a_pair():
    net, cells = cells_of(100)
    net.couple(cells, cells, ps.PairwisePoisson(0.5))
    assert abs(len(pairs(net)[0]) - 2475) < 5 * 50  # Poisson


def test_what_a_rule_draws_several_times_adds_up():
    net, cells = cells_of(3)
    net.couple(cells, cells, ps.FixedTotalNumber(200, allow_autapses=False), weight=0.1)
    net.couple(cells, cells, ps.AllToAll(), weight=1.0)
    sim = ps.Simulation(net)
    assert sim.report().junctions == 203
    g = sim._ranks[0].built.groups[cells.model].gap.g
    assert g.sum() == pytest.approx(2 * (200 * 0.1 + 3.0))


@pytest.mark.parametrize(
    "rule",
    [
        ps.FixedIndegree(3, allow_autapses=False, allow_multapses=False),
        ps.FixedOutdegree(3, allow_autapses=False, allow_multapses=False),
        ps.FixedTotalNumber(12, allow_autapses=False, allow_multapses=False),
    ],
    ids=repr,
)
def test_without_multapses_no_pair_is_joined_twice(rule):
    net, cells = cells_of()
    net.couple(cells, cells, rule)
    found = unordered(pairs(net)[0])
    assert len(set(found)) == len(found) > 8


@pytest.mark.parametrize(
    "rule",
    [
        ps.AllToAll(), ps.OneToOne(), ps.FixedIndegree(3), ps.FixedOutdegree(3), ps.FixedTotalNumber(20),
        ps.FixedIndegree(3, allow_multapses=False), ps.PairwiseBernoulli(0.4), ps.PairwisePoisson(0.6),
        ps.Lists([0, 3, 3, 4], [1, 2, 2, 0]),
    ],
    ids=repr,
)  # fmt: skip
def test_a_rule_gives_the_same_junctions_on_any_number_of_ranks(rule):
    def joined(threads):
        net, cells = cells_of(5)
        net.couple(cells, net.create("iaf_psc_exp", 5) + cells[:0], rule, weight=ps.Uniform(0.0, 1.0))
        net.couple(cells, cells, ps.AllToAll(), weight=lambda a, b: 1.0 + a + b)
        return ps.Simulation(net, threads=threads).junctions()

    alone = joined(1)
    assert alone.a.size > 12
    for ranks in (2, 3, 7):
        for found, expected in zip(joined(ranks), alone, strict=True):
            assert np.array_equal(found, expected)


def test_both_ends_of_a_junction_have_one_weight():
    net, cells = cells_of(20)
    net.couple(cells, cells, ps.FixedIndegree(4, allow_autapses=False), weight=ps.Uniform(0.0, 1.0))
    ends = ps.Simulation(net)._ranks[0].built.relaxer.ends
    order = np.lexsort((ends.draw, ends.gid))
    weights = ends.weight[order].reshape(-1, 2)
    assert (weights[:, 0] == weights[:, 1]).all() and np.unique(weights).size == 80
    assert (ends.side[order].reshape(-1, 2).sum(axis=1) == 0).all()


def test_weights_of_an_array_belong_to_pairs():
    net, cells = cells_of(3)
    net.couple(cells, cells, ps.AllToAll(), weight=[[0, 1, 2], [1, 0, 3], [2, 3, 0]])
    found = ps.Simulation(net).junctions()
    assert {frozenset(p): w for *p, w in zip(*(c.tolist() for c in found), strict=True)} == {
        frozenset((0, 1)): 1.0,
        frozenset((0, 2)): 2.0,
        frozenset((1, 2)): 3.0,
    }


def test_a_sparse_matrix_gives_pairs_and_weights():
    sparse = pytest.importorskip("scipy.sparse")
    full = np.array([[0, 1.5, 0], [1.5, 0, 2.5], [0, 2.5, 0]])
    net, cells = cells_of(3)
    with pytest.raises(ps.DescriptionError, match=r"joins gids 0 and 1 in both directions.*triu"):
        net.couple(cells, cells, ps.Lists(sparse.coo_matrix(full)))
    net.couple(cells, cells, ps.Lists(sparse.triu(full)))
    found, weights = pairs(net)
    assert found == [(0, 1), (1, 2)] and weights.tolist() == [1.5, 2.5]


WRONG = [
    (dict(delay=1.0), r"delay is 1.0, but a gap junction has none.*Leave delay out"),
    (dict(weight=-1.0), r"weight of a gap junction is -1 nS; it must be at least 0 nS"),
    (dict(weight=ps.static_synapse(weight=1.0)), r"a synapse. A junction is none"),
    (dict(weight=[[0, 1], [2, 0]]), r"1 nS from gid 1 to 0 and 2 nS the other way.*Give a symmetric array"),
    (dict(weight="3 mV"), "nS"),
    (dict(junction=3.0), r"junction is 3.0; give a kernel"),
    (dict(junction=lambda dv: -1.0), r"the junction gives -1 at -50 mV"),
    (dict(junction=lambda: 1.0), r"cannot be called with the voltage across it"),
]


@pytest.mark.parametrize(("options", "message"), WRONG, ids=[str(o)[:30] for o, _ in WRONG])
def test_what_cannot_be_coupled_is_refused_with_a_reason(options, message):
    net, cells = cells_of(2)
    with pytest.raises(ps.DescriptionError, match=message):
        net.couple(cells, cells, ps.AllToAll(), **options)
    assert net.couplings == []


def test_both_sides_need_a_membrane_that_takes_junctions():
    net, cells = cells_of(2)
    parrots = net.create("parrot_neuron", 2)
    source = net.create("poisson_generator", 2)
    with pytest.raises(
        ps.DescriptionError, match=r"iaf_psc_exp.*parrot_neuron.*no membrane potential.*iaf_psc_exp"
    ):
        net.couple(cells, parrots, ps.OneToOne())
    with pytest.raises(ps.DescriptionError, match=r"because of iaf_psc_delta: it has no `coupled` kernel"):
        net.couple(net.create("iaf_psc_delta", 2), cells, ps.OneToOne())
    with pytest.raises(ps.DescriptionError, match=r"because of poisson_generator: stimuli have no membrane"):
        net.couple(source, cells, ps.OneToOne())


def test_a_list_that_joins_a_cell_with_itself_is_refused():
    net, cells = cells_of(3)
    with pytest.raises(ps.DescriptionError, match=r"joins gid 1 to itself \(entry 1\)"):
        net.couple(cells, cells, ps.Lists([0, 1], [1, 1]))


def test_a_drawn_conductance_below_zero_is_named():
    net, cells = cells_of(10)
    net.couple(cells, cells, ps.AllToAll(), weight=ps.Normal(0.0, 1.0))
    with pytest.raises(
        ps.BuildError,
        match=r"weight of the junction of gids \d and \d .* at least 0 nS. It comes from Normal",
    ):
        ps.Simulation(net)
