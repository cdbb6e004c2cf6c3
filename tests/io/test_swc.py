"""Reconstructed cells: what sections an SWC file has, and files that are none."""

import pickle

import numpy as np
import pytest

import parsim as ps

CELL = """# a soma, an axon, a basal dendrite that forks, an apical one
1 1 0 0 0 5 -1
2 2 0 -6 0 0.5 1
3 2 0 -26 0 0.5 2
4 3 6 0 0 1 1
5 3 16 0 0 0.5 4
6 3 26 10 0 0.4 5
7 3 26 -10 0 0.3 5
8 3 36 -10 0 0.3 7
9 4 0 6 0 1 1
"""


def file(tmp_path, text):
    path = tmp_path / "cell.swc"
    path.write_text(text)
    return path


def test_unbranched_pieces_of_one_type_are_sections(tmp_path):
    cell = ps.morphology(file(tmp_path, CELL), nseg=ps.every(8.0), Ra=100.0)
    by_name = {s.name: s for s in cell}
    assert [(s.name, s.parent) for s in cell] == [
        ("soma", None), ("axon[0]", "soma(0.5)"), ("dend[0]", "soma(0.5)"), ("apic[0]", "soma(0.5)"),
        ("dend[1]", "dend[0]"), ("dend[2]", "dend[0]"),
    ]  # fmt: skip
    lengths = [by_name[name].L for name in ("soma", "axon[0]", "dend[0]", "apic[0]", "dend[1]", "dend[2]")]
    assert lengths == pytest.approx([10.0, 20.0, 10.0, 6.0, np.sqrt(200.0), np.sqrt(200.0) + 10.0])
    assert by_name["dend[0]"].points == ((6.0, 0.0, 0.0, 2.0), (16.0, 0.0, 0.0, 1.0))
    assert by_name["dend[1]"].points[0] == (16.0, 0.0, 0.0, 1.0) and by_name["dend[2]"].nseg == 3 + 2
    assert cell.labels == {
        "axon": ("axon[0]",), "basal": ("dend[0]", "dend[1]", "dend[2]"), "apical": ("apic[0]",)
    }  # fmt: skip
    assert pickle.loads(pickle.dumps(cell)).labels == cell.labels and len(cell) == 6


def test_a_cell_of_a_file_is_inserted_by_type_and_runs(tmp_path):
    cell = ps.morphology(file(tmp_path, CELL), nseg=ps.every(8.0))
    model = ps.CableModel(
        "cell", cell, insert=[ps.insert("hh", on=["soma", "axon"]), ps.insert("pas", on=["basal", "apical"], g=1e-4)],
        place=[ps.place("clamp", "IClamp", at="dend[2](0.9)", dur=5.0, amp=0.3)], detector=ps.detector("axon[0](1)"),
    )  # fmt: skip
    area = sum(model.plan.shape.area[n] for n in model.plan.shape.nodes("soma"))
    assert area == pytest.approx(4.0 * np.pi * 25.0)  # of the sphere
    net = ps.Network()
    cells = net.create(model, 2)
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net, dt=0.025, progress=False)
    sim.run(10.0)
    assert len(spikes) == 2 and sim.get(cells, "basal.v").shape == (2,)


@pytest.mark.parametrize(
    ("text", "L", "diam"),
    [
        ("1 1 0 0 0 5 -1\n2 1 0 5 0 5 1\n3 1 0 -5 0 5 1\n", 10.0, 10.0),
        ("1 1 0 0 0 2 -1\n2 1 0 6 0 4 1\n3 1 0 9 0 2 2\n", 9.0, (6.0 * 6.0 + 3.0 * 6.0) / 9.0),
    ],
)
def test_a_soma_may_have_three_points_or_be_a_chain(text, L, diam, tmp_path):
    (soma,) = ps.morphology(file(tmp_path, text))
    assert (soma.L, soma.diam) == pytest.approx((L, diam))


