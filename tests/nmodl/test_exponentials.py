"""One exponential and its powers stand for several of one variable."""

import math

import pytest

from parsim.nmodl import algebra as al
from parsim.nmodl.exponentials import with_shared
from parsim.nmodl.lines import Line
from parsim.nmodl.show import show


def line(name: str, a: float, v: float) -> Line:
    """name = exp((x - v) a)."""
    return Line(name, al.call("exp", al.mul(al.sub("x", v), a)))


def counted(lines: list[Line]) -> int:
    """How many exponentials there are."""
    return sum(show(each.value).count("exp(") for each in lines)


def values(lines: list[Line], x: float) -> dict[str, float]:
    """What lines give."""
    found = {"x": x, "exp": math.exp}
    for each in lines:
        found[each.name] = eval(show(each.value), {}, found)
    return found


RATES = [
    line("a", -1 / 18, -65.0),
    line("b", -0.1, -40.0),
    line("c", -0.05, -65.0),
    line("d", -0.0125, -50.0),
]


@pytest.mark.parametrize("x", [-200.0, -65.0, 0.0, 150.0])
def test_exponents_that_are_multiples_of_one_share_an_exponential(x):
    shared = with_shared(RATES, {"x", "a", "b", "c", "d"})
    assert (counted(RATES), counted(shared)) == (4, 2)
    before, after = values(RATES, x), values(shared, x)
    for name in "abcd":  # 8 units in the last place for the eighth power, and one for each factor
        assert after[name] == pytest.approx(before[name], rel=3e-15)


APART = {
    "other signs": [line("a", 0.1, 0.0), line("b", -0.1, 0.0)],
    "no multiple": [line("a", 0.1, 0.0), line("b", 0.25, 0.0)],
    "ninth power": [line("a", 0.1, 0.0), line("b", 0.9, 0.0)],
    "far away": [line("a", 1.0, 0.0), line("b", 1.0, 41.0)],
    "time": [Line("a", al.call("exp", al.mul("dt", -0.5))), Line("b", al.call("exp", al.mul("dt", -0.25)))],
}


@pytest.mark.parametrize("lines", APART.values(), ids=APART)
def test_what_is_no_power_of_another_is_left_as_it_is(lines):
    assert with_shared(lines, {"x", "a", "b"}) == lines
