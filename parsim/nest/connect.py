"""`Connect`: what is connected is checked at the call, and told to the network when it has to know."""

import time
from typing import Any

import numpy as np

from parsim.errors import DescriptionError
from parsim.given.value import AbstractValue
from parsim.nest import drawn_degrees, drawn_receptors, errors, in_space, rules, spec
from parsim.nest.batches import as_ids
from parsim.nest.connections import GetConnections
from parsim.nest.dilutors import diluted
from parsim.nest.kernel import kernel
from parsim.nest.legal import check_legal, receptor_of
from parsim.nest.names import DILUTOR
from parsim.nest.nodes import NodeCollection, as_nodes
from parsim.nest.parameters import Parameter, drawn, hangs_on_nodes
from parsim.nest.recorded import connect_recorders
from parsim.nest.rules import Rule
from parsim.nest.spec import Spec
from parsim.nest.symmetric import both_ways
from parsim.nest.synapses import SynapseCollection
from parsim.nest.wires import Mark, PairKey, Statement
from parsim.network.pairwise import AllToAll
from parsim.network.population import n_shared
from parsim.network.projection import project
from parsim.network.space import are_spatial
from parsim.network.transmitter import VolumeTransmitter

_PAIRWISE = (None, "one_to_one", "all_to_all")


def Connect(
    pre: Any, post: Any, conn_spec: Any = None, syn_spec: Any = None, return_synapsecollection: bool = False
) -> SynapseCollection | None:
    """Connect nodes: `Connect(a, b, {"rule": "fixed_indegree", "indegree": 10}, {"weight": 20.0, "delay": 1.5})`.

    A meter is connected to what it samples, cells to what records their spikes.

    Raises
    ------
    NESTError
        Nodes, a rule or a synapse that do not fit; nothing is connected then.
    """
    began = time.perf_counter()
    kernel.settle()
    if not isinstance(pre, NodeCollection) or not isinstance(post, NodeCollection):
        if _is_of_ids(pre, post, conn_spec):
            _connect_ids(pre, post, conn_spec, syn_spec)
            if return_synapsecollection:
                raise ValueError("ids in place of collections return no connections; use GetConnections.")
            kernel.seconds["time_construction_connect"] += time.perf_counter() - began
            return None
        pre, post = as_nodes(pre), as_nodes(post)
    found = spec.specs_of(syn_spec, kernel.models, kernel.clock)
    if DILUTOR in kernel.batches.types:
        found = [diluted(pre.ids, post.ids, one, kernel.batches, kernel.wires) for one in found]
    if (
        len(pre) == 1
        and len(post) == 1
        and isinstance(conn_spec, (str, type(None)))
        and conn_spec in _PAIRWISE
    ):
        for one in found:
            _connect_pair(pre.ids[0], post.ids[0], one)
    else:
        rule = rules.rule_of(conn_spec)
        acts = [_planned(pre, post, rule, one) for one in found]
        for act in acts:
            act()
    kernel.seconds["time_construction_connect"] += time.perf_counter() - began
    return GetConnections(pre, post) if return_synapsecollection else None


