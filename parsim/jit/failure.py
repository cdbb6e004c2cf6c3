"""What is wrong with a kernel, in a sentence that names the model, the kernel, the line and the reason.

What numba cannot compile is found before it runs. Kernels of users look at their indices (`looking`), those of parsim
where they run in Python, or with numba's NUMBA_BOUNDSCHECK.
"""

import contextlib
import dis
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import numba

from parsim.errors import BuildError, ParsimError, SimulationError
from parsim.telling import log

_NUMBA = str(Path(numba.__file__).parent)
_LONGEST = 300  # characters of a reason
_OWNED: dict[CodeType, list[str]] = {}  # the models that have a kernel, by its code
_OF_USERS: dict[tuple[str, str], CodeType] = {}  # kernels that look at their indices, by module and name
_OURS = ("parsim.", "parsim_generated_")


def belongs_to(kernel: Any, *models: str) -> None:
    """Remember which models a kernel moves, for errors. A function that is no kernel is left as it is."""
    if hasattr(kernel, "owners"):
        kernel.owners += [model for model in models if model not in kernel.owners]
    if code := getattr(getattr(kernel, "py_func", kernel), "__code__", None):
        known = _OWNED.setdefault(code, [])
        known += [model for model in models if model not in known]


def remember(function: Any) -> bool:
    """Is it a kernel of a user's, who is to be told where it went wrong? Then errors find it by its name."""
    if function.__module__.startswith(_OURS):
        return False
    _OF_USERS[function.__module__, function.__code__.co_qualname] = function.__code__
    return True


def line_number(code: CodeType, line: int) -> int:
    """The how manyth of a kernel's lines one is: what is compiled is kept, wherever in its file the kernel moves."""
    return sum(one < line for one in _lines(code))


def _lines(code: CodeType) -> list[int]:
    return sorted({line for _, _, line in code.co_lines() if line is not None})


def told(error: Exception) -> Exception:
    """What went wrong while kernels ran, as an error that names the kernel where that is known; else itself."""
    if isinstance(error, (ParsimError, MemoryError)):
        return error
    frames = list(traceback.walk_tb(error.__traceback__))
    own = [frame.f_code for frame, _ in frames if frame.f_code in _OWNED]
    what = f"{type(error).__name__}: {error}"
    if own:
        (frame, line), owners = frames[-1], " or ".join(_OWNED[own[-1]])
        where = f"{frame.f_code.co_filename}, line {line}"
        return SimulationError(f"The kernel {own[-1].co_name} of {owners} failed: {what} ({where}).")
    if isinstance(error, IndexError) and error.args[1:3] in _OF_USERS:
        return _outside(_OF_USERS[error.args[1:3]], error.args[3], str(error.args[0]))
    if isinstance(error, IndexError):
        return SimulationError(
            f"A compiled kernel failed: {what}. Run with NUMBA_DISABLE_JIT=1 to be told which, and the line."
        )
    return error


def _outside(code: CodeType, number: int, text: str) -> Exception:
    """An index of a compiled kernel lies outside of its array."""
    calling = {name for owned, owners in _OWNED.items() if code.co_name in owned.co_names for name in owners}
    owners = " or ".join(_OWNED.get(code) or sorted(calling))
    of = f" of {owners}" if owners else ""
    lines = _lines(code)
    where = f"{code.co_filename}, line {lines[min(number, len(lines) - 1)]}"
    return SimulationError(f"The kernel {code.co_name}{of} failed: IndexError: {text} ({where}).")


@contextlib.contextmanager
def in_a_sentence(kernel: Any) -> Iterator[None]:
    """What goes wrong while a kernel is compiled becomes a BuildError; numba's own text is logged at level DEBUG."""
    try:
        yield
    except (ParsimError, MemoryError):
        raise
    except Exception as error:
        text = str(error)
        log.debug("%s cannot be compiled:\n%s", kernel.name, text)
        where, name = _place(text, error, kernel)
        owners = " or ".join(_owners(kernel, name))
        of = f" of {owners}" if owners else ""
        raise BuildError(
            f"The kernel {name}{of} cannot be compiled: {_reason(text, error)} ({where}). "
            "What kernels may do is said in docs/own_models.md."
        ) from None


