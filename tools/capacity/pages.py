"""What the book's pages print of the lab: medians, ratios, tables, as data.

The text of a page names a figure by experiment, load, server and field, and the
renderer looks it up here, so that prose cannot drift from what was measured.
"""

from __future__ import annotations

import dataclasses
import pathlib
import statistics

from capacity import experiments, figures, rounds, servers, store
from capacity.axes import short
from capacity.rounds import Record
from capacity.selection import good, marked, memory_each, names_of, ratios, rows_of, spread, title


def collected(reference: pathlib.Path, own: pathlib.Path) -> dict:
    """The book's figures, the reader's if there are any, and the table of each plot."""
    labs = {"reference": reference, "own": own}
    return {
        "labs": {name: lab(folder) for name, folder in labs.items()},
        "plots": {plot.name: {
            "experiment": plot.experiment, "title": plot.title, "unit": plot.unit,
            "calls": plot.make is figures.calls,
            "tables": {name: table(plot, folder) for name, folder in labs.items() if plot.read(folder)},
        } for plot in figures.PLOTS},
    }


def lab(folder: pathlib.Path) -> dict:
    """All that was measured there, and on which machine."""
    machine = folder / "machine.txt"
    measured = {one.name: experiment(one, folder) for one in experiments.EXPERIMENTS}
    return {"machine": machine.read_text().splitlines() if machine.exists() else [],
            "experiments": {name: found for name, found in measured.items() if found["rows"]}}


def experiment(one: experiments.Experiment, folder: pathlib.Path) -> dict:
    """Its loads, and for each what every server came to."""
    records = store.load(one.name, folder)
    counted = store.load_calls(one.name, folder)
    rows = [{"label": row, "servers": {
        found.server: fields(found, good(records, found.server, row), counted.get((row, found.server)))
        for found in rounds.summarize([r for r in records if r.row == row])}} for row in rows_of(records)]
    return {"letter": one.letter, "title": one.title, "rows": rows}


def fields(found: rounds.Summary, records: list[Record], counted: dict[str, float] | None) -> dict:
    """A server under one load: its summary, and what else a page can ask for."""
    told = {name: value for name, value in dataclasses.asdict(found).items() if name not in ("row", "server")}
    subject = servers.known().get(found.server)
    return told | {
        "title": title(found.server), "ours": bool(subject and subject.ours),
        "marked": bool(records) and marked(records),
        "threads": int(statistics.median(r.sample.threads for r in records)) if records else 0,
        "memory": statistics.median(map(memory_each, records)) if records else 0.0,
        "calls": round(sum(counted.values()), 3) if counted else None}


def table(plot: figures.Plot, folder: pathlib.Path) -> dict:
    """A plot in figures: a row for each server, a column for each load."""
    if plot.make is figures.calls:
        groups = plot.read(folder)
        names = list(dict.fromkeys(stack.title for _, group in groups for stack in group))
        sums = {(row, stack.title): [f"{stack.sum:.2f}"] for row, group in groups for stack in group}
        return {"columns": [row for row, _ in groups],
                "rows": [[name, *(sums.get((row, name), [""]) for row, _ in groups)] for name in names]}
    records = plot.read(folder)
    columns = list(rows_of(records))
    return {"columns": columns,
            "rows": [[title(name), *(cell(plot, records, name, row) for row in columns)]
                     for name in names_of(records)]}


def cell(plot: figures.Plot, records: list[Record], name: str, row: str) -> list[str]:
    """The middle, then the least and the most of all rounds; or why not."""
    some = good(records, name, row)
    if not some:
        return [next((r.sample.failed for r in records if r.server == name and r.row == row), "")]
    if rows_of(records)[row] < plot.least:
        return [""]
    compared = plot.make in (figures.times_less, figures.times_more)
    values = ratios(records, name, row, plot.value) if compared else list(map(plot.value, some))
    if not values:
        return [""]
    low, middle, high = (f"{value:.2f}" if compared else short(value) for value in spread(values))
    star = "*" if marked(some) else ""
    return [middle + star] if low == high else [middle + star, f"{low} to {high}"]
