"""Many trees at a time, of any shapes: what is equally far from a root stands together, so that none waits for another.

Nodes of all trees are in the order of their levels. Up, each node is given to by its children, the last of them first,
as in `tree.solve`: so each cell has the bits that it has alone.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.jit import kernel
from parsim.kernels.tree import begin as begin_rows


class Levels(NamedTuple):
    """`spans` [span] of nodes alike: begin, end, its first and last row of `runs`, do they change, are they roots.

    `runs`: how many nodes from a span's begin on have one child more, where these begin in `children`, and whether one
    of them changes. `own` and `give` [node] are what a node has on the diagonal, without neighbours, if it changes, and
    the part of it that its parent is given.
    """

    spans: Ints
    runs: Ints
    children: Ints
    parent: Ints  # [node]
    to_parent: Floats  # [node], uS; 0 of a root
    own: Floats
    give: Floats


def levels_of(parent: Ints, to_parent: Floats, marks: Ints, changes: Ints) -> tuple[Ints, Levels]:
    """The order of nodes that are numbered with parents before children, [node], and what it makes of them.

    Of nodes of a level those with one mark stand together; `changes` must be alike in these.
    """
    n = parent.size
    depth, kids = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for node in range(n):
        if parent[node] >= 0:
            depth[node] = depth[parent[node]] + 1
            kids[parent[node]] += 1
    order = np.lexsort((np.arange(n), -kids, marks, depth))
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    below: list[list[int]] = [[] for _ in range(n)]
    for node in range(n - 1, -1, -1):
        if parent[node] >= 0:
            below[parent[node]].append(int(place[node]))
    new = np.flatnonzero(np.diff(depth[order]) | np.diff(marks[order])) + 1
    bounds, moves = [0, *new.tolist(), n], changes[order]
    spans, runs, children = list[list[int]](), list[list[int]](), list[int]()
    for begin, end in pairwise(bounds):
        first = len(runs)
        for r in range(int(kids[order[begin:end]].max())):
            some = [below[node][r] for node in order[begin:end] if kids[node] > r]
            runs.append([len(some), len(children), int(moves[some].any())])
            children += some
        spans.append([begin, end, first, len(runs), int(moves[begin]), int(depth[order[begin]] == 0)])
    up = np.where(parent[order] < 0, -1, place[parent[order]])
    table = np.array(runs, np.int64).reshape(-1, 3)
    room = np.zeros(n), np.zeros(n)
    return order, Levels(
        np.array(spans, np.int64), table, np.array(children, np.int64), up, to_parent[order], *room
    )


@kernel
def begin_levels(w, m):
    """When rows were brought in: what is given by nodes that do not change."""
    for a in range(w.give.size):
        w.own[a] = 0.0
        w.give[a] = w.to_parent[a] * m.d[a]


@kernel
def advance_levels(w, tree, m, v):
    """As `tree.advance_voltages`, of all trees."""
    if m.before.size == 0:
        return solve_levels(w, m, v)
    for k in range(v.size):
        m.before[k] = v[k]
    found = solve_levels(w, m, v)
    if found:
        for k in range(v.size):
            v[k] = 2.0 * v[k] - m.before[k]
        begin_rows(tree, m, v)
    return found


@kernel
def solve_levels(w, m, v):
    """As `tree.solve`, of all trees."""
    for s in range(w.spans.shape[0] - 1, -1, -1):
        begin, end = np.uint64(w.spans[s, 0]), np.uint64(w.spans[s, 1])
        for r in range(w.spans[s, 2], w.spans[s, 3]):
            n, k = np.uint64(w.runs[r, 0]), np.uint64(w.runs[r, 1])
            if w.runs[r, 2] != 0:
                for j in range(n):
                    child = np.uint64(w.children[k + j])
                    m.d[begin + j] += w.give[child] * w.own[child]
                    m.rhs[begin + j] += w.give[child] * m.rhs[child]
            else:
                for j in range(n):
                    child = np.uint64(w.children[k + j])
                    m.rhs[begin + j] += w.give[child] * m.rhs[child]
        if w.spans[s, 4] != 0:
            for a in range(begin, end):
                own, g = m.d[a], w.to_parent[a]
                inverse = 1.0 / (own + g)
                w.own[a] = own
                w.give[a] = g * inverse
                m.d[a] = inverse
    if not are_solvable(w, m):
        return False
    for s in range(w.spans.shape[0]):
        begin, end = np.uint64(w.spans[s, 0]), np.uint64(w.spans[s, 1])
        if w.spans[s, 5] != 0:
            for a in range(begin, end):
                v[a] = m.rhs[a] * m.d[a]
        else:
            for a in range(begin, end):
                v[a] = (m.rhs[a] + w.to_parent[a] * v[np.uint64(w.parent[a])]) * m.d[a]
    for a in range(np.uint64(v.size)):
        m.rhs[a] = m.drive[a] + m.rate[a] * v[a]
    for s in range(w.spans.shape[0]):
        if w.spans[s, 4] != 0:
            for a in range(np.uint64(w.spans[s, 0]), np.uint64(w.spans[s, 1])):
                m.d[a] = m.base[a]
    return True


@kernel
def are_solvable(w, m):
    """Is each voltage at a root a number?"""
    total = 0.0
    for s in range(w.spans.shape[0]):
        if w.spans[s, 5] != 0:
            for a in range(np.uint64(w.spans[s, 0]), np.uint64(w.spans[s, 1])):
                total += abs(m.rhs[a] * m.d[a])
    return total < np.inf
