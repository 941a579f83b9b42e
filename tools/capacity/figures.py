"""Which plots there are: from an experiment's records to pictures.

A plot is made of the records of one lab; those of another (the reader's beside
the book's) only widen its axes, so that the two can be compared by eye.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Iterator

from capacity import bar_plot, grid_plot, line_plot, store
from capacity.selection import (
    CALL_KINDS, Value, bars_of, cells_of, cpu, memory_each, p99, rate, series_of, stacks_of, switches)
from capacity.svg import FORMS, Form, nothing

ENOUGH = 100  # clients: with fewer, it is the process whose memory is measured


@dataclasses.dataclass(frozen=True)
class Plot:
    """One plot: of which experiment, what it is called, what is on its axes."""
    name: str
    experiment: str
    make: Callable[[Plot, Form, list, list], str]
    title: str
    unit: str
    value: Value = cpu
    x: str = ""
    log: bool = False
    least: float = 0.0  # place on the x axis from which on it means something

    def read(self, folder: pathlib.Path) -> list:
        """What it is made of, as it was measured there; empty if it was not."""
        if self.make is calls:
            return stacks_of(store.load_calls(self.experiment, folder))
        records = store.load(self.experiment, folder)
        return records if any(not record.sample.failed for record in records) else []

    def draw(self, form: Form, measured: list, other: list) -> str:
        """The picture; says so when there is nothing to be drawn."""
        return self.make(self, form, measured, other) if measured else nothing(form, self.title)


# ---- ways to draw -----------------------------------------------------------
def lines(plot: Plot, form: Form, records: list, other: list) -> str:
    """A line for each server, along the place of each load."""
    labels = line_plot.Labels(plot.title, plot.x, plot.unit, plot.log)
    series, beside = (series_of(some, plot.value, plot.least) for some in (records, other))
    return line_plot.lines(form, labels, series, beside) if series else nothing(form, plot.title)


def more(plot: Plot, form: Form, records: list, other: list) -> str:
    """Bars of which the longest is the best."""
    groups, beside = (bars_of(some, plot.value, most_first=True) for some in (records, other))
    return bar_plot.bars(form, plot.title, f"{plot.unit}: more is better", groups, beside)


def less(plot: Plot, form: Form, records: list, other: list) -> str:
    """Bars of which the shortest is the best."""
    groups, beside = (bars_of(some, plot.value) for some in (records, other))
    return bar_plot.bars(form, plot.title, f"{plot.unit}: less is better", groups, beside)


def plain(plot: Plot, form: Form, records: list, other: list) -> str:
    """The same without ratios: what is measured can be nothing."""
    groups, beside = (bars_of(some, plot.value, compare=False) for some in (records, other))
    return bar_plot.bars(form, plot.title, f"{plot.unit}: less is better", groups, beside)


def times_more(plot: Plot, form: Form, records: list, other: list) -> str:
    """Ratios to the floor, of which the largest are the best."""
    return grid_of(plot, form, records, other, True)


def times_less(plot: Plot, form: Form, records: list, other: list) -> str:
    """Ratios to the floor, of which the smallest are the best."""
    return grid_of(plot, form, records, other, False)


def grid_of(plot: Plot, form: Form, records: list, other: list, most_first: bool) -> str:
    """A row for each server, a column for each load."""
    columns = list(dict.fromkeys(record.row for record in records))
    rows, beside = (cells_of(some, plot.value, most_first) for some in (records, other))
    unit = f"{plot.unit}: {'more' if most_first else 'less'} is better"
    if not rows:
        return nothing(form, plot.title)
    return grid_plot.grid(form, plot.title, unit, columns, rows, beside)


def calls(plot: Plot, form: Form, groups: list, other: list) -> str:
    """Bars made of the kinds of system calls."""
    return bar_plot.stacks(form, plot.title, plot.unit, CALL_KINDS, groups, other)


# ---- the plots --------------------------------------------------------------
CLIENTS, SILENT = "clients", "silent connections"
CPU_FOR = "µs of the server’s CPU time for"
CPU, CALLS = f"{CPU_FOR} a message", "system calls for a message"

PLOTS = (
    Plot("threads-rate", "threads-vs-loops", lines, "Throughput as clients grow",
         "messages a second", rate, CLIENTS),
    Plot("threads-cpu", "threads-vs-loops", lines, "CPU time as clients grow", CPU, cpu, CLIENTS, log=True),
    Plot("threads-p99", "threads-vs-loops", lines, "Latency as clients grow",
         "99th percentile, µs", p99, CLIENTS, log=True),
    Plot("threads-memory", "threads-vs-loops", lines, "Memory for a client",
         "resident bytes for a client", memory_each, CLIENTS, log=True, least=ENOUGH),
    Plot("threads-switches", "threads-vs-loops", lines, "Context switches as clients grow",
         "context switches for a message", switches, CLIENTS),
    Plot("silent-ones", "the-silent-ones", lines, "64 who talk, among silent ones",
         "messages a second", rate, SILENT),
    Plot("silent-cpu", "the-silent-ones", lines, "What the silent ones add to a message",
         CPU, cpu, SILENT, log=True),
    Plot("triggers", "triggers", less, "The price of a trigger", CPU),
    Plot("triggers-calls", "triggers", calls, "System calls of the four triggers", CALLS),
    Plot("ticks", "ticks", lines, "A visit among silent ones", f"{CPU_FOR} a visit", cpu, SILENT),
    Plot("broadcast", "broadcast", times_less, "CPU time for a delivery",
         "CPU time for a delivery, as a multiple of the loop that writes at once"),
    Plot("broadcast-rate", "broadcast", times_more, "Deliveries a second",
         "deliveries a second, as a multiple of the loop that writes at once", rate),
    Plot("memory", "memory", plain, "What a silent connection holds",
         "resident bytes for a connection", memory_each),
    Plot("churn", "churn", less, "CPU time for a visit", f"{CPU_FOR} a visit"),
    Plot("churn-rate", "churn", more, "Visits a second", "visits a second", rate),
    Plot("large", "large", more, "A mebibyte at a time", "messages of 1 MiB a second", rate),
    Plot("large-cpu", "large", less, "CPU time for a mebibyte", CPU),
    Plot("echo", "echo", times_less, "Every server, every load",
         "CPU time for a message, as a multiple of the bare loop’s"),
    Plot("multi-echo", "multi-echo", less, "All hear all", f"{CPU_FOR} a delivery"),
)


def draw(folder: pathlib.Path, beside: pathlib.Path | None = None) -> Iterator[tuple[Plot, Form, str]]:
    """Each plot in each form, of all that has been measured in this folder."""
    for plot in PLOTS:
        if measured := plot.read(folder):
            for form in FORMS:
                yield plot, form, plot.draw(form, measured, plot.read(beside) if beside else [])
