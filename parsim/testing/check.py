"""`check_model`: a model goes through the laws, and what breaks one is said in plain words."""

from dataclasses import replace
from typing import Any

import numpy as np

from parsim.arrays import shown
from parsim.errors import DescriptionError, ParsimError
from parsim.given.values import as_number
from parsim.models.base import AbstractModel
from parsim.testing.laws import LAWS, TIME, NotChecked, run
from parsim.testing.networks import CELLS, Small
from parsim.testing.outcome import Outcome

# Tried one after another until cells fire: nothing is known of the unit in which a model takes weights.
WEIGHTS = (1.0, 4.0, 16.0, 64.0, 256.0, 1024.0)
OWN_WEIGHTS = {"stimulus": 150.0, "synapse": 150.0}  # pA, on the cells of such networks


class LawBroken(ParsimError, AssertionError):
    """A model breaks a law; also an `AssertionError`, as tests expect it."""


def check_model(model: Any, *, weight: float | None = None, **values: Any) -> str:
    """Run the laws on a model of cells, event-driven cells, stimuli or synapses; a text of what was looked at.

    Small networks with the model are run on several ranks, in several calls, from checkpoints, beside others, with the
    compiler off, twice in one process, and after a reset, and compared to the last bit. It takes some seconds, most of
    them to compile. Call it in a test, in one process.

    Parameters
    ----------
    model : model
    weight : float, optional
        About what makes a cell fire when it comes in some times a millisecond; tried out if it is not given.
    **values
        Of parameters and initial states, as in `create` or of the synapse: with which the model does something.

    Raises
    ------
    LawBroken
        With a line for each law that the model breaks: what differs, and where to look.
    DescriptionError
        What is no model, or values that it does not take.
    """
    if not isinstance(model, AbstractModel):
        raise DescriptionError(f"{shown(model)} is no model. Give one of cells, stimuli or synapses.")
    if weight is not None:
        weight = as_number(weight, "", "weight")
    small, whole = _that_fires(Small(model, values).fitted(), weight)
    if not all(np.isfinite(state).all() for state in whole.states.values()):
        raise LawBroken(f"{model.name} has states that are no numbers after {TIME:g} ms.")

    broken, said = (
        [],
        [
            f"{model.name}: {whole.times.size} spikes of {CELLS} cells in {TIME:g} ms, weight {small.weight:g}."
        ],
    )
    for law in LAWS:
        try:
            complaint = law.broken(small, whole)
        except NotChecked as reason:
            said.append(f"{law.name}: not looked at, for {reason}.")
            continue
        except ParsimError as error:
            complaint = f"it ends with {type(error).__name__}: {error}"
        if complaint:
            broken.append(f"{law.name} ({law.says}): {complaint}. {law.look}")
        else:
            said.append(f"{law.name}: {law.says}.")
    if broken:
        raise LawBroken(f"{model.name} breaks {len(broken)} of {len(LAWS)} laws.\n" + "\n".join(broken))
    return "\n".join(said)


def _that_fires(small: Small, weight: float | None) -> tuple[Small, Outcome]:
    """The network with the given weight, or the first with which each cell fires, about; and what it comes to."""
    own = OWN_WEIGHTS.get(small.model.kind)
    tried = [weight] if weight is not None else [own] if own is not None else WEIGHTS
    for size in tried:
        small = replace(small, weight=size)
        whole = run(small.say(), TIME)
        if whole.times.size >= CELLS:
            break
    return small, whole
