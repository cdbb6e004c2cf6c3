"""Sections to nodes: which points become nodes, and what is between them."""

import numpy as np
import pytest

from parsim.errors import DescriptionError
from parsim.models.section import Place, Section, as_place
from parsim.models.shape import shape_of

SOMA = Section("soma", L=20.0, diam=20.0, Ra=100.0)


def half(L: float, diam: float, Ra: float = 100.0) -> float:
    """Of a compartment of length L, MOhm."""
    return 1e-2 * Ra * L / 2.0 / (np.pi * diam**2 / 4.0)


def test_a_section_is_cut_into_compartments():
    shape = shape_of([Section("a", L=90.0, diam=2.0, nseg=3, Ra=100.0)])
    assert shape.parent == [-1, 0, 1]
    assert shape.g[1:] == pytest.approx([0.5 / half(30.0, 2.0)] * 2)
    assert shape.area == pytest.approx([np.pi * 2.0 * 30.0] * 3)
    assert [shape.node(Place("a", x)) for x in (0.0, 0.3, 0.5, 0.7, 1.0)] == [0, 0, 1, 2, 2]


def test_one_section_beyond_an_end_is_joined_without_a_node():
    shape = shape_of([SOMA, Section("dend", L=100.0, diam=2.0, nseg=2, Ra=100.0, parent="soma")])
    assert shape.parent == [-1, 0, 1]
    assert shape.g[1] == pytest.approx(1.0 / (half(20.0, 20.0) + half(50.0, 2.0)))


def test_several_beyond_an_end_meet_in_a_node_without_area():
    twigs = [Section(name, L=50.0, diam=1.0, Ra=100.0, parent="soma") for name in ("a", "b")]
    shape = shape_of([SOMA, *twigs])
    assert shape.parent == [-1, 0, 1, 1] and shape.area[1] == 0.0
    assert shape.g[1:] == pytest.approx([1.0 / half(20.0, 20.0)] + [1.0 / half(50.0, 1.0)] * 2)


def test_a_section_in_the_middle_of_another_grows_from_its_compartment():
    shape = shape_of([SOMA, Section("a", L=50.0, diam=1.0, Ra=100.0, parent="soma(0.5)")])
    assert shape.parent == [-1, 0] and shape.g[1] == pytest.approx(1.0 / half(50.0, 1.0))


def test_the_beginning_of_a_section_is_the_point_it_grows_from():
    a = Section("a", L=50.0, diam=1.0, Ra=100.0, parent="soma(0.5)")
    b = Section("b", L=40.0, diam=1.0, Ra=100.0, parent="a(0)")
    shape = shape_of([SOMA, a, b])
    assert shape.parent == [-1, 0, 0] and shape.g[2] == pytest.approx(1.0 / half(40.0, 1.0))


def test_what_is_attached_to_an_end_makes_it_a_node():
    one = Section("a", L=90.0, diam=2.0, nseg=3, Ra=100.0)
    shape = shape_of([one], [Place("a", 0.0), Place("a", 0.5)])
    assert shape.parent == [-1, 0, 1, 0] and shape.node(Place("a", 0.0)) == 3 and shape.area[3] == 0.0
    both = shape_of([one, Section("b", parent="a")], [Place("a", 1.0)])
    assert both.parent == [-1, 0, 1, 2, 3] and both.node(Place("a", 1.0)) == 3


def test_children_may_be_said_before_parents():
    sections = [Section("c", parent="b"), Section("b", parent="soma"), SOMA]
    assert list(shape_of(sections).first) == ["soma", "b", "c"]


WRONG = [
    ([SOMA, SOMA], "there are two sections 'soma'; rename one."),
    ([SOMA, Section("a")], r"of the sections of a cell one must have no parent; here it is 2 \(soma, a\)."),
    ([Section("a", parent="b"), Section("b", parent="a")], "one must have no parent; here it is none."),
    (
        [SOMA, Section("a", parent="some")],
        "section a grows from 'some', which is not there. Did you mean 'soma'?",
    ),
    (
        [SOMA, Section("a", parent="b"), Section("b", parent="a")],
        "sections grow from each other in a circle: ",
    ),
]


@pytest.mark.parametrize(("sections", "said"), WRONG)
def test_what_is_no_tree_is_told(sections, said):
    with pytest.raises(DescriptionError, match=said):
        shape_of(sections)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"L": 0.0}, "L of section a is 0 um; it must be greater than 0."),
        ({"diam": -1}, "diam of section a is -1 um; it must be greater than 0."),
        ({"nseg": 0}, "nseg of section a is 0; it must be at least 1."),
        ({"nseg": 2.5}, "nseg of section a is 2.5; a whole number"),
        ({"cm": "thick"}, "cm of section a"),
        (
            {"parent": "soma(1.5)"},
            r"parent of section a is 'soma\(1.5\)'; points go from 0 to 1 along a section.",
        ),
        ({"parent": "so ma"}, 'a section and a point of it are needed, as "dend'),
    ],
)
def test_sections_are_checked_when_made(values, said):
    with pytest.raises(DescriptionError, match=said):
        Section("a", **values)


def test_places_are_read():
    assert as_place("dend[3](0.25)", "at", 0.5) == Place("dend[3]", 0.25)
    assert as_place(" dend ", "at", 0.5) == Place("dend", 0.5) and str(Place("a", 0.5)) == "a(0.5)"
