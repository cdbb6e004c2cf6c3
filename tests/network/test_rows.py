"""Weights and delays at the right connection, and connections read back."""

import numpy as np
import pytest
import scipy.sparse
import scipy.stats

import parsim as ps
from tests.wiring import CELLS, wired

# ---- weights and delays -----------------------------------------------------------------------------


def labels(*shape: int) -> np.ndarray:
    """Weights that say where in the array they stand."""
    return np.arange(1.0, np.prod(shape) + 1).reshape(shape)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("stimuli", [False, True])
def test_array_weights_and_delays_land_on_their_connection(threads, stimuli):
    n, m = 5, 7

    def check(rule, shape, index, n=n, m=m):
        weight = labels(*shape)
        synapse = ps.static_synapse(weight=weight, delay=weight / 10)
        links = wired(rule, n, m, synapse, threads=threads, stimuli=stimuli)
        assert np.array_equal(np.sort(links.weights), weight.ravel()[: links.weights.size])
        assert np.array_equal(np.rint(links.delays * 10), links.weights)
        source, target = links.sources, links.targets - (0 if stimuli else n)
        at = np.unravel_index(links.weights.astype(int) - 1, shape)
        for axis, place in zip(at, index, strict=True):
            if place is not None:
                assert np.array_equal(axis, {"source": source, "target": target}[place])

    check(ps.OneToOne(), (n,), ["source"], m=n)
    check(ps.OneToOne(), (n,), ["target"], m=n)
    check(ps.AllToAll(), (m, n), ["target", "source"])
    check(ps.AllToAll(allow_autapses=False), (m, n), ["target", "source"])
    check(ps.FixedIndegree(4), (m, 4), ["target", None])
    check(ps.FixedIndegree(4, allow_multapses=False), (m, 4), ["target", None])
    check(ps.FixedOutdegree(6), (n, 6), ["source", None])
    check(ps.FixedOutdegree(6, allow_multapses=False), (n, 6), ["source", None])
    check(ps.FixedTotalNumber(20), (20,), [None])
    check(ps.FixedTotalNumber(20, allow_multapses=False), (20,), [None])


@pytest.mark.parametrize("threads", [1, 3])
def test_array_weights_of_cells_among_themselves_land_on_their_connection(threads):
    n = 6
    for rule in (ps.AllToAll(), ps.AllToAll(allow_autapses=False)):
        links = wired(rule, n, synapse=ps.static_synapse(weight=labels(n, n)), same=True, threads=threads)
        assert np.array_equal(links.weights, labels(n, n)[links.targets, links.sources])
        assert links.weights.size == n * n - n * (not rule.allow_autapses)
    links = wired(
        ps.OneToOne(allow_autapses=False), n, synapse=ps.static_synapse(weight=labels(n)), same=True
    )
    assert links.weights.size == 0


@pytest.mark.parametrize(
    "rule", [ps.FixedIndegree(4), ps.FixedOutdegree(4), ps.FixedTotalNumber(24)], ids=repr
)
def test_array_weights_change_no_connection(rule):
    shape = rule.shape(6, 6)
    plain, weighted = wired(rule, 6, 6), wired(rule, 6, 6, ps.static_synapse(weight=labels(*shape)))
    assert np.array_equal(plain.sources, weighted.sources)
    assert np.array_equal(plain.targets, weighted.targets)


def test_array_weights_follow_selections_in_any_order():
    net = ps.Network()
    a, b = net.create(CELLS, 3), net.create("iaf_psc_delta", 4)
    source, target = b[::-1] + a[1:], a[::-1] + b[[2, 0]]
    net.connect(source, target, ps.AllToAll(), ps.static_synapse(weight=labels(5, 6)))
    links = ps.Simulation(net, threads=2).connections().columns()
    place = {int(g): i for i, g in enumerate(source.gids)}, {int(g): i for i, g in enumerate(target.gids)}
    for s, t, w, _ in zip(*links, strict=True):
        assert w == labels(5, 6)[place[1][int(t)], place[0][int(s)]]


