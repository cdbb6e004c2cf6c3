"""The cable equation of a block of cells: a tree of compartments for each, a step of all voltages in two passes.

A block holds `lanes` cells of one shape; compartment `node * lanes + lane`, so that loops over cells are the innermost
and a cell alone is a block of one lane. A block of one lane may hold several trees, a forest: each node without a
parent is the root of one. Rows are in nA and uS and symmetric,

    d v_i - sum over neighbours of g v_j = rhs,

and solved for v itself: a current g (v - e) adds g to `d` and g e to `rhs`. Parents come before their children; each
cell is eliminated in its own order, so no bit of it depends on lanes or on what else is in the block.

What stands on the diagonal is held without the conductances to neighbours. Of a node that is taken out its parent gains
g (d - g) / d, in which nothing cancels: between short compartments g is a thousand times what else there is, and g of
the parent less g g / d would lose three digits.
"""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.jit import kernel


class Tree(NamedTuple):
    """The shape of a block: [node] up to `cm`, then [node * lanes + lane]."""

    parent: Ints  # -1 for a root
    to_parent: Floats  # conductance to the parent, uS; 0 of a root
    cm: Floats  # uF/cm2
    patch: Floats  # area in units in which mA/cm2 become nA
    area: Floats  # um2
    diam: Floats  # um
    lanes: int


class Matrix(NamedTuple):
    """A step's rows `d` and `rhs`, and what they begin with: `base`, and `drive` + `rate` v.

    `d` is without the conductances to neighbours until its node is taken out, then the inverse of the whole. Where no
    conductance changes from a node to its tips, the node is eliminated once: `d` holds that inverse for good.
    `before` holds voltages at the start of a step of the trapezoidal rule; else it is empty.
    """

    d: Floats
    rhs: Floats
    base: Floats  # capacitance over dt, and conductances that do not change, uS
    drive: Floats  # currents of conductances that do not change, nA
    rate: Floats  # [node] capacitance over dt, uS
    changes: Ints  # [node] is there a conductance that changes, here or further from the root?
    before: Floats


def make_tree(
    parent: Ints, to_parent: Floats, cm: Floats, area: Floats, diam: Floats, lanes: int = 1
) -> Tree:
    """The tree of `lanes` equal cells; all arguments [node]."""
    patch, area, diam = (np.repeat(a, lanes) for a in (1e-2 * area, area, diam))
    return Tree(parent.astype(np.int64), to_parent, cm, patch, area, diam, lanes)


def of_one_lane(tree: Tree) -> Tree:
    """The tree of one of the cells, which have all the same."""
    patch, area, diam = (a[:: tree.lanes].copy() for a in (tree.patch, tree.area, tree.diam))
    return tree._replace(patch=patch, area=area, diam=diam, lanes=1)


def make_matrix(tree: Tree, changes: Ints, dt: float, trapezoid: bool) -> Matrix:
    """Rows without any mechanism. `changes` [node] marks nodes that some changing conductance is on."""
    n = tree.parent.size * tree.lanes
    rate = 1e-5 * tree.area[:: tree.lanes] * tree.cm * ((2.0 if trapezoid else 1.0) / dt)
    base = np.repeat(rate, tree.lanes)
    upward = changes.astype(np.int64)
    for node in range(upward.size - 1, 0, -1):
        if tree.parent[node] >= 0:
            upward[tree.parent[node]] |= upward[node]
    before = np.zeros(n if trapezoid else 0)
    return Matrix(np.zeros(n), np.zeros(n), base, np.zeros(n), rate, upward, before)


@kernel
def begin(tree, m, v):
    """The rows of the next step; also after voltages were set."""
    lanes = np.uint64(tree.lanes)
    for node in range(tree.parent.size):
        a, rate = np.uint64(node) * lanes, m.rate[node]
        for j in range(lanes):
            if m.changes[node] != 0:
                m.d[a + j] = m.base[a + j]
            m.rhs[a + j] = m.drive[a + j] + rate * v[a + j]


@kernel
def eliminate_unchanging(tree, m):
    """Once, when conductances that do not change have been added to `base`: take out the nodes that do not change."""
    lanes = np.uint64(tree.lanes)
    for node in range(tree.parent.size - 1, -1, -1):
        if m.changes[node] == 0:
            a, g = np.uint64(node) * lanes, tree.to_parent[node]
            for j in range(lanes):
                m.d[a + j] = 1.0 / (m.base[a + j] + g)
            if tree.parent[node] >= 0:
                p = np.uint64(tree.parent[node]) * lanes
                for j in range(lanes):
                    m.base[p + j] += (g * m.d[a + j]) * m.base[a + j]


