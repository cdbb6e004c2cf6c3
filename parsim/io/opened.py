"""A result file, opened to be read: as of one moment, also while a run writes it.

Whatever makes no sense in it is one DescriptionError: "... is damaged: ...".
"""

import fcntl
import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import h5py

from parsim.errors import DescriptionError, suggestion
from parsim.io.checkpoint import MARK

T = TypeVar("T")
Name = str | os.PathLike[str]

PATIENCE = (
    0.02  # seconds before a file that makes no sense, and may have been written to meanwhile, is read again
)
TRIES = 5
PAGE = 4096  # bytes, among which is all that changes when one of our files grows


def read(path: Name, take: Callable[[h5py.File], T]) -> T:
    """What `take` finds in a file; again if that makes no sense and the file is being written to."""
    for _ in range(TRIES):
        try:
            with _guarded(path) as file:
                return take(file)
        except _Damage:
            if time.time() - os.stat(path).st_mtime > 1.0:
                break
            time.sleep(PATIENCE)
    with opened(path) as file:
        return take(file)


@contextmanager
def opened(path: Name) -> Iterator[h5py.File]:
    """A result file to be read; whatever makes no sense in it becomes one error that says that it is damaged."""
    try:
        with _guarded(path) as file:
            yield file
    except _Damage as damage:
        raise DescriptionError(f"'{path}' is damaged: {damage}.") from None


class _Damage(Exception):
    """What is wrong with a file."""


@contextmanager
def _guarded(path: Name) -> Iterator[h5py.File]:
    target = _existing(path)
    try:
        with _Moment(target) as raw:
            _share(raw, path)
            with h5py.File(raw, "r") as file:
                yield file
    except DescriptionError:
        raise
    except OSError as error:
        raise _Damage(reason(error)) from None
    except MemoryError:
        raise _Damage("it would take more memory than there is") from None
    except Exception as error:
        text = error.args[0] if isinstance(error, KeyError) and error.args else error
        raise _Damage(" ".join(str(text).split()) or type(error).__name__) from None


class _Moment(io.FileIO):
    """A file as it is when it is opened, although one of ours grows: nothing in it is written over but its first page.

    HDF5 itself shares what it remembers of a file among all in this process who have opened it, so that whoever looks
    at a growing file twice is shown the past, or a mixture.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        self._page = os.pread(self.fileno(), PAGE, 0)

    def readinto(self, buffer: Any) -> int:
        """Bytes from where the file stands; those of the first page as they were."""
        at, view = self.tell(), memoryview(buffer).cast("B")
        done = super().readinto(view)
        old = self._page[at : at + done]
        view[: len(old)] = old
        return done


def _share(raw: io.FileIO, path: Name) -> None:
    """An error if another program writes to this file, as far as HDF5's locks tell; ours need none."""
    try:
        fcntl.flock(raw, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DescriptionError(f"Cannot read '{path}': another process has it open.") from None
    except OSError:  # a file system without locks
        return


def _existing(path: Name) -> Path:
    try:
        target = Path(path)
        if target.is_dir():
            raise DescriptionError(f"'{path}' is a folder. Give the name of a result file in it.")
        if not target.exists():
            near = [entry.name for entry in target.parent.glob("*.h5")] if target.parent.is_dir() else []
            raise DescriptionError(f"There is no file '{path}'.{suggestion(target.name, near)}")
        if not target.is_file():
            raise DescriptionError(f"'{path}' is a device or pipe. Give the name of a result file.")
        if not os.access(target, os.R_OK):
            raise DescriptionError(f"You may not read '{path}'. Change its permissions: chmod u+r '{path}'")
        if h5py.is_hdf5(target):
            return target
    except (TypeError, OSError, ValueError) as error:
        if isinstance(error, DescriptionError):
            raise
        raise DescriptionError(f"Cannot read {path!r}: {error}.") from None
    with open(target, "rb") as file:
        if file.read(len(MARK)) == MARK:
            raise DescriptionError(
                f"'{path}' is a checkpoint, no result file. Go on from it with "
                f"parsim.Simulation(network, restore={str(path)!r})."
            )
    raise DescriptionError(
        f"'{path}' is not an HDF5 file, or is damaged: it does not begin as one. "
        'Give a result file, as written with to="name.h5".'
    )


def reason(error: OSError) -> str:
    """The useful part of what HDF5 or the system says."""
    text = str(error)
    if "truncated file" in text:
        return "it is incomplete, shorter than it was when it was written"
    return os.strerror(error.errno) if error.errno else text
