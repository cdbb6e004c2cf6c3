"""Is this the only installed distribution that owns the import name `parsim`?"""

from importlib import metadata

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