# Points (type, x, y, radius, parent), and what NEURON 9.0.2's Import3d makes of them: names, where, lengths, areas.
IMPORTED = {
    "a chain": (
        [(1, 0, -8, 4, -1), (1, 0, -2, 6.5, 1), (1, 0, 4, 6, 2), (1, 0, 9, 3, 3), (3, 6, 0, 1, 2), (3, 60, 5, 0.8, 5),
         (2, -6, -8, 0.5, 1), (2, -90, -8, 0.4, 7), (4, 0, 11, 1.5, 4), (4, 0, 100, 1.2, 9)],
        [("soma", None, 17, 615.716), ("axon[0]", "soma(0)", 90, 256.354), ("dend[0]", "soma(0.5)", 54.231, 306.671),
         ("apic[0]", "soma", 91, 773.779)],
    ),
    "a soma that forks": (
        [(1, 0, 0, 6, -1), (1, 0, 5, 5, 1), (1, 0, 8, 4, 2), (1, 8, 5, 3, 2), (3, 16, 0, 1, 4), (3, 60, 0, 0.9, 5),
         (3, 0, 12, 1, 3), (3, 0, 50, 1, 7), (2, 0, -9, 0.5, 1), (2, 0, -80, 0.5, 9)],
        [("soma", None, 5, 176.209), ("axon[0]", "soma(0)", 80, 251.327), ("soma[1]", "soma", 3, 89.411),
         ("soma[2]", "soma", 8, 207.25), ("dend[0]", "soma[1]", 42, 263.894), ("dend[1]", "soma[2]", 53.434, 321.913)],
    ),
    "another soma": (
        [(1, 0, 0, 6, -1), (3, 6, 0, 1, 1), (3, 60, 0, 0.9, 2), (1, 100, 0, 4, 3), (1, 108, 0, 4, 4),
         (3, 150, 0, 0.5, 5)],
        [("soma", None, 12, 452.389), ("dend[0]", "soma(0.5)", 54, 322.328), ("soma[1]", "dend[0]", 48, 818.66),
         ("dend[1]", "soma[1]", 42, 131.947)],
    ),
    "forks at the soma": (
        [(1, 0, -6, 4, -1), (1, 0, 6, 4, 1), (3, 8, 6, 1, 2), (3, 60, 6, 1, 3), (3, 60, 40, 0.8, 3)],
        [("soma", None, 12, 301.593), ("dend[0]", "soma", 60, 376.991), ("dend[1]", "dend[0](0)", 62.129, 351.332)],
    ),
    "no soma": (
        [(3, 0, 0, 1, -1), (3, 6, 0, 1, 1), (3, 60, 0, 0.8, 2), (2, -6, 0, 0.5, 1), (2, -90, 0, 0.4, 4)],
        [("dend[0]", None, 2, 12.566), ("dend[1]", "dend[0](0)", 60, 343.064), ("axon[0]", "dend[0](0)", 90, 265.877)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", IMPORTED)
def test_sections_are_those_that_neuron_makes(name, tmp_path):
    points, sections = IMPORTED[name]
    lines = (f"{k} {kind} {x} {y} 0 {r} {p}\n" for k, (kind, x, y, r, p) in enumerate(points, 1))
    found = ps.morphology(file(tmp_path, "".join(lines)))
    shape = ps.CableModel("cell", found, insert=[ps.insert("pas")]).plan.shape
    areas = [sum(shape.area[n] for n in shape.nodes(s.name)) for s in found]
    assert [(s.name, s.parent) for s in found] == [one[:2] for one in sections]
    assert [s.L for s in found] == pytest.approx([one[2] for one in sections], abs=1e-3)
    assert areas == pytest.approx([one[3] for one in sections], abs=1e-3)


def test_a_cell_without_a_soma_begins_with_its_first_branch(tmp_path):
    cell = ps.morphology(file(tmp_path, "1 3 0 0 0 1 -1\n2 3 9 0 0 1 1\n3 3 -7 0 0 1 1\n"))
    assert [(s.name, s.parent, s.L) for s in cell] == [("dend[0]", None, 9.0), ("dend[1]", "dend[0](0)", 7.0)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 1 0 0 0 5 -1\n2 3 9 0 0 1 1\n3 3 0 9 0 1 -1\n",
         "cell.swc has 2 roots, points 1 and 3 in lines 1 and 3 among them; a cell is one tree."),
        ("1 1 0 0 0 5 -1\n2 3 9 0 0 1 7\n", "cell.swc:2: point 2 grows from point 7, which is not in the file."),
        ("1 1 0 0 0 5 -1\n2 3 9 0 0 1 3\n3 3 0 9 0 1 2\n",
         "cell.swc:2: points grow from each other in a circle, point 2 among them."),
        ("1 1 0 0 0 5 1\n", "cell.swc:1: points grow from each other in a circle, point 1 among them."),
        ("1 1 0 0 0 5 -1\n1 3 0 0 0 5 1\n", "cell.swc:2: point 1 is there twice, first in line 1."),
        ("1 1 0 0 0 0 -1\n", "cell.swc:1: point 1 has radius 0 at (0, 0, 0) um; a radius above 0 and"),
        ("1 1 0 0\n", "cell.swc:1: '1 1 0 0' is not seven numbers: id, type, x, y, z, radius, parent."),
        ("# nothing\n", "cell.swc holds no points."),
        ("1 3 0 0 0 1 -1\n", "cell.swc holds one point, which is no soma."),
        ("1 1 0 0 0 5 -1\n2 3 9 0 0 1 1\n3 3 9 0 0 1 2\n", "cell.swc: L of section dend[0] is 0 um; it must"),
    ],
)  # fmt: skip
def test_what_is_no_tree_of_points_is_refused(text, said, tmp_path):
    with pytest.raises(ps.DescriptionError) as error:
        ps.morphology(file(tmp_path, text))
    assert said in str(error.value)


def test_a_file_that_is_not_there_is_told():
    with pytest.raises(ps.DescriptionError, match=r"there is no morphology 'nowhere.swc': No such file"):
        ps.morphology("nowhere.swc")
