"""Plasticity as on the hardware of FACETS: weights of 4 bits, of which a controller updates one row after the other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, shown
from parsim.clock import Clock
from parsim.errors import DescriptionError
from parsim.given.numbers import as_numbers
from parsim.jit import inlined, kernel
from parsim.kernels.maths import exp_alone
from parsim.kernels.rows import at_row
from parsim.models.checks import reads
from parsim.models.params import Param, Variable
from parsim.models.parts.plastic import DELAY, TAU_PLUS, WEIGHT
from parsim.models.synapse_model import SynapseModel

ENTRIES = 16  # of a look-up table: weights of 4 bits


class State(NamedTuple):
    weight: Floats
    a_causal: Floats
    a_acausal: Floats
    init_flag: Floats
    next_readout_time: Floats
    caused: Floats
    latest: Floats


class Params(NamedTuple):
    rate_plus: Floats
    rate_minus: Floats
    per_entry: Floats  # weight of one entry
    a_thresh_th: Floats
    a_thresh_tl: Floats
    first_readout: Floats
    cycle: Floats
    tables: Floats  # [table * ENTRIES + entry]
    bits: Floats  # [evaluation * 4 + bit]
    resets: Floats  # [table * 2 + which charge]


@dataclass(frozen=True)
class Controller:
    """What all connections of a model are updated by; called, it derives what the kernel needs of their parameters."""

    lookuptable_0: tuple[int, ...] = (2, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 14, 15)
    lookuptable_1: tuple[int, ...] = (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 11, 12, 13)
    lookuptable_2: tuple[int, ...] = tuple(range(ENTRIES))
    configbit_0: tuple[int, ...] = (0, 0, 1, 0)
    configbit_1: tuple[int, ...] = (0, 1, 0, 0)
    reset_pattern: tuple[int, ...] = (1,) * 6

    def __call__(self, p: SimpleNamespace, clock: Clock) -> Params:
        per_driver, readout = p.synapses_per_driver, p.driver_readout_time
        return Params(
            1.0 / p.tau_plus, 1.0 / p.tau_minus_stdp, p.Wmax / (ENTRIES - 1.0), p.a_thresh_th, p.a_thresh_tl,
            np.floor(p.synapse_id / per_driver) * readout,
            np.floor((p.no_synapses - 1.0) / per_driver + 1.0) * readout,
            np.array([*self.lookuptable_0, *self.lookuptable_1, *self.lookuptable_2], np.float64),
            np.array([*self.configbit_0, *self.configbit_1], np.float64),
            np.array(self.reset_pattern, np.float64),
        )  # fmt: skip


@inlined
def is_above(s, p, r, bits):
    """The evaluation that 4 bits from number `bits` on say: which charges are compared with the thresholds."""
    causal, acausal, b = s.a_causal[r], s.a_acausal[r], p.bits
    low = at_row(p.a_thresh_tl, r) + b[bits + 2] * causal + b[bits + 1] * acausal
    high = at_row(p.a_thresh_th, r) + b[bits] * causal + b[bits + 3] * acausal
    return low / (1.0 + b[bits + 2] + b[bits + 1]) > high / (1.0 + b[bits] + b[bits + 3])


@inlined
def read_out(s, p, r, time):
    """The controller comes by: charges choose a table, which gives the weight's next entry, and may be reset."""
    first, second = is_above(s, p, r, 0), is_above(s, p, r, 4)
    entry = min(max(int(np.floor(s.weight[r] / at_row(p.per_entry, r) + 0.5)), 0), ENTRIES - 1)
    if first or second:
        table = 2 if first and second else 0 if first else 1
        entry = int(p.tables[table * ENTRIES + entry])
        s.a_causal[r] = 0.0 if p.resets[2 * table] != 0.0 else s.a_causal[r]
        s.a_acausal[r] = 0.0 if p.resets[2 * table + 1] != 0.0 else s.a_acausal[r]
    s.weight[r] = entry * at_row(p.per_entry, r)
    cycle, late = at_row(p.cycle, r), time - s.next_readout_time[r]
    s.next_readout_time[r] += np.floor(late / cycle) * cycle
    while s.next_readout_time[r] < time:
        s.next_readout_time[r] += cycle


@kernel
def hear(s, p, r, echo):
    """The target has fired: of these spikes the first after one of the source counts, and the last before one."""
    if echo.first:
        s.caused[r] = exp_alone((echo.last - echo.time) * at_row(p.rate_plus, r))
    s.latest[r] = echo.time


@kernel
def transmit(s, p, r, spike, target):
    """The source has fired: the weight may be due; then what the target did since its last spike is charged."""
    if s.init_flag[r] == 0.0:
        s.init_flag[r] = 1.0
        s.next_readout_time[r] = at_row(p.first_readout, r)
    if spike.time > s.next_readout_time[r]:
        read_out(s, p, r, spike.time)
    if target.back:
        s.a_causal[r] += s.caused[r]
        s.a_acausal[r] += exp_alone((s.latest[r] - spike.time) * at_row(p.rate_minus, r))
    return s.weight[r]


@reads("weight", "Wmax")
def check(p: SimpleNamespace) -> str | None:
    """A weight is one of those that its entries may have."""
    w, bound = np.broadcast_arrays(np.ravel(p.weight), np.ravel(p.Wmax))
    wrong = (bound == 0.0) | (w * bound < 0.0) | (np.abs(w) > np.abs(bound))
    if not wrong.any():
        return None
    at = int(np.argmax(wrong))
    return (
        f"weight is {w[at]:g} and Wmax {bound[at]:g}. Weights have {ENTRIES} steps from 0 to Wmax: give a weight "
        "between these, and a Wmax other than 0."
    )


