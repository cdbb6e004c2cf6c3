"""`import nest` means this package, in one process and for as long as it is asked."""

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_MODULES = (
    "errors",
    "random",
    "math",
    "logic",
    "spatial",
    "spatial_distributions",
    "raster_plot",
    "voltage_trace",
)


@contextmanager
def named_nest() -> Iterator[None]:
    """Scripts that say `import nest` run by parsim, unchanged."""
    package = importlib.import_module("parsim.nest")
    names = {"nest": package, "nest.NESTErrors": package.NESTErrors}
    for name in _MODULES:
        if importlib.util.find_spec(f"parsim.nest.{name}") is not None:
            names[f"nest.{name}"] = importlib.import_module(f"parsim.nest.{name}")
    before = {name: sys.modules.get(name) for name in names}
    sys.modules.update(names)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
