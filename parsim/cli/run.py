"""`parsim run [--resume] model.py [arguments]`: run a script on all ranks that a launcher started."""

import argparse
import runpy
import sys
from pathlib import Path
from typing import Any

from parsim.errors import DescriptionError, ParsimError, suggestion
from parsim.given.plain import as_path


def add(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser("run", help="run a script; under mpirun, on all ranks")
    parser.add_argument("--resume", action="store_true", help="go on from the newest checkpoints of its runs")
    parser.add_argument("script", metavar="model.py")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to the script")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Collective: the script's exit code; its exceptions pass through."""
    try:
        script = _found(args.script)
        # The ranks meet before the script begins, so that an error in any line of it ends them all.
        from parsim.comm.world import world

        world()
    except ParsimError as error:
        print(f"parsim run: {error}", file=sys.stderr)
        return 1
    if not args.resume:
        return run_script(script, args.arguments)
    from parsim.engine.resuming import resumed

    with resumed():
        return run_script(script, args.arguments)


def run_script(script: Path, arguments: list[str]) -> int:
    """Run a script as `python script arguments` does, in this process."""
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


def _found(name: str) -> Path:
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
