"""Where the variables of a mechanism are in the bundles that its kernels are given."""

import keyword

from parsim.nmodl.symbols import Symbol

_BUILT_IN = {
    "v": "volts[at]", "dt": "dt", "t": "t", "celsius": "shared.celsius", "area": "tree.area[at]",
    "diam": "tree.diam[at]",
}  # fmt: skip


def field(name: str) -> str:
    """A name as a field of a bundle, which may not begin with an underscore or be a keyword; del is delay, as in
    NEURON."""
    if name == "del":
        return "delay"
    name = name.lstrip("_") or "x"
    return f"{name}_" if keyword.iskeyword(name) else name


def place(v: Symbol) -> str:
    """Python for where a variable of instance `here`, on compartment `at`, is held."""
    if v.kind in ("param", "state", "carried", "pointer"):
        return f"kept.{field(v.name)}[here]"
    if v.kind == "global":
        return f"shared.{field(v.name)}"
    if v.kind == "ion":
        return f"ion_{v.ion}.{v.part}[at]"
    return _BUILT_IN[v.name]