def _owners(kernel: Any, name: str) -> list[str]:
    """The models that a kernel belongs to, or that of this name among those that it captured, or the first of them."""
    owned = [part for part in _made_of(kernel) if part.owners]
    named = [part for part in owned if part.py_func.__name__ == name]
    return (named or owned)[0].owners if owned else []


def _made_of(kernel: Any) -> Iterator[Any]:
    """A kernel, then those that it captured, and so on."""
    yield kernel
    for cell in kernel.py_func.__closure__ or ():
        if hasattr(cell.cell_contents, "owners"):
            yield from _made_of(cell.cell_contents)


def _who_reads(name: str, kernel: Any) -> tuple[str, str] | None:
    """Where a kernel, or one that it captured, reads a name that is not there, and its own name."""
    for part in _made_of(kernel):
        python = part.py_func
        if name in python.__code__.co_names and name not in python.__globals__:
            lines = [
                i.positions.lineno for i in dis.get_instructions(python) if i.argval == name and i.positions
            ]
            return f"{python.__code__.co_filename}, line {lines[0]}", python.__name__
    return None


def _place(text: str, error: Exception, kernel: Any) -> tuple[str, str]:
    """Where it is wrong, as precisely as numba knows, and the name of the kernel there.

    What was tried last is told first: the innermost kernel that calls nothing else that is wrong.
    """
    missing = re.search(r"name '(\w+)' is not defined", text)
    if missing and (reader := _who_reads(missing[1], kernel)):
        return reader
    code = kernel.py_func.__code__
    found = re.findall(r" (?:at|from) (\S.*?) \((\d+)\)", text)
    places = [(path, int(line)) for path, line in found if not path.startswith(_NUMBA)]
    loc = getattr(error, "loc", None)
    if loc is not None and not str(loc.filename).startswith(_NUMBA):
        places.append((loc.filename, loc.line))
    path, line = (places or [(code.co_filename, code.co_firstlineno)])[0]

    shown = re.findall(r'File "(.*?)", line (\d+):\s*def (\w+)', text)
    names = [name for file, at, name in shown if int(at) == line and Path(file).name == Path(path).name]
    return f"{path}, line {line}", (names or [kernel.py_func.__name__])[0]


def _reason(text: str, error: Exception) -> str:
    """The first thing that is wrong, in numba's words or better ones."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("Failed in ")]
    first = lines[0] if lines else type(error).__name__
    if module := re.match(r"Unknown attribute '(\w+)' of type Module\(<module '([\w.]+)'", first):
        return f"numba knows no {module[2]}.{module[1]}"
    if field := re.match(r"Unknown attribute '(\w+)' of type (\w+)\(", first):
        return f"{field[2]} has no field '{field[1]}'"
    if name := re.match(r"Untyped global name '(\w+)'.*<class 'function'>", first):
        return f"it calls {name[1]}, which is no kernel (put @parsim.kernel before it)"
    if name := re.match(r"Untyped global name '(\w+)':? *(.*)", first):
        return f"it reads {name[1]}, of a kind that compiled code does not know ({name[2]})"
    if "No implementation of function" in first:
        call = next((line[3:].strip() for line in lines if line.startswith(">>>")), first)
        why = [line.partition("Error: ")[2] for line in lines if re.match(r"\w+Error: ", line)]
        first = f"{call} is not known" + (f": {why[0]}" if why else "")
    first = re.sub(r"(\.*\s*Raised from|, defined at) .*", "", first).rstrip(".")
    return first if len(first) <= _LONGEST else first[: _LONGEST - 3] + "..."
