"""Interleaved rounds: each server once in each round, and the rounds compared."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable, Iterator

from capacity import servers
from capacity.experiments import Experiment
from capacity.run import Load, Sample, calls_of, run

AGAIN = 1  # times that a disturbed run is made anew
MARK = "disturbed"


@dataclasses.dataclass(frozen=True)
class Record:
    """One run, as it is kept."""
    experiment: str
    row: str
    at: float
    server: str
    round: int
    sample: Sample


def rounds_of(experiment: Experiment, count: int, seconds: float,
              tell: Callable[[str], None]) -> Iterator[Record]:
    """All runs of an experiment, in the order in which they are made."""
    for row, number in experiment.turns(count):
        load = dataclasses.replace(row.load, seconds=seconds)
        for name in row.servers:
            subject = servers.known()[name]
            if servers.built(subject):
                tell(f"{experiment.letter} {row.label}: {subject.title}, round {number}")
                yield Record(experiment.name, row.label, row.at, name, number, undisturbed(subject, load))


def undisturbed(subject: servers.Subject, load: Load) -> Sample:
    """A run that others disturbed is made anew; the quietest counts."""
    best = run(subject, load)
    for _ in range(AGAIN):
        if not best.disturbed or best.failed:
            break
        again = run(subject, load)
        if not again.failed and again.others < best.others:
            best = again
    return best


def calls(experiment: Experiment, tell: Callable[[str], None]) -> dict[tuple[str, str], dict[str, float]]:
    """System calls a message by (row, server), where that is wanted."""
    found = {}
    for row in experiment.rows if experiment.calls else ():
        for name in row.servers:
            subject = servers.known()[name]
            if servers.built(subject) and row.load.clients + row.load.idle <= 1000:
                tell(f"{experiment.letter} {row.label}: {subject.title}, system calls")
                if counted := calls_of(subject, dataclasses.replace(row.load, seconds=0.2)):
                    found[row.label, name] = counted
    return found


# ---- what they come to ----------------------------------------------------
@dataclasses.dataclass(frozen=True)
class Summary:
    """A server in a row: medians, and ratios paired within a round with the
    row's first server."""
    row: str
    server: str
    cpu_us: float
    cpu_ratio: float
    rate: float
    rate_ratio: float
    spread: float  # of the CPU ratio: the largest less the smallest
    p50: float
    p99: float
    load_share: float
    resident: int
    switches: float
    runs: int
    disturbed: int
    failed: str


def summarize(records: list[Record]) -> list[Summary]:
    found = []
    for row in dict.fromkeys(record.row for record in records):
        of_row = [record for record in records if record.row == row]
        names = list(dict.fromkeys(record.server for record in of_row))
        floor = {record.round: record.sample for record in of_row if record.server == names[0]}
        for name in names:
            found.append(summary(row, name, [r for r in of_row if r.server == name], floor))
    return found


def summary(row: str, name: str, records: list[Record], floor: dict[int, Sample]) -> Summary:
    good = [record for record in records if not record.sample.failed]
    failed = next((record.sample.failed for record in records if record.sample.failed), "")
    paired = [(record.sample, floor[record.round]) for record in good
              if record.round in floor and not floor[record.round].failed]
    cpu = [ours.cpu_us / theirs.cpu_us for ours, theirs in paired if theirs.cpu_us]
    rate = [ours.rate / theirs.rate for ours, theirs in paired if theirs.rate]

    def middle(values) -> float:
        values = list(values)
        return statistics.median(values) if values else 0.0

    samples = [record.sample for record in good]
    return Summary(
        row, name, middle(s.cpu_us for s in samples), middle(cpu), middle(s.rate for s in samples),
        middle(rate), max(cpu) - min(cpu) if cpu else 0.0, middle(s.p50 for s in samples),
        middle(s.p99 for s in samples), middle(s.load_share for s in samples),
        int(middle(s.resident for s in samples)), middle(s.switches for s in samples),
        len(good), sum(s.disturbed for s in samples), failed)
