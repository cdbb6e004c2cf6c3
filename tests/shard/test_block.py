"""Blocks of cable cells: with the same bits in lanes, in forests and over cuts."""

import numpy as np
import pytest

from parsim.clock import Clock
from parsim.jit import Block
from parsim.kernels.tree import make_tree
from parsim.models.ions import RESTS
from parsim.models.section import Place, Section
from parsim.models.shape import shape_of
from parsim.shard.cable.block import CableBlock, Kind, Planted, runs_of, through_points
from parsim.shard.cable.block_ops import act
from parsim.shard.cable.block_steps import Around
from parsim.shard.outbox import outbox
from tests.cables import CASES, find

GRID = Clock(0.025).for_kernels


def built(case: dict, lanes: int = 1):
    """The block of a case, and its shape."""
    sections = []
    for s in case["sections"]:
        values = {key: s[key] for key in ("name", "L", "diam", "nseg", "Ra", "cm")}
        sections.append(
            Section(**values, parent=f"{s['parent'][0]}({s['parent'][1]})" if s.get("parent") else None)
        )
    clamps = [(Place(*c["at"]), c) for c in case.get("clamps", [])]
    shape = shape_of(sections, [place for place, _ in clamps])
    tables = bool(case.get("tables", 0))
    planted = [
        Planted(
            find(i["mechanism"], tables),
            [n for s in i["sections"] for n in shape.nodes(s)],
            i.get("values", {}),
        )
        for i in case.get("insert", [])
    ]
    for place, c in clamps:
        planted.append(
            Planted(find("IClamp"), [shape.node(place)], {key: c[key] for key in ("delay", "dur", "amp")})
        )
    trapezoid = bool(case.get("secondorder", 0))
    kind = Kind(planted, RESTS, case.get("celsius", 6.3), trapezoid)
    return CableBlock(shape.tree(lanes), kind, Clock(case.get("dt", 0.025)).for_kernels), shape


def start(block: CableBlock, v) -> None:
    """At 0 ms, with these voltages."""
    block.volts[:] = v
    block.start(0)
    block.settle()


def advance(block: CableBlock, stop: int, first: int = 0) -> None:
    wrong = np.full(1, -1, np.int64)
    steps = block.acts.step(Around(Block(outbox(1)), 0, wrong))
    for step in range(first, stop):
        act(steps, step)
    assert wrong[0] == -1


@pytest.mark.parametrize("lanes", [2, 5])
def test_a_cell_has_the_same_bits_in_any_lane(lanes):
    case = CASES["calcium"]
    wide, _ = built(case, lanes)
    begin = np.linspace(-75.0, -55.0, lanes)
    start(wide, np.tile(begin, wide.volts.size // lanes))
    advance(wide, 300)
    for lane, v in enumerate(begin):
        one, _ = built(case)
        start(one, v)
        advance(one, 300)
        np.testing.assert_array_equal(one.volts, wide.volts[lane::lanes])
        np.testing.assert_array_equal(one.ion("ca").inside, wide.ion("ca").inside[lane::lanes])


def test_cells_have_the_same_bits_in_a_forest():
    hh, pas = find("hh"), find("pas")
    shapes = [shape_of([Section("a", L=50.0 * k, diam=1.0 + k, nseg=k)]) for k in (1, 3, 4)]
    firsts = np.cumsum([0, 1, 3])
    trees = [s.tree() for s in shapes]
    parent = np.concatenate(
        [np.where(t.parent < 0, -1, t.parent + f) for t, f in zip(trees, firsts, strict=True)]
    )
    columns = (
        np.concatenate([getattr(t, name) for t in trees]) for name in ("to_parent", "cm", "area", "diam")
    )
    forest = CableBlock(
        make_tree(parent, *columns),
        Kind([Planted(hh, [0, 1, 4]), Planted(pas, range(8), {"e": -60.0})], RESTS),
        GRID,
    )
    start(forest, -50.0)
    advance(forest, 400)
    for tree, first in zip(trees, firsts, strict=True):
        planted = [Planted(hh, [0]), Planted(pas, range(tree.parent.size), {"e": -60.0})]
        alone = CableBlock(tree, Kind(planted, RESTS), GRID)
        start(alone, -50.0)
        advance(alone, 400)
        np.testing.assert_array_equal(alone.volts, forest.volts[first : first + tree.parent.size])


def test_a_run_may_be_cut_and_begun_again():
    block, _ = built(CASES["hh"])
    start(block, -65.0)
    advance(block, 500)
    once = block.volts.copy()
    start(block, -65.0)
    for first, stop in ((0, 1), (1, 100), (100, 500)):
        advance(block, stop, first)
    np.testing.assert_array_equal(block.volts, once)


def test_runs_go_on_through_points_without_area():
    sections = [
        Section("a", L=50.0, diam=2.0),
        *(Section(n, L=30.0, diam=1.0, nseg=2, parent="a") for n in ("b", "c")),
    ]
    shape = shape_of(sections)
    own = [node for name in ("a", "b", "c") for node in shape.nodes(name)]
    assert own == [0, 2, 3, 4, 5] and shape.area[1] == 0.0
    gbar = np.arange(10.0).reshape(5, 2)
    wide = through_points(Planted(find("hh"), own, {"gkbar": gbar, "gl": 1e-3}), shape.tree(2))
    assert list(wide.nodes) == [0, 1, 2, 3, 4, 5] and wide.values["gkbar"][:, 0].tolist() == [
        0,
        2,
        2,
        4,
        6,
        8,
    ]
    block = CableBlock(shape.tree(2), Kind([Planted(find("pas"), own, {"g": gbar})], RESTS), GRID)
    assert block.bundles.seats[0].runs.tolist() == [[0, 0, 12]]
    assert block.bundles.matrix.changes.tolist() == [0] * 6
    clamp = Planted(find("IClamp"), [1])
    assert through_points(clamp, shape.tree()) is clamp
    assert through_points(Planted(find("hh"), []), shape.tree()).nodes == []


def test_instances_in_a_row_are_runs():
    assert runs_of([3, 4, 5, 9, 1, 2], 4).tolist() == [[0, 12, 12], [12, 36, 4], [16, 4, 8]]
    assert runs_of([2, 2], 1).tolist() == [[0, 2, 1], [1, 2, 1]]
    assert runs_of([], 8).shape == (0, 3)
