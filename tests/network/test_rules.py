"""What each rule draws: degrees, pairs, uniformity, values at the right connection; at fixed seeds.

Chi-square tests reject below 1e-3: at a fixed seed they pass or fail for ever, so a failure after a
change of the draws alone may be chance once in a thousand.
"""

import numpy as np
import pytest
import scipy.sparse
import scipy.stats

import parsim as ps
from parsim.engine.rows.connections import ConnectionColumns
from tests.wiring import CELLS, is_uniform, matrix, wired

# ---- who connects to whom ---------------------------------------------------------------------------


def test_one_to_one_joins_the_first_to_the_first():
    links = wired(ps.OneToOne(), 5, 5)
    assert links.sources.tolist() == [0, 1, 2, 3, 4] and links.targets.tolist() == [5, 6, 7, 8, 9]


def test_one_to_one_follows_the_order_of_its_selections():
    net = ps.Network()
    a, b = net.create(CELLS, 3), net.create("iaf_psc_delta", 3)
    net.connect(a[::-1] + b[[1]], b[[0, 2]] + a[[2, 0]], ps.OneToOne(allow_autapses=False))
    links = ps.Simulation(net).connections().columns()
    pairs = set(zip(links.sources.tolist(), links.targets.tolist(), strict=True))
    assert pairs == {(2, 3), (1, 5), (0, 2), (4, 0)}
    net.connect(a, a[[0, 2, 1]], ps.OneToOne(allow_autapses=False))
    links = ps.Simulation(net).connections(a, a).columns()
    assert (links.sources.tolist(), links.targets.tolist()) == ([0, 1, 2], [2, 2, 1])


def test_all_to_all_joins_every_pair_once():
    assert (matrix(wired(ps.AllToAll(), 7, 4), 7, 4, 7) == 1).all()
    assert (matrix(wired(ps.AllToAll(), 7, same=True), 7, 7, 0) == 1).all()
    without = matrix(wired(ps.AllToAll(allow_autapses=False), 7, same=True), 7, 7, 0)
    assert (without == 1 - np.eye(7)).all()


@pytest.mark.parametrize("sources", ["others", "the same", "stimuli"])
@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("autapses", [True, False])
def test_fixed_degrees_are_exact_and_hold_what_is_not_allowed(autapses, multapses, sources):
    n, k, same, stimuli = 24, 13, sources == "the same", sources == "stimuli"
    options = dict(allow_autapses=autapses, allow_multapses=multapses)
    for rule, axis in ((ps.FixedIndegree(k, **options), 0), (ps.FixedOutdegree(k, **options), 1)):
        links = wired(rule, n, n, same=same, stimuli=stimuli)
        counts = matrix(links, n, n, 0 if same or stimuli else n)
        assert (counts.sum(axis=axis) == k).all() and counts.sum(axis=1 - axis).std() > 0
        assert multapses == (counts.max() > 1)
        if same:
            assert autapses == (np.trace(counts) > 0)
    rule = ps.FixedTotalNumber(200, **options)
    counts = matrix(wired(rule, n, n, same=same, stimuli=stimuli), n, n, 0 if same or stimuli else n)
    assert counts.sum() == 200 and multapses == (counts.max() > 1)
    if same:
        assert autapses == (np.trace(counts) > 0)


@pytest.mark.parametrize("rule", [ps.FixedIndegree, ps.FixedOutdegree], ids=lambda rule: rule.__name__)
def test_a_full_degree_without_repetition_is_everyone(rule):
    everyone = matrix(wired(rule(9, allow_multapses=False), 9, 9), 9, 9, 9)
    assert (everyone == 1).all()
    others = matrix(wired(rule(8, allow_autapses=False, allow_multapses=False), 9, same=True), 9, 9, 0)
    assert (others == 1 - np.eye(9)).all()


def test_all_pairs_can_be_drawn_without_repetition():
    assert (matrix(wired(ps.FixedTotalNumber(63, allow_multapses=False), 9, 7), 9, 7, 9) == 1).all()
    without = ps.FixedTotalNumber(72, allow_autapses=False, allow_multapses=False)
    assert (matrix(wired(without, 9, same=True), 9, 9, 0) == 1 - np.eye(9)).all()


