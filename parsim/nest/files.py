"""Files and screens that recorders write to."""

import os
from typing import Any

import numpy as np

from parsim.clock import NEAR, Clock
from parsim.nest import errors

OF_FILES = {"file_extension": "dat", "precision": 3}  # what recorders have that write
VERSION = "3.10.0"  # of what is written here as NEST writes it


class EventFile:
    """A text file of events, one a row, or the screen; written by rank 0 alone."""

    def __init__(self, path: str | None, overwrite: bool, writes: bool) -> None:
        self.path, self.writes, self._begun = path, writes, False
        if path is not None and not overwrite and os.path.exists(path):
            raise errors.IOError(
                f"{path} is there already. Set overwrite_files=True, another data_prefix or another label."
            )

    def write(self, events: Any, settings: dict[str, Any], clock: Clock) -> None:
        """Add events; the first ones below a header."""
        if not self.writes:
            return
        names = list(events.values)
        digits = settings.get("precision", OF_FILES["precision"])
        if settings["time_in_steps"]:
            steps = np.ceil(events.times / clock.dt - NEAR).astype(np.int64)
            columns = [
                [f"{step}" for step in steps],
                [f"{o:.{digits}f}" for o in steps * clock.dt - events.times],
            ]
        else:
            columns = [[f"{time:.{digits}f}" for time in events.times]]
        columns += [[f"{value:.{digits}f}" for value in events.values[name]] for name in names]
        rows = ["\t".join(row) for row in zip(map(str, events.senders), *columns, strict=True)]
        text = "\n".join(rows) + "\n"
        if self.path is None:
            print(text, end="")
            return
        time = ["time_step", "time_offset"] if settings["time_in_steps"] else ["time_ms"]
        header = f"# NEST version: {VERSION}\n# RecordingBackendASCII version: 2\n"
        with open(self.path, "a" if self._begun else "w") as file:
            if not self._begun:
                file.write(header + "\t".join(["sender", *time, *names]) + "\n")
            file.write(text)
        self._begun = True
