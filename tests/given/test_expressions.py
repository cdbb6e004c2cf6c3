"""Arithmetic on values: what it gives, with which draws, in which unit, how it is written, and what it refuses."""

import pickle
from math import erf, sqrt

import numpy as np
import pytest

import parsim as ps
from parsim.errors import DescriptionError
from parsim.given.expressions import LANES
from parsim.given.values import Array, Constant, as_value
from parsim.given.where import Ends, Where

U, N = ps.Uniform(0.0, 1.0), ps.Normal(87.8, 8.78)


def where(n, lane=4, draws=None):
    gids = np.arange(n) * 3 + 1
    return Where(7, 8, gids, np.arange(n) if draws is None else draws, lane, np.arange(n))


def at(value, n=1000, **options):
    return value.at(where(n, **options))


# ---- what they give ----------------------------------------------------------------------------------

u, second = at(U), at(U, lane=4 + LANES)
GIVEN = [
    (2 * U + 1, 2.0 * u + 1.0),
    (1 - U, 1.0 - u),
    (U - U, u - second),
    (U / U, u / second),
    (U**2, u * u),
    (U**-3, 1.0 / (u * (u * u))),
    (U**0.5, np.sqrt(u)),
    (4.0**U, np.exp(u * np.log(4.0))),
    (-abs(U - 0.5), -np.abs(u - 0.5)),
    (U < 0.25, u < 0.25),
    (U >= U, u >= second),
    (ps.where(U > 0.5, 7.0, U), np.where(u > 0.5, 7.0, second)),
    (ps.minimum(U, 0.3) + ps.maximum(0.3, U), np.minimum(u, 0.3) + np.maximum(0.3, second)),
    (ps.equal((3 * U).rounded(), 1), np.rint(3 * u) == 1.0),
    (ps.floor(10 * U) + ps.ceil(U), np.floor(10 * u) + np.ceil(second)),
    (ps.exp(-U / 0.2), np.exp(-u / 0.2)),
    (ps.log1p(U) + ps.expm1(U), np.log1p(u) + np.expm1(second)),
    (ps.log(U) + ps.sqrt(U), np.log(u) + np.sqrt(second)),
    (ps.sin(30 * U), np.sin(30 * u)),
    (ps.cos(-30 * U), np.cos(30 * u)),
    (U.clipped(0.2, 0.7), np.clip(u, 0.2, 0.7)),
    (np.arange(1000) * U, np.arange(1000) * u),
    (np.float64(2.0) * U - np.int32(1), 2.0 * u - 1.0),
    (np.exp(U), np.exp(u)),
    (U + (lambda gids: 1.0 * gids), u + np.arange(1000) * 3 + 1),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), GIVEN, ids=lambda v: getattr(v, "describe", str)()[:40])
def test_an_expression_is_what_its_parts_give(value, expected):
    found = at(value)
    assert found.dtype == np.float64
    # Elementary functions err by a few units in the last place; sines of 30 by so much of their argument.
    assert np.allclose(found, expected, rtol=4e-15, atol=1e-14)


def test_what_the_processor_rounds_is_exact():
    assert np.array_equal(at(2 * U + 1), 2.0 * u + 1.0)
    assert np.array_equal(at(U**2), u * u)


def test_one_distribution_written_twice_draws_twice():
    twice = at(U - U)
    assert abs(np.corrcoef(u, second)[0, 1]) < 0.15  # 4.7 standard deviations of 1000 pairs
    assert abs(twice.mean()) < 0.06 and 0.3 < twice.std() < 0.5


@pytest.mark.parametrize("value", [v for v, _ in GIVEN[:20]] + [N.redrawn(80.0, 90.0)], ids=str)
def test_a_number_depends_on_its_own_gid_and_draw_alone(value):
    whole, some = where(50), np.array([40, 3, 17])
    assert np.array_equal(value.at(whole.picked(some)), value.at(whole)[some])
    assert value.at(whole.picked(some[:0])).shape == (0,)


