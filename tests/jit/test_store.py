"""The folder of compiled kernels: what is foreign in it is not read, what is damaged does no harm."""

import errno
import logging
import os
import random
import stat

import pytest

from parsim.jit import compiled_kernels, foreign_cache
from parsim.jit.store import Store, cache_folder

CONTENT = bytes(range(256)) * 4
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")


@pytest.fixture
def store(tmp_path):
    """A store that keeps one kernel."""
    made = Store(tmp_path / "cache")
    assert made.keep("a.kernel-1", CONTENT)
    return made


def test_what_is_kept_is_read_by_another_process(store, tmp_path):
    assert Store(tmp_path / "cache").read("a.kernel-1") == CONTENT
    assert store.read("a.kernel-2") is None


def test_folder_and_files_are_for_their_user_alone_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        store = Store(tmp_path / "cache")
        store.keep("a", CONTENT)
    finally:
        os.umask(before)
    for path, mode in ((tmp_path / "cache", 0o700), (store.folder, 0o700), (store.path("a"), 0o600)):
        assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize("which", ["base", "folder"])
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o1777])
def test_a_folder_that_others_can_write_to_is_not_used_and_that_is_said_once(
    store, tmp_path, caplog, which, mode
):
    (tmp_path / "cache" if which == "base" else store.folder).chmod(mode)
    with caplog.at_level(logging.WARNING, "parsim"):
        other = Store(tmp_path / "cache")
        assert other.read("a.kernel-1") is None
        assert not other.keep("b", CONTENT)
        with other.turn("b"):
            pass
    assert len(caplog.records) == 1
    assert f"others can write to it (mode {mode:o})" in caplog.text
    assert [path.name for path in store.folder.iterdir()] == ["a.kernel-1.nbc"]


@as_root
@pytest.mark.parametrize("which", ["base", "folder"])
def test_nor_is_one_of_another_user(store, tmp_path, caplog, which):
    os.chown(tmp_path / "cache" if which == "base" else store.folder, NOBODY, NOBODY)
    other = Store(tmp_path / "cache")
    assert f"belongs to another user (uid {NOBODY})" in other.foreign
    assert other.read("a.kernel-1") is None
    assert not other.keep("b", CONTENT)


def test_doctor_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PARSIM_CACHE_DIR", str(tmp_path))
    tmp_path.chmod(0o777)
    assert foreign_cache().startswith(f"The cache folder '{tmp_path}' is not used: others can write to it")


def test_a_file_that_others_can_write_is_not_read_and_is_replaced(store):
    store.path("a.kernel-1").chmod(0o666)
    assert store.read("a.kernel-1") is None
    assert store.keep("a.kernel-1", CONTENT)
    assert store.read("a.kernel-1") == CONTENT


@as_root
def test_nor_is_one_of_another_user_in_an_own_folder(store):
    os.chown(store.path("a.kernel-1"), NOBODY, NOBODY)
    assert store.read("a.kernel-1") is None


def test_links_pipes_and_folders_in_place_of_files_are_not_read_and_are_replaced(store, tmp_path):
    path, elsewhere = store.path("a.kernel-1"), tmp_path / "elsewhere"
    path.rename(elsewhere)
    before = elsewhere.read_bytes()

    def folder():
        path.mkdir()
        (path / "something").write_text("precious")

    for act in (lambda: path.symlink_to(elsewhere), lambda: os.mkfifo(path), folder):
        act()
        assert store.read("a.kernel-1") is None
        assert store.keep("a.kernel-1", CONTENT)
        assert store.read("a.kernel-1") == CONTENT
        path.unlink()
    assert elsewhere.read_bytes() == before
    assert next(store.folder.rglob("something")).read_text() == "precious"


def test_no_damaged_file_is_read(store):
    """500 flipped bits, 500 ends and some rubbish: a digest of 256 bits misses none of them."""
    path, numbers = store.path("a.kernel-1"), random.Random(1)
    whole = path.read_bytes()
    damaged = [b"", b"\0", whole + b"\0", bytes(len(whole)), whole[::-1], whole.replace(b"parsim", b"pickle")]
    for _ in range(500):
        at = numbers.randrange(len(whole))
        damaged.append(whole[:at] + bytes([whole[at] ^ 1 << numbers.randrange(8)]) + whole[at + 1 :])
        damaged.append(whole[: numbers.randrange(len(whole))])
    for raw in damaged:
        path.write_bytes(raw)
        assert store.read("a.kernel-1") is None
    path.write_bytes(whole)
    assert store.read("a.kernel-1") == CONTENT


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO])
def test_where_nothing_can_be_written_that_is_said_once_and_nothing_is_left(
    store, caplog, monkeypatch, number
):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", refuse)
    with caplog.at_level(logging.WARNING, "parsim"):
        assert not store.keep("b", CONTENT)
        assert not store.keep("c", CONTENT)
    assert len(caplog.records) == 1
    assert os.strerror(number) in caplog.text
    assert [path.name for path in store.folder.iterdir()] == ["a.kernel-1.nbc"]
    assert store.read("a.kernel-1") == CONTENT


def test_a_folder_that_cannot_be_made_is_no_reason_to_stop(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file" / "cache")
    assert not store.foreign
    assert store.read("a") is None
    with store.turn("a"):
        assert not store.keep("a", CONTENT)
    assert "Not a directory" in caplog.text


def test_names_of_any_length_and_alphabet_are_files(store):
    long = "µ/../<locals>" * 50 + "-1"
    assert store.keep(long, CONTENT)
    assert store.read(long) == CONTENT
    assert store.read(long.replace("-1", "-2")) is None
    assert all(path.parent == store.folder for path in store.folder.rglob("*"))


def test_the_folder_is_the_users_where_no_variable_names_one(monkeypatch, tmp_path):
    for name in ("PARSIM_CACHE_DIR", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "parsim" / "kernels"
    assert compiled_kernels() == 0
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/two")
    monkeypatch.setenv("PARSIM_CACHE_DIR", "/one")
    assert str(cache_folder()) == "/one/kernels"


def test_files_that_were_not_used_for_long_make_room(store, monkeypatch):
    monkeypatch.setattr("parsim.jit.store._MOST", 8)
    for k in range(7):
        store.keep(f"old-{k}", CONTENT)
        os.utime(store.path(f"old-{k}"), (1000.0 + k, 1000.0 + k))
    assert store.read("old-0") == CONTENT  # so it is in use
    store.keep("new", CONTENT)
    left = sorted(path.stem for path in store.folder.iterdir())
    assert left == ["a.kernel-1", "new", "old-0", "old-3", "old-4", "old-5", "old-6"]
