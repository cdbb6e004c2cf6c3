"""What cannot be translated: each told with file, line, what stands there and what to do."""

import pytest

from parsim.errors import DescriptionError
from parsim.nmodl.compiled import mechanism

HEAD = "NEURON { SUFFIX a RANGE g NONSPECIFIC_CURRENT i }\nPARAMETER { g = 1 }\nASSIGNED { v i x[3] }\nSTATE { m }\n"
# What stands on line 5, and what is said about it.
WRONG = {
    "BREAKPOINT { i = gg*v }": "gg is not declared. Did you mean 'g'? Declare it in PARAMETER, "
    "ASSIGNED, STATE or LOCAL",
    "BREAKPOINT { foo = 1 }": "foo is not declared. Declare it in PARAMETER, ASSIGNED, STATE or LOCAL",
    "BREAKPOINT { celsius = 1 }": "celsius cannot be assigned",
    "CONSTANT { k = 2 } BREAKPOINT { k = 1 }": "k is a constant and cannot be "
    "assigned; declare it in PARAMETER or ASSIGNED",
    "BREAKPOINT { i = expo(v) }": "expo is called, which is not known. Did you mean 'exp'? Write it as a "
    "FUNCTION",
    "BREAKPOINT { i = exp(v, 2) }": "exp is given 2 arguments; it takes 1",
    "FUNCTION f(y) { f = y } BREAKPOINT { i = f() }": "f is given 0 arguments; it takes 1 (text:5)",
    "FUNCTION f(y) { f = f(y) } BREAKPOINT { i = f(1) }": "f calls itself",
    "BREAKPOINT { SOLVE stats METHOD cnexp }": "SOLVE stats: there is no such block. Write DERIVATIVE stats",
    "BREAKPOINT { SOLVE s METHOD cnexpp } DERIVATIVE s { m' = -m }":
    "METHOD cnexpp is not known. Did you mean 'cnexp'? There are cnexp, derivimplicit, sparse and euler",
    "BREAKPOINT { SOLVE s METHOD euler } DERIVATIVE s { g' = -g }":
    "g' is the derivative of what is no STATE. Declare it in STATE",
    "BREAKPOINT { SOLVE s METHOD sparse } DERIVATIVE s { }": "DERIVATIVE s says no derivative, as x' = -x",
    "BREAKPOINT { m' = 1 }": "m' can stand in a DERIVATIVE block alone",
    "BREAKPOINT { x = 1 }": "x is an array; say which element, as x[0]",
    "BREAKPOINT { x[3] = 1 }": "x[3]: the array has elements 0 to 2",
    "BREAKPOINT { i = g[1] }": "g is no array; declare its size, as g[4]",
    "BREAKPOINT { FROM k = 0 TO g { i = k } }":
    "how often the loop goes round is not known beforehand; use numbers, or names given by DEFINE",
    "BREAKPOINT { while (i < 1) { i = i + 1 } }":
    "a WHILE loop, whose end is not known beforehand, can stand in NET_RECEIVE and in INITIAL alone; "
    "use FROM",
    "BREAKPOINT { net_send(1, 1) }": "net_send can be called in NET_RECEIVE and INITIAL alone",
    "BREAKPOINT { SOLVE s METHOD sparse } KINETIC s { ~ m <-> n (1, 1) }":
    "n is not declared. Declare it in PARAMETER, ASSIGNED, STATE or LOCAL",
    "FUNCTION_TABLE tau(v) BREAKPOINT { i = tau(v) }":
    "tau is a FUNCTION_TABLE, whose table a mechanism does not hold; make it a FUNCTION",
    "BREAKPOINT { SOLVE s } LINEAR s { ~ m = 1 ~ m = 2 }": "LINEAR s has 2 equations for 1 states (m)",
    "BREAKPOINT { SOLVE s METHOD cnexp } DERIVATIVE s { m' = -m } DERIVATIVE s { m' = -2*m }":
    "s of DERIVATIVE is there already, of DERIVATIVE in text:5; rename one.",
    "BREAKPOINT { i = v/0 }": "something is divided by 0",
    "STATE { n } BREAKPOINT { SOLVE s } LINEAR s { ~ m + n = 2 ~ 2*m + 2*n = 4 }":
    "the equations do not determine all unknowns; one for each STATE is needed",
    "STATE { g }": "g of STATE is there already, of PARAMETER in text:2; rename one.",
    "FUNCTION g(y) { g = y }": "g of FUNCTION is there already, of PARAMETER in text:2; rename one.",
    "NET_RECEIVE(w) { m = w }": "a density mechanism receives no events; make it a POINT_PROCESS, or leave NET_RECEIVE "
    "out.",
    "BREAKPOINT { SOLVE s METHOD sparse } KINETIC s { COMPARTMENT 2 { n } ~ m -> (1) }":
    "n is not declared. Declare it in PARAMETER, ASSIGNED, STATE or LOCAL",
    "BREAKPOINT { SOLVE s METHOD matexp } KINETIC s { ~ m -> (1) }":
    "METHOD matexp is not translated; use sparse, which gives the same as steps become small",
}  # fmt: skip


