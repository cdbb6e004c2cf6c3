"""The module as an object: kernel attributes are read and set on it, and nothing else."""

import importlib
from types import ModuleType
from typing import Any

from parsim.nest import attributes, errors, running
from parsim.nest.kernel import kernel
from parsim.nest.verbosity import VerbosityLevel


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
        if name in _ELSEWHERE:
            raise errors.unsupported(f"nest.{name}", _ELSEWHERE[name])
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


_CONNECTIONS = "Use GetConnections."
_ELSEWHERE = {
    
    "TripartiteConnect": "parsim has no astrocytes.", "Install": "Models of your own are written natively.",
    "SonataNetwork": "Describe the network natively.", "EnableStructuralPlasticity": "parsim has none.",
    "DisableStructuralPlasticity": "parsim has none.", "topology": "Use nest.spatial.",
    
    "server": "Run scripts with `parsim run --nest`.",
    "ll_api": "There is no interpreter beneath.", "sli_run": "There is no interpreter beneath.",
    "BeginSubnet": "Create nodes without subnets.",
    "DivergentConnect": "Use Connect.", "ConvergentConnect": "Use Connect.",
    "RandomDivergentConnect": "Use Connect with fixed_outdegree.",
    "RandomConvergentConnect": "Use Connect with fixed_indegree.",
    "FindConnections": _CONNECTIONS, "ResetNetwork": "Natively use Simulation.reset().",
}  # fmt: skip
