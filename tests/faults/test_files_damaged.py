"""Damaged result files: the right numbers or one error that says so, never other numbers, never another exception."""

import contextlib
import os
import random
import resource
from collections import Counter

import h5py
import numpy as np
import pytest

from parsim.cli.main import main
from parsim.errors import DescriptionError
from parsim.io.reading import (
    read_provenance,
    read_spike_file,
    read_spikes,
    read_traces,
)
from parsim.io.results import SpikeFile, TraceFile

TIMES = 5_000 if os.environ.get("PARSIM_LONG") else 500
CELLS = np.arange(9)
RECORD = {
    "script": {"path": "model.py", "text": "import parsim\n" * 150},
    "populations": [{"name": "leaky", "model": "m", "kind": "cell", "first": 0, "size": 9}],
}


def spikes(path):
    rng = np.random.default_rng(1)
    file = SpikeFile(path, RECORD, recorded=CELLS)
    file.append(np.sort(rng.random(400)), rng.integers(0, 9, 400))
    file.close(1.0)


def traces(path):
    file = TraceFile(path, CELLS, "V_m", "mV", 0.1, RECORD)
    file.append(np.arange(1, 101) / 10, np.random.default_rng(1).normal(size=(100, 9)))
    file.close(10.0)


def seen(path, make):
    """Everything that readers say of a file, as bytes and texts."""
    parts = read_spike_file(path) if make is spikes else (*read_traces(path), read_provenance(path))
    return [part.tobytes() if isinstance(part, np.ndarray) else part for part in parts]