def test_only_cells_that_are_both_source_and_target_are_spared():
    """Sources and targets that overlap in part, or not at all, leave more to draw from."""
    none = dict(allow_autapses=False, allow_multapses=False)
    for rule in (ps.FixedIndegree(4, **none), ps.FixedOutdegree(4, **none), ps.FixedTotalNumber(16, **none)):
        assert (matrix(wired(rule, 4, 4), 4, 4, 4) == 1).all()

    net = ps.Network()
    cells = net.create(CELLS, 6)
    net.connect(cells[:4], cells[2:], ps.FixedTotalNumber(14, **none))  # 4 x 4 pairs, 2 of them autapses
    links = ps.Simulation(net).connections().columns()
    pairs = set(zip(links.sources.tolist(), links.targets.tolist(), strict=True))
    assert len(pairs) == 14 and not any(source == target for source, target in pairs)
    with pytest.raises(ps.DescriptionError, match="there are only 14 pairs"):
        net.connect(cells[:4], cells[2:], ps.FixedTotalNumber(15, **none))
    with pytest.raises(ps.DescriptionError, match="only 3 sources that are not the cell itself"):
        net.connect(cells[:4], cells[2:], ps.FixedIndegree(4, **none))


# ---- how they are drawn -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("degree", [10, 11])  # an odd and an even one: draws come in pairs
def test_sources_with_repetition_are_uniform_and_independent(degree, seed):
    counts = matrix(wired(ps.FixedIndegree(degree), 20, 400, seed=seed), 20, 400, 20)
    assert is_uniform(counts.sum(axis=1), 1 - 1 / 20)
    # A source's count in a target is binomial, so repetitions are as frequent as they must be.
    found = np.bincount(counts.ravel(), minlength=5)
    expected = scipy.stats.binom.pmf(np.arange(found.size), degree, 1 / 20) * counts.size
    many = expected > 5
    assert (
        scipy.stats.chisquare(found[many], expected[many] * found[many].sum() / expected[many].sum()).pvalue
        > 1e-3
    )


@pytest.mark.parametrize("same", [False, True])
def test_sources_without_repetition_are_uniform(same):
    """Each source is in a target's sample with probability k / n, so counts vary less than a multinomial's."""
    n, k = 40, 15
    rule = ps.FixedIndegree(k, allow_autapses=False, allow_multapses=False)
    total = np.zeros((n, n))
    for seed in range(20):
        total += matrix(wired(rule, n, n, seed=seed, same=same), n, n, 0 if same else n)
    pairs = total[~np.eye(n, dtype=bool)] if same else total.ravel()
    spare = n - 1 if same else n
    assert pairs.mean() == pytest.approx(20 * k / spare)
    assert is_uniform(pairs, 1 - k / spare)
    assert is_uniform(total.sum(axis=1), (1 - k / spare))


@pytest.mark.parametrize("multapses", [True, False])
def test_targets_of_a_fixed_outdegree_are_uniform(multapses):
    counts = matrix(wired(ps.FixedOutdegree(10, allow_multapses=multapses), 500, 25), 500, 25, 500)
    assert is_uniform(counts.sum(axis=0), 1 - (1 if multapses else 10) / 25)


@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("autapses", [True, False])
def test_pairs_of_a_fixed_total_number_are_uniform(autapses, multapses):
    n, drawn = 18, 150
    rule = ps.FixedTotalNumber(drawn, allow_autapses=autapses, allow_multapses=multapses)
    total = sum(matrix(wired(rule, n, seed=seed, same=True), n, n, 0) for seed in range(40))
    pairs = total.ravel() if autapses else total[~np.eye(n, dtype=bool)]
    assert pairs.sum() == 40 * drawn
    assert is_uniform(pairs, 1 if multapses else 1 - drawn / pairs.size)
    assert is_uniform(total.sum(axis=0)) and is_uniform(total.sum(axis=1))


@pytest.mark.parametrize("p", [0.003, 0.1, 0.5, 0.97])
def test_pairs_exist_with_their_probability(p):
    n, m = 80, 500
    counts = matrix(wired(ps.PairwiseBernoulli(p), n, m), n, m, n)
    assert counts.max() == 1
    assert abs(counts.sum() - n * m * p) < 4 * np.sqrt(n * m * p * (1 - p))
    assert is_uniform(counts.sum(axis=0), 1 - p) and is_uniform(counts.sum(axis=1), 1 - p)
    # The in-degree's variance is n p (1 - p); the error of its estimate is about sqrt(2 / m).
    assert counts.sum(axis=0).var() == pytest.approx(n * p * (1 - p), rel=5 * np.sqrt(2 / m) + 0.05 / (n * p))


