"""The modules of built-in mechanisms are what their texts give; kernels that numba compiles give the same bits."""

import numpy as np
import pytest

from parsim.jit import interpreted, python_function
from parsim.models.mechanisms import NAMES, built_in, text_file
from parsim.nmodl import compiled
from parsim.nmodl.compiled import mechanism, module_file, module_of
from parsim.nmodl.options import Options
from tests.nmodl.compartment import Compartment


@pytest.mark.parametrize("name", NAMES)
def test_modules_are_what_texts_give(name):
    file = text_file(name)
    assert module_of(file.read_text(), file.name, file.parent, Options()) == module_file(name).read_text(), (
        "run scripts/mechanisms.py"
    )


def test_titles_and_names_of_files_may_hold_anything(tmp_path):
    path = tmp_path / 'a"""b\\c.mod'
    path.write_text('TITLE """ \\ and more"\nNEURON { SUFFIX a }')
    assert mechanism(path).about == '""" \\ and more"'


def test_a_module_is_the_same_whenever_it_is_made():
    file = text_file("cdp")
    texts = {module_of(file.read_text(), file.name, file.parent, Options()) for _ in range(2)}
    assert len(texts) == 1


def lanes_of(m, n: int, call):
    """What a mechanism keeps of n instances, each on a compartment of its own voltage, after its kernels."""
    v = np.linspace(-90.0, 40.0, n)
    one = Compartment()
    one.insert(m, {})
    defaults = {p.name: p.default for p in m.params}
    kept = m.kept(**{name: np.full(n, defaults.get(name, 0.25)) for name in m.kept._fields})
    shared = m.shared(**{"celsius": 20.0} | {p.name: p.default for p in m.globals})
    ions = [type(ion)(*(np.full(n, x[0]) for x in ion)) for ion in one.ions.values()]
    tree = one.bundle(n)
    d, rhs = np.zeros(n), np.zeros(n)
    for name, more in (("initial", ()), ("state", ()), ("current", (d, rhs))):
        with np.errstate(all="ignore"):
            call(m.kernels[name])(kept, shared, tree, v, *ions, np.array([[0, 0, n]]), 0.0, 0.025, *more)
    return np.concatenate([*kept, *(x for ion in ions for x in ion), d, rhs])


@pytest.mark.skipif(interpreted, reason="the compiler is off")
@pytest.mark.parametrize("name", ["hh", "cachan"])
def test_compiled_kernels_give_the_bits_of_python(name):
    m = built_in(name)
    compiled = lanes_of(m, 37, lambda kernel: kernel)
    np.testing.assert_array_equal(compiled, lanes_of(m, 37, python_function))


@pytest.mark.skipif(interpreted, reason="the compiler is off")
def test_a_scheme_is_compiled_with_its_iteration():
    m = mechanism(
        "NEURON { SUFFIX a } STATE { m n } INITIAL { m = 1 n = 0.5 } BREAKPOINT { SOLVE s METHOD sparse i = 0 }\n"
        "NEURON { NONSPECIFIC_CURRENT i } ASSIGNED { v i } KINETIC s { ~ m + m <-> n (2, 1) }"
    )
    np.testing.assert_array_equal(lanes_of(m, 5, lambda kernel: kernel), lanes_of(m, 5, python_function))


def test_a_text_is_translated_once_for_all_processes(monkeypatch, tmp_path):
    monkeypatch.setenv("PARSIM_CACHE_DIR", str(tmp_path))
    made, module_of = [], compiled.module_of

    def counted(text, *more):
        made.append(text)
        return module_of(text, *more)

    monkeypatch.setattr(compiled, "module_of", counted)
    text = "NEURON { SUFFIX kept NONSPECIFIC_CURRENT i } ASSIGNED { v i } BREAKPOINT { i = 1e-5*(v + 60)^2 }"
    first = compiled.mechanism(text)
    assert compiled.mechanism(text).text == first.text and len(made) == 1
    assert compiled.mechanism(text, exact=True).text != first.text and len(made) == 2
    assert compiled.mechanism(text.replace("60", "61")).text != first.text and len(made) == 3
    for file in (tmp_path / "kernels").glob("module_*"):
        file.write_bytes(file.read_bytes()[:-1])
    assert compiled.mechanism(text).text == first.text and len(made) == 4
