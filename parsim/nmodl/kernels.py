"""What a mechanism's program comes to: who its variables are, and its kernels as straight lines."""

import keyword
from dataclasses import dataclass, field, replace

from parsim.nmodl import algebra as al
from parsim.nmodl import calls, walk
from parsim.nmodl import syntax as s
from parsim.nmodl.algebra import Expr
from parsim.nmodl.current import Current, membrane_current
from parsim.nmodl.fixed import fixed_by
from parsim.nmodl.flatten import Flat
from parsim.nmodl.lines import AnyLine
from parsim.nmodl.options import Options
from parsim.nmodl.refusal import Refused, told_at
from parsim.nmodl.scope import Scope
from parsim.nmodl.solve import solve_block
from parsim.nmodl.symbols import Symbol, Symbols
from parsim.nmodl.tables import Table

# Names of generated modules that no variable may have.
RESERVED = {
    *keyword.kwlist, *calls.PLAIN,
    # arguments and locals of kernels
    "kept", "shared", "tree", "volts", "runs", "streams", "tables", "t", "dt", "d", "rhs", "out", "c", "e", "q",
    "rows", "here", "at", "which", "first", "node", "r", "j", "patch", "turn", "point", "is_so", "armed", "other", "f",
    "system", "right", "at_point", "part", "min", "moved", "found",
    # what modules import and define
    "np", "abs", "int", "float", "range", "power", "uniform", "normal", "exponential", "looked_up", "solve_dense",
    "compare", "improve", "is_settled", "probed",
    "net_send", "net_move", "net_event", "connection_move", "Event", "Floats", "NamedTuple", "Kept", "Shared",
    "kernel", "Mechanism", "Param", "Variable", "IonUse", "mechanism", "initial", "state", "state_midpoint", "current",
    "current_and_ions", "observe", "diffusion", "receive", "connect", "watch", "tabulate",
}  # fmt: skip


@dataclass
class Kernel:
    """`loads` variable -> its name in the code; `lines`; `stores` variable -> what it becomes; a table's argument, and
    what that is at a `point`."""

    loads: dict[str, str]
    lines: list[AnyLine]
    stores: dict[str, Expr] = field(default_factory=dict)
    argument: str = ""
    at_point: Expr = al.ZERO


@dataclass
class Analysed:
    """A mechanism, ready to be written down."""

    program: s.Program
    symbols: Symbols
    initial: Kernel | None  # None where events are sent from it: then it is written as scalar code
    state: Kernel
    midpoint: Kernel | None  # where the trapezoidal rule takes states otherwise
    current: Kernel
    membrane: Current
    observe: Kernel
    diffusion: Kernel
    tabulated: list[tuple[Table, Kernel]]
    options: Options

    @property
    def constant(self) -> bool:
        """Does the conductance depend on parameters alone?"""
        return self.membrane.linear and bool(self.symbols.currents) and self._depends_on_nothing()

    @property
    def watches(self) -> int:
        """How many tests WATCH statements have."""
        receive = self.program.find("NET_RECEIVE")
        return sum(len(n.tests) for n in walk.nodes(receive) if isinstance(n, s.Watch)) if receive else 0

    @property
    def sets_voltage(self) -> bool:
        """Does an event set v?"""
        receive = self.program.find("NET_RECEIVE")
        found = walk.reached(self.program, receive.body) if receive else []
        return "v" in walk.targets(found)

    def _depends_on_nothing(self) -> bool:
        used = {self.symbols.variables[n].kind for n in self.current.loads if n != "v"}
        receives = self.program.find("NET_RECEIVE") is not None
        stores = any(self.symbols.variables[n].kept for n in self.current.stores)
        return used <= {"param", "global"} and not receives and not self.symbols.ions and not stores


def analysed(program: s.Program, options: Options) -> Analysed:
    """All kernels of a program; its variables know where they live afterwards."""
    if not program.name:
        program.name = program.path.rpartition(".")[0] or program.path
        program.note(
            f"{program.path}: the NEURON block says no SUFFIX, so the mechanism has the name of its file."
        )
    _streams(program)
    if not options.exact:
        _six_digits(program)
    symbols = Symbols(program)
    for name in program.randoms:
        symbols.variables[f"{name}_count"] = Symbol(f"{name}_count", "carried", program.where)
    symbols.tables.wanted, symbols.exact = options.tables, options.exact
    initial = _initial(symbols)
    symbols.fixed.update(fixed_by(symbols, initial.stores) if initial else {})
    state, differs = _state(symbols, False)
    midpoint = _state(symbols, True)[0] if differs else None
    current, membrane = _current(symbols, options)
    found = Analysed(
        program,
        symbols,
        initial,
        state,
        midpoint,
        current,
        membrane,
        _observe(symbols),
        _diffusion(symbols),
        [],
        options,
    )
    found.tabulated = [(table, _tabulated(symbols, table)) for table in symbols.tables.found.values()]
    _carry(found)
    _idle_blocks(program)
    return found


