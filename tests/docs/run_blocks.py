"""Runs the blocks of a page as one script and keeps what each prints: python run_blocks.py BLOCKS.json PRINTED.json."""

import contextlib
import io
import json
import sys
from pathlib import Path


def main(blocks: Path, printed: Path) -> None:
    """Run them in order, in one namespace that looks like a script's; lines are counted as on the page."""
    namespace = {"__name__": "__main__"}
    sys.path.insert(0, "")
    texts = []
    for block in json.loads(blocks.read_text()):
        out = io.StringIO()
        source = "\n" * (block["line"] - 1) + block["text"]
        with contextlib.redirect_stdout(out):
            exec(compile(source, block["page"], "exec"), namespace)
        texts.append(out.getvalue())
        printed.write_text(json.dumps(texts))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
