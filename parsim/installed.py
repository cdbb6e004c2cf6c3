"""What else is installed: another distribution that owns our import name, and packages that some calls need."""

from importlib import import_module, metadata
from typing import Any

from parsim.errors import DescriptionError

OURS, NAMESAKE = "parsim-snn", "parsim"


def refuse_namesake() -> None:
    """Raise ImportError when the unrelated distribution `parsim` is installed too.

    Its files and ours would lie in one folder, so that neither would be whole. Only the one known
    namesake is looked for: listing all distributions takes longer than importing this package.
    """
    try:
        other = metadata.distribution(NAMESAKE)
    except metadata.PackageNotFoundError:
        return
    raise ImportError(
        f"Two installed distributions own the import name 'parsim': '{NAMESAKE}' {other.version} (parameterized "
        f"simulation models) and '{OURS}' (this simulator). Their files overwrite each other. Keep one: "
        f"pip uninstall {NAMESAKE} {OURS} && pip install {OURS}, or give each a virtual environment of its own."
    )


def needed(package: str, call: str) -> Any:
    """A package that one call needs and nothing else, or an error that says so."""
    try:
        return import_module(package)
    except ImportError as error:
        name = package.partition(".")[0]
        raise DescriptionError(
            f"{call} needs {name}, which cannot be imported ({error}): pip install {name}"
        ) from None
