"""Who a mechanism's names are: parameters, states, ions, constants; declared once, asked everywhere."""

from dataclasses import dataclass

from parsim.errors import suggestion
from parsim.nmodl import syntax as s
from parsim.nmodl import walk
from parsim.nmodl.physical import constant_of_nature
from parsim.nmodl.refusal import NmodlError, Refused, told_at
from parsim.nmodl.tables import Tables
from parsim.nmodl.units import spelled

BUILT_IN = {"v": "mV", "t": "ms", "dt": "ms", "celsius": "degC", "area": "um2", "diam": "um"}
VALENCES = {"na": 1.0, "k": 1.0, "ca": 2.0, "cl": -1.0}
_MOST = 1000  # elements of an array


@dataclass
class Symbol:
    """A variable. `kind` says where it lives:

    param (one per instance), global (one number), state, assigned (computed where it is needed), carried (kept from
    kernel to kernel), pointer, ion (`ion_<ion>.<part>`), built-in.
    """

    name: str
    kind: str
    where: str
    unit: str = ""
    default: float = 0.0
    low: float | None = None
    high: float | None = None
    ion: str = ""
    part: str = ""
    seen: bool = False  # RANGE: can be recorded

    @property
    def kept(self) -> bool:
        """Has each instance its own?"""
        return self.kind in ("param", "state", "carried")


