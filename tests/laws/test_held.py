"""Held: what networks give is, bit for bit, what they gave before."""

import numpy as np
import pytest

from tests.held import CASES, digest, digests, held


@pytest.mark.parametrize("name", CASES)
def test_not_a_bit_has_changed(name):
    stored = held()
    assert name in stored, "new: run python -m tests.held, which adds it"
    found = digests(name, threads=2)
    changed = {what for what in stored[name] if found.get(what) != stored[name][what]}
    assert not changed, f"{changed} of {name} changed"
    assert found.keys() == stored[name].keys(), f"make {name!r} anew: python -m tests.held {name!r}"


def test_nothing_is_held_of_what_is_no_longer_there():
    assert held().keys() == CASES.keys()


def test_a_digest_knows_a_last_bit_and_not_how_wide_a_column_is_kept():
    values = np.linspace(0.0, 1.0, 7)
    other = values.copy()
    other[3] = np.nextafter(other[3], 2.0)
    assert digest(values) != digest(other) and digest(values) == digest(values[::-1][::-1])
    assert digest(np.arange(3, dtype=np.int32)) == digest(np.arange(3)) != digest(np.arange(4))
