"""Modules whose text is made: one module for one text, a file to be read, and nothing trusted that a file holds."""

import os
import sys

import pytest

from parsim.jit import cache_folder, generated

TEXT = "x = {}\n\n\ndef f():\n    return 1 / x\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PARSIM_CACHE_DIR", str(tmp_path))
    return cache_folder().parent / "mechanisms"


def test_one_text_is_one_module_and_one_file(folder):
    module = generated(TEXT.format(11), "some name")
    assert module.x == 11 and generated(TEXT.format(11), "some name") is module
    assert generated(TEXT.format(12), "some name") is not module
    assert sys.modules[module.__name__] is module
    assert os.path.dirname(module.__file__) == str(folder)
    with open(module.__file__) as file:
        assert file.read() == TEXT.format(11)


def test_what_a_file_holds_is_not_run(folder):
    module = generated(TEXT.format(21), "m")
    del sys.modules[module.__name__]
    with open(module.__file__, "w") as file:
        file.write("raise RuntimeError\n")
    assert generated(TEXT.format(21), "m").x == 21


def test_nothing_needs_to_be_written(folder):
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way")
    assert generated(TEXT.format(31), "m").x == 31


def test_a_text_that_fails_leaves_no_module(folder):
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            generated("y = 1 / 0", "bad")
    assert not [name for name in sys.modules if "generated_bad" in name]
