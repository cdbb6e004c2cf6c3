"""The kernel's attributes as they are set."""

import os
from collections.abc import Mapping
from typing import Any

from parsim.nest import attributes, errors
from parsim.nest.attributes import SETTABLE, as_kind


class Settings:
    """Values of what can be set; `touched` names those that were."""

    def __init__(self, before: "Settings | None" = None) -> None:
        self._values = {name: attribute.default for name, attribute in SETTABLE.items()}
        if before is not None:
            self._values |= {n: before[n] for n, attribute in SETTABLE.items() if attribute.survives}
        self.touched: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    @property
    def all(self) -> dict[str, Any]:
        """All of them."""
        return dict(self._values)

    def change(self, given: Mapping[str, Any], kernel: Any) -> None:
        """Set some together; all are checked before any is set."""
        if given.get("dict_miss_is_error") is False:
            self._values["dict_miss_is_error"] = False
        if not self["dict_miss_is_error"]:
            given = {name: value for name, value in given.items() if name in SETTABLE}
        for name in given:
            if name not in SETTABLE:
                raise ValueError(
                    f"'{name:.60}' can only be read." if name in attributes.ALL
                    else attributes.unknown(name, sorted(SETTABLE))
                )  # fmt: skip
        new = {name: as_kind(name, value) for name, value in given.items()}
        _check_times(new, kernel)
        _check_delays(new, kernel)
        _check_processes(new, kernel)
        if "rng_seed" in new and kernel.said.exists and new["rng_seed"] != self["rng_seed"]:
            raise errors.unsupported(
                "A new rng_seed after the network was built",
                "Set it before the first Simulate, or after ResetKernel.",
            )
        if "data_path" in new and new["data_path"] and not os.path.isdir(new["data_path"]):
            del new["data_path"]  # as NEST does: it stays where it was
        _check_wfr(new, kernel)
        self._values |= new
        self.touched |= set(new)
        if "resolution" in new:
            kernel.wires.resolution = new["resolution"]
            if kernel.wires.allowed is not None:
                kernel.wires.allow(*kernel.wires.allowed)


def _check_wfr(new: dict[str, Any], kernel: Any) -> None:
    """Gap junctions are solved by iteration in any case."""
    if "use_wfr" in new and kernel.batches.size:
        raise errors.KernelException("use_wfr is set before nodes are created. Use ResetKernel.")
    if any(name.startswith("wfr") for name in new) and kernel.said.exists:
        raise errors.KernelException("wfr attributes are set before the first Simulate.")
    uses = new.get("use_wfr", kernel.settings["use_wfr"])
    resolution = new.get("resolution", kernel.settings["resolution"])
    if "wfr_comm_interval" in new:
        if not uses or kernel.wires.counts:
            raise errors.KernelException(
                "wfr_comm_interval is set with use_wfr, and before anything is connected."
            )
        if new["wfr_comm_interval"] < resolution * (1 - 1e-9):
            raise errors.KernelException(
                f"wfr_comm_interval must be at least the resolution, {resolution:g} ms."
            )
    if not uses:
        new["wfr_comm_interval"] = resolution


def _check_times(new: dict[str, Any], kernel: Any) -> None:
    if new.get("biological_time", 0.0) != 0.0:
        raise errors.BadProperty("biological_time can only be set to 0.0.")
    if "biological_time" in new and kernel.now_steps:
        raise errors.unsupported(
            "Setting back biological_time", "Use ResetKernel, or natively Simulation.reset()."
        )
    new.pop("biological_time", None)
    if "tics_per_ms" in new and "resolution" not in new:
        raise errors.BadProperty("tics_per_ms is set together with resolution.")
    if "resolution" not in new:
        return
    if kernel.batches.size or kernel.now_steps or kernel.models.changed:
        raise errors.KernelException(
            "resolution is set before anything is created, simulated or given other defaults. Use ResetKernel."
        )
    tics = new.get("tics_per_ms", kernel.settings["tics_per_ms"])
    if not new["resolution"] * tics >= 1.0 - 1e-9:
        raise errors.KernelException(
            f"resolution is {new['resolution']:g} ms; at least {1 / tics:g} ms is needed."
        )
    if abs(new["resolution"] * tics - round(new["resolution"] * tics)) > 1e-6:
        raise errors.KernelException(
            f"resolution is {new['resolution']:g} ms; a multiple of {1 / tics:g} ms is needed."
        )


def _check_delays(new: dict[str, Any], kernel: Any) -> None:
    if ("min_delay" in new) != ("max_delay" in new):
        raise errors.BadProperty("min_delay and max_delay are set together.")
    if "min_delay" in new:
        if new["min_delay"] > new["max_delay"]:
            raise errors.BadProperty("min_delay must not be greater than max_delay.")
        kernel.wires.allow(new.pop("min_delay"), new.pop("max_delay"))


def _check_processes(new: dict[str, Any], kernel: Any) -> None:
    """Threads here and in total follow from each other."""
    said = {"local_num_threads", "total_num_virtual_procs"} & set(new)
    if all(new[key] == kernel.settings[key] for key in said):
        return
    if kernel.batches.size:
        raise errors.KernelException(
            "the number of threads is set before nodes are created. Use ResetKernel."
        )
    size = kernel.comm.size
    if "total_num_virtual_procs" in new:
        total = new["total_num_virtual_procs"]
        if total % size:
            raise errors.BadProperty(
                f"total_num_virtual_procs is {total}; a multiple of the {size} processes is needed."
            )
        new["local_num_threads"] = total // size
    else:
        new["total_num_virtual_procs"] = new["local_num_threads"] * size
