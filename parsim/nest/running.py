"""Functions of NEST that are about the kernel: attributes, time, processes and messages."""

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import parsim.nest
from parsim.io.provenance import versions
from parsim.memory import machine_memory
from parsim.nest import attributes, errors
from parsim.nest.attributes import FIXED, SETTABLE
from parsim.nest.connections import counted
from parsim.nest.kernel import kernel
from parsim.nest.levels import VerbosityLevel, level_of


def ResetKernel() -> None:
    """Everything that was created, connected and set is gone; collections of nodes that there were are so, too."""
    kernel.reset()


def Simulate(time: Any) -> None:
    """Collective: `time` ms more."""
    if kernel.prepared:
        raise errors.KernelException(
            "Simulate prepares and cleans up by itself; call Cleanup before it, or Run in its place."
        )
    kernel.prepared = True
    try:
        kernel.run(time)
    finally:
        kernel.prepared = False


def Prepare() -> None:
    """Collective: ready for Run."""
    kernel.prepare()


def Run(time: Any) -> None:
    """Collective: `time` ms more, between Prepare and Cleanup."""
    kernel.run(time)


def Cleanup() -> None:
    """After the last Run."""
    kernel.cleanup()


@contextmanager
def RunManager() -> Iterator[None]:
    """Prepare at the beginning and Cleanup at the end of a block, also when it fails."""
    Prepare()
    try:
        yield
    finally:
        if kernel.prepared:
            Cleanup()


# ---- attributes ------------------------------------------------------------------------------------


def attribute(name: str) -> Any:
    """The value of an attribute of the kernel."""
    if name in ("biological_time", "min_delay", "max_delay"):
        return _times()[name]
    if name == "wfr_comm_interval" or name in SETTABLE:
        value = kernel.settings[name]
        return float(value) if name == "tics_per_ms" else value
    if name in FIXED:
        return FIXED[name]
    kernel.settle()
    return _derived(name)


def _times() -> dict[str, float]:
    wires, step = kernel.wires, kernel.settings["resolution"]
    low, high = wires.allowed or (wires.shortest, wires.longest)
    known = high > 0.0
    return {
        "biological_time": kernel.now,
        "min_delay": min(low, wires.shortest) if known else step,
        "max_delay": max(high, wires.longest) if known else step,
    }


