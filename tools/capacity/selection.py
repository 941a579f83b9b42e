"""From an experiment's records to what a plot draws: series, bars, cells."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from capacity import bar_plot, grid_plot, line_plot, servers
from capacity.rounds import Record

Value = Callable[[Record], float]
# Lines that are compared all over the book look the same in all plots.
KINDS = {"05-level": 1, "06": 1, "01": 2, "06-scan": 2, "03": 3, "05-poll": 3, "05-select": 4, "02": 5}
CALLS = {"read": 1, "write": 2, "readv": 1, "writev": 2, "recv": 1, "send": 2, "recvfrom": 1, "sendto": 2,
         "recvmsg": 1, "sendmsg": 2, "epoll_wait": 3, "epoll_pwait": 3, "poll": 3, "ppoll": 3, "select": 3,
         "pselect6": 3, "io_uring_enter": 3, "epoll_ctl": 4}
CALL_KINDS = [(1, "read"), (2, "write"), (3, "wait"), (4, "epoll_ctl"), (7, "others")]


# ---- what is measured -----------------------------------------------------
def cpu(record: Record) -> float:
    """Of the server, µs for a message."""
    return record.sample.cpu_us


def rate(record: Record) -> float:
    """Messages, or deliveries, a second."""
    return record.sample.rate


def p99(record: Record) -> float:
    """Latency, µs."""
    return record.sample.p99


def switches(record: Record) -> float:
    """Context switches a message."""
    return record.sample.switches


def memory_each(record: Record) -> float:
    """Bytes for each of the connections that there were."""
    grown = max(0, record.sample.resident - record.sample.at_start)
    return grown / record.at if record.at else 0.0


# ---- from records to what is drawn ----------------------------------------
def title(name: str) -> str:
    """What people call a server."""
    return servers.known()[name].title if name in servers.known() else name


def ours(name: str) -> bool:
    """The kit's own, not a peer?"""
    return name in servers.ours()


def marked(records: list[Record]) -> bool:
    """Did others disturb half of the runs, or more?"""
    return 2 * sum(record.sample.disturbed for record in records) >= max(1, len(records))


def good(records: list[Record], name: str, row: str) -> list[Record]:
    """The runs of one server under one load that gave something."""
    return [r for r in records if r.server == name and r.row == row and not r.sample.failed]


def spread(values: list[float]) -> tuple[float, float, float]:
    """The least, the middle, the most."""
    return min(values), statistics.median(values), max(values)


def rows_of(records: list[Record]) -> dict[str, float]:
    """Loads in their order, each with its place on an axis."""
    return {record.row: record.at for record in records}


def names_of(records: list[Record], row: str = "") -> list[str]:
    """Servers in their order; the first of a row is its floor."""
    return list(dict.fromkeys(r.server for r in records if r.row == row or not row))


def series_of(records: list[Record], value: Value, least: float = 0.0) -> list[line_plot.Series]:
    """A line for each server that could do anything, from `least` on."""
    found = []
    for number, name in enumerate(names_of(records)):
        points = []
        for row, at in sorted(rows_of(records).items(), key=lambda item: item[1]):
            if (some := good(records, name, row)) and at >= least:
                points.append(line_plot.Point(at, *spread(list(map(value, some))), marked(some)))
        if points:
            found.append(line_plot.Series(title(name), KINDS.get(name, number % 8 + 1), tuple(points)))
    return found


def ratios(records: list[Record], name: str, row: str, value: Value) -> list[float]:
    """To the row's first server, paired within a round."""
    floor = {r.round: value(r) for r in good(records, names_of(records, row)[0], row)}
    return [value(r) / floor[r.round] for r in good(records, name, row) if floor.get(r.round)]


def bars_of(records: list[Record], value: Value, most_first: bool = False, compare: bool = True) -> list:
    """For each load its servers, the best first; who could not take it, last."""
    groups = []
    for row in rows_of(records):
        names, found = names_of(records, row), []
        for name in names:
            if some := good(records, name, row):
                ratio = statistics.median(ratios(records, name, row, value) or [0.0]) if compare else 0.0
                found.append(bar_plot.Bar(title(name), ours(name), *spread(list(map(value, some))), ratio,
                                          marked(some), compare and name == names[0]))
            else:
                why = next((r.sample.failed for r in records if r.server == name and r.row == row), "")
                found.append(bar_plot.Bar(title(name), ours(name), remark=why))
        found.sort(key=lambda bar: (bool(bar.remark), -bar.middle if most_first else bar.middle))
        if any(not bar.remark for bar in found):
            groups.append((row, found))
    return groups if len(groups) > 1 else [("", group) for _, group in groups]


def cells_of(records: list[Record], value: Value, most_first: bool = False) -> list[grid_plot.Row]:
    """Ratios to the floor of each load, a row for each server, the best first."""
    found = []
    for name in names_of(records):
        cells = []
        for row in rows_of(records):
            paired = ratios(records, name, row, value) if good(records, name, row) else []
            disturbed = marked(good(records, name, row))
            cells.append(grid_plot.Cell(*spread(paired), disturbed) if paired else None)
        if any(cells):
            found.append(grid_plot.Row(title(name), ours(name), tuple(cells)))
    return sorted(found, key=lambda row: -row.mean if most_first else row.mean)


def stacks_of(counted: dict[tuple[str, str], dict[str, float]]) -> list:
    """System calls by kind, a bar for each server, a group for each load."""
    groups: dict[str, list] = {}
    for (row, name), calls in counted.items():
        sums = dict.fromkeys((number for number, _ in CALL_KINDS), 0.0)
        for call, count in calls.items():
            sums[CALLS.get(call, 7)] += count
        groups.setdefault(row, []).append(bar_plot.Stack(title(name), tuple(sums.items())))
    return list(groups.items())