class Symbols:
    """All names of a program. Elements of arrays are variables of their own: ca[2] is ca_2."""

    def __init__(self, program: s.Program) -> None:
        self.program = program
        self.variables: dict[str, Symbol] = {}
        self.constants: dict[str, float] = dict(program.defines)
        self.fixed: dict[str, float] = {}  # variables that INITIAL alone writes, and what
        self.sizes: dict[str, int] = {}
        self.ions = self._joined_ions()
        self._constants()
        self._variables()
        self._ion_variables()
        self.states = [n for d in program.states for n in self.elements(d.name)]
        self.tables = Tables()
        self.exact = False  # are implicit steps taken with exact derivatives, to the end?
        self.callable = {b.name: b for b in program.blocks if b.kind in ("FUNCTION", "PROCEDURE")}

    # ---- asked ----------------------------------------------------------------------------------

    def find(self, name: str) -> Symbol:
        """The variable, or a refusal with the nearest name."""
        if name not in self.variables:
            if name in self.sizes:
                raise Refused(f"{name} is an array; say which element, as {name}[0]")
            known = [*self.variables, *self.constants, *self.callable]
            raise Refused(
                f"{name} is not declared.{suggestion(name, known)} Declare it in PARAMETER, ASSIGNED, STATE or LOCAL"
            )
        return self.variables[name]

    def elements(self, name: str) -> list[str]:
        """The variables of an array, or the one of this name."""
        return [f"{name}_{k}" for k in range(self.sizes[name])] if name in self.sizes else [name]

    def of_kind(self, *kinds: str) -> list[Symbol]:
        """Variables in the order of their declarations."""
        return [v for v in self.variables.values() if v.kind in kinds]

    @property
    def currents(self) -> list[tuple[str, str]]:
        """(variable, its ion or nothing)."""
        p = self.program
        ionic = [(v.name, v.ion) for v in self.of_kind("ion") if v.part == "current" and self._writes(v)]
        return [(n, "") for n in dict.fromkeys(p.nonspecific + p.electrode)] + ionic

    def _writes(self, v: Symbol) -> bool:
        return v.name in self.ions[v.ion].write

    @property
    def writes_concentration(self) -> bool:
        """Is a concentration of an ion written?"""
        return any(v.part in ("inside", "outside") and self._writes(v) for v in self.of_kind("ion"))

    def size(self, said: str) -> int:
        """The size of an array."""
        value = self.constants.get(said)
        if value is None:
            if not said.replace(".", "").isdigit():
                raise Refused(f"the size {said} of an array is not known; give it with DEFINE {said} 4")
            value = float(said)
        if not (1 <= value <= _MOST and value == int(value)):
            raise Refused(f"an array has {value:g} elements; 1 to {_MOST} are possible")
        return int(value)

    # ---- declared -------------------------------------------------------------------------------

    def _constants(self) -> None:
        for physical in self.program.physical:
            with told_at(physical.where):
                self.constants[physical.name] = constant_of_nature(physical.first, physical.second)
        for d in self.program.constants:
            if d.value is None:
                raise NmodlError(f"{d.where}: CONSTANT {d.name} has no value; give it one.")
            self.constants[d.name] = d.value

    def _declare(self, d: s.Declared, kind: str) -> None:
        if d.size is not None:
            with told_at(d.where):
                self.sizes[d.name] = self.size(d.size)
        for name in self.elements(d.name):
            if name in BUILT_IN or name in self.variables:
                continue
            default, unit = d.value if d.value is not None else 0.0, spelled(d.unit)
            self.variables[name] = Symbol(
                name, kind, d.where, unit, default, d.low, d.high, seen=d.name in self.program.ranges
            )

    def _variables(self) -> None:
        p = self.program
        for name, unit in BUILT_IN.items():
            self.variables[name] = Symbol(name, "built-in", p.where, unit)
        for d in p.states:
            self._declare(d, "state")
        for d in p.parameters:
            self._declare(d, "param" if d.name in p.ranges else "global")
        for d in [*p.assigned, *p.file_locals]:
            self._declare(d, "assigned")
        used = walk.mentioned(walk.nodes([b.body for b in p.blocks]))
        for d in p.states:  # where a state begins is a parameter of its own, which nobody needs to declare
            if (
                (start := f"{d.name}0") in used
                and start not in self.variables
                and start not in self.constants
            ):
                self._declare(s.Declared(d.where, start, unit=d.unit), "global")
        for name in p.pointers:
            unit = self.variables[name].unit if name in self.variables else ""
            self.variables[name] = Symbol(name, "pointer", p.where, unit)
        for name in p.randoms:
            self.variables[name] = Symbol(name, "stream", p.where)
        for name in dict.fromkeys(p.nonspecific + p.electrode):
            self.variables.setdefault(name, Symbol(name, "assigned", p.where, seen=True)).seen = True
        for name in dict.fromkeys(p.ranges + p.globals):
            if name not in self.variables and name not in self.sizes and name not in self.constants:
                p.note(f"{p.where}: {name} of RANGE or GLOBAL is declared nowhere, so it is left out.")

    def _joined_ions(self) -> dict[str, s.Ion]:
        """Ions by name; two USEION of one ion are one."""
        found: dict[str, s.Ion] = {}
        for ion in self.program.ions:
            one = found.setdefault(ion.name, s.Ion(ion.name, where=ion.where))
            if None not in (one.valence, ion.valence) and one.valence != ion.valence:
                raise NmodlError(
                    f"{ion.where}: {ion.name} has two valences, {one.valence:g} and {ion.valence:g}."
                )
            one.read += [n for n in ion.read if n not in one.read]
            for name in ion.write:
                if name in one.write:
                    raise NmodlError(f"{ion.where}: {name} is written twice; leave one WRITE {name} out.")
                one.write.append(name)
            one.valence = ion.valence if ion.valence is not None else one.valence
        for one in found.values():
            one.valence = one.valence if one.valence is not None else VALENCES.get(one.name)
        return found

    def _ion_variables(self) -> None:
        for ion in self.ions.values():
            x = ion.name
            parts = {f"e{x}": "e", f"i{x}": "current", f"{x}i": "inside", f"{x}o": "outside"}
            units = {"e": "mV", "current": "mA/cm2", "inside": "mM", "outside": "mM"}
            for name in dict.fromkeys(ion.read + ion.write):
                if name not in parts:
                    raise NmodlError(
                        f"{ion.where}: USEION {x} has no variable {name}.{suggestion(name, parts)} It has: "
                        f"{', '.join(parts)}."
                    )
                self.variables[name] = Symbol(
                    name, "ion", ion.where, units[parts[name]], ion=x, part=parts[name], seen=True
                )
