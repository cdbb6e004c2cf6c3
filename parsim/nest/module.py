"""The module as an object: kernel attributes are read and set on it, and nothing else."""

import importlib
from types import ModuleType
from typing import Any

from parsim.nest import attributes, elsewhere, errors, running
from parsim.nest.kernel import kernel
from parsim.nest.levels import VerbosityLevel


class NestModule(ModuleType):
    """`nest.resolution = 0.1`, `nest.biological_time`; a name that is no attribute of the kernel is an error."""

    def __getattr__(self, name: str) -> Any:
        if name == "verbosity":
            return kernel.verbosity
        if name == "build_info":
            return running.build_info()
        if name in attributes.ALL:
            return running.attribute(name)
        if name in ("raster_plot", "voltage_trace"):
            return importlib.import_module(f"parsim.nest.{name}")
        elsewhere.refuse_name(name)
        raise AttributeError(f"parsim.nest has no '{name:.60}'.")

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType) or name.startswith("__"):
            super().__setattr__(name, value)
        elif name == "verbosity":
            if not isinstance(value, VerbosityLevel):
                raise errors.TypeMismatch(f"verbosity is {value!r:.60}; a VerbosityLevel is needed.")
            kernel.verbosity = value
        elif name in attributes.SETTABLE:
            running.set(**{name: value})
        else:
            why = (
                "can only be read"
                if hasattr(type(self), name) or name in attributes.ALL
                else "is no attribute of the kernel"
            )
            raise AttributeError(f"'{name:.60}' {why}.")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *attributes.ALL, "verbosity", "build_info"})
