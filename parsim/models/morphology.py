"""Sections that belong together, with names for those of each kind: what a reconstructed cell is made of."""

from collections.abc import Iterable, Mapping

from parsim.models.section import Section


class Morphology(tuple[Section, ...]):
    """The sections of a cell, as a tuple; `labels` names several of them, and is taken over by a `CableModel`."""

    labels: Mapping[str, tuple[str, ...]]

    def __new__(cls, sections: Iterable[Section], labels: Mapping[str, tuple[str, ...]]) -> "Morphology":
        """Of these sections."""
        made = super().__new__(cls, sections)
        made.labels = dict(labels)
        return made

    def __getnewargs__(self) -> tuple[tuple[Section, ...], Mapping[str, tuple[str, ...]]]:
        return tuple(self), self.labels

    def __repr__(self) -> str:
        named = ", ".join(f"{len(names)} {label}" for label, names in self.labels.items())
        return f"<Morphology of {len(self)} sections{': ' if named else ''}{named}>"
