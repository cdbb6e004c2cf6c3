"""The checkpoints of a run: each under a name of its own, of which the newest two stay."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from parsim.errors import DescriptionError
from parsim.io.checkpoint import Checkpoint, checkpoint_path, refuse_to_replace
from parsim.telling import log

KEPT = 2


class Series:
    """Checkpoints called `stem-STEP.ckpt`, where STEP is the number of the step in twelve digits.

    `given` is what these names begin with; an ending, such as that of 'state.ckpt', stays at their end. In a folder
    that is there already they are called `checkpoint-STEP.ckpt`.
    """

    def __init__(self, given: Any) -> None:
        path = checkpoint_path(given, "checkpoint_to")
        if os.path.isdir(path):
            path = path / "checkpoint.ckpt"
        self.folder, self.stem, self.ending = path.parent, path.stem, path.suffix or ".ckpt"

    def path(self, step: int) -> Path:
        """Where the checkpoint of a step is."""
        return self.folder / f"{self.stem}-{step:012d}{self.ending}"

    def check(self) -> None:
        """An error unless a checkpoint can be made here."""
        refuse_to_replace(self.path(0))
        if not os.access(self.folder, os.W_OK):
            raise DescriptionError(
                f"Cannot write checkpoints to '{self.folder}': you may not write there. Choose another folder."
            )

    def newest(self) -> tuple[Path, dict[str, Any]] | None:
        """The newest that is whole, and what it says; those that are not are named in warnings."""
        for path, _ in self._found(warn=True):
            try:
                with Checkpoint(path) as file:
                    file.verify()
                    return path, file.about
            except DescriptionError as error:
                log.warning("%s", error)
        return None

    def is_begun(self) -> bool:
        """Is there one, whole or not?"""
        return bool(self._listed(self._name()))

    def prune(self) -> None:
        """Remove all but the newest two, and what a killed run has left unfinished."""
        for path, _ in self._found()[KEPT:]:
            with suppress(OSError):
                path.unlink()
        for path in self._listed(self._name(r"\.\w+\.unfinished")):
            with suppress(OSError):
                path.unlink()

    def _found(self, warn: bool = False) -> list[tuple[Path, int]]:
        """Those that can be opened, and when they were written; the newest first."""
        found = []
        for path in self._listed(self._name()):
            try:
                with Checkpoint(path) as file:
                    found.append((path, int(file.about["written"])))
            except DescriptionError as error:
                if warn:
                    log.warning("%s", error)
        return sorted(found, key=lambda one: one[1], reverse=True)

    def _name(self, ending: str = "") -> re.Pattern[str]:
        return re.compile(re.escape(self.stem) + r"-\d{12,}" + re.escape(self.ending) + ending)

    def _listed(self, name: re.Pattern[str]) -> list[Path]:
        try:
            return [self.folder / entry for entry in os.listdir(self.folder) if name.fullmatch(entry)]
        except OSError:
            return []
