"""Steps of trees of compartments: against dense systems and a closed form, in lanes and forests, and in Python."""

import numpy as np
import pytest

from parsim.jit import python_function
from parsim.kernels import levels
from parsim.kernels import tree as trees
from parsim.kernels.tree import (
    Matrix,
    Tree,
    advance_voltages,
    begin,
    eliminate_unchanging,
    make_matrix,
    make_tree,
)

DT = 0.025


def random_shape(n: int, seed: int, roots: int = 1):
    """Parents, conductances, capacitances, areas, diameters of a tree, or of several one after another."""
    rng = np.random.default_rng(seed)
    parent = np.array([-1 if k == 0 else rng.integers(0, k) for k in range(n)])
    g = np.where(parent < 0, 0.0, rng.uniform(0.001, 0.1, n))
    return parent, g, rng.uniform(0.5, 2.0, n), rng.uniform(50.0, 300.0, n), rng.uniform(0.5, 5.0, n)


def started(tree: Tree, v, changes, g_fixed, e_fixed, trapezoid: bool = False) -> Matrix:
    m = make_matrix(tree, changes, DT, trapezoid)
    m.base[:] += tree.patch * g_fixed
    m.drive[:] += tree.patch * g_fixed * e_fixed
    eliminate_unchanging(tree, m)
    begin(tree, m, v)
    return m


def stepped(tree, m, v, g, steps: int, advance=advance_voltages):
    """Steps with a conductance g that reverses at 20 mV on nodes that change."""
    for _ in range(steps):
        m.d[:] += g
        m.rhs[:] += g * 20.0
        advance(tree, m, v)
    return v


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_step_solves_the_equations(share):
    n = 40
    parent, g, cm, area, diam = random_shape(n, 3)
    tree = make_tree(parent, g, cm, area, diam)
    rng = np.random.default_rng(1)
    changes = (rng.uniform(size=n) < share).astype(int)
    v, fixed, moving = rng.uniform(-80, 0, n), rng.uniform(0, 1e-3, n), changes * rng.uniform(0, 0.05, n)
    m = started(tree, v, changes, fixed, -60.0)

    rate = 1e-5 * area * cm / DT
    a = np.diag(rate + 1e-2 * area * fixed + moving)
    for k in range(1, n):
        i, j = k, parent[k]
        a[[i, j], [i, j]] += g[k]
        a[[i, j], [j, i]] -= g[k]
    want = v.copy()
    for _ in range(3):
        want = np.linalg.solve(a, rate * want - 1e-2 * area * fixed * 60.0 + moving * 20.0)
    np.testing.assert_allclose(stepped(tree, m, v, moving, 3), want, rtol=1e-10)


def test_short_compartments_lose_no_digits():
    """Conductances between them are up to 1e6 times what else they have; against numbers of 64 bits of mantissa."""
    n = 40
    parent, g, cm, area, diam = random_shape(n, 5)
    g = 1e6 * 1e-5 * area * cm / DT * (parent >= 0)
    tree = make_tree(parent, g, cm, area, diam)
    v = np.random.default_rng(3).uniform(-80, 0, n)
    moving = np.full(n, 1e-3)
    rate = (1e-5 * area * cm / DT).astype(np.longdouble)
    own, right = rate + moving, rate * v + moving * np.longdouble(20.0)
    whole = np.zeros(n, np.longdouble)
    for k in range(n - 1, -1, -1):
        whole[k] = own[k] + g[k]
        if parent[k] >= 0:
            own[parent[k]] += g[k] * own[k] / whole[k]
            right[parent[k]] += g[k] * right[k] / whole[k]
    want = np.zeros(n, np.longdouble)
    for k in range(n):
        want[k] = (right[k] + (g[k] * want[parent[k]] if parent[k] >= 0 else 0.0)) / whole[k]
    m = started(tree, v, np.ones(n, int), 0.0, 0.0)
    stepped(tree, m, v, moving, 1)
    assert np.abs(v / want - 1.0).max() < 1e-14


@pytest.mark.parametrize("lanes", [2, 3, 8, 37])
@pytest.mark.parametrize("trapezoid", [False, True])
def test_a_cell_has_the_same_bits_in_any_lane(lanes, trapezoid):
    shape = random_shape(23, 5)
    changes = (np.arange(23) % 3 == 0).astype(int)
    rng = np.random.default_rng(2)
    v = rng.uniform(-80, 0, (23, lanes))
    fixed, moving = rng.uniform(0, 1e-3, (23, lanes)), changes[:, None] * rng.uniform(0, 0.05, (23, lanes))
    wide = make_tree(*shape, lanes=lanes)
    flat = v.ravel().copy()
    m = started(wide, flat, changes, fixed.ravel(), -60.0, trapezoid)
    together = stepped(wide, m, flat, moving.ravel(), 20).reshape(23, lanes)
    for lane in range(lanes):
        one = make_tree(*shape)
        alone = v[:, lane].copy()
        m = started(one, alone, changes, fixed[:, lane], -60.0, trapezoid)
        np.testing.assert_array_equal(stepped(one, m, alone, moving[:, lane].copy(), 20), together[:, lane])


