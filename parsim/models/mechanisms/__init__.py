"""The built-in mechanisms: texts in NMODL, each with the module that parsim makes of it beside it.

So they are there without the compiler of mechanisms. `scripts/mechanisms.py` writes the modules anew.
"""

import importlib
from pathlib import Path

from parsim.models.mechanism import Mechanism

NAMES = (
    "AMPA_S", "AlphaKin", "AlphaSynapse", "Exp2Syn", "ExpSyn", "GSyn", "Gap", "GradSyn", "IClamp", "SEClamp",
    "cachan", "cdp",
    "hh", "pas",
)  # fmt: skip


def built_in(name: str) -> Mechanism:
    """The built-in mechanism of this name, one of `NAMES`."""
    found: Mechanism = importlib.import_module(f"{__name__}.{name.lower()}").mechanism
    return found


def text_file(name: str) -> Path:
    """The file with the text of a built-in mechanism."""
    return Path(__file__).parent / f"{name.lower()}.mod"