@pytest.fixture
def little_memory():
    """So that whoever believes a damaged size is told at once."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**30, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, limits)


def flipped(content, draw, reach):
    at = draw.randrange(reach)
    content[at] ^= 1 << draw.randrange(8)


def zeroed(content, draw, reach):
    at, size = draw.randrange(reach), draw.choice([8, 64, 512, 4096])
    content[at : at + size] = bytes(len(content[at : at + size]))


def overwritten(content, draw, reach):
    at, size = draw.randrange(reach), draw.choice([2, 8, 64, 512, 4096])
    content[at : at + size] = draw.randbytes(len(content[at : at + size]))


def cut(content, draw, reach):
    del content[draw.randrange(len(content)) :]


@pytest.mark.parametrize("make", [spikes, traces])
@pytest.mark.parametrize("damage", [flipped, zeroed, overwritten, cut])
def test_a_damaged_file_gives_the_right_numbers_or_says_that_it_is_damaged(
    tmp_path, make, damage, little_memory
):
    make(tmp_path / "good.h5")
    truth, good = seen(tmp_path / "good.h5", make), (tmp_path / "good.h5").read_bytes()
    assert len(good) > 20_000
    path, draw, outcomes = tmp_path / "bad.h5", random.Random(5), Counter()
    times = TIMES if damage in (flipped, cut) else TIMES // 4
    for k in range(times):
        content = bytearray(good)
        damage(
            content, draw, len(good) if k % 5 == 0 else 16_000
        )  # where structure and first values are, mostly
        path.write_bytes(content)
        os.utime(path, (1, 1))  # nobody is writing to it
        try:
            told = seen(path, make)
        except DescriptionError as error:
            assert "is damaged: " in str(error) and "\n" not in str(error), error
            outcomes["damaged"] += 1
        else:
            assert told == truth, k
            outcomes["right"] += 1
    assert outcomes["damaged"] > times // 10


@pytest.mark.parametrize("make", [spikes, traces])
def test_every_bit_of_the_numbers_is_watched(tmp_path, make):
    make(tmp_path / "x.h5")
    good = (tmp_path / "x.h5").read_bytes()
    with h5py.File(tmp_path / "x.h5") as file:
        arrays = [file["spikes/cells/timestamps"], file["spikes/cells/node_ids"]] if make is spikes else [
            file["report/cells/data"]
        ]  # fmt: skip
        places = [(a.id.get_chunk_info(0).byte_offset, a.size * a.dtype.itemsize) for a in arrays]
    draw = random.Random(1)
    for _ in range(100):
        begin, size = draw.choice(places)
        content = bytearray(good)
        content[begin + draw.randrange(size)] ^= 1 << draw.randrange(8)
        (tmp_path / "x.h5").write_bytes(content)
        os.utime(tmp_path / "x.h5", (1, 1))
        with pytest.raises(DescriptionError, match=r"x.h5' is damaged: /.* is not what was written"):
            seen(tmp_path / "x.h5", make)


@pytest.mark.parametrize("make", [spikes, traces])
def test_the_commands_say_in_one_line_that_a_file_is_damaged(tmp_path, capsys, make):
    pytest.importorskip("matplotlib")
    make(tmp_path / "good.h5")
    good, draw, path = (tmp_path / "good.h5").read_bytes(), random.Random(3), tmp_path / "bad.h5"
    plot = ["plot", "raster" if make is spikes else "trace", str(path), "-o", str(tmp_path / "bad.png")]
    codes = Counter()
    for k in range(40):
        content = bytearray(good)
        (flipped, cut)[k % 2](content, draw, 12_000)
        path.write_bytes(content)
        os.utime(path, (1, 1))
        for command in (["info", str(path)], plot)[: 1 + (k % 10 == 0)]:
            code = main(command)
            out, err = capsys.readouterr()
            codes[code] += 1
            assert (code == 0 and out and not err) or (
                code == 1 and "is damaged: " in err and err.count("\n") == 1
            )
    assert codes[1] > 20


# Files that others might have made


def made(path, times=(1.0, 2.0), gids=(0, 1), start=None, **provenance):
    with h5py.File(path, "w") as file:
        group = file.create_group("spikes/cells")
        group["timestamps"], group["node_ids"] = np.asarray(times), np.asarray(gids)
        if start is not None:
            group.attrs["start"] = start
        for key, value in provenance.items():
            file[f"provenance/{key}"] = value


def traced(path, data=np.zeros((4, 2)), ids=(0, 1), pointers=(0, 1, 2), time=(0.0, 0.4, 0.1)):  # noqa: B008
    with h5py.File(path, "w") as file:
        group = file.create_group("report/cells")
        group["data"], group["mapping/node_ids"] = data, np.asarray(ids)
        group["mapping/index_pointers"], group["mapping/time"] = np.asarray(pointers), np.asarray(time)


ONE = '{"populations": [{"name": "a", "first": 0, "size": %s, "kind": "cell", "model": "m"}]}'

ODD = {
    "fewer gids than times": lambda p: made(p, gids=[0]),
    "two dimensions": lambda p: made(p, np.ones((2, 2)), np.ones((2, 2), int)),
    "text as times": lambda p: made(p, [b"a", b"b"]),
    "text as gids": lambda p: made(p, gids=[b"a", b"b"]),
    "fractions as gids": lambda p: made(p, gids=[0.5, 1.5]),
    "no number as a time": lambda p: made(p, [1.0, np.nan]),
    "complex times": lambda p: made(p, [1j, 2j]),
    "a list as provenance": lambda p: made(p, json="[1, 2]"),
    "half a text as provenance": lambda p: made(p, json="{"),
    "a number as provenance": lambda p: made(p, json=3),
    "a deep provenance": lambda p: made(p, json="[" * 100_000),
    "bytes as provenance": lambda p: made(p, json=np.frombuffer(b"\xff\xfe{}", "S1")),
    "a population of too many": lambda p: made(p, json=ONE % 10**12),
    "a population of half a cell": lambda p: made(p, json=ONE % 0.5),
    "a population of less than none": lambda p: made(p, json=ONE % -4),
    "a list as versions": lambda p: made(p, json='{"versions": [1]}'),
    "a number as script": lambda p: made(p, json='{"script": 3}'),
    "words as projections": lambda p: made(p, json='{"projections": ["all"]}'),
    "recorded as a list": lambda p: made(p, recorded=np.array([1.0, 2.0, 3.0])),
    "too many recorded": lambda p: made(p, recorded=np.array([[0, 2**61]])),
    "recorded backwards": lambda p: made(p, recorded=np.array([[5, 2]])),
    "a word as start": lambda p: made(p, start="abc"),
    "infinity as start": lambda p: made(p, start=-np.inf),
    "fewer cells than columns": lambda p: traced(p, ids=[0], pointers=[0, 1]),
    "pointers backwards": lambda p: traced(p, pointers=[0, 5, 2]),
    "samples in one dimension": lambda p: traced(p, data=np.zeros(8)),
    "text as samples": lambda p: traced(p, data=np.full((4, 2), b"a")),
    "two times": lambda p: traced(p, time=[0.0, 0.1]),
    "no interval": lambda p: traced(p, time=[0.0, 0.4, 0.0]),
    "an interval that is no number": lambda p: traced(p, time=[0.0, 0.4, np.nan]),
}  # fmt: skip


@pytest.mark.parametrize("what", ODD)
def test_a_file_that_makes_no_sense_is_called_damaged(tmp_path, capsys, what):
    path = tmp_path / "x.h5"
    ODD[what](path)
    os.utime(path, (1, 1))
    with contextlib.redirect_stdout(None):
        assert main(["info", str(path)]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"parsim info: '{path}' is damaged: ") and err.count("\n") == 1


def test_a_size_beyond_the_file_is_not_believed(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        for name in ("timestamps", "node_ids"):
            file.create_dataset(f"spikes/cells/{name}", (10**12,), "f8", chunks=True, maxshape=(None,))
    with pytest.raises(DescriptionError, match="more than the file has room for"):
        read_spikes(tmp_path / "x.h5")


def test_a_group_without_arrays_and_an_array_in_place_of_a_group_are_told(tmp_path):
    for name, content in (("spikes/cells/other", 1), ("spikes", 3)):
        with h5py.File(tmp_path / "x.h5", "w") as file:
            file[name] = content
        os.utime(tmp_path / "x.h5", (1, 1))
        with pytest.raises(DescriptionError, match=r"x.h5' is damaged: .*(timestamps|no group)"):
            read_spikes(tmp_path / "x.h5")


def test_gids_from_2_to_the_63_up_are_shown_as_they_are(tmp_path, capsys):
    large = np.array([5, 2**63, 2**64 - 1], dtype=np.uint64)
    made(tmp_path / "x.h5", [1.0, 2.0, 3.0], large)
    np.testing.assert_array_equal(read_spikes(tmp_path / "x.h5")[1], large)
    assert main(["info", str(tmp_path / "x.h5")]) == 0
    assert "cells 3 3" in " ".join(capsys.readouterr().out.split())
    traced(tmp_path / "v.h5", ids=large[1:])
    assert main(["info", str(tmp_path / "v.h5")]) == 0
    assert f"gids {2**63} to {2**64 - 1}" in capsys.readouterr().out


def test_devices_pipes_and_odd_names_are_told_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/null", "x" * 5000, "a\0b", 3):
        with pytest.raises(DescriptionError):
            read_spikes(path)