@pytest.mark.parametrize("line", WRONG)
def test_what_cannot_be_translated_is_told_with_line_and_remedy(line):
    with pytest.raises(DescriptionError) as error:
        mechanism(HEAD + line)
    assert str(error.value) == f"text:5: {WRONG[line]}"


IONS = {
    "USEION ca READ cia": "text:2: USEION ca has no variable cia. Did you mean 'ica'? It has: eca, ica, "
    "cai, cao.",
    "USEION ca WRITE ica USEION ca WRITE ica": "text:2: ica is written twice; leave one WRITE ica out.",
    "USEION x READ ex VALENCE 1 USEION x READ ix VALENCE 2": "text:2: x has two valences, 1 and 2.",
}


@pytest.mark.parametrize("said", IONS)
def test_ions_are_said_once_and_rightly(said):
    with pytest.raises(DescriptionError) as error:
        mechanism(f"NEURON {{ SUFFIX a\n {said} }}")
    assert str(error.value) == IONS[said]


def test_verbatim_is_refused_with_its_lines_and_the_way_out():
    text = (
        HEAD
        + "FUNCTION pick() {\nVERBATIM\n  /* draw */\n  _lpick = drand48();\nENDVERBATIM\n}\nBREAKPOINT { i = pick() }"
    )
    with pytest.raises(DescriptionError) as error:
        mechanism(text)
    assert str(error.value) == (
        "text:6 to 9: VERBATIM holds C (_lpick = drand48();), which is not translated. Say what it does "
        "in NMODL: "
        'verbatim={"pick": "..."}, where an empty text stands for nothing.'
    )
    m = mechanism(text, verbatim={"pick": "pick = 2*g"})
    assert "pick = 2.0 * g" in m.text
    with pytest.raises(
        DescriptionError, match=r"verbatim names 'pikc', which is no block of text. Did you mean 'pick'\?"
    ):
        mechanism(text, verbatim={"pikc": ""})


def test_verbatim_that_says_nothing_is_left_out_and_told():
    m = mechanism(
        HEAD
        + "PROCEDURE p() {\n g = 2\n VERBATIM\n return 0;\n ENDVERBATIM\n}\nVERBATIM\nint i;\nENDVERBATIM"
    )
    assert m.notes[0].startswith("text:11: VERBATIM outside of blocks is left out (up to line 13)")
    assert m.notes[1] == "text:7 to 9: VERBATIM that does nothing is left out."


def test_names_that_python_would_call_alike_are_told():
    with pytest.raises(DescriptionError, match="text:2: _x and x would both be called x; rename one"):
        mechanism("NEURON { SUFFIX a RANGE x, _x }\nPARAMETER { x = 1 _x = 2 }")


@pytest.mark.parametrize("given", [3, None, b"x.mod", ["x.mod"]])
def test_what_is_no_path_is_told(given):
    with pytest.raises(DescriptionError, match="a path, or a text of NMODL, is needed"):
        mechanism(given)


def test_files_that_are_not_there_are_told_with_the_nearest_name(tmp_path):
    with pytest.raises(DescriptionError, match=r"there is no mechanism 'hhh': .* Did you mean 'hh'\?"):
        mechanism("hhh")
    with pytest.raises(DescriptionError, match="there is no mechanism"):
        mechanism(tmp_path)