def _six_digits(program: s.Program) -> None:
    """PARAMETERs begin at what six digits say, as in NEURON."""
    for k, d in enumerate(program.parameters):
        if d.value is not None and (value := float(f"{d.value:g}")) != d.value:
            program.note(
                f"{d.where}: {d.name} is {value!r}, as NEURON keeps six digits; exact=True keeps all."
            )
            program.parameters[k] = replace(d, value=value)


def _streams(program: s.Program) -> None:
    """Older functions without a stream of their own draw from one that is added."""
    old = walk.calls(walk.nodes([b.body for b in program.blocks])) & {"scop_random", "exprand", "normrand"}
    if old and not program.randoms:
        program.randoms.append("scop")
        program.note(f"{program.path}: {', '.join(sorted(old))} draws from a stream of each instance's own.")


def _flat(symbols: Symbols) -> Flat:
    flat = Flat(symbols, RESERVED)

    def solve(said: s.Solve) -> None:
        solve_block(flat, said, midpoint=False)

    flat.solver = solve
    return flat


def _done(flat: Flat) -> Kernel:
    stores = {n: flat.now[n] for n in flat.assigned if flat.now[n] != flat.loads.get(n)}
    return Kernel(dict(flat.loads), flat.lines, stores)


def _hooks(program: s.Program, kind: str, name: str) -> list[s.Statement]:
    return [statement for b in program.blocks if (b.kind, b.name) == (kind, name) for statement in b.body]


# ---- initial --------------------------------------------------------------------------------------


def initial_body(program: s.Program) -> list[s.Statement]:
    """INITIAL with what comes before and after it."""
    block = program.find("INITIAL")
    before, after = _hooks(program, "BEFORE", "INITIAL"), _hooks(program, "AFTER", "INITIAL")
    return [*before, *(block.body if block else []), *after]


def needs_branches(program: s.Program, body: list[s.Statement]) -> bool:
    """Does it send events, or hold loops of unknown length?"""
    found = walk.reached(program, body)
    return bool(walk.calls(found) & calls.EVENTS) or any(isinstance(node, s.While) for node in found)


def state_starts(symbols: Symbols) -> dict[str, str]:
    """The variable that says where a state begins (m0 for m), if there is one; concentrations are what ions have."""
    found = {}
    for d in symbols.program.states:
        for name in symbols.elements(d.name):
            if symbols.variables[name].kind == "state":
                found[name] = f"{d.name}0" if f"{d.name}0" in symbols.variables else ""
    return found


def _initial(symbols: Symbols) -> Kernel | None:
    body = initial_body(symbols.program)
    if needs_branches(symbols.program, body):
        return None
    flat = _flat(symbols)
    flat.now |= {v.name: al.ZERO for v in symbols.of_kind("assigned")}
    for name, start in state_starts(symbols).items():
        flat.now[name] = flat.read(start) if start else al.ZERO
        flat.assigned.append(name)
    for name in symbols.program.randoms:
        flat.write(f"{name}_count", al.ZERO)
    flat.run(body, Scope())
    return _done(flat)


# ---- state and current ----------------------------------------------------------------------------


def _breakpoint(program: s.Program) -> list[s.Statement]:
    block = program.find("BREAKPOINT")
    return block.body if block else []


def _solves(statement: s.Statement) -> bool:
    return any(isinstance(node, s.Solve) for node in walk.nodes(statement))


def _state(symbols: Symbols, midpoint: bool) -> tuple[Kernel, bool]:
    """A step of the states, and whether the trapezoidal rule would take it otherwise."""
    flat, program = _flat(symbols), symbols.program
    differs = False

    def solve(said: s.Solve) -> None:
        nonlocal differs
        differs |= solve_block(flat, said, midpoint)

    flat.solver = solve
    flat.run([statement for statement in _breakpoint(program) if _solves(statement)], Scope())
    flat.run([*_hooks(program, "AFTER", "SOLVE"), *_hooks(program, "BEFORE", "STEP")], Scope())
    return _done(flat), differs


def _without_solve(program: s.Program) -> list[s.Statement]:
    return [statement for statement in _breakpoint(program) if not _solves(statement)]


def _current(symbols: Symbols, options: Options) -> tuple[Kernel, Current]:
    flat = _flat(symbols)
    before = _hooks(symbols.program, "BEFORE", "BREAKPOINT")
    flat.run(before, Scope())
    if before and "v" in flat.loads:  # what stands there is no part of dI/dV
        flat.now["v"] = flat.alias("v", flat.loads["v"])
    v = flat.now.get("v")
    flat.run(_without_solve(symbols.program), Scope())
    for name, _ in symbols.currents:
        if name not in flat.assigned:
            symbols.program.note(
                f"{symbols.program.path}: the current {name} is assigned nowhere in BREAKPOINT; it is 0."
            )
            flat.now.setdefault(name, al.ZERO)
    membrane = membrane_current(flat, str(v) if v else flat.loads.get("v"), options.exact)
    return _done(flat), membrane


