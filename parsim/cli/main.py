"""The `parsim` command: finds the subcommand, and says in one line what was wrong."""

import argparse
import os
import sys
from collections.abc import Sequence

from parsim.cli import doctor, info, mechanism, models, plot, run
from parsim.errors import ParsimError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; what it returns is the exit code of the process."""
    parser = _parser()
    args = parser.parse_args(argv)
    if args.version:
        from parsim.io.provenance import versions

        print(f"parsim {versions()['parsim']}")
        return 0
    if args.command is None:
        parser.print_help()
        return 2
    if args.command == "run":
        # A script's errors are its own: they keep their traceback and reach the hook that ends all ranks.
        return run.main(args)
    if hasattr(sys.stdout, "reconfigure"):  # names of files and populations may be of any letters
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code: int = args.main(args)
        sys.stdout.flush()
    except ParsimError as error:
        return _failed(args.command, str(error))
    except MemoryError:
        return _failed(args.command, "what is asked for takes more memory than there is.")
    except BrokenPipeError:  # what reads our output has had enough, as in `parsim info FILE | head`
        sys.stdout = open(os.devnull, "w")
        return 1
    except OSError as error:
        sys.stdout = open(os.devnull, "w")
        return _failed(args.command, f"cannot write: {error.strerror or error}.")
    return code


def _failed(command: str, why: str) -> int:
    print(f"parsim {command}: {why}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="parsim", description="Spiking networks on one core or thousands.")
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for subcommand in (run, info, plot, models, mechanism, doctor):
        subcommand.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
