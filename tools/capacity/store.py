"""Results on disk: a CSV for each experiment, and what machine it was.

Each run is appended as soon as it is over, so that a lab which is interrupted
keeps what it has. build/lab/ is the reader's own; docs/lab/ has the same files
as the book prints them. A run of one chapter's servers does not take the place
of one that had more of them: it goes to a folder of its own, build/lab/05/.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
import pathlib

from capacity import machine
from capacity.experiments import Experiment
from capacity.rounds import Record
from capacity.run import Sample
from kit.server import ROOT

OWN = ROOT / "build/lab"
REFERENCE = ROOT / "docs/lab"
KEYS = ("experiment", "row", "at", "server", "round")
FIELDS = tuple(field.name for field in dataclasses.fields(Sample))
FORMATS = {float: lambda text: float(text or 0), int: lambda text: int(float(text or 0)), str: str}


def place(chosen: list[Experiment], chapter: str, folder: pathlib.Path) -> pathlib.Path:
    """Where a run of these belongs, so that no larger one is lost."""
    for one in chosen if chapter else ():
        measured = {(row.label, name) for row in one.rows for name in row.servers}
        if {(record.row, record.server) for record in load(one.name, folder)} - measured:
            return folder / chapter
    return folder


class Store:
    """Writes one lab's results."""

    def __init__(self, folder: pathlib.Path = OWN) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "machine.txt").write_text(
            machine.describe() + f"measured on {datetime.date.today()}\n")
        self._begun: set[str] = set()

    def add(self, record: Record) -> None:
        path = self.folder / f"{record.experiment}.csv"
        fresh = record.experiment not in self._begun
        self._begun.add(record.experiment)
        with open(path, "w" if fresh else "a", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            if fresh:
                writer.writerow([*KEYS, *FIELDS])
            writer.writerow([*(getattr(record, key) for key in KEYS),
                             *(shown(getattr(record.sample, name)) for name in FIELDS)])

    def add_calls(self, experiment: str, found: dict[tuple[str, str], dict[str, float]]) -> None:
        """System calls a message, one line for each call."""
        with open(self.folder / f"{experiment}-calls.csv", "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["row", "server", "call", "a_message"])
            for (row, server), counts in found.items():
                for name, count in sorted(counts.items(), key=lambda item: -item[1]):
                    if count >= 0.0005:
                        writer.writerow([row, server, name, f"{count:.3f}"])


def shown(value) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def load(experiment: str, folder: pathlib.Path = OWN) -> list[Record]:
    """What is there; empty if it was never measured."""
    path = folder / f"{experiment}.csv"
    if not path.exists():
        return []
    kinds = {field.name: {"float": float, "int": int, "str": str}[str(field.type)]
             for field in dataclasses.fields(Sample)}
    with open(path, newline="") as file:
        return [Record(line["experiment"], line["row"], float(line["at"]), line["server"],
                       int(line["round"]),
                       Sample(**{name: FORMATS[kinds[name]](line[name]) for name in FIELDS}))
                for line in csv.DictReader(file)]


def load_calls(experiment: str, folder: pathlib.Path = OWN) -> dict[tuple[str, str], dict[str, float]]:
    path = folder / f"{experiment}-calls.csv"
    found: dict[tuple[str, str], dict[str, float]] = {}
    if path.exists():
        with open(path, newline="") as file:
            for line in csv.DictReader(file):
                found.setdefault((line["row"], line["server"]), {})[line["call"]] = float(line["a_message"])
    return found