def test_a_cell_has_the_same_bits_in_a_forest():
    shapes = [random_shape(n, n) for n in (7, 1, 30)]
    firsts = np.cumsum([0, *(len(s[0]) for s in shapes[:-1])])
    parents = [np.where(s[0] < 0, -1, s[0] + first) for s, first in zip(shapes, firsts, strict=True)]
    whole = [np.concatenate(parents), *(np.concatenate([s[k] for s in shapes]) for k in range(1, 5))]
    n = whole[0].size
    rng = np.random.default_rng(4)
    changes = (rng.uniform(size=n) < 0.4).astype(int)
    v, moving = rng.uniform(-80, 0, n), changes * rng.uniform(0, 0.05, n)
    forest = make_tree(*whole)
    together = v.copy()
    stepped(forest, started(forest, together, changes, 1e-4, -60.0), together, moving, 20)
    for shape, first in zip(shapes, firsts, strict=True):
        part = slice(first, first + len(shape[0]))
        tree, alone = make_tree(*shape), v[part].copy()
        m = started(tree, alone, changes[part], 1e-4, -60.0)
        np.testing.assert_array_equal(stepped(tree, m, alone, moving[part], 20), together[part])


@pytest.mark.parametrize("interpreted", [False, True], ids=["compiled", "interpreted"])
def test_a_cell_has_the_same_bits_where_trees_are_solved_level_by_level(interpreted, monkeypatch):
    sizes = (7, 1, 30, 12)
    shapes = [random_shape(n, n) for n in sizes]
    bounds = np.cumsum([0, *sizes])
    parents = [np.where(s[0] < 0, -1, s[0] + a) for s, a in zip(shapes, bounds[:-1], strict=True)]
    columns = [np.concatenate([s[k] for s in shapes]) for k in range(1, 5)]
    rng = np.random.default_rng(4)
    changes = (rng.uniform(size=bounds[-1]) < 0.3).astype(int)
    v, moving = rng.uniform(-80, 0, bounds[-1]), changes * rng.uniform(0, 0.05, bounds[-1])
    tree, want = make_tree(np.concatenate(parents), *columns), v.copy()
    m = started(tree, want, changes, 1e-4, -60.0)
    order, w = levels.levels_of(tree.parent, tree.to_parent, m.changes, m.changes)
    mine = Matrix(*(column[order] for column in m[:6]), m.before)
    stepped(tree, m, want, moving, 20)
    if interpreted:
        monkeypatch.setattr(levels, "are_solvable", python_function(levels.are_solvable))
    begin_them, solve = (
        python_function(f) if interpreted else f for f in (levels.begin_levels, levels.solve_levels)
    )
    begin_them(w, mine)
    got = stepped(w, mine, v[order], moving[order], 20, solve)
    np.testing.assert_array_equal(got, want[order])


@pytest.mark.parametrize("lanes", [1, 4])
def test_the_interpreter_gives_the_same_bits(lanes, monkeypatch):
    tree = make_tree(*random_shape(15, 7), lanes=lanes)
    changes = (np.arange(15) % 2).astype(int)
    v = np.linspace(-80.0, -20.0, 15 * lanes)
    moving = np.repeat(changes, lanes) * 0.01
    compiled = v.copy()
    stepped(tree, started(tree, compiled, changes, 1e-4, -60.0), compiled, moving, 5)
    interpreted = v.copy()
    m = started(tree, interpreted, changes, 1e-4, -60.0)
    for name in ("solve", "_solve_one", "_solve_lanes", "begin"):
        monkeypatch.setattr(trees, name, python_function(getattr(trees, name)))
    stepped(tree, m, interpreted, moving, 5, python_function(advance_voltages))
    np.testing.assert_array_equal(interpreted, compiled)


def steady_end(n: int) -> float:
    """The voltage of the far end of a sealed cable of one length constant, held by a current, in n compartments."""
    length, diam, ra, g = 1000.0, 2.0, 100.0, 1e-4 * 0.5  # lambda: 1000 um
    dx = length / n
    half = 1e-2 * ra * dx / 2.0 / (np.pi * diam**2 / 4.0)
    to_parent = np.full(n, 1.0 / (2.0 * half))
    to_parent[0] = 0.0
    one = np.ones(n)
    tree = make_tree(np.arange(n) - 1, to_parent, one, np.pi * diam * dx * one, diam * one)
    v = np.zeros(n)
    m = make_matrix(tree, np.zeros(n, int), 1e9, False)
    m.base[:] += tree.patch * g
    m.drive[0] += 0.01
    eliminate_unchanging(tree, m)
    begin(tree, m, v)
    advance_voltages(tree, m, v)
    return v[-1]


def test_a_sealed_cable_converges_to_its_closed_form_with_the_square_of_its_compartments():
    # v(L) = I R / sinh(L / lambda), R = sqrt(r_m r_a); in the middle of the last compartment cosh(dx / 2) as much.
    area, g = np.pi * 2.0 / 4.0 * 2.0, 1e-4 * 0.5
    r_inf = 1e-2 * 100.0 * 1000.0 / area  # MOhm
    lam = np.sqrt((1.0 / (1e-2 * g * np.pi * 2.0)) * area / (1e-2 * 100.0))
    assert lam == pytest.approx(1000.0)
    errors = []
    for n in (11, 33, 99):
        dx = 1000.0 / n
        closed = 0.01 * r_inf / np.sinh(1.0) * np.cosh(0.5 * dx / lam)
        errors.append(abs(steady_end(n) / closed - 1.0))
    assert errors[0] / errors[1] == pytest.approx(9.0, rel=0.05) and errors[1] / errors[2] == pytest.approx(
        9.0, rel=0.05
    )
