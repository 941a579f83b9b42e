"""Which plots there are: from an experiment's records to a picture."""

from __future__ import annotations

import pathlib
import statistics
from collections.abc import Callable, Iterator

from capacity import servers, store
from capacity.rounds import Record
from capacity.run import Sample
from capacity.svg import Bar, Series, bars, lines

Value = Callable[[Record], float]


def cpu(record: Record) -> float:
    return record.sample.cpu_us


def rate(record: Record) -> float:
    return record.sample.rate


def p99(record: Record) -> float:
    return record.sample.p99


def switches(record: Record) -> float:
    return record.sample.switches


def grown(sample: Sample) -> int:
    return max(0, sample.resident - sample.at_start)


def memory_each(record: Record) -> float:
    """Bytes for each of the connections that there were."""
    return grown(record.sample) / record.at if record.at else 0.0


def title(name: str) -> str:
    return servers.known()[name].title if name in servers.known() else name


def ours(name: str) -> bool:
    return name in servers.ours()


def series_of(records: list[Record], value: Value) -> list[Series]:
    found = []
    for name in dict.fromkeys(record.server for record in records):
        points = []
        for at in sorted({record.at for record in records}):
            values = [value(r) for r in records if r.server == name and r.at == at and not r.sample.failed]
            if values:
                points.append((at, min(values), statistics.median(values), max(values)))
        if points:
            found.append(Series(title(name), tuple(points), ours(name)))
    return found


def bars_of(records: list[Record], value: Value) -> list[tuple[str, list[Bar]]]:
    groups = []
    for row in dict.fromkeys(record.row for record in records):
        found = []
        for name in dict.fromkeys(record.server for record in records if record.row == row):
            values = [value(r) for r in records
                      if r.server == name and r.row == row and not r.sample.failed]
            if values:
                found.append(Bar(title(name), min(values), statistics.median(values), max(values), ours(name)))
        if found:
            groups.append((row, sorted(found, key=lambda bar: bar.middle)))
    return groups if len(groups) > 1 else [("", group) for _, group in groups]


def draw(folder: pathlib.Path) -> Iterator[tuple[str, str]]:
    """(name, picture) for everything that has been measured in this folder."""
    for name, experiment, picture in PICTURES:
        if records := [r for r in store.load(experiment, folder) if not r.sample.failed]:
            yield name, picture(records)


def line_plot(heading: str, x: str, y: str, value: Value, log: bool = False):
    return lambda records: lines(heading, x, y, series_of(records, value), log)


def bar_plot(heading: str, unit: str, value: Value):
    return lambda records: bars(heading, unit, bars_of(records, value))


CPU = "µs of the server’s CPU time for a message"
PICTURES = (
    ("threads-rate", "threads-vs-loops", line_plot("Throughput as clients grow", "clients", "messages a second", rate)),
    ("threads-p99", "threads-vs-loops", line_plot("Latency as clients grow", "clients", "99th percentile, µs", p99, True)),
    ("threads-memory", "threads-vs-loops", line_plot("Memory for a client", "clients", "bytes a client", memory_each, True)),
    ("threads-switches", "threads-vs-loops", line_plot(
        "Context switches as clients grow", "clients", "context switches a message", switches)),
    ("silent-ones", "the-silent-ones", line_plot(
        "64 who talk among silent ones", "silent connections", "messages a second", rate)),
    ("triggers", "triggers", bar_plot("The price of a trigger", CPU, cpu)),
    ("ticks", "ticks", line_plot("A visit among silent ones", "silent connections",
                                 "µs of CPU time for a visit", cpu)),
    ("broadcast", "broadcast", bar_plot("A message for everybody", "µs of the server’s CPU time for a delivery", cpu)),
    ("broadcast-rate", "broadcast", bar_plot("A message for everybody", "deliveries a second", rate)),
    ("memory", "memory", bar_plot("What a silent connection holds", "resident bytes for a connection", memory_each)),
    ("churn", "churn", bar_plot("Come, say a word, go", "µs of the server’s CPU time for a visit", cpu)),
    ("large", "large", bar_plot("A mebibyte at a time", "messages a second", rate)),
    ("echo", "echo", bar_plot("Every server, every load", CPU, cpu)),
)
