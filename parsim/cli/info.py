"""`parsim info FILE`: what a result file holds and where it came from."""

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from parsim.cli.populations import populations_of
from parsim.cli.tables import facts, table

if TYPE_CHECKING:  # h5py is loaded when a file is read
    from parsim.io.reading import SpikeContents, TraceHeader


def add(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser("info", help="say what a result file holds and where it came from")
    parser.add_argument("file", metavar="FILE")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Print the description of one file."""
    print(describe(args.file))
    return 0


def describe(path: str) -> str:
    """What a file holds, how it was made, and the network it came from."""
    from parsim.io.reading import kind_of, read_provenance, read_spike_file, read_trace_header

    if kind_of(path) == "spikes":
        contents = read_spike_file(path)
        record, told = contents.provenance, f"{path}: spikes\n{_spikes(contents)}"
    else:
        record, told = read_provenance(path), f"{path}: traces\n{_traces(read_trace_header(path))}"
    blocks = [told]
    if record:
        blocks += ["Made with\n" + _making(record), *_network(record)]
    else:
        blocks.append("It does not say how it was made.")
    return "\n\n".join(blocks)


def _spikes(contents: "SpikeContents") -> str:
    times, gids, (since, until), recorded, record = contents
    pairs = [("spikes", f"{times.size:,}"), ("recorded", f"{since:g} to {until:g} ms")]
    if times.size:
        pairs.append(("first, last", f"{times[0]:g}, {times[-1]:g} ms"))

    rows = []
    for cells in populations_of(record, gids, recorded):
        count = int(cells.among(gids).sum())
        rate = count / cells.gids.size / (until - since) * 1000.0 if until > since else 0.0
        rows.append((cells.name, cells.model, f"{cells.gids.size:,}", f"{count:,}", f"{rate:.3g} Hz"))
    head = ("population", "model", "cells", "spikes", "mean rate")
    return facts(pairs) + ("\n\n" + table(head, rows, numbers=(2, 3, 4)) if rows else "")


def _traces(header: "TraceHeader") -> str:
    last = header.start + max(0, header.samples - 1) * header.interval
    unit = f" ({header.unit})" if header.unit else ""
    cells = len(set(header.gids.tolist()))
    return facts(
        [
            ("variable", (header.variable or "not named") + unit),
            ("cells", f"{cells:,}{_span(header.gids)}"),
            *([("elements", f"{header.gids.size:,}")] if header.gids.size > cells else []),
            ("samples", f"{header.samples:,} every {header.interval:g} ms"),
            ("first, last", f"{header.start:g}, {last:g} ms" if header.samples else "none"),
        ]
    )


def _span(gids: Any) -> str:
    if gids.size == 0:
        return ""
    return f" (gid {gids[0]})" if gids.min() == gids.max() else f" (gids {gids.min()} to {gids.max()})"


def _making(record: Mapping[str, Any]) -> str:
    versions = record.get("versions", {})
    pairs = [("versions", ", ".join(f"{name} {version}" for name, version in versions.items()))]
    script = record.get("script") or {}
    for name, value in (
        ("on", record.get("platform")),
        ("date", record.get("date")),
        ("script", script.get("path") or "none (typed at a prompt)"),
        ("command", " ".join(record.get("command", ()))),
        ("seed", record.get("seed")),
        ("dt", _ms(record.get("dt"))),
        ("smallest delay", _ms(record.get("interval"))),
        ("ranks", record.get("ranks")),
        ("threads", record.get("threads")),
    ):
        if value not in (None, ""):
            pairs.append((name, str(value)))
    return facts(pairs)


def _ms(value: Any) -> str | None:
    return None if value is None else f"{value} ms"


def _network(record: Mapping[str, Any]) -> list[str]:
    blocks: list[str] = []
    if populations := record.get("populations"):
        rows = [
            (
                str(p.get("name") or "-"),
                f"{p.get('size', 0):,}",
                str(p.get("model", "")),
                _values(p.get("parameters") or {}),
            )
            for p in populations
        ]
        blocks.append("Populations\n" + table(("name", "size", "model", "set to"), rows, numbers=(1,)))
    if projections := record.get("projections"):
        ends = [(str(p.get("source", "?")), str(p.get("target", "?")), _how(p)) for p in projections]
        blocks.append("Projections\n" + table(("from", "to", "how"), ends))
    return blocks


def _how(projection: Mapping[str, Any]) -> str:
    """Rule and synapse as they are, other keys with their names."""
    plain = [str(projection[key]) for key in ("rule", "synapse") if projection.get(key)]
    rest = {key: v for key, v in projection.items() if key not in ("source", "target", "rule", "synapse")}
    return ", ".join([*plain, *([_values(rest)] if rest else [])])


def _values(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())