def _connect_pair(source: int, target: int, one: Spec) -> None:
    """One to one, without asking a rule."""
    source, target = int(source), int(target)
    batches = kernel.batches
    if isinstance(one.receptor, Parameter):
        one = one.single(int(drawn(one.receptor.value, 1)[0]), one.values)
    a, b = batches.of(source), batches.of(target)
    if a.model.kind == "recorder" or b.model.kind == "recorder":
        connect_recorders(as_ids(source), as_ids(target), Rule("one_to_one", None, True, True, False), one)
        return
    if one.model.is_gap:
        raise errors.BadProperty(
            "a gap_junction conducts both ways: connect with one_to_one and make_symmetric=True."
        )
    if one.model.feels:
        _transmitter(one)
    n_receptors = b.n_receptors if b.of_receptors else None
    key = (a.model.type_id, b.model.type_id, n_receptors, one.model.native, one.receptor)
    if key not in _LEGAL:
        check_legal([a], [b], one)
        if len(_LEGAL) > 10_000:
            _LEGAL.clear()
        _LEGAL[key] = receptor_of([a], [b], one)
    receptor = _LEGAL[key]
    values = one.values
    for name, value in one.values.items():
        if isinstance(value, np.ndarray):
            if value.size != 1:
                raise ValueError(f"{name} has {value.size} values for one connection.")
            value = float(value.reshape(-1)[0])
            values = values | {name: value}
        if not isinstance(value, float):
            if are_spatial(value) or hangs_on_nodes(value):
                raise ValueError(f"{name} hangs on positions; use the rule pairwise_bernoulli with p=1.")
            value = float(drawn(value, 1)[0])
            values = values | {
                name: spec.as_model_takes(value, kernel.clock, one.model.native) if name == "delay" else value
            }
    delay = values["delay"]
    kernel.wires.note_delays(delay, delay)
    if a.model.kind == "stimulator":
        if other := kernel.wires.other_synapse((source,), one.model.name):
            raise errors.IllegalConnection(
                f"the generator is connected by {other} already, not by {one.model.name}."
            )
        kernel.wires.note_sent((source,), one.model.name)
    kind = a.model.native if a.model.kind == "stimulator" else "cell"
    model = one.model
    pair_key = PairKey(kind, model.native, receptor, one.mark)
    kernel.wires.add_pair(pair_key, (source, target), values)
    kernel.wires.count(one.model.name, 1)


_GAP = PairKey("gap", None, None, Mark("gap_junction"))
_LEGAL: dict[
    Any, str | None
] = {}  # kinds of single pairs that were checked, and the receptor at which they end


def _planned(pre: NodeCollection, post: NodeCollection, rule: Rule, one: Spec) -> Any:
    """What is to be done, once all of it has been checked."""
    if not pre or not post:
        raise errors.IllegalConnection("sources and targets must not be empty.")
    if isinstance(rule.value, Parameter):
        if any(isinstance(value, np.ndarray) for value in one.values.values()):
            raise errors.unsupported(
                "An array of values where degrees are drawn", "Give numbers or Parameters."
            )
        acts = [_planned(*part, one) for part in drawn_degrees.parts(pre, post, rule)]
        return lambda: [act() for act in acts]
    kinds = [{b.model.kind for b, _ in kernel.batches.pieces(nodes.ids)} for nodes in (pre, post)]
    if any(len(kind) > 1 for kind in kinds):
        raise errors.unsupported("Connecting neurons and devices in one call", "Connect them in a call each.")
    in_space.check(pre.ids, post.ids, rule, one.values)
    if "recorder" in kinds[0] | kinds[1]:
        return lambda: connect_recorders(pre.ids, post.ids, rule, one)
    if one.model.is_gap:
        return _planned_junctions(pre, post, rule, one)
    if not isinstance(one.receptor, (int, np.integer)):
        return _planned_receptors(pre, post, rule, one)
    acts = [_planned_native(pre.ids, post.ids, part, one) for part in in_space.parts(pre.ids, post.ids, rule)]
    return acts[0] if len(acts) == 1 else lambda: [act() for act in acts]


def _planned_receptors(pre: NodeCollection, post: NodeCollection, rule: Rule, one: Spec) -> Any:
    """A receptor for each connection: single pairs, in the order of the rule's arrays."""
    if isinstance(one.receptor, Parameter):
        return drawn_receptors.planned(pre.ids, post.ids, rule, one)
    shape = {"one_to_one": (len(pre),), "all_to_all": (len(post), len(pre))}.get(rule.name)
    if shape is None or not rule.allow_autapses:
        raise errors.unsupported(
            f"receptor_type as an array with {rule.name}", "Connect each receptor in a call of its own."
        )
    numbers = np.asarray(one.receptor)
    if numbers.dtype.kind not in "iu":
        raise TypeError(f"receptor_type is {one.receptor!r:.60}; whole numbers are needed.")
    spec.check_shapes(one.single(0, {"receptor_type": numbers, **one.values}), shape, rule.name)
    a, b = np.asarray(pre.ids), np.asarray(post.ids)
    if rule.name == "all_to_all":
        a, b = np.tile(a, b.size), np.repeat(b, a.size)
    known = {name: v for name, v in one.values.items() if isinstance(v, (float, np.ndarray))}
    columns = {name: np.broadcast_to(value, shape).ravel() for name, value in known.items()}
    drawn_ones = {name: v for name, v in one.values.items() if name not in columns}

    def act() -> None:
        for at, number in enumerate(numbers.ravel().tolist()):
            single = {name: float(column[at]) for name, column in columns.items()} | drawn_ones
            _connect_pair(int(a[at]), int(b[at]), one.single(number, single))

    return act