@pytest.mark.parametrize("threads", [1, 2])
def test_functions_are_given_the_gids_of_both_ends(threads):
    net = ps.Network()
    a, b, noise = net.create(CELLS, 4), net.create("iaf_psc_delta", 5), net.create("dc_generator", 3)
    synapse = ps.static_synapse(
        weight=lambda source, target: 100.0 * source + target,
        delay=lambda source, target: 1.0 + 0.1 * np.abs(source - target),
    )
    net.connect(a[::-1], b + a[:2], ps.FixedOutdegree(6), synapse)
    net.connect(noise[1:], b, ps.AllToAll(), ps.static_synapse(weight=lambda source, target: source - target))
    sim = ps.Simulation(net, threads=threads)
    links = sim.connections().columns()
    assert links.sources.size == 24
    assert np.array_equal(links.weights, 100.0 * links.sources + links.targets)
    assert np.allclose(links.delays, 1.0 + 0.1 * np.abs(links.sources - links.targets))
    links = sim.connections(noise).columns()
    assert links.sources.size == 10 and np.array_equal(links.weights, links.sources - links.targets)


def test_functions_may_give_one_number_or_units_and_are_not_asked_about_nothing():
    def weight(source, target):
        assert source.size == target.size > 0
        return "0.5 nA"

    for rule in (ps.AllToAll(), ps.PairwiseBernoulli(0.0), ps.FixedTotalNumber(0), ps.Lists([], [])):
        links = wired(rule, 3, 3, ps.static_synapse(weight=weight), threads=4)
        assert (links.weights == 500.0).all()


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (
            lambda s, t: s[:1].repeat(4),
            ps.BuildError,
            r"for weight .* returns has shape \(4,\) for 9 connections",
        ),
        (lambda s, t: s / 0.0, ps.ParsimError, "for weight .*(NaN|infinite)"),
        (lambda s, t: s * np.nan, ps.BuildError, "returns is NaN"),
        (lambda s, t: "3 mV", ps.BuildError, 'is "3 mV", a voltage; pA is needed'),
    ],
)
def test_what_a_function_returns_is_checked(value, error, text):
    with np.errstate(all="ignore"), pytest.raises(error, match=text):
        wired(ps.AllToAll(), 3, 3, ps.static_synapse(weight=value))


@pytest.mark.parametrize(
    "rule",
    [
        ps.AllToAll(),
        ps.FixedIndegree(20),
        ps.FixedOutdegree(20),
        ps.FixedTotalNumber(1000),
        ps.PairwiseBernoulli(0.5),
    ],
    ids=repr,
)
def test_random_weights_and_delays_are_in_range_and_know_no_thread(rule):
    random = ps.static_synapse(weight=ps.Uniform(-2.0, 3.0), delay=ps.Uniform(0.5, 4.0))
    alone = wired(rule, 50, 50, random)
    assert alone.weights.min() >= -2.0 and alone.weights.max() < 3.0
    # Drawn delays go to the nearest step, so those of the first and last step are half as many.
    steps = np.rint(alone.delays * 10).astype(int)
    assert steps.min() == 5 and steps.max() == 40 and np.allclose(alone.delays, steps / 10)
    assert scipy.stats.kstest(alone.weights, scipy.stats.uniform(-2.0, 5.0).cdf).pvalue > 1e-3
    assert abs(alone.delays.mean() - 2.25) < 4 * 3.5 / np.sqrt(12 * alone.delays.size)
    assert abs(np.corrcoef(alone.weights, alone.delays)[0, 1]) < 4 / np.sqrt(alone.weights.size)
    for threads in (2, 3):
        assert all(
            np.array_equal(a, b)
            for a, b in zip(alone, wired(rule, 50, 50, random, threads=threads), strict=True)
        )


def test_constant_values_take_units_and_defaults():
    links = wired(ps.OneToOne(), 2, 2)
    assert (links.weights == 1.0).all() and (links.delays == 1.0).all()
    links = wired(ps.OneToOne(), 2, 2, ps.static_synapse(weight="0.2 nA", delay="0.0015 s"))
    assert (links.weights == 200.0).all() and (links.delays == 1.5).all()
    links = wired(ps.OneToOne(), 2, 2, ps.static_synapse(weight=["1 nA", "3 pA"], delay=[2, 3]))
    assert links.weights.tolist() == [1000.0, 3.0] and links.delays.tolist() == [2.0, 3.0]


