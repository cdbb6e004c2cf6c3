"""The folder where compiled kernels are kept: ours alone, and never a reason to stop.

What is read there is unpickled, and so may run any code. Folder and files must belong to the user, nobody else may
write to them, and each file carries a digest of its content: what is foreign is not used, what is damaged is as good as
missing. Where nothing can be kept, all goes on without.
"""

import contextlib
import hashlib
import os
import re
import stat
import tempfile
import time
from functools import cache
from pathlib import Path

from parsim.jit.turn import Turns
from parsim.jit.voice import speaks
from parsim.telling import log

_SUFFIX = ".nbc"  # as numba calls compiled code
_MAGIC = b"parsim kernel 1\n"
_LONGEST = 120  # characters of a name
_MOST = 4000  # files, of some 60 kB; all of parsim's kernels are 600
_DAY = 86400.0  # seconds


def cache_folder() -> Path:
    """Where compiled kernels are kept: PARSIM_CACHE_DIR, or numba's, or the user's cache folder."""
    return _base() / "kernels"


def _base() -> Path:
    given = os.environ.get("PARSIM_CACHE_DIR") or os.environ.get("NUMBA_CACHE_DIR")
    cached = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(os.path.abspath(given or os.path.join(cached, "parsim")))


def store() -> "Store":
    """The store of this process, as the environment now says."""
    return _opened(_base())


@cache
def _opened(base: Path) -> "Store":
    return Store(base)


class Store:
    """Compiled kernels in a folder by name, made when something is first kept.

    `foreign` says why the folder is not used at all; it is empty for a folder that may be.
    """

    def __init__(self, base: Path) -> None:
        self.folder = base / "kernels"
        self._turns = Turns()
        self._told = False
        self.foreign = self._make(base)
        if self.foreign:
            self._tell(self.foreign)

    def _make(self, base: Path) -> str:
        """Make the folder, for the user alone; why it is not to be trusted, if it is there and is not."""
        for folder in (base, self.folder):
            with contextlib.suppress(OSError):
                folder.mkdir(mode=0o700, parents=True)
            if reason := distrusted(folder):
                return f"The cache folder '{folder}' is not used: {reason}"
        return ""

    def path(self, name: str) -> Path:
        """The file of a kernel."""
        return self.folder / (re.sub(r"[^\w.-]", "_", name)[-_LONGEST:] + _SUFFIX)

    def read(self, name: str) -> bytes | None:
        """What was kept under a name; None where there is nothing, or nothing that can be trusted."""
        if self.foreign:
            return None
        try:
            raw = read_own(self.path(name))
        except OSError:
            return None
        head = len(_MAGIC) + hashlib.sha256().digest_size
        content = raw[head:]
        if raw[:head] != _MAGIC + hashlib.sha256(content).digest():
            return None
        self._note_use(name)
        return content

    def keep(self, name: str, content: bytes) -> bool:
        """Keep something under a name, whole or not at all; was that possible?"""
        if self.foreign:
            return False
        path = self.path(name)
        try:
            if path.is_dir() and not path.is_symlink():
                os.rename(path, tempfile.mkdtemp(prefix="damaged-", dir=self.folder))
            handle, scratch = tempfile.mkstemp(prefix="new-", dir=self.folder)
            try:
                with open(handle, "wb") as file:
                    file.write(_MAGIC + hashlib.sha256(content).digest() + content)
                os.replace(scratch, path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(scratch)
                raise
        except OSError as error:
            self._tell(f"Compiled kernels cannot be kept in '{self.folder}' ({error.strerror or error}).")
            return False
        self._forget_the_oldest()
        return True

    def _note_use(self, name: str) -> None:
        """Files have the date of the day when they were last used."""
        path = self.path(name)
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _DAY:
                os.utime(path)

    def _forget_the_oldest(self) -> None:
        """A quarter of the files, when there are too many: each edit of a kernel leaves one that nobody asks for."""
        with contextlib.suppress(OSError):
            files = [entry for entry in os.scandir(self.folder) if entry.name.endswith(_SUFFIX)]
            if len(files) > _MOST:
                for entry in sorted(files, key=lambda entry: entry.stat().st_mtime)[: _MOST // 4]:
                    os.unlink(entry.path)

    def turn(self, name: str) -> contextlib.AbstractContextManager[None]:
        """Within it, no other process makes what is to be kept under a name, as a rule."""
        if self.foreign:
            return contextlib.nullcontext()
        return self._turns.turn(
            self.path(name).with_suffix(".lock"), name, lambda: self.read(name) is not None
        )

    def _tell(self, text: str) -> None:
        """Warn, once."""
        if not self._told and speaks():
            self._told = True
            log.warning("%s Kernels are compiled anew in each process.", text)


def distrusted(folder: Path) -> str:
    """Why what is in a folder is not to be read; an empty text if it may be, or if there is no folder."""
    try:
        found = os.stat(folder)
    except OSError:
        return ""
    if found.st_uid != os.geteuid():
        return (
            f"it belongs to another user (uid {found.st_uid}). Set PARSIM_CACHE_DIR to a folder of your own."
        )
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return f"others can write to it (mode {stat.S_IMODE(found.st_mode):o}). Use `chmod go-w`, or another folder."
    return ""


def read_own(path: Path) -> bytes:
    """A file of this user; OSError for one that others own or can write, for links, and for what is no file."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb") as file:
        found = os.fstat(handle)
        shared = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or shared:
            raise PermissionError(f"'{path}' is not a file of this user alone")
        return file.read()


def foreign_cache() -> str:
    """Why the cache folder is not used; an empty text if it is."""
    return store().foreign


def compiled_kernels() -> int:
    """How many compiled kernels the cache folder holds."""
    folder = cache_folder()
    return sum(1 for _ in folder.rglob("*" + _SUFFIX)) if folder.is_dir() else 0