stdp_facetshw_synapse_hom = SynapseModel(
    "stdp_facetshw_synapse_hom",
    params=(
        WEIGHT,
        DELAY,
        TAU_PLUS,
        Param("tau_minus_stdp", 20.0, "ms", "of what the target's last spike before one adds", above=0.0),
        Param("Wmax", 100.0, "", "the weight of the last entry of a table, of the sign of the weight"),
        Param("a_thresh_th", 21.835, "", "threshold that the anti-causal charge is compared with"),
        Param("a_thresh_tl", 21.835, "", "threshold that the causal charge is compared with"),
        Param("a_causal", 0.0, "", "causal charge at the beginning"),
        Param("a_acausal", 0.0, "", "anti-causal charge at the beginning"),
        Param("synapse_id", 0.0, "", "place among those that the controller reads, from 0", at_least=0.0),
        Param("no_synapses", 1.0, "", "how many it reads", at_least=1.0),
        Param("synapses_per_driver", 50.0, "", "how many at once", at_least=1.0),
        Param("driver_readout_time", 15.0, "ms", "that this takes", above=0.0),
        Param("init_flag", 0.0, "", "is next_readout_time said, and does not follow from synapse_id? 0 or 1"),
        Param("next_readout_time", 0.0, "ms", "after which the weight is updated next, where it is said"),
    ),
    state=State,
    recordables=(
        Variable("weight", initial="weight"),
        Variable("a_causal", "", "causal charge at the source's last spike", initial="a_causal"),
        Variable("a_acausal", "", "anti-causal charge then", initial="a_acausal"),
        Variable("init_flag", "", "has the source fired?", initial="init_flag"),
        Variable("next_readout_time", "ms", "after which the weight is due", initial="next_readout_time"),
        Variable("caused", "", "what the first spike of the target since the source's last will add"),
        Variable("latest", "ms", "when the target's last spike was back, -1 before the first", initial=-1.0),
    ),
    prepare=Controller(),
    transmit=transmit,
    history=True,
    hear=hear,
    check=check,
    sign="Wmax",
    about="Spike-timing dependent plasticity of the FACETS hardware: weights of 16 steps, updated in turn by a "
    "controller, by tables that `facetshw_tables` takes.",
    equations="""
        source fires at t, after its last at t', the target being back in (t', t] first at f and last at l:
            if t > next_readout_time:  w = table[w], if the charges say so;  next_readout_time += cycle until >= t
            a_causal += exp((t' - f)/tau_plus);  a_acausal += exp((l - t)/tau_minus_stdp);  then w is sent
        bits cc, ca, ac, aa of an evaluation ask whether low > high:
            low = (a_thresh_tl + ac a_causal + ca a_acausal)/(1 + ac + ca)
            high = (a_thresh_th + cc a_causal + aa a_acausal)/(1 + cc + aa)
        the first alone holds: table 0, the second alone: table 1, both: table 2; the table's charges are reset
        first readout: floor(synapse_id/synapses_per_driver) driver_readout_time
        cycle: floor((no_synapses - 1)/synapses_per_driver + 1) driver_readout_time
    """,
    source="Schemmel et al. 2006, IJCNN; Pfeil et al. 2012, Front Neurosci 6:90; NEST's stdp_facetshw_synapse_hom",
)


def facetshw_tables(model: SynapseModel = stdp_facetshw_synapse_hom, **tables: Any) -> SynapseModel:
    """`stdp_facetshw_synapse_hom`, or a copy of it, with other tables: `facetshw_tables(lookuptable_2=range(16))`.

    Parameters
    ----------
    lookuptable_0, lookuptable_1, lookuptable_2 : 16 whole numbers from 0 to 15
        The next entry of a weight by its entry, as the first evaluation, the second, or both say.
    configbit_0, configbit_1 : 4 whole numbers of at least 0
        What is compared in the two evaluations: cc, ca, ac, aa, see the model's equations.
    reset_pattern : 6 of 0 or 1
        Whether the causal and the anti-causal charge are reset by table 0, 1 and 2.

    Raises
    ------
    DescriptionError
        Other names, lengths or numbers.
    """
    controller = model.prepare
    if not isinstance(controller, Controller):
        raise DescriptionError(f"{model.name} has no tables. Give stdp_facetshw_synapse_hom or a copy of it.")
    return replace(model, prepare=replace(controller, **{n: _whole(n, given) for n, given in tables.items()}))


_SIZES = {"lookuptable": (ENTRIES, ENTRIES - 1), "configbit": (4, None), "reset": (6, 1)}


def _whole(name: str, given: Sequence[int]) -> tuple[int, ...]:
    known = Controller.__dataclass_fields__
    if name not in known:
        raise DescriptionError(f"there is no table '{name:.60}'. There are: {', '.join(known)}.")
    size, most = _SIZES[name.split("_")[0]]
    upto = "at least 0" if most is None else f"0 to {most}"
    numbers = as_numbers(given, "", name)
    wrong = numbers.shape != (size,) or ((numbers < 0.0) | (numbers != np.floor(numbers))).any()
    if wrong or (most is not None and (numbers > most).any()):
        raise DescriptionError(f"{name} is {shown(given)}; {size} whole numbers are needed, {upto}.")
    return tuple(int(one) for one in numbers)