def test_the_ends_of_connections_are_picked_with_them():
    ends = Ends(lambda: np.arange(5), lambda: np.arange(5) + 10)
    some = where(5)._replace(ends=ends).picked(np.array([4, 1]))
    value = as_value(U * 0 + (lambda s, t: s + 100.0 * t), "", "weight", None, ("sources", "targets"))
    assert value.at(some).tolist() == [1404.0, 1101.0]
    assert some.name(0) == "the connection of gids 4 to 14"


# ---- redrawn -----------------------------------------------------------------------------------------


def test_what_lies_within_bounds_is_not_drawn_again():
    drawn, kept = at(N), at(N.redrawn(80.0, 90.0))
    within = (drawn >= 80.0) & (drawn <= 90.0)
    assert 0.2 < within.mean() < 0.9
    assert np.array_equal(kept[within], drawn[within])
    assert ((kept >= 80.0) & (kept <= 90.0)).all()
    assert np.unique(kept).size == kept.size


def test_a_redrawn_normal_number_has_the_truncated_distribution():
    n = 100_000
    found = np.sort(at(ps.Normal(0.0, 1.0).redrawn(low=0.5, high=1.5), n))
    low, high = (0.5 * (1.0 + erf(b / sqrt(2.0))) for b in (0.5, 1.5))
    expected = (np.array([0.5 * (1.0 + erf(x / sqrt(2.0))) for x in found]) - low) / (high - low)
    apart = np.abs(expected - (np.arange(n) + 0.5) / n).max()
    assert apart < 1.95 / np.sqrt(n)  # Kolmogorov and Smirnov: more once in 1000 seeds


def test_a_redraw_within_a_redraw_draws_anew():
    inner = ps.Normal(0.0, 1.0).redrawn(low=0.0)
    both = at((inner + inner).redrawn(high=0.5), 2000)
    assert both.min() >= 0.0 and both.max() <= 0.5
    assert np.unique(both).size == 2000


@pytest.mark.parametrize(
    ("value", "low", "high", "chance"),
    [
        (ps.Uniform(2.0, 6.0), 5.0, 9.0, 0.25),
        (ps.Uniform(2.0, 6.0), 7.0, 9.0, 0.0),
        (ps.UniformInt(0, 10), 2.5, 4.0, 0.2),
        (ps.Normal(1.0, 2.0), 3.0, np.inf, 0.15865525393145707),
        (ps.Normal(1.0, 2.0), -np.inf, -1.0, 0.15865525393145707),
        (ps.Normal(0.0, 1.0), -10.0, -8.0, 6.22096057e-16),
        (ps.LogNormal(0.0, 1.0), 0.0, 1.0, 0.5),
        (ps.Exponential(2.0), 2.0, np.inf, np.exp(-1.0)),
    ],
    ids=str,
)
def test_distributions_know_how_likely_bounds_are(value, low, high, chance):
    assert np.isclose(value.chance(low, high), chance, rtol=1e-8)


def test_bounds_that_cannot_be_met_end_the_redrawing():
    with pytest.raises(
        DescriptionError, match=r"\(U.* - 2.0\).redrawn\(low=0.0\): none of 2048 draws for gid 1 lies"
    ):
        at((U - 2.0).redrawn(low=0.0), 3)


# ---- whole numbers -----------------------------------------------------------------------------------


def test_whole_numbers_are_each_as_likely():
    found, counts = np.unique(at(ps.UniformInt(-2, 3), 50_000), return_counts=True)
    assert found.tolist() == [-2.0, -1.0, 0.0, 1.0, 2.0]
    assert np.abs(counts - 10_000).max() < 450  # 5 standard deviations of sqrt(8000)


# ---- units, text, limits -----------------------------------------------------------------------------


