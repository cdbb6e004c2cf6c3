"""Models in pickles: by name where they or their functions can be found by it, so that kernels stay what they are."""

import importlib
import sys
from collections.abc import Callable
from dataclasses import fields
from typing import Any, NamedTuple

_CATALOGUE = "parsim.models.catalogue"  # has all built-in models by name


class ByName(NamedTuple):
    """Something that is found in a module by its name."""

    module: str
    name: str

    def find(self) -> Any:
        """What has this name."""
        return getattr(importlib.import_module(self.module), self.name)


def reference(model: Any) -> tuple[Any, ...]:
    """What `remade` needs to have the model again: where it is, or its class and fields."""
    modules = {getattr(f, "__module__", None) for f in vars(model).values() if callable(f)}
    name = model.name
    for module in (_CATALOGUE, *sorted(m for m in modules if m)):
        if getattr(sys.modules.get(module), name, None) is model:
            return (ByName(module, name),)
    return type(model), {f.name: _named(getattr(model, f.name)) for f in fields(model) if f.init}


def remade(what: Any, values: Any = None) -> Any:
    """The model that `reference` was made of."""
    if values is None:
        return what.find()
    return what(**{name: v.find() if isinstance(v, ByName) else v for name, v in values.items()})


def _named(part: Callable[..., Any] | Any) -> Any:
    module, name = getattr(part, "__module__", None), getattr(part, "__name__", None)
    if callable(part) and module and name and getattr(sys.modules.get(module), name, None) is part:
        return ByName(module, name)
    return part