def _planned_native(pre: Any, post: Any, rule: Rule, one: Spec) -> Any:
    native = rules.native_rule(rule)
    if rule.make_symmetric and any(isinstance(value, AbstractValue) for value in one.values.values()):
        raise errors.NotImplemented(
            "make_symmetric needs numbers: what is drawn would not be the same both ways."
        )
    sources, targets = (kernel.batches.stand_in(ids) for ids in (pre, post))
    is_cell = kernel.batches.of(int(pre[0])).model.is_cell
    shared = n_shared(sources, targets) if is_cell else 0
    if rule.name == "symmetric_pairwise_bernoulli" and not shared and is_cell:
        a, b = ([batch for batch, _ in kernel.batches.pieces(ids)] for ids in (pre, post))
        spec.check_shapes(one, None, rule.name)
        check_legal(a, b, one)
        check_legal(b, a, one)
        _project(sources, targets, AllToAll(), one, receptor_of(a, b, one))
        return both_ways(pre, post, rule.value, one, (receptor_of(a, b, one), receptor_of(b, a, one)))
    rules.check_sizes(rule, native, len(pre), len(post), shared)
    spec.check_shapes(one, native.shape(len(pre), len(post)), rule.name)
    a, b = ([batch for batch, _ in kernel.batches.pieces(ids)] for ids in (pre, post))
    check_legal(a, b, one)
    receptor = receptor_of(a, b, one)
    _project(sources, targets, native, one, receptor)
    values = one.values

    is_device = not is_cell
    if is_device and (other := kernel.wires.other_synapse(pre, one.model.name)):
        raise errors.IllegalConnection(
            f"the generator is connected by {other} already, and not by {one.model.name}."
        )

    def act() -> None:
        wires = kernel.wires
        if is_device:
            wires.note_sent(pre, one.model.name)
        if isinstance(values["delay"], (float, np.ndarray)):
            wires.note_delays(float(np.min(values["delay"])), float(np.max(values["delay"])))
        wires.add(Statement(pre, post, native, one.model.native, values, receptor, one.mark))
        if rule.name == "symmetric_pairwise_bernoulli":  # as in NEST, each pair is drawn twice
            wires.add(Statement(pre, post, native, one.model.native, values, receptor, one.mark))
        if rule.make_symmetric and rule.name == "one_to_one":
            wires.add(Statement(post, pre, native, one.model.native, values, receptor, one.mark))
        wires.count(one.model.name, rules.count(rule, len(pre), len(post), shared))

    return act


def _planned_junctions(pre: NodeCollection, post: NodeCollection, rule: Rule, one: Spec) -> Any:
    """Gap junctions: only by rules that make both directions."""
    is_each = rule.name == "one_to_one" and rule.make_symmetric
    is_whole = rule.name == "all_to_all" and (pre.ids is post.ids or pre == post)
    if not is_each and not is_whole and rule.name != "symmetric_pairwise_bernoulli":
        raise errors.BadProperty(
            "gap junctions conduct both ways: connect nodes with themselves by all_to_all, or with others by "
            "one_to_one and make_symmetric=True, or by symmetric_pairwise_bernoulli."
        )
    batches = [b for nodes in (pre, post) for b, _ in kernel.batches.pieces(nodes.ids)]
    if deaf := [b.model.name for b in batches if not getattr(b.model.native, "can_be_joined", False)]:
        raise errors.IllegalConnection(f"{deaf[0]} has no gap junctions.")
    if one.receptor:
        raise errors.UnknownReceptorType("gap junctions have the receptor_type 0.")
    weight = one.values["weight"]
    if isinstance(weight, AbstractValue):
        raise errors.BadProperty("weight of gap_junction is drawn; a number or an array is needed.")
    native = rules.native_rule(rule)
    rules.check_sizes(rule, native, len(pre), len(post), 0)
    every = kernel.settings["wfr_comm_interval"]  # counts as a delay
    if is_each:
        spec.check_shapes(one, (len(pre),), rule.name)
        a, b = np.asarray(pre.ids), np.asarray(post.ids)
        weights = np.broadcast_to(weight, a.size).tolist()
        pairs = [
            (min(i, j), max(i, j), w)
            for i, j, w in zip(a.tolist(), b.tolist(), weights, strict=True)
            if i != j
        ]

        def act() -> None:
            kernel.wires.note_delays(every, every)
            for low, high, one_weight in pairs:
                kernel.wires.add_pair(_GAP, (low, high), {"weight": one_weight})
            kernel.wires.count(one.model.name, 2 * len(pairs))

        return act
    if isinstance(weight, np.ndarray):
        raise errors.BadProperty(
            "weight of gap_junction is an array; all_to_all takes one number for junctions."
        )
    if weight < 0.0:
        raise errors.unsupported("a gap junction of negative weight", "A conductance is at least 0 nS.")

    def all_of_them() -> None:
        kernel.wires.note_delays(every, every)
        for _ in range(2 if rule.name == "symmetric_pairwise_bernoulli" else 1):  # NEST draws each pair twice
            kernel.wires.add(Statement(pre.ids, post.ids, native, None, {"weight": weight}))
        kernel.wires.count(one.model.name, rules.count(rule, len(pre), len(post), len(pre)))

    return all_of_them


