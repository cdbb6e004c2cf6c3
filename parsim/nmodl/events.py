"""The kernels of events: `receive`, `connect`, `watch`, and an `initial` that sends."""

import re
from collections.abc import Callable

from parsim.nmodl import algebra as al
from parsim.nmodl import calls, walk
from parsim.nmodl import syntax as s
from parsim.nmodl.kernels import Analysed, initial_body, state_starts
from parsim.nmodl.refusal import told_at
from parsim.nmodl.scalar import Scalar
from parsim.nmodl.scope import Scope
from parsim.nmodl.show import show

Signature = Callable[..., str]

LOOP = """    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
"""
PAD = " " * 12
_EVENT = "Event(int(here), -1, 0.0, t, 0, int(here))"


def event_kernels(found: Analysed, signature: Signature) -> dict[str, str]:
    """The text of each kernel that is wanted, by name."""
    texts: dict[str, str] = {}
    if found.initial is None:
        texts["initial"] = _initial(found, signature)
    receive = found.program.find("NET_RECEIVE")
    if receive is None:
        return texts
    events = [st for st in receive.body if not (isinstance(st, s.Nested) and st.kind == "INITIAL")]
    texts["receive"], watches = _receive(found, receive, events, signature)
    if watches:
        texts["watch"] = _watch(found, watches, signature)
    for nested in receive.body:
        if isinstance(nested, s.Nested) and nested.kind == "INITIAL":
            texts["connect"], _ = _receive(found, receive, nested.body, signature, "connect")
    return texts


def moves_own(found: Analysed) -> bool:
    """Does net_move move the event of the connection? Where each has values of its own and events are sent by those
    alone."""
    receive = found.program.find("NET_RECEIVE")
    sends = calls.EVENTS & walk.calls(walk.reached(found.program, initial_body(found.program)))
    many = receive is not None and len(receive.args) > 1
    moves = receive is not None and "net_move" in walk.calls(walk.reached(found.program, receive.body))
    return many and moves and not sends and not found.options.neuron


def _initial(found: Analysed, signature: Signature) -> str:
    body = Scalar(found, "t")
    for v in found.symbols.of_kind("carried"):
        body.write(v.name, al.ZERO, Scope())
    for name, start in state_starts(found.symbols).items():
        body.write(name, body.read(start) if start else al.ZERO, Scope())
    body.run(initial_body(found.program), Scope())
    lines = [*body.loaded(), f"e = {_EVENT}", *body.lines, *body.stored()]
    text = "\n".join(PAD + line for line in lines)
    return (
        f'{signature("initial", "q")}\n    """States at the start, and what is sent then."""\n{LOOP}{text}\n'
    )


def _receive(
    found: Analysed,
    block: s.Block,
    statements: list[s.Statement],
    signature: Signature,
    name: str = "receive",
) -> tuple[str, list[tuple[s.Expression, s.Expression]]]:
    direct = any(isinstance(n, s.Nested) and n.kind == "FOR_NETCONS" for n in walk.nodes(statements))
    body = Scalar(found, "e.t", moves_own(found))
    scope = Scope(
        {arg: f"c[e.row, {k}]" if direct else body.fresh(arg) for k, arg in enumerate(block.args)}
        | {"flag": "e.flag"}
    )
    body.run(statements, scope)
    text = " ".join(body.lines)
    # An argument that is called flag is the event's all the same.
    own = [] if direct else [(k, arg) for k, arg in enumerate(block.args) if arg != "flag"]
    used = [(k, arg) for k, arg in own if re.search(rf"\b{scope[arg]}\b", text)]
    written = walk.targets(walk.nodes(statements))
    lines = [
        f"{scope[arg]} = c[e.row, {k}] if e.row >= 0 else {'0.0' if k else 'e.weight'}" for k, arg in used
    ]  # what comes over no connection has a weight alone
    lines += [*body.loaded(), *(["armed = False"] if body.watches else []), *body.lines, *body.stored()]
    if stores := [f"    c[e.row, {k}] = {scope[arg]}" for k, arg in used if arg in written]:
        lines += ["if e.row >= 0:", *stores]
    more = ["c", *(["rows"] if direct else []), "e", "q"]
    of = ", ".join(block.args) or "nothing"
    what = "An event at an instance" if name == "receive" else "A connection at the start"
    doc = f"{what}; c[e.row] holds {of}."
    text = "\n".join(f"    {line}" for line in lines)
    return f'{signature(name, *more, loop=False)}\n    """{doc}"""\n{text}\n', body.watches


def _watch(found: Analysed, watches: list[tuple[s.Expression, s.Expression]], signature: Signature) -> str:
    """Tests that are armed (1: did not hold, 2: did) send an event when they come to hold."""
    texts = []
    for k, (test, flag) in enumerate(watches):
        body, receive = Scalar(found, "t"), found.program.find("NET_RECEIVE")
        with told_at(receive.where if receive else ""):
            is_so, sent = al.truth(body.value(test, Scope())), al.number(body.value(flag, Scope()))
        state = f"kept.watch_{k}[here]"
        texts += [
            f"if {state} != 0.0:",
            *(f"    {line}" for line in [*body.loaded(), *body.lines]),
            f"    is_so = {show(is_so)}",
            f"    if is_so and {state} == 1.0:",
            f"        net_send(q, {_EVENT}, 0.0, int({show(sent)}))",
            f"    {state} = 2.0 if is_so else 1.0",
        ]
    text = "\n".join(PAD + line for line in texts)
    return f'{signature("watch", "q")}\n    """Send what was waited for."""\n{LOOP}{text}\n'
