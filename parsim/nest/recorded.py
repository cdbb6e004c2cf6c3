"""Connections with recorders."""

from typing import Any

import numpy as np

from parsim.arrays import written
from parsim.given.value import AbstractValue
from parsim.nest import errors
from parsim.nest.correlators import Correlator, Wired
from parsim.nest.in_space import drawn_pairs
from parsim.nest.kernel import kernel
from parsim.nest.names import METERS, TRANSMITTER
from parsim.nest.parameters import drawn
from parsim.nest.rules import Rule

Ids = Any


def connect_recorders(pre: Ids, post: Ids, rule: Rule, one: Any) -> None:
    """A meter to cells, or cells and generators to a spike recorder."""
    in_space = rule.name == "pairwise_bernoulli" and rule.is_spatial
    if rule.name not in ("one_to_one", "all_to_all") and not in_space:
        raise errors.IllegalConnection(
            f"{rule.name} does not lead to a recorder; use all_to_all or one_to_one."
        )
    if rule.name == "one_to_one" and len(pre) != len(post):
        raise errors.DimensionMismatch(
            f"one_to_one joins {len(pre)} sources and {len(post)} targets; as many are needed."
        )
    devices, nodes = _parted(pre, post, one)
    found = [(node, batch.recorders[place]) for batch, places in kernel.batches.pieces(devices)
             for node, place in zip((batch.first + np.asarray(places)).tolist(), places, strict=True)]  # fmt: skip
    if in_space:
        if devices is post and not rule.is_about_targets:
            raise errors.IllegalConnection("masks of recorders hold sources: say use_on_source=True.")
        counts = drawn_pairs(pre, post, rule)
        many = [np.repeat(nodes, mine) for mine in (counts if devices is pre else counts.T)]
        found, shares = _with_some(found, many)
    else:
        shares = [[node] for node in list(nodes)] if rule.name == "one_to_one" else [nodes] * len(found)
    for (_, recorder), share in zip(found, shares, strict=True):
        _check(recorder, share, one.receptor)
    weights = [_weights(one.values["weight"], k, shares) for k in range(len(found))]
    for (_, recorder), share, heard in zip(found, shares, weights, strict=True):
        ids = written(share)
        if isinstance(recorder, Correlator):
            recorder.waiting.append(Wired(ids, np.full(ids.size, one.receptor), heard))
        else:
            recorder.waiting.append(ids)
        if recorder.samples:
            recorder.linked |= set(ids.tolist())
    delay = one.values["delay"]
    if isinstance(delay, (float, np.ndarray)):
        kernel.wires.note_delays(float(np.min(delay)), float(np.max(delay)))
    weight = one.values["weight"]
    said = [
        float(np.mean(value)) if isinstance(value, (float, np.ndarray)) else np.nan
        for value in (weight, delay)
    ]
    for (node, recorder), share, heard in zip(found, shares, weights, strict=True):
        ends = np.full(len(share), node), written(share)
        receptors = np.zeros(len(share), np.int64)
        if recorder.samples:
            receptors = np.array([kernel.wires.next_meter(int(cell)) for cell in share], np.int64)
        if isinstance(recorder, Correlator):
            receptors += one.receptor
        shown = heard if isinstance(recorder, Correlator) else said[0]
        entry = (one.model.name, *(ends if recorder.samples else ends[::-1]), shown, said[1], receptors)
        kernel.wires.recorded.append(entry)
    kernel.wires.count(one.model.name, sum(len(share) for share in shares))


def _with_some(found: list[Any], shares: list[Ids]) -> tuple[list[Any], list[Ids]]:
    """Recorders to which some nodes fell, and these."""
    some = [(one, share) for one, share in zip(found, shares, strict=True) if len(share)]
    return [one for one, _ in some], [share for _, share in some]


def _parted(pre: Ids, post: Ids, one: Any) -> tuple[Ids, Ids]:
    """Recorders, and the nodes that they record."""
    plain = not one.model.is_gap and one.model.native.transmit is None
    if not plain or (one.model.is_lean and kernel.batches.of(int(pre[0])).model.type_id in METERS):
        raise errors.IllegalConnection(f"{one.model.name} does not lead from or to recorders.")
    meters = {b.model.type_id for b, _ in kernel.batches.pieces(pre) if b.model.kind == "recorder"}
    if meters:
        if silent := meters - set(METERS):
            raise errors.IllegalConnection(f"a {min(silent)} sends nothing: connect the cells to it.")
        return pre, post
    if any(b.model.type_id == "weight_recorder" for b, _ in kernel.batches.pieces(post)):
        raise errors.IllegalConnection(
            "a weight_recorder is named in the defaults of a synapse, and not connected."
        )
    if any(b.model.type_id in METERS for b, _ in kernel.batches.pieces(post)):
        raise errors.IllegalConnection("a meter takes no spikes: connect it to the cells that it samples.")
    return post, pre


def _weights(value: Any, k: int, shares: list[Ids]) -> Any:
    """Those of the connections with the recorder `k`, [connection]."""
    n = len(shares[k])
    if isinstance(value, AbstractValue):
        return drawn(value, n)
    many = np.asarray(value, np.float64)
    if many.size == 1:
        return np.full(n, many.reshape(-1)[0])
    if many.size != sum(len(share) for share in shares):
        raise errors.BadProperty(f"weight has {many.size} values for {len(shares)} x {n} connections.")
    return many.reshape(len(shares), n)[k]


def _check(recorder: Any, nodes: Ids, receptor: Any) -> None:
    """It can record these."""
    if isinstance(recorder, Correlator) and not 0 <= receptor < recorder.channels:
        raise errors.UnknownReceptorType(
            f"receptor_type is {receptor}; the {recorder.model.name} has 0 to {recorder.channels - 1}."
        )
    if receptor and not isinstance(recorder, Correlator):
        raise errors.UnknownReceptorType(f"{recorder.model.name} has the receptor_type 0 alone.")
    for batch, _ in kernel.batches.pieces(written(nodes)):
        model = batch.model
        if not recorder.samples:
            if model.type_id == TRANSMITTER:
                raise errors.IllegalConnection(f"{model.name} sends no spikes to record.")
            if model.kind == "stimulator" and model.native.into == "current":
                raise errors.IllegalConnection(f"{model.name} has no spikes to record.")
            continue
        wanted = recorder.settings["record_from"]
        known = set(batch.recordables)
        if not known or (lacking := [name for name in wanted if name not in known]):
            what = f"'{lacking[0]}'" if known else "anything to record"
            raise errors.IllegalConnection(
                f"{model.name} has no {what}. It has: {', '.join(sorted(known)) or 'nothing'}."
            )
    if recorder.samples and (again := recorder.linked & set(written(nodes).tolist())):
        raise errors.IllegalConnection(
            f"the {recorder.model.name} is connected to node {min(again)} already."
        )
