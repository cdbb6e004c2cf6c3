"""Small scripts that NEST and we run: read from a text, run, and made plain so that results can be stored and compared.

`python tests/nest/stored.py` in an environment with NEST 3.10 writes its answers to tests/data/nest_face/answers.json.
"""

import json
from pathlib import Path

import numpy as np

DATA = Path(__file__).parents[1] / "data" / "nest_face"


def cases():
    """The scripts by name; each says what `out` is."""
    found = {}
    for text in (DATA / "cases.txt").read_text().split("### ")[1:]:
        name, _, code = text.partition("\n")
        assert name not in found, name
        found[name.strip()] = code
    return found


def sorted_events(events, until=np.inf):
    """Events by time and then by sender, up to a time; NEST's order within an interval is that of its updates."""
    order = np.lexsort((events["senders"], events["times"]))
    order = order[np.asarray(events["times"])[order] <= until + 1e-9]
    return {key: np.asarray(events[key])[order] for key in sorted(events)}


def answer(nest, code):
    """What a script gives for `out`, or the class of its error."""
    nest.ResetKernel()
    names = {"nest": nest, "np": np, "sorted_events": sorted_events}
    try:
        exec(code, names)
    except Exception as error:
        return {"error": type(error).__name__}
    return {"out": plain(names.get("out"))}


def plain(value):
    """Lists, dicts, numbers and texts; a tuple is told from a list."""
    if isinstance(value, np.ndarray):
        return {"array": value.tolist(), "kind": value.dtype.kind}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple):
        return {"tuple": [plain(one) for one in value]}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def main():
    import nest

    nest.verbosity = nest.VerbosityLevel.QUIET
    answers = {name: answer(nest, code) for name, code in cases().items()}
    (DATA / "answers.json").write_text(json.dumps(answers, indent=0) + "\n")
    print(len(answers), "answers of NEST", nest.__version__)


if __name__ == "__main__":
    main()