def test_probabilities_0_and_1_are_no_and_all_pairs():
    for rule in (ps.PairwiseBernoulli, ps.SymmetricPairwiseBernoulli):
        assert wired(rule(0.0), 9, same=True).sources.size == 0
        autapses = rule is ps.PairwiseBernoulli
        assert (matrix(wired(rule(1.0), 9, same=True), 9, 9, 0) == 1 - (not autapses) * np.eye(9)).all()
    without = wired(ps.PairwiseBernoulli(1.0, allow_autapses=False), 9, same=True)
    assert (matrix(without, 9, 9, 0) == 1 - np.eye(9)).all()
    assert wired(ps.PairwiseBernoulli(1e-300), 9, 9).sources.size == 0


def test_autapses_of_pairwise_rules_are_drawn_or_not():
    for rule in (ps.PairwiseBernoulli, ps.PairwisePoisson):
        assert np.trace(matrix(wired(rule(0.5), 60, same=True), 60, 60, 0)) > 10
        assert np.trace(matrix(wired(rule(0.5, allow_autapses=False), 60, same=True), 60, 60, 0)) == 0


@pytest.mark.parametrize("mean", [0.05, 0.8, 3.0])
def test_pairs_have_poisson_numbers_of_connections(mean):
    counts = matrix(wired(ps.PairwisePoisson(mean), 100, 120), 100, 120, 100)
    found = np.bincount(counts.ravel())
    expected = scipy.stats.poisson.pmf(np.arange(found.size), mean) * counts.size
    many = expected > 5
    assert (
        scipy.stats.chisquare(found[many], expected[many] * found[many].sum() / expected[many].sum()).pvalue
        > 1e-3
    )
    assert is_uniform(counts.sum(axis=0)) and is_uniform(counts.sum(axis=1))
    assert wired(ps.PairwisePoisson(0.0), 5, 5).sources.size == 0


@pytest.mark.parametrize("p", [0.1, 0.6])
def test_symmetric_pairs_exist_in_both_directions_with_their_probability(p):
    n = 150
    counts = matrix(wired(ps.SymmetricPairwiseBernoulli(p), n, same=True), n, n, 0)
    assert (counts == counts.T).all() and np.trace(counts) == 0 and counts.max() == 1
    pairs = n * (n - 1) // 2
    assert abs(np.triu(counts).sum() - pairs * p) < 4 * np.sqrt(pairs * p * (1 - p))


def test_symmetric_pairs_hold_across_populations_and_models():
    net = ps.Network()
    cells = net.create(CELLS, 10) + net.create("iaf_psc_delta", 7) + net.create(CELLS, 5)
    cells = cells[::-1]
    net.connect(cells, cells, ps.SymmetricPairwiseBernoulli(0.4))
    counts = matrix(ps.Simulation(net, threads=3).connections().columns(), 22, 22, 0)
    assert (counts == counts.T).all() and 100 < counts.sum() < 270


def test_statements_and_seeds_draw_on_their_own():
    net = ps.Network(seed=1)
    a, b = net.create(CELLS, 30), net.create(CELLS, 30)
    net.connect(a, b, ps.FixedIndegree(5))
    net.connect(a, b, ps.FixedIndegree(5))
    links = ps.Simulation(net).connections().columns()
    first, second = (matrix(ConnectionColumns(*(c[part] for c in links)), 30, 30, 30)
                     for part in (slice(150), slice(150, None)))  # fmt: skip
    other = matrix(wired(ps.FixedIndegree(5), 30, 30, seed=2), 30, 30, 30)
    # 150 connections among 900 pairs: 25 in common by chance.
    for x, y in ((first, second), (first, other), (second, other)):
        assert np.minimum(x, y).sum() < 50


# ---- explicit connections ---------------------------------------------------------------------------


def test_lists_are_positions_in_the_selections():
    net = ps.Network()
    net.create(CELLS, 4)
    a, b = net.create(CELLS, 3), net.create("iaf_psc_delta", 3)
    synapse = ps.static_synapse(weight=[1.0, 2.0, 3.0, 4.0], delay=[1.0, 1.1, 1.2, 1.3])
    net.connect(a[::-1], b + a[:1], ps.Lists([0, 2, 0, 0], [3, 1, 0, 0]), synapse)
    links = ps.Simulation(net, threads=2).connections().columns()
    found = list(zip(*(column.tolist() for column in links), strict=True))
    assert found == [(4, 8, 2.0, 1.1), (6, 4, 1.0, 1.0), (6, 7, 3.0, 1.2), (6, 7, 4.0, 1.3)]


