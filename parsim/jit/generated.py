"""Modules whose text is made by parsim: run once a process, and kept as files for those who read them.

What is run is always the text itself, never what a file holds; compiled kernels are kept as for any module, by what
they do. So the file needs no trust and no process waits for another.
"""

import contextlib
import hashlib
import os
import re
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from parsim.jit.store import cache_folder, distrusted, store

_PREFIX = "parsim_generated_"
_lock = threading.Lock()


def generated(text: str, stem: str) -> ModuleType:
    """The module of a text, the same for the same text; `stem` begins its name."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    name = f"{_PREFIX}{re.sub(r'[^0-9A-Za-z_]', '_', stem)[:40]}_{digest}"
    with _lock:
        if name not in sys.modules:
            path = _written(text, name)
            module = ModuleType(name)
            module.__file__ = str(path)
            sys.modules[name] = module
            try:
                exec(compile(text, str(path), "exec"), module.__dict__)
            except BaseException:
                del sys.modules[name]
                raise
        return sys.modules[name]


def kept_text(name: str, make: Callable[[], str]) -> str:
    """A text that is made once for all processes, and kept as kernels are; `name` says all that it depends on."""
    if (kept := store().read(name)) is not None:
        return kept.decode()
    text = make()
    store().keep(name, text.encode())
    return text


def _written(text: str, name: str) -> Path:
    """The file that shows a module's text, in tracebacks and to readers; where it cannot be written, there is none."""
    folder = cache_folder().parent / "mechanisms"
    path = folder / f"{name.removeprefix(_PREFIX)}.py"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists() and not distrusted(folder):
            handle, scratch = tempfile.mkstemp(prefix="new-", dir=folder)
            with open(handle, "w") as file:
                file.write(text)
            os.replace(scratch, path)
    return path