def _transmitter(one: Spec) -> int:
    """The volume transmitter that connections feel."""
    if one.model.transmitter is None:
        raise errors.BadProperty(
            f"{one.model.name} feels a volume transmitter, and none was named: give it as volume_transmitter to "
            "SetDefaults or CopyModel."
        )
    return one.model.transmitter


def _project(sources: Any, targets: Any, native: Any, one: Spec, receptor: str | None) -> None:
    values = dict(one.values)
    if one.model.feels:
        values["vt"] = VolumeTransmitter(kernel.batches.stand_in(as_ids(_transmitter(one))), 0.0)
    try:
        project(sources, targets, native, one.model.native(**values, receptor=receptor), 0)
    except DescriptionError as error:
        raise spec.bad(error) from None


# ---- ids in place of collections -------------------------------------------------------------------


def _is_of_ids(pre: Any, post: Any, conn_spec: Any) -> bool:
    """Are these ids, of which some may be named more than once? A collection may stand on one side."""
    for one in (pre, post):
        if isinstance(one, NodeCollection):
            continue
        if isinstance(one, (str, int, float)) or not hasattr(one, "__len__"):
            raise TypeError(f"nodes are {one!r:.60}; a NodeCollection or a list of ids is needed.")
        if any(isinstance(node, NodeCollection) for node in one):
            return False
    name = conn_spec.get("rule") if isinstance(conn_spec, dict) else conn_spec
    lists = [list(one) for one in (pre, post) if not isinstance(one, NodeCollection)]
    if name == "one_to_one":
        return len(lists) == 2 or len(pre) != len(post) or lists[0] != sorted(set(lists[0]))
    return any(len(set(ids)) < len(ids) for ids in lists)


def _connect_ids(pre: Any, post: Any, conn_spec: Any, syn_spec: Any) -> None:
    """The first id to the first, the second to the second, and so on, with values as arrays."""
    if rules.rule_of(conn_spec).name != "one_to_one":
        raise ValueError("ids that are named more than once are connected one_to_one alone.")
    a, b = (np.asarray(one.ids if isinstance(one, NodeCollection) else one) for one in (pre, post))
    if a.dtype.kind not in "iu" or b.dtype.kind not in "iu":
        raise TypeError("ids of nodes are whole numbers.")
    if a.size != b.size:
        raise ValueError(f"there are {a.size} sources and {b.size} targets; as many are needed.")
    for ids in (a, b):
        if wrong := [node for node in ids.tolist() if not 1 <= node <= kernel.batches.size]:
            raise errors.UnknownNode(f"there is no node {wrong[0]}.")
    for one in spec.specs_of(syn_spec, kernel.models, kernel.clock):
        numbers = np.broadcast_to(np.asarray(one.receptor), a.size).tolist()
        values = {name: np.broadcast_to(value, a.size).tolist() for name, value in one.values.items()}
        for at, (source, target) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
            single = {name: column[at] for name, column in values.items()}
            _connect_pair(source, target, one.single(numbers[at], single))
