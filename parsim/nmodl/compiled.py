"""`mechanism`: a file or text of NMODL, or the name of a built-in, to a `Mechanism`."""

import hashlib
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from parsim.arrays import shown
from parsim.errors import DescriptionError, suggestion
from parsim.given.plain import as_flag, as_path
from parsim.jit import kept_text
from parsim.models.mechanism import Mechanism, made
from parsim.models.mechanisms import NAMES, built_in, text_file
from parsim.nmodl.options import Options


def mechanism(
    given: str | os.PathLike[str],
    *,
    exact: bool = False,
    neuron: bool = False,
    tables: bool | str = False,
    verbatim: Mapping[str, str] | None = None,
) -> Mechanism:
    """The mechanism in a file of NMODL, in a text of NMODL, or a built-in one by its name.

    Parameters
    ----------
    given : path or str
        A file; or, when it holds a brace, a text.
    exact : bool
        Take derivatives by differentiation, dI/dV also where the current is not linear in V and those of Newton's
        iteration, which then goes on to 1e-8 of what states add up to, and keep all digits of parameters. Else all
        three are as NEURON has them.
    neuron : bool
        `net_move` moves the last event of the instance, as in NEURON, also where connections have events of their own.
    tables : bool or "fine"
        Keep what TABLE says: values at equal distances, straight lines between, as in NEURON. Else they are computed.
        "fine" tabulates what gates need of the voltage alone, whether TABLE is there or not, at 32 points a mV.
    verbatim : dict of str
        NMODL to put in place of C, by the name of the FUNCTION or PROCEDURE that holds it, or by the kind of block
        ("INITIAL"). An empty text stands for nothing.
    """
    said = Options(
        as_flag(exact, "exact"), as_flag(neuron, "neuron"),
        not _is_fine(tables) and as_flag(tables, "tables"), _is_fine(tables), _texts(verbatim),
    )  # fmt: skip
    if isinstance(given, str) and given in NAMES and not os.path.exists(given):
        if said == Options():
            return built_in(given)
        given = text_file(given)
    text, path, folder = _source(given)
    if "INCLUDE" in text:  # of what that depends on is not known here
        return made(module_of(text, path, folder, said))
    key = repr((text, path, said, _sources()))
    name = f"module_{hashlib.sha256(key.encode()).hexdigest()[:40]}"
    return made(kept_text(name, lambda: module_of(text, path, folder, said)))


@cache
def _sources() -> str:
    """A digest of all that makes modules."""
    found = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()


def module_of(text: str, path: str, folder: Path | None, options: Options) -> str:
    """The text of a mechanism's module."""
    # Imported when there is a text to compile: these are a tenth of what it takes to import parsim.
    from parsim.nmodl.emit import module_text
    from parsim.nmodl.kernels import analysed
    from parsim.nmodl.parse import parse
    from parsim.nmodl.verbatim import resolve

    program = parse(text, path, folder)
    resolve(program, options.verbatim)
    return module_text(analysed(program, options))


def module_file(name: str) -> Path:
    """The file of a built-in mechanism's module."""
    return text_file(name).with_suffix(".py")


def _is_fine(tables: Any) -> bool:
    if isinstance(tables, str) and tables != "fine":
        raise DescriptionError(f'tables is {shown(tables)}; it must be True, False or "fine".')
    return isinstance(tables, str)


def _texts(verbatim: Any) -> dict[str, str]:
    if verbatim is None:
        return {}
    if not isinstance(verbatim, Mapping) or not all(
        isinstance(t, str) for kv in verbatim.items() for t in kv
    ):
        raise DescriptionError(f"verbatim is {shown(verbatim)}; a dict of texts is needed.")
    return dict(verbatim)


def _source(given: Any) -> tuple[str, str, Path | None]:
    """The text, what errors call it, and the folder of files that it includes."""
    if isinstance(given, str) and "{" in given:
        return given, "text", None
    if not isinstance(given, (str, os.PathLike)):
        raise DescriptionError(f"the mechanism is {shown(given)}; a path, or a text of NMODL, is needed.")
    path = Path(as_path(given, "the mechanism"))
    try:
        return path.read_text(errors="replace"), path.name, path.parent
    except OSError as error:
        hint = suggestion(str(given), NAMES)
        raise DescriptionError(
            f"there is no mechanism '{given}': {error.strerror or error}.{hint} Built in are: {', '.join(NAMES)}."
        ) from None