@kernel
def advance_voltages(tree, m, v):
    """A step of backward Euler; with `before`, of the trapezoidal rule, which is half such a step and as far again.

    What `solve` returns.
    """
    if m.before.size == 0:
        return solve(tree, m, v)
    for k in range(v.size):
        m.before[k] = v[k]
    found = solve(tree, m, v)
    if found:
        for k in range(v.size):
            v[k] = 2.0 * v[k] - m.before[k]
        begin(tree, m, v)
    return found


@kernel
def solve(tree, m, v):
    """Voltages that the rows give, and the rows of the next step.

    Up: each node is taken out of its parent's row. Down: voltages, and what the next rows begin with. False, and all
    voltages as they were, where rows make one at the root that is no number, as one that is none elsewhere does.
    """
    # Loops over one lane would be 1.4 times as long as none.
    if tree.lanes == 1:
        return _solve_one(tree, m, v)
    return _solve_lanes(tree, m, v)


@kernel
def _solve_lanes(tree, m, v):
    lanes = np.uint64(tree.lanes)
    for node in range(tree.parent.size - 1, -1, -1):
        a, g, parent = np.uint64(node) * lanes, tree.to_parent[node], tree.parent[node]
        p = np.uint64(max(parent, 0)) * lanes
        if m.changes[node] != 0:
            if parent >= 0:
                for j in range(lanes):
                    own = m.d[a + j]
                    inverse = 1.0 / (own + g)
                    f = g * inverse
                    m.d[a + j] = inverse
                    m.d[p + j] += f * own
                    m.rhs[p + j] += f * m.rhs[a + j]
            else:
                for j in range(lanes):
                    m.d[a + j] = 1.0 / m.d[a + j]
        elif parent >= 0:
            for j in range(lanes):
                m.rhs[p + j] += (g * m.d[a + j]) * m.rhs[a + j]
    if not is_solvable(tree, m):
        return False
    for node in range(tree.parent.size):
        a, g, parent, rate = np.uint64(node) * lanes, tree.to_parent[node], tree.parent[node], m.rate[node]
        if parent >= 0:
            p = np.uint64(parent) * lanes
            for j in range(lanes):
                v[a + j] = (m.rhs[a + j] + g * v[p + j]) * m.d[a + j]
        else:
            for j in range(lanes):
                v[a + j] = m.rhs[a + j] * m.d[a + j]
        for j in range(lanes):
            m.rhs[a + j] = m.drive[a + j] + rate * v[a + j]
        if m.changes[node] != 0:
            for j in range(lanes):
                m.d[a + j] = m.base[a + j]
    return True


@kernel
def _solve_one(tree, m, v):
    for node in range(tree.parent.size - 1, -1, -1):
        a, g, parent = np.uint64(node), tree.to_parent[node], tree.parent[node]
        own = m.d[a]
        if m.changes[node] != 0:
            m.d[a] = 1.0 / (own + g)
        if parent >= 0:
            p, f = np.uint64(parent), g * m.d[a]
            if m.changes[node] != 0:
                m.d[p] += f * own
            m.rhs[p] += f * m.rhs[a]
    if not is_solvable(tree, m):
        return False
    for node in range(tree.parent.size):
        a, parent = np.uint64(node), tree.parent[node]
        x = m.rhs[a] * m.d[a]
        if parent >= 0:
            x = (m.rhs[a] + tree.to_parent[node] * v[np.uint64(parent)]) * m.d[a]
        v[a] = x
        m.rhs[a] = m.drive[a] + m.rate[node] * x
        if m.changes[node] != 0:
            m.d[a] = m.base[a]
    return True


@kernel
def is_solvable(tree, m):
    """When rows have been taken out up to the root: is each voltage there a number? `d` has inverses."""
    total = 0.0
    for j in range(np.uint64(tree.lanes)):
        total += abs(m.rhs[j] * m.d[j])
    return total < np.inf


@kernel
def is_finite(tree, v):
    """Are all voltages numbers? One that is none makes all of its cell so, also the root, which stands first."""
    total = 0.0
    for j in range(np.uint64(tree.lanes)):
        total += abs(v[j])
    return total < np.inf
