"""One model a file: what several share stands in a room of its own."""

import importlib
import pkgutil

import pytest

from parsim.models.base import CellModel
from parsim.models.catalogue import ALL_MODELS
from parsim.models.event_model import EventModel
from parsim.models.synapse_model import SynapseModel

ROOMS = {"cells": CellModel, "events": EventModel, "synapses": SynapseModel}


def files(room):
    folder = importlib.import_module(f"parsim.models.{room}")
    return [f"parsim.models.{room}.{module.name}" for module in pkgutil.iter_modules(folder.__path__)]


@pytest.mark.parametrize("name", [name for room in ROOMS for name in files(room)])
def test_a_file_holds_one_model_that_is_called_as_it_is(name):
    module, kind = importlib.import_module(name), ROOMS[name.split(".")[2]]
    called = name.split(".")[-1].replace("_", "").lower()
    held = [key for key, value in vars(module).items() if isinstance(value, kind)]
    assert [key for key in held if key.replace("_", "").lower() == called] != []
    assert getattr(module, held[-1]) in ALL_MODELS