def test_units_go_where_they_are_meant():
    def numbers(value):
        return as_value(value, "ms", "delay", 3).describe()

    assert numbers(2 * ps.Uniform("1 ms", "0.002 s") + "3 ms") == "2.0 * Uniform(1.0, 2.0) + 3.0"
    assert numbers(ps.Normal("1 s", "1 ms").redrawn(low="0.1 ms")) == "Normal(1000.0, 1.0).redrawn(low=0.1)"
    assert numbers(ps.exp(-U) * "1 s") == "exp(-Uniform(0.0, 1.0)) * 1000.0"
    assert numbers("1 s" / (1 + U)) == "1000.0 / (1.0 + Uniform(0.0, 1.0))"
    assert numbers(ps.where(U < 0.5, "1 s", 2)) == "where(Uniform(0.0, 1.0) < 0.5, 1000.0, 2.0)"
    assert numbers(Constant("1 s") * 2 + 1) == "2001.0"
    with pytest.raises(DescriptionError, match=r"delay is .*, of which each factor has a unit"):
        numbers(ps.Uniform("1 ms", "2 ms") * "3 ms")
    with pytest.raises(DescriptionError, match="a voltage; ms is needed"):
        numbers(U + "3 mV")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((U + 1) * 2 - (U - (3 - U)), "({0} + 1.0) * 2.0 - ({0} - (3.0 - {0}))"),
        (-(U**2) / -U, "-{0} ** 2.0 / -{0}"),
        ((-U) ** (U + 1), "(-{0}) ** ({0} + 1.0)"),
        ((U - 1).clipped(high=0.5).rounded(), "({0} - 1.0).clipped(high=0.5).rounded()"),
        (abs(U) < U, "abs({0}) < {0}"),
        (U.redrawn(0.1, 0.9), "{0}.redrawn(low=0.1, high=0.9)"),
    ],
    ids=str,
)  # fmt: skip
def test_an_expression_is_written_as_it_was_said(value, text):
    assert value.describe() == repr(value) == text.format("Uniform(0.0, 1.0)")
    assert pickle.loads(pickle.dumps(value)) == value


@pytest.mark.parametrize(
    "value", [v for v, _ in GIVEN] + [N.redrawn(80.0, 90.0), ps.UniformInt(2, 5)], ids=str
)
def test_no_number_is_beyond_its_limits(value):
    found, (low, high) = at(value), value.limits
    assert low <= found.min() and found.max() <= high


def test_limits_of_sums_and_products_are_close():
    assert (2 * U - 3).limits == (-3.0, -1.0)
    assert (-U * Constant(-2.0)).limits == (0.0, 2.0)
    assert (ps.Normal(1.5, 0.75).redrawn(low=0.1) + 1).limits == (1.1, np.inf)


# ---- what is refused ---------------------------------------------------------------------------------


def deep(n):
    value = U
    for _ in range(n):
        value = value + 1
    return value


def wide(n):
    value = U
    for _ in range(n):
        value = value + value
    return value


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: bool(U < 1), "neither true nor false"),
        (lambda: U + None, "None cannot stand in an expression"),
        (lambda: True * U, "True cannot stand in an expression"),
        (lambda: U + "1 mile", 'is "1 mile"'),
        (lambda: np.tan(U), "there is no tan of values that differ between cells"),
        (lambda: np.add.reduce(U), "np.add.reduce cannot be taken of"),
        (lambda: U.redrawn(), "is bounded by nothing"),
        (lambda: U.clipped(3, 2), r"clipped\(low=3.0, high=2.0\): low must not exceed high"),
        (lambda: ps.Normal(0, 1).redrawn(low=5), "with a probability of 2.9e-07"),
        (lambda: Constant(3.0).redrawn(low=5), "draws nothing that could be drawn again"),
        (lambda: U.redrawn(0, 1).redrawn(0, 1).redrawn(0, 1), "redraws what is redrawn twice already"),
        (lambda: deep(101), "101 within each other"),
        (lambda: wide(15), "an expression of 4095 operations|an expression of 8191 operations"),
        (lambda: ps.UniformInt(0, 0), r"UniformInt\(0.0, 0.0\): whole numbers are needed"),
        (lambda: ps.UniformInt(0, 2.5), "whole numbers are needed"),
        (lambda: as_value(U + np.ones(3), "", "tau_m", 4), "tau_m has 3 values; 4 are needed"),
        (lambda: as_value(U * (lambda a, b: a), "", "tau_m", 4), "the function for tau_m cannot be called"),
    ],
)
def test_what_makes_no_sense_is_one_error(make, message):
    with pytest.raises(DescriptionError, match=message):
        as_value(make(), "mV", "V_m", None)


