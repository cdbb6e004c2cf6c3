"""`parsim run [--resume] [--nest] model.py [arguments]`: run a script on all ranks that a launcher started."""

import argparse
import sys
from contextlib import ExitStack
from typing import Any

from parsim.engine.script import found_script, run_script
from parsim.errors import ParsimError


def add(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser("run", help="run a script; under mpirun, on all ranks")
    parser.add_argument("--resume", action="store_true", help="go on from the newest checkpoints of its runs")
    parser.add_argument("--nest", action="store_true", help="`import nest` in it is parsim.nest")
    parser.add_argument("script", metavar="model.py")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to the script")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Collective: the script's exit code; its exceptions pass through."""
    try:
        script = found_script(args.script)
        # The ranks meet before the script begins, so that an error in any line of it ends them all.
        from parsim.comm.world import world

        world()
    except ParsimError as error:
        print(f"parsim run: {error}", file=sys.stderr)
        return 1
    with ExitStack() as stack:
        if args.resume:
            from parsim.engine.keeping.resuming import resumed

            stack.enter_context(resumed())
        if args.nest:
            from parsim.nest.named import named_nest

            stack.enter_context(named_nest())
        return run_script(script, args.arguments)
