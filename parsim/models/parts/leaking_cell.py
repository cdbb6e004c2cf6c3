"""Cells with a leaky membrane under any number of conductances and a threshold that stands still."""

from collections.abc import Callable
from typing import Any

import numpy as np

from parsim.jit import kernel, shared
from parsim.kernels.blocks import BLOCK
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.leaking import membrane
from parsim.models.parts.leaky import below_threshold
from parsim.shard.outbox import emit


@shared
def move(felt, follow, spend, s, p, inputs, span, out):
    """Magnus' series to fourth order; a refractory membrane stays at V_reset while conductances go on.

    `felt(s, p)` is what the membrane feels, `follow(s, p, spikes, begin, end)` takes conductances through a step, and
    `spend(s, p, i)` is what a spike does to them.
    """
    rows = inputs.current.shape[0]
    force, after = np.empty(BLOCK), np.empty(BLOCK)
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            current = inputs.current[(k - span.origin) % rows]
            for i in range(begin, end):
                force[i - begin] = p.I_e[i] + current[i]
            membrane(felt(s, p), p.leaking, force, begin, end, after)
            for i in range(begin, end):
                s.V_m[i] = after[i - begin] if k >= s.free[i] else p.V_reset[i]
            follow(s, p, inputs.spikes[k - span.origin], begin, end)

            for i in range(begin, end):
                if s.V_m[i] >= p.V_th[i]:
                    s.V_m[i] = p.V_reset[i]
                    spend(s, p, i)
                    s.free[i] = k + 1 + p.refractory[i]
                    emit(out, i, k + 1)


def leaking_cell(
    name: str,
    params: tuple[Param, ...],
    states: tuple[Variable, ...],
    acts: tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]],
    **parts: Any,
) -> CellModel:
    """With these parameters, states beside V_m, and `acts` as in `move`; `parts` are the state, prepare and words."""
    felt, follow, spend = acts

    @kernel
    def advance(s, p, inputs, span, out):
        """As `move`."""
        move(felt, follow, spend, s, p, inputs, span, out)

    return CellModel(
        name,
        params=params,
        recordables=(Variable("V_m", "mV", "membrane potential", initial="E_L"), *states),
        advance=advance,
        check=below_threshold,
        weight_unit="nS",
        **parts,
    )