# ---- in networks -------------------------------------------------------------------------------------


def network(**values):
    net = ps.Network(seed=3)
    cells = net.create("iaf_psc_exp", 40, **values)
    return net, cells


def test_cells_and_connections_take_expressions():
    net, cells = network(
        V_m=ps.Normal("-65 mV", "5 mV").redrawn(low="-70 mV", high=-60.0), I_e=10 * ps.UniformInt(1, 4)
    )
    weight = ps.Normal(87.8, 8.78).redrawn(low=80.0)
    delay = (ps.Normal(1.5, 0.75).redrawn(low=0.05) * (lambda s, t: np.where(s < 20, 1.0, 2.0))).clipped(
        high=2.5
    )
    net.connect(cells, cells, ps.FixedIndegree(10), ps.static_synapse(weight=weight, delay=delay))
    net.connect(cells, cells, ps.OneToOne(), ps.static_synapse(weight=np.arange(40.0) + ps.Uniform(0, 1)))
    sim = ps.Simulation(net, dt=0.1)
    v = sim.get(cells, "V_m")
    assert -70.0 <= v.min() < -68.0 and -62.0 < v.max() <= -60.0
    assert set(sim.get(cells, "I_e")) == {10.0, 20.0, 30.0}
    found = sim.connections(cells, cells)
    first = found.weights[found.weights >= 80.0]
    assert first.size == 400 and found.weights.size == 440
    assert found.delays.min() >= 0.1 and found.delays.max() == 2.5
    each = found.weights[found.weights < 80.0]
    assert np.array_equal(np.sort(np.floor(each)), np.arange(40.0))
    sim.set(cells, V_m=-60.0 - ps.Exponential(1.0))
    assert sim.get(cells, "V_m").max() < -60.0


def test_what_is_no_number_is_an_error_that_names_the_place():
    net, _cells = network(I_e=ps.log(ps.Uniform(-1.0, 1.0)))
    with pytest.raises(ps.BuildError, match=r"log\(Uniform\(-1.0, 1.0\)\) is no number for gid"):
        ps.Simulation(net).run(0.1)
    net, cells = network()
    net.connect(cells, cells, ps.AllToAll(), ps.static_synapse(weight=ps.sqrt(ps.Uniform(-1.0, 1.0))))
    with pytest.raises(ps.BuildError, match=r"is no number for the connection of gids \d+ to \d+"):
        ps.Simulation(net).run(0.1)
    net, cells = network()
    net.connect(cells, cells, ps.AllToAll(), ps.static_synapse(weight=1 / (ps.Uniform(0, 1) * 0)))
    with pytest.raises(ps.BuildError, match="infinite somewhere"):
        ps.Simulation(net).run(0.1)


def test_errors_of_drawn_values_say_the_expression():
    net, _ = network(tau_m=ps.Normal(0.5, 1.0) * 2)
    with pytest.raises(ps.BuildError, match=r"It comes from Normal\(0.5, 1.0\) \* 2.0"):
        ps.Simulation(net).run(0.1)


def test_ranks_know_expressions_apart():
    def number(weight):
        net, cells = network()
        net.connect(cells, cells, ps.AllToAll(), ps.static_synapse(weight=weight))
        return net.digest

    said = [
        U + 1,
        1 + U,
        U - 1,
        U.redrawn(0.1, 0.9),
        U.redrawn(0.1, 0.8),
        U.clipped(0.1, 0.9),
        U + Array(np.ones((40, 40))),
    ]
    assert len({number(one) for one in said}) == len(said)
    assert number(U + 1) == number(ps.Uniform(0, 1) + 1.0)
