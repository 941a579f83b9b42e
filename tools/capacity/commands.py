"""The command line of tools/bench/lab."""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
import pathlib
import sys
import time

from capacity import experiments, machine, rounds, servers, store, tables

LEAST_DESCRIPTORS = 16_000  # for the experiment with 15,000 who are silent


def main(about: str, arguments: list[str]) -> int:
    options = parse(about, arguments)
    chosen = list(experiments.chosen(options.experiment, options.chapter))
    if options.list:
        for one in chosen:
            print(f"{one.letter}  {one.name:<18}{one.title}")
        return 0
    if not chosen:
        print(f"tools/bench/lab: nothing is measured of chapter {options.chapter}", file=sys.stderr)
        return 2
    for remark in remarks():
        print(f"note: {remark}", file=sys.stderr)
    if not options.no_build:
        servers.build()
    folder = store.place(chosen, options.chapter, store.OWN)
    if folder != store.OWN:
        print(f"note: your larger run in {store.OWN.relative_to(store.ROOT)} stays as it is", file=sys.stderr)
    try:
        return measure(chosen, options, folder)
    except KeyboardInterrupt:
        print(f"\ninterrupted; what was measured is in {folder.relative_to(store.ROOT)}", file=sys.stderr)
        return 130


def remarks() -> list[str]:
    """What makes figures less than they could be, said before they are made."""
    found = []
    if machine.descriptors() < LEAST_DESCRIPTORS:
        found.append(f"only {machine.descriptors():,} descriptors are allowed (ulimit -Hn): rows with "
                     "more connections fail")
    if len(machine.cores()) < 2:
        found.append("there is one core: server and load take turns on it, so rates and latencies "
                     "say little; CPU time for a message still does")
    absent = [one.title for one in servers.peers().values() if not servers.built(one)]
    if absent:
        found.append(f"not built here, and left out: {', '.join(absent)} (tools/setup bench)")
    return found


def measure(chosen: list[experiments.Experiment], options: argparse.Namespace, folder: pathlib.Path) -> int:
    kept, bad, start = store.Store(folder), 0, time.monotonic()
    say = Progress(chosen, options.rounds)
    everything = []
    for experiment in chosen:
        records = []
        for record in rounds.rounds_of(experiment, options.rounds, options.seconds, say.step):
            kept.add(record)
            records.append(record)
        found = rounds.calls(experiment, say.step) if not options.no_calls else {}
        if found:
            kept.add_calls(experiment.name, found)
        say.clear()
        summaries = rounds.summarize(records)
        everything += [(experiment.name, one) for one in summaries]
        if not (options.json or options.csv):
            print(f"\n{experiment.letter}. {experiment.title}")
            print("\n".join([*tables.table(summaries), *tables.call_table(found)]), flush=True)
        bad += sum(1 for one in summaries if one.disturbed or (one.failed and not said_before(one.failed)))
    output(everything, options)
    print(f"\n{time.monotonic() - start:.0f} s; kept in {kept.folder.relative_to(store.ROOT)}"
          + (f"; {bad} rows failed or were disturbed by others" if bad else ""), file=sys.stderr)
    return 1 if bad else 0


def said_before(failed: str) -> bool:
    """A limit that is known is no failure."""
    return failed.startswith("not with more than")


def output(everything: list, options: argparse.Namespace) -> None:
    lines = [{"experiment": name, **dataclasses.asdict(one)} for name, one in everything]
    if options.json:
        json.dump(lines, sys.stdout, indent=1, ensure_ascii=False)
        print()
    elif options.csv and lines:
        writer = csv.DictWriter(sys.stdout, lines[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


class Progress:
    """One line that moves on a terminal; elsewhere a line for each experiment."""

    def __init__(self, chosen: list[experiments.Experiment], count: int) -> None:
        self.all = sum(len([name for name in row.servers if servers.built(servers.known()[name])]) * count
                       for one in chosen for row in one.rows)
        self.done = 0
        self.live = sys.stderr.isatty()
        self.last = ""

    def step(self, text: str) -> None:
        self.done += ", round" in text
        if self.live:
            print(f"\r\x1b[2K{100 * self.done // max(1, self.all):3} %  {text}", end="", file=sys.stderr, flush=True)
        elif text[0] != self.last:
            self.last = text[0]
            print(f"{100 * self.done // max(1, self.all):3} %  {text.partition(':')[0]}", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self.live:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)


def parse(about: str, arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/bench/lab", description=about,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiment", nargs="*", help="its letter or name; all of them by default")
    parser.add_argument("--chapter", metavar="NN", default="", help="only what is about this chapter")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="each server so often (default 3)")
    parser.add_argument("--seconds", type=float, default=0.5, metavar="S", help="of each run (default 0.5)")
    parser.add_argument("--json", action="store_true", help="print summaries as JSON")
    parser.add_argument("--csv", action="store_true", help="print summaries as CSV")
    parser.add_argument("--list", action="store_true", help="name the experiments and stop")
    parser.add_argument("--no-build", action="store_true", help="measure what is built already")
    parser.add_argument("--no-calls", action="store_true", help="count no system calls")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.experiment
               if name not in {x for one in experiments.EXPERIMENTS for x in (one.letter, one.name)}]
    if unknown:
        parser.error(f"no experiment {unknown[0]!r}; --list names them")
    return options