@pytest.mark.parametrize("kind", ["coo_array", "csr_matrix", "csc_array", "lil_matrix", "dok_array"])
def test_a_sparse_matrix_gives_connections_and_weights(kind):
    dense = np.zeros((4, 6))
    dense[[0, 1, 1, 3], [5, 0, 2, 2]] = [1.5, -2.0, 3.0, -4.5]
    links = wired(ps.Lists(getattr(scipy.sparse, kind)(dense)), 4, 6)
    assert links.sources.tolist() == [0, 1, 1, 3] and links.targets.tolist() == [9, 4, 6, 6]
    assert links.weights.tolist() == [1.5, -2.0, 3.0, -4.5] and (links.delays == 1.0).all()


def test_a_sparse_matrix_must_be_the_only_one_to_say_weights():
    sparse = scipy.sparse.coo_array(np.eye(3))
    delays = wired(ps.Lists(sparse), 3, 3, ps.static_synapse(delay=[1.5, 2.0, 0.5])).delays
    assert delays.tolist() == [1.5, 2.0, 0.5]
    with pytest.raises(ps.DescriptionError, match="weight is given twice"):
        wired(ps.Lists(sparse), 3, 3, ps.static_synapse(weight=2.0))
    with pytest.raises(ps.DescriptionError, match=r"targets\[2\] of Lists is 2; there are 2 targets"):
        wired(ps.Lists(sparse), 3, 2)
    with pytest.raises(ps.DescriptionError, match="or a sparse matrix"):
        ps.Lists([1, 2])


# ---- nothing to connect -----------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(
    ("rule", "shapes"),
    [
        (ps.OneToOne(), [(0, 0)]),
        (ps.AllToAll(), [(0, 0), (0, 3), (3, 0)]),
        (ps.AllToAll(allow_autapses=False), [(0, 0), (0, 3), (3, 0)]),
        (ps.FixedIndegree(4), [(0, 0), (3, 0)]),
        (ps.FixedIndegree(0), [(0, 0), (0, 3), (3, 0), (3, 3)]),
        (ps.FixedIndegree(0, allow_autapses=False, allow_multapses=False), [(0, 3), (3, 0), (1, 1), (3, 3)]),
        (ps.FixedOutdegree(4), [(0, 0), (0, 3)]),
        (ps.FixedOutdegree(0), [(0, 0), (0, 3), (3, 0), (3, 3)]),
        (ps.FixedTotalNumber(0), [(0, 0), (0, 3), (3, 0), (3, 3)]),
        (ps.FixedTotalNumber(0, allow_autapses=False, allow_multapses=False), [(0, 0), (0, 3), (1, 1)]),
        (ps.PairwiseBernoulli(0.5), [(0, 0), (0, 3), (3, 0)]),
        (ps.PairwiseBernoulli(0.5, allow_autapses=False), [(0, 0), (0, 3), (3, 0)]),
        (ps.PairwisePoisson(2.0), [(0, 0), (0, 3), (3, 0)]),
        (ps.SymmetricPairwiseBernoulli(0.5), [(0, 0)]),
        (ps.Lists([], []), [(0, 0), (0, 3), (3, 0), (3, 3)]),
        (ps.Lists(scipy.sparse.coo_array((3, 0))), [(3, 0)]),
    ],
    ids=lambda value: repr(value) if not isinstance(value, list) else "",
)
def test_nobody_can_be_connected(rule, shapes, threads):
    random = ps.static_synapse(weight=ps.Normal(1.0, 1.0), delay=ps.Uniform(1.0, 2.0))
    for n, m in shapes:
        for synapse in (None, random):
            if isinstance(rule, ps.Lists) and rule.weights is not None:
                synapse = None
            same = isinstance(rule, ps.SymmetricPairwiseBernoulli)
            links = wired(rule, n, m, synapse, threads=threads, same=same)
            assert all(column.size == 0 for column in links)
            if not same:
                assert wired(rule, n, m, synapse, threads=threads, stimuli=True).sources.size == 0


def test_there_must_be_somebody_to_draw_from():
    for rule, n, m in (
        (ps.FixedIndegree(1), 0, 2),
        (ps.FixedOutdegree(1), 2, 0),
        (ps.FixedTotalNumber(1), 0, 2),
    ):
        with pytest.raises(ps.DescriptionError, match=f"^{type(rule).__name__}.*1\\) has no .* to draw from"):
            wired(rule, n, m)
    for rule in (ps.FixedIndegree, ps.FixedOutdegree, ps.FixedTotalNumber):
        with pytest.raises(ps.DescriptionError, match=r"allow_autapses=True"):
            wired(rule(1, allow_autapses=False), 1, same=True)
        assert wired(rule(1, allow_autapses=False), 1, 1).targets.tolist() == [1]
