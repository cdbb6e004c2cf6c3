"""Tables of numbers in text files."""

import numpy as np

from parsim.arrays import Floats


def rows_of(name: str) -> Floats:
    """The rows of a file below its header, [row, column]."""
    with open(name) as file:
        lines = [line.split() for line in file if line.strip() and not line.startswith("#")]
    if lines and not _is_number(lines[0][0]):
        lines = lines[1:]
    return np.array(lines, np.float64).reshape(len(lines), -1)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
