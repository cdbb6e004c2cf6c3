"""How much is said: NEST's levels."""

from enum import IntEnum


class VerbosityLevel(IntEnum):
    """Messages below the level that is set are not shown."""

    ALL = 0
    DEBUG = 5
    STATUS = 7
    INFO = 10
    PROGRESS = 15
    DEPRECATED = 18
    WARNING = 20
    ERROR = 30
    FATAL = 40
    QUIET = 100


def level_of(name: str) -> VerbosityLevel:
    """The level that NEST 2 calls "M_WARNING" and the like."""
    if not isinstance(name, str):
        raise AttributeError(f"the verbosity is {name!r:.60}; a name such as 'M_WARNING' is needed.")
    level = getattr(VerbosityLevel, name.removeprefix("M_"), None)
    if not isinstance(level, VerbosityLevel):
        raise AttributeError(
            f"there is no verbosity '{name:.60}'. There are: "
            f"{', '.join(f'M_{one.name}' for one in VerbosityLevel)}."
        )
    return level