def _observe(symbols: Symbols) -> Kernel:
    """What can be recorded and nothing keeps, from present voltages and states: rates, then BREAKPOINT."""
    flat, program = _flat(symbols), symbols.program
    for node in walk.nodes(_breakpoint(program)):
        block = isinstance(node, s.Solve) and next((b for b in program.blocks if b.name == node.block), None)
        if block and block.kind in ("DERIVATIVE", "KINETIC"):
            flat.run(block.body, Scope({"f_flux": al.ZERO, "b_flux": al.ZERO}), _skip_rates)
    flat.run([*_hooks(program, "BEFORE", "BREAKPOINT"), *_without_solve(program)], Scope())
    return _done(flat)


def _diffusion(symbols: Symbols) -> Kernel:
    """For each state that diffuses along the cable: its coefficient times cross section, and its volume per length."""
    flat, program = _flat(symbols), symbols.program
    found: dict[str, Expr] = {}

    def take(statement: s.Statement, scope: Scope) -> bool:
        if isinstance(statement, s.Compartment):
            for array in statement.names:
                for k, name in enumerate(symbols.elements(array)):
                    inner = Scope({statement.index: float(k)}, scope) if statement.index else scope
                    if name in symbols.states:
                        found[f"{statement.kind} {name}"] = flat.value(statement.size, inner)
        return isinstance(statement, s.Compartment) or _skip_rates(statement, scope)

    for block in program.blocks:
        if block.kind == "KINETIC" and any(
            isinstance(n, s.Compartment) and n.kind == _ALONG for n in block.body
        ):
            flat.run(block.body, Scope({"f_flux": al.ZERO, "b_flux": al.ZERO}), take)
    along = {key.split()[1]: e for key, e in found.items() if key.startswith(_ALONG)}
    ends = {n: (e, found.get(f"COMPARTMENT {n}", al.ONE)) for n, e in along.items()}
    stores = {
        f"{n}/{part}": pair[k] for n, pair in ends.items() for k, part in enumerate(("coefficient", "volume"))
    }
    return Kernel(dict(flat.loads), flat.lines, stores)


_ALONG = "LONGITUDINAL_DIFFUSION"


def _skip_rates(statement: s.Statement, scope: Scope) -> bool:
    kinds = (s.Reaction, s.Equation, s.Compartment)
    return isinstance(statement, kinds) or (
        isinstance(statement, s.Assign) and isinstance(statement.target, s.Prime)
    )


def _tabulated(symbols: Symbols, table: Table) -> Kernel:
    """What a table holds, as a program of its argument."""
    flat, block = _flat(symbols), table.block
    flat.tabulating = block.name
    argument = flat.fresh(block.args[0])
    scope = Scope({block.args[0]: argument, block.name: al.ZERO})
    low, high = table.ends(flat)
    step = flat.keep("step", al.div(al.sub(high, low), float(table.last)))
    flat.run(block.body, scope)
    for name in flat.loads:
        if symbols.variables[name].kind != "global" and name not in ("celsius", "dt"):
            with told_at(block.where):
                raise Refused(
                    f"the TABLE of {block.name} depends on {name}, which is not the same for all; leave tables=True out"
                )
    stores = {n: scope[n] if n == block.name else flat.read(n) for n in table.names}
    return Kernel(dict(flat.loads), flat.lines, stores, argument, al.add(low, al.mul("point", step)))


# ---- what is kept -----------------------------------------------------------------------------------


def _carry(found: Analysed) -> None:
    """Assigned variables that some kernel reads before it writes them are kept, and globals that one writes are
    params."""
    symbols, program = found.symbols, found.program
    kernels = [k for k in (found.initial, found.state, found.current) if k is not None]
    read = {n for k in [*kernels, found.observe, found.diffusion] for n in k.loads}
    written = {n for k in kernels for n in k.stores}
    scalar = list(program.find("NET_RECEIVE").body) if program.find("NET_RECEIVE") else []  # type: ignore[union-attr]
    scalar += initial_body(program) if found.initial is None else []
    mentioned = walk.reached(program, scalar)
    for name in walk.mentioned(mentioned):
        read |= set(symbols.elements(name))
    written |= {e for name in walk.targets(mentioned) for e in symbols.elements(name)}
    computed = set(found.observe.stores) - set(found.observe.loads)
    for v in symbols.of_kind("assigned"):
        if v.name in read or (v.seen and v.name in written and v.name not in computed):
            v.kind = "carried"
    for v in symbols.of_kind("global"):
        if v.name in written:
            v.kind = "param"
            program.note(f"{v.where}: {v.name} is assigned, so each instance has its own.")


def _idle_blocks(program: s.Program) -> None:
    """Say which blocks are not run."""
    for block in program.blocks:
        if block.kind in ("CONSTRUCTOR", "DESTRUCTOR", "TERMINAL"):
            program.note(f"{block.where}: {block.kind} is not run.")
        if block.kind in ("BEFORE", "AFTER") and (block.kind, block.name) not in _HOOKS:
            with told_at(block.where):
                raise Refused(
                    f"{block.kind} {block.name} is not known; there are {', '.join(' '.join(h) for h in _HOOKS)}"
                )


_HOOKS = [
    ("BEFORE", "INITIAL"),
    ("AFTER", "INITIAL"),
    ("BEFORE", "BREAKPOINT"),
    ("AFTER", "SOLVE"),
    ("BEFORE", "STEP"),
]