def _derived(name: str) -> Any:
    settings = kernel.settings
    if name == "kernel_status":
        found = {one: attribute(one) for one in attributes.ALL if one != "kernel_status"}
        return found | {"build_info": build_info(), "verbosity": kernel.verbosity}
    if name == "num_connections":
        return sum(counted(model) for model in list(kernel.wires.counts))
    if name == "memory_size":
        return int(machine_memory() // 1024)
    return {
        "num_processes": kernel.comm.size,
        "mpi_rank": kernel.comm.rank,
        "network_size": kernel.batches.size,
        "node_models": sorted(kernel.models.nodes),
        "synapse_models": sorted(kernel.models.synapses),
        "local_spike_counter": kernel.spikes_of_last_run,
        "ms_per_tic": 1.0 / settings["tics_per_ms"],
        "tics_per_step": round(settings["resolution"] * settings["tics_per_ms"]),
        "off_grid_spiking": any(getattr(b.model.native, "precise", False) for b in kernel.batches.all),
        "prepared": kernel.prepared,
        **kernel.seconds,
    }[name]


def get(*args: Any) -> Any:
    """All attributes as a dict, or the values of those that are named."""
    if not args:
        return attribute("kernel_status")
    names = args[0] if len(args) == 1 else args
    if isinstance(names, str):
        return _known(names)
    if not isinstance(names, Iterable):
        raise TypeError(f"{names!r:.60} is no name of an attribute; give a text or a list of them.")
    return tuple(_known(name) for name in names)


def _known(name: str) -> Any:
    if name == "time":
        name = "biological_time"  # in NEST 2
    if name == "verbosity":
        return kernel.verbosity
    if name not in attributes.ALL:
        raise KeyError(attributes.unknown(name, attributes.ALL))
    return attribute(name)


def set(**values: Any) -> None:
    """Set attributes together."""
    kernel.settle()
    if (seeds := values.pop("rng_seeds", None)) is not None or "grng_seed" in values:  # in NEST 2
        values.setdefault("rng_seed", values.pop("grng_seed", None) or int(next(iter(seeds or [1]))))
        values.pop("grng_seed", None)
    kernel.settings.change(values, kernel)


def GetKernelStatus(keys: Any = None) -> Any:
    """The same as `get`."""
    return get() if keys is None else get(keys)


def SetKernelStatus(params: Mapping[str, Any]) -> None:
    """The same as `set`, of a dict."""
    if not isinstance(params, Mapping):
        raise TypeError(f"the attributes are {params!r:.60}; a dict is needed.")
    set(**params)


def build_info() -> dict[str, Any]:
    """What is said about how the program was built."""
    return {
        "version": parsim.nest.__version__, "parsim": versions()["parsim"], "have_mpi": True, "have_threads": True,
        "have_gsl": True, "have_boost": False, "have_hdf5": True, "have_libneurosim": False, "have_music": False,
        "have_sionlib": False, "ndebug": True, "built": "", "prefix": sys.prefix, "hostos": sys.platform, "docdir": "",
        "datadir": "", "exitcode": 0,
    }  # fmt: skip


def Models(mtype: str = "all", sel: str | None = None) -> tuple[str, ...]:
    """Names of models of nodes, synapses, or all."""
    kinds = {"nodes": [*kernel.models.nodes], "synapses": [*kernel.models.synapses]}
    if mtype not in (*kinds, "all"):
        raise ValueError(f"mtype is {mtype!r:.60}; give 'nodes', 'synapses' or 'all'.")
    found = kinds.get(mtype, [name for names in kinds.values() for name in names])
    return tuple(sorted(name for name in found if sel is None or sel in name))


def ConnectionRules() -> tuple[str, ...]:
    """Names of rules."""
    return tuple(attributes.RULES)


# ---- processes and messages ------------------------------------------------------------------------


def Rank() -> int:
    """The number of this process."""
    return kernel.comm.rank


def NumProcesses() -> int:
    """How many processes there are."""
    return kernel.comm.size


def SyncProcesses() -> None:
    """Collective: wait for all others."""
    kernel.comm.any(False)


def GetLocalVPs() -> range:
    """The virtual processes of this process."""
    return range(kernel.comm.rank, kernel.settings["total_num_virtual_procs"], kernel.comm.size)


def set_verbosity(level: str) -> None:
    """Which messages are shown: "M_WARNING" and the like."""
    kernel.verbosity = level_of(level)


def get_verbosity() -> int:
    """The number of the level."""
    return int(kernel.verbosity)


def message(text: str, severity: VerbosityLevel = VerbosityLevel.INFO) -> None:
    """Write to the log."""
    if severity >= kernel.verbosity and kernel.comm.rank == 0:
        logging.getLogger("parsim").log(int(severity), "%s", text)


def help(name: str | None = None, return_text: bool = False) -> str | None:
    """What a model is, its parameters and equations."""
    if name is None:
        text = parsim.nest.__doc__ or ""
    else:
        kinds: dict[str, Any] = {**kernel.models.nodes, **kernel.models.synapses}
        native = getattr(kinds.get(name), "native", None)
        if native is None:
            text = f"There is no help for '{name:.60}'."
        else:
            params = "\n".join(f"{p.name} = {p.default} {p.unit}: {p.text}" for p in native.params)
            text = f"{native.name}: {native.about}\n\n{native.equations}\n\n{params}\n\n{native.source}\n"
    if return_text:
        return text
    print(text)
    return None
