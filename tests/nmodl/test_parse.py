"""What the parser makes of texts, and what it says about wrong ones."""

import pytest

from parsim.errors import DescriptionError
from parsim.nmodl import syntax as s
from parsim.nmodl.parse import parse


def body_of(text: str) -> list[s.Statement]:
    return parse("PROCEDURE p() {\n" + text + "\n}").blocks[0].body


def value_of(text: str) -> s.Expression:
    return body_of(f"x = {text}")[0].value


def test_products_bind_more_than_sums_and_powers_to_the_right():
    three = s.Num(3.0)
    assert value_of("a + b*3") == s.Binary("+", s.Name("a"), s.Binary("*", s.Name("b"), three))
    assert value_of("a^b^3") == s.Binary("^", s.Name("a"), s.Binary("^", s.Name("b"), three))
    assert value_of("-a^3") == s.Unary("-", s.Binary("^", s.Name("a"), three))
    assert value_of("a - b - 3") == s.Binary("-", s.Binary("-", s.Name("a"), s.Name("b")), three)


def test_a_unit_after_a_number_is_no_factor():
    assert value_of("2 (mV)") == value_of("(2) (/ms)") == s.Num(2.0)
    assert value_of("f(2 (mV), v)") == s.Call("f", (s.Num(2.0), s.Name("v")))
    assert value_of("2*(a)") == s.Binary("*", s.Num(2.0), s.Name("a"))


def test_comments_are_left_out_and_lines_are_counted():
    p = parse(
        "TITLE a channel: one of many\nCOMMENT\nNEURON { : not this\nENDCOMMENT\n"
        "NEURON { SUFFIX a ? the name\n}\nPROCEDURE p() {\n  x = 1 : COMMENT\n}"
    )
    assert (p.title, p.name, p.kind) == ("a channel: one of many", "a", "density")
    assert p.blocks[0].body[0].where == "text:8"


def test_declarations_have_values_units_sizes_and_bounds():
    p = parse(
        "DEFINE N 3\nPARAMETER { a = -2 (mV) <-5, 1e3>  b[N] (/ms)  c FROM 0 TO 1 }\nSTATE "
        "{ m h FROM 0 TO 1 x[2] (mM) <1e-4> }"
    )
    a, b, c = p.parameters
    assert (a.value, a.unit, a.low, a.high) == (-2.0, "mV", -5.0, 1000.0)
    assert (b.size, b.unit, c.low, c.high) == ("N", "/ms", 0.0, 1.0)
    assert [d.name for d in p.states] == ["m", "h", "x"]


def test_reactions_have_sides_and_rates():
    one, two, three = body_of("~ 2 A + B[1] <-> C (k, 1/tau)\n~ A << (f(v))\n~ C -> (k)")
    assert one.left == [(2.0, s.Name("A")), (1.0, s.Index("B", s.Num(1.0)))]
    assert one.right == [(1.0, s.Name("C"))]
    assert (one.forward, one.backward.op) == (s.Name("k"), "/")
    assert (two.kind, two.forward) == ("<<", s.Call("f", (s.Name("v"),)))
    assert (three.kind, three.right, three.backward) == ("->", [], None)


def test_an_equation_is_no_reaction():
    (one,) = body_of("~ x + 2*y = f(v)")
    assert isinstance(one, s.Equation)
    (two,) = body_of("CONSERVE x + y = 1")
    assert two.kind == "CONSERVE"


def test_the_neuron_block_says_who_and_what():
    p = parse(
        "NEURON { POINT_PROCESS P RANGE a, b GLOBAL c POINTER q BBCOREPOINTER r RANDOM d\n"
        "USEION ca READ cai, ica WRITE cai VALENCE 2\nUSEION x WRITE ix CHARGE -1 REPRESENTS CHEBI:29108\n"
        "NONSPECIFIC_CURRENT i ELECTRODE_CURRENT j THREADSAFE }"
    )
    assert (p.kind, p.ranges, p.globals, p.pointers, p.randoms) == (
        "point",
        ["a", "b"],
        ["c"],
        ["q", "r"],
        ["d"],
    )
    assert [(i.name, i.read, i.write, i.valence) for i in p.ions] == [
        ("ca", ["cai", "ica"], ["cai"], 2.0), ("x", [], ["ix"], -1.0),
    ]  # fmt: skip
    assert (p.nonspecific, p.electrode) == (["i"], ["j"])


def test_publishers_signs_are_read():
    assert value_of("a \u2212 1") == value_of("a - 1")
    assert body_of("m\u2019 = 1")[0].target == s.Prime("m")


def test_included_files_are_put_in(tmp_path):
    (tmp_path / "b.inc").write_text("PARAMETER { b = 2 }\n\nPROCEDURE q() { x = = 1 }")
    (tmp_path / "c.inc").write_text("PARAMETER { c = 3 }")
    p = parse('INCLUDE "c.inc"\nPROCEDURE p() { y = 1 }', "a.mod", tmp_path)
    assert p.parameters[0].name == "c"
    assert p.blocks[0].body[0].where == "a.mod:2"
    with pytest.raises(DescriptionError, match=r"^b.inc:3: expected an expression, found '='\.$"):
        parse('INCLUDE "b.inc"', "a.mod", tmp_path)


WRONG = {
    "NEURON { SUFFIX a\n RANGE }\n PARAMETER a": "text:3: expected '{', found 'a'.",
    "NEURN { }": "text:1: expected a block such as NEURON, PARAMETER, STATE or BREAKPOINT Did you mean "
    "'NEURON'?, found 'NEURN'.",
    "PROCEDURE p() { x = 2 + }": "text:1: expected an expression, found '}'.",
    "PROCEDURE p() {\n if (x { }": "text:2: expected ')', found '{'.",
    "PROCEDURE p() { x = 1": "text:1: expected '}', found the end of the file.",
    "PARAMETER { a = b }": "text:1: expected a number, found 'b'.",
    "PROCEDURE p() {\n\n x = 1 @ 2 }": "text:3: expected a statement, found '@'.",
    "NEURON { SUFFIX a }\nVERBATIM\nint i;": "text:2: VERBATIM has no ENDVERBATIM; add it.",
    "COMMENT forever": "text:1: COMMENT has no ENDCOMMENT; add it.",
    "PARAMETER { a (mV }": "text:1: a unit has no closing parenthesis; add ')'.",
    'INCLUDE "x.inc"': 'text:1: INCLUDE "x.inc": there is no such file beside a text; give the path of the file.',
    "STATE { \u2260 }": "text:1: the character '\u2260' has no meaning here; delete it.",
    "PROCEDURE p() { LAG a BY b }": "text:1: LAG is not translated; keep the earlier value in a variable "
    "of your own.",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_told_with_its_line(text):
    with pytest.raises(DescriptionError) as error:
        parse(text)
    assert str(error.value) == WRONG[text]
