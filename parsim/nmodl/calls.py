"""Functions that NMODL knows, as expressions."""

from collections.abc import Callable

from parsim.nmodl import algebra as al
from parsim.nmodl.algebra import Expr
from parsim.nmodl.physical import FARADAY, GAS
from parsim.nmodl.refusal import Refused

# Functions of numbers that have the same name in the generated module.
PLAIN = {
    "exp": 1, "log": 1, "log10": 1, "sqrt": 1, "fabs": 1, "sin": 1, "cos": 1, "tan": 1, "sinh": 1, "cosh": 1, "tanh": 1,
    "atan": 1, "floor": 1, "ceil": 1, "fmod": 2,
}  # fmt: skip
# What is called for what it prints or for the variable-step method, and does nothing here.
IDLE = {
    "printf", "fprintf", "puts", "fflush", "error", "abort_run", "prterr", "set_seed", "random_setids", "random_setseq",
    "cvode_active", "threadsafe", "VERBATIM",
}  # fmt: skip
EVENTS = {"net_send", "net_move", "net_event"}
# Draws: what is made of a uniform number and the arguments after the stream.
_SLACK = 1e-11  # ms, as NEURON's at_time has it

Read = Callable[[str], Expr]


def known(name: str, args: list[Expr], read: Read) -> Expr | None:
    """What a known function is of these arguments; None for one that is not known. `read` gives t, dt, celsius."""
    if name in PLAIN:
        _count(name, args, PLAIN[name])
        return al.call(name, *args)
    if name == "abs":
        return al.call("fabs", *args)
    if name in _MADE:
        count, make = _MADE[name]
        _count(name, args, count)
        return make(args, read)
    return None


def _count(name: str, args: list[Expr], n: int) -> None:
    if len(args) != n:
        raise Refused(f"{name} is given {len(args)} arguments; it takes {n}")


def drawn(name: str, uniform: Expr, args: list[Expr]) -> Expr | None:
    """What a random function makes of a uniform number in [0, 1); None for one that is not known."""
    if name in ("random_uniform", "scop_random"):
        if len(args) == 2:
            return al.add(args[0], al.mul(al.sub(args[1], args[0]), uniform))
        return uniform
    if name in ("random_negexp", "exprand"):
        return al.mul(al.call("exponential", uniform), args[0] if args else al.ONE)
    if name in ("random_normal", "normrand"):
        value = al.call("normal", uniform)
        return al.add(args[0], al.mul(args[1], value)) if len(args) == 2 else value
    return None


def _at_time(args: list[Expr], read: Read) -> Expr:
    event = al.sub(args[0], _SLACK)
    begin = al.sub(read("t"), read("dt"))
    return al.both(al.compare("<=", event, read("t")), al.compare(">", event, begin))


def _thermal(read: Read) -> Expr:
    """RT/F in mV."""
    return al.mul(1e3 * GAS / FARADAY, al.add(read("celsius"), 273.15))


def _nernst(args: list[Expr], read: Read) -> Expr:
    inside, outside, valence = args
    return al.mul(al.div(_thermal(read), valence), al.call("log", al.div(outside, inside)))


def _bend(z: Expr) -> Expr:
    """z / (exp(z) - 1)."""
    small = al.compare("<", al.call("fabs", z), 1e-4)
    return al.select(small, al.sub(al.ONE, al.mul(z, 0.5)), al.div(z, al.sub(al.call("exp", z), al.ONE)))


def _ghk(args: list[Expr], read: Read) -> Expr:
    """NEURON's constant-field current, mA/cm2 per cm/s."""
    v, inside, outside, valence = args
    z = al.div(al.mul(valence, v), _thermal(read))
    flow = al.sub(al.mul(inside, _bend(al.neg(z))), al.mul(outside, _bend(z)))
    return al.mul(al.mul(1e-3 * FARADAY, valence), flow)


_MADE: dict[str, tuple[int, Callable[[list[Expr], Read], Expr]]] = {
    "pow": (2, lambda a, read: al.power(*a)),
    "at_time": (1, _at_time),
    "nernst": (3, _nernst),
    "ghk": (4, _ghk),
    "asin": (
        1,
        lambda a, read: al.call("atan", al.div(a[0], al.call("sqrt", al.sub(al.ONE, al.mul(a[0], a[0]))))),
    ),
}
