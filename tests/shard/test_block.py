"""Blocks of cable cells: against NEURON 9.0.2, and with the same bits in lanes, in forests and over cuts."""

import json
from pathlib import Path

import numpy as np
import pytest

from parsim.assembly.shapes import shape_of
from parsim.errors import BuildError
from parsim.kernels.tree import make_tree
from parsim.models.ions import RESTS
from parsim.models.mechanisms import NAMES
from parsim.models.section import Place, Section
from parsim.nmodl.compiled import mechanism
from parsim.shard.block import CableBlock, Planted, runs_of, through_points

DATA = np.load(Path(__file__).parents[1] / "data" / "neuron_cables.npz")
CASES = {
    name.removesuffix("_case"): json.loads(str(DATA[name])) for name in DATA.files if name.endswith("_case")
}
MOD = Path(__file__).parents[1] / "nmodl" / "mod"
EVERY = 20  # steps between stored samples
# NEURON's own tolerance of Newton's iteration.
LOOSE = {
    "kinetic_buffer": {"v": 2e-8, "cai": 1e-7, "cabuf.cabound": 1e-7},
    "derivimplicit": {"v": 5e-8, "kdi.p": 5e-8},
}


def find(name: str, tables: bool = False):
    return mechanism(name if name in NAMES else MOD / f"{name}.mod", tables=tables)


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
    block = CableBlock(
        shape.tree(lanes), planted, RESTS, case.get("dt", 0.025), case.get("celsius", 6.3), trapezoid
    )
    return block, shape


def value(block: CableBlock, shape, section: str, x: float, name: str) -> float:
    node = shape.node(Place(section, x))
    if name == "v":
        return block.volts[node]
    if name in ("cai", "eca"):
        return getattr(block.ion("ca"), "inside" if name == "cai" else "e")[node]
    owner, variable = name.split(".")
    at = next(k for k, p in enumerate(block.planted) if p.mechanism.name == owner)
    return getattr(block.kept(at), variable)[list(block.planted[at].nodes).index(node)]


@pytest.mark.parametrize("name", CASES)
def test_cells_move_as_in_neuron(name):
    case = CASES[name]
    block, shape = built(case)
    block.start(case.get("v_init", -65.0))
    rows = [row for row in case["record"] if row[2] not in ("ica", "ina", "ik")]
    trace = [[value(block, shape, *row) for row in rows]]
    for _ in range(DATA[name].shape[1] - 1):
        block.advance(EVERY)
        trace.append([value(block, shape, *row) for row in rows])
    apart = np.abs(np.array(trace).T - DATA[name][[case["record"].index(row) for row in rows]]).max(axis=1)
    for row, most in zip(rows, apart, strict=True):
        assert most < LOOSE.get(name, {}).get(row[2], 1e-9), (row, most)


@pytest.mark.parametrize("lanes", [2, 5])
def test_a_cell_has_the_same_bits_in_any_lane(lanes):
    case = CASES["calcium"]
    wide, _ = built(case, lanes)
    start = np.linspace(-75.0, -55.0, lanes)
    wide.start(np.tile(start, wide.volts.size // lanes))
    wide.advance(300)
    for lane, v in enumerate(start):
        one, _ = built(case)
        one.start(v)
        one.advance(300)
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
        [Planted(hh, [0, 1, 4]), Planted(pas, range(8), {"e": -60.0})],
        RESTS,
        0.025,
        6.3,
    )
    forest.start(-50.0)
    forest.advance(400)
    for tree, first in zip(trees, firsts, strict=True):
        alone = CableBlock(
            tree, [Planted(hh, [0]), Planted(pas, range(tree.parent.size), {"e": -60.0})], RESTS, 0.025, 6.3
        )
        alone.start(-50.0)
        alone.advance(400)
        np.testing.assert_array_equal(alone.volts, forest.volts[first : first + tree.parent.size])


def test_a_run_may_be_cut_and_begun_again():
    block, _ = built(CASES["hh"])
    block.start(-65.0)
    block.advance(500)
    once = block.volts.copy()
    block.start(-65.0)
    for steps in (1, 99, 400):
        block.advance(steps)
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
    block = CableBlock(shape.tree(2), [Planted(find("pas"), own, {"g": gbar})], RESTS, 0.025, 6.3)
    assert block.bundles.seats[0].runs.tolist() == [[0, 0, 12]]
    assert block.bundles.matrix.changes.tolist() == [0] * 6
    clamp = Planted(find("IClamp"), [1])
    assert through_points(clamp, shape.tree()) is clamp
    assert through_points(Planted(find("hh"), []), shape.tree()).nodes == []


def test_instances_in_a_row_are_runs():
    assert runs_of([3, 4, 5, 9, 1, 2], 4).tolist() == [[0, 12, 12], [12, 36, 4], [16, 4, 8]]
    assert runs_of([2, 2], 1).tolist() == [[0, 2, 1], [1, 2, 1]]
    assert runs_of([], 8).shape == (0, 3)


def test_what_blocks_do_not_do_is_told():
    noisy = mechanism(
        "NEURON { SUFFIX a RANDOM r } ASSIGNED { x } BREAKPOINT { SOLVE p } PROCEDURE p() { x = random_uniform(r) }"
    )
    tree = shape_of([Section("a")]).tree()
    with pytest.raises(BuildError, match="a sends events or draws random numbers"):
        CableBlock(tree, [Planted(noisy, [0])], RESTS, 0.025, 6.3)