# ---- reading back -----------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 3])
def test_connections_are_read_back_by_statement_source_and_target(threads):
    net = ps.Network()
    a, b, noise = net.create(CELLS, 4), net.create("iaf_psc_delta", 3), net.create("poisson_generator", 2)
    net.connect(b, a, ps.AllToAll(), ps.static_synapse(weight=1.0))
    net.connect(noise, a, ps.AllToAll(), ps.static_synapse(weight=9.0))
    net.connect(a, b + a, ps.FixedOutdegree(5), ps.static_synapse(weight=2.0, delay=2.5))
    net.connect(a[:1], b[:1], ps.Lists([0] * 3, [0] * 3), ps.static_synapse(weight=[7.0, 5.0, 6.0]))
    sim = ps.Simulation(net, threads=threads)

    links = sim.connections().columns()
    assert links.weights[:12].tolist() == [1.0] * 12 and links.weights[12:32].tolist() == [2.0] * 20
    assert links.weights[32:].tolist() == [7.0, 5.0, 6.0]  # of one pair: in the order they were said
    for part in (slice(12), slice(12, 32)):
        keys = links.sources[part] * 100 + links.targets[part]
        assert (np.diff(keys) >= 0).all()
    assert links.delays[12:32].tolist() == [2.5] * 20

    def filtered(source, target):
        keep = np.isin(links.sources, source.gids) & np.isin(links.targets, target.gids)
        return [column[keep].tolist() for column in links]

    for source, target in ((a, b), (b, a), (a[1:3], a), (a + b, b[1:]), (a[:0], b), (b[::-1], a[[0, 2]])):
        assert [column.tolist() for column in sim.connections(source, target).columns()] == filtered(
            source, target
        )
    assert [c.tolist() for c in sim.connections(target=b).columns()] == filtered(a + b, b)
    assert [c.tolist() for c in sim.connections(a).columns()] == filtered(a, a + b)

    links = sim.connections(noise).columns()
    assert links.sources.tolist() == [0] * 4 + [1] * 4 and links.targets.tolist() == [0, 1, 2, 3] * 2
    assert (links.weights == 9.0).all() and sim.connections(noise, b).sources.size == 0
    assert sim.connections(noise[1:], a[2]).targets.tolist() == [2]


def test_connections_are_on_rank_0_or_everywhere():
    """Ranks are threads here, so this process is rank 0 and everything is on it either way."""
    net = ps.Network()
    cells = net.create(CELLS, 5)
    net.connect(cells, cells, ps.FixedIndegree(3))
    sim = ps.Simulation(net, threads=2)
    for a, b in zip(sim.connections().columns(everywhere=False), sim.connections().columns(), strict=True):
        assert np.array_equal(a, b) and a.size == 15


def test_connections_said_after_a_run_are_read_back_after_those_before():
    net = ps.Network()
    cells = net.create(CELLS, 3)
    net.connect(cells, cells, ps.OneToOne())
    sim = ps.Simulation(net, threads=2)
    sim.run(1.3)
    more = net.create(CELLS, 2)
    net.connect(more, cells[:1], ps.AllToAll(), ps.static_synapse(delay=0.3))
    net.connect(cells[:1], more, ps.AllToAll())
    links = sim.connections().columns()
    assert links.sources.tolist() == [0, 1, 2, 3, 4, 0, 0] and links.targets.tolist() == [0, 1, 2, 0, 0, 3, 4]
    assert links.delays.tolist() == [1.0, 1.0, 1.0, 0.3, 0.3, 1.0, 1.0]


def test_a_large_statement_gives_the_same_rows_as_small_ones():
    """Small statements share a table, and rows of large ones are drawn in blocks of targets."""
    net = ps.Network(seed=3)
    cells = net.create(CELLS, 900)
    net.connect(cells, cells, ps.FixedIndegree(150), ps.static_synapse(weight=ps.Normal(0.0, 1.0)))
    large = ps.Simulation(net).connections(target=cells[880:]).columns()
    three = ps.Simulation(net, threads=3).connections(target=cells[880:]).columns()
    assert all(np.array_equal(a, b) for a, b in zip(large, three, strict=True))
    net = ps.Network(seed=3)
    cells = net.create(CELLS, 900)
    net.connect(cells, cells[880:], ps.FixedIndegree(150), ps.static_synapse(weight=ps.Normal(0.0, 1.0)))
    small = ps.Simulation(net).connections().columns()
    assert all(np.array_equal(a, b) for a, b in zip(large, small, strict=True))
