"""A script run in this process as Python runs it."""

import runpy
import sys
from pathlib import Path

from parsim.errors import DescriptionError, suggestion
from parsim.given.plain import as_path


def run_script(script: Path, arguments: list[str]) -> int:
    """Run a script as `python script arguments` does, in this process; its exit code. Its exceptions pass through."""
    argv, path = sys.argv[:], sys.path[:]
    sys.argv = [str(script), *arguments]
    sys.path.insert(0, str(script.parent))
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as stop:
        return _exit_code(stop)
    finally:
        sys.argv, sys.path = argv, path
    return 0


def found_script(name: str) -> Path:
    """The file of a script, or an error that names one like it."""
    script = Path(as_path(name, "the script"))
    if script.is_file():
        return script.absolute()
    folder = script.parent
    near = [entry.name for entry in folder.glob("*.py")] if folder.is_dir() else []
    raise DescriptionError(f"There is no script '{name}'.{suggestion(script.name, near)}")


def _exit_code(stop: SystemExit) -> int:
    if stop.code is None or isinstance(stop.code, int):
        return stop.code or 0
    print(stop.code, file=sys.stderr)
    return 1
