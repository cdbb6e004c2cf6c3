"""`python -m parsim.nest script.py [arguments]`: run a script of NEST, unchanged."""

import sys

from parsim.comm.world import world
from parsim.engine.script import found_script, run_script
from parsim.errors import ParsimError
from parsim.nest.named import named_nest


def main(arguments: list[str]) -> int:
    """Collective: the script's exit code; its exceptions pass through."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print("usage: python -m parsim.nest script.py [arguments]")
        return 0 if arguments else 2
    try:
        script = found_script(arguments[0])
        world()
    except ParsimError as error:
        print(f"parsim.nest: {error}", file=sys.stderr)
        return 1
    with named_nest():
        return run_script(script, arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
