"""A mechanism by hand: the same value as one that is made from NMODL; and what is checked when it is made."""

import copy
import pickle
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

import parsim as ps
from parsim.kernels.ions import Ion, nernst
from parsim.models.ions import RESTS
from parsim.models.mechanisms import NAMES, built_in
from tests.nmodl.compartment import Compartment


class Kept(NamedTuple):
    g: ps.Floats


class Shared(NamedTuple):
    celsius: float


@ps.kernel
def current(kept, shared, tree, volts, ion_k, runs, t, dt, d, rhs):
    """A leak for potassium."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            g = tree.patch[at] * kept.g[here]
            d[at] += g
            rhs[at] += g * ion_k.e[at]


@ps.kernel
def short(kept, shared, tree, volts, runs, t, dt):
    """Lacks an ion."""


leak = ps.Mechanism(
    "leak",
    "density",
    Kept,
    Shared,
    params=(ps.Param("g", 1e-4, "S/cm2", at_least=0.0),),
    ions=(ps.IonUse("k", read=("ek",), write=("ik",)),),
    kernels={"current": current},
)


def test_a_mechanism_by_hand_moves_a_compartment():
    cell = Compartment()
    cell.insert(leak, {"g": 1e-3})
    cell.start(-65.0, 0.025)
    for _ in range(4000):
        cell.advance()
    assert cell.volts[0] == pytest.approx(-77.0, abs=1e-6)


def test_mechanisms_are_values_that_can_be_copied_and_pickled():
    assert copy.deepcopy(leak) is leak and pickle.loads(pickle.dumps(leak)) is leak
    assert str(leak) == repr(leak) == "leak"
    made = ps.mechanism("NEURON { SUFFIX a } STATE { m }")
    assert pickle.loads(pickle.dumps(made)) is made
    assert ps.mechanism("NEURON { SUFFIX a } STATE { m }") is made
    hh = ps.mechanism("hh")
    assert pickle.loads(pickle.dumps(hh)) is hh


@pytest.mark.parametrize("name", NAMES)
def test_built_in_mechanisms_are_there_by_name(name):
    m = built_in(name)
    assert m.name == name and m.about and ps.mechanism(name) is m


WRONG = {
    "the name of a mechanism is 3; a name of letters and digits is needed.": {"name": 3},
    "kind of leak is 'dense'; it must be one of density, point, artificial.": {"kind": "dense"},
    "kept of leak is <class 'int'>; a class of NamedTuple is needed.": {"kept": int},
    "leak declares 'gg', which is no field of kept. Did you mean 'g'? It has: g.": {"params": (ps.Param("gg", 1.0),)},
    "leak declares 'g' twice; rename one.": {"states": (ps.Variable("g"),)},
    "leak has no kernel 'curent'. Did you mean 'current'?": {"kernels": {"curent": current}},
    "state of leak is 3; decorate it with @parsim.kernel.": {"kernels": {"state": 3}},
    "kernel 'state' of leak takes (kept, shared, tree, volts, runs, t, dt); it must take (kept, shared, tree, volts, "
    "ion_k, ":
        {"kernels": {"state": short}},
}  # fmt: skip


@pytest.mark.parametrize("said", WRONG)
def test_what_does_not_fit_is_told(said):
    with pytest.raises(ps.DescriptionError) as error:
        replace(leak, **WRONG[said])
    assert str(error.value).startswith(said)


def test_ions_have_four_variables():
    with pytest.raises(ps.DescriptionError, match=r"ion ca has no variable 'ci'\. Did you mean 'cai'\?"):
        ps.IonUse("ca", read=("ci",))


def test_reversal_potentials_follow_from_concentrations():
    rest = RESTS["ca"]
    ion = Ion(*(np.full(2, x) for x in (0.0, 0.0, rest.inside, rest.outside)))
    nernst(ion, np.array([[0, ion.e.size]]), 6.3, rest.valence)
    assert ion.e == pytest.approx(
        1e3 * 8.31446261815324 * 279.45 / (2 * 96485.33212331) * np.log(2.0 / 5e-5), rel=1e-13
    )
