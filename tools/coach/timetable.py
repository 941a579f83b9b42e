"""Shows a schedule: in a terminal, and as data for the book."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import textwrap
from collections.abc import Iterable

from coach import manifest
from coach.manifest import Chapter
from coach.schedule import PLANS, START, Left, Schedule, schedule

COLUMNS = 80


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def hours(minutes: int) -> str:
    parts = [f"{minutes // 60} h" if minutes >= 60 else "", f"{minutes % 60} min" if minutes % 60 else ""]
    return " ".join(filter(None, parts))


def together(left: Iterable[Left]) -> dict[str, list[str]]:
    """Why → what, in order: most is left out for the same few reasons."""
    found: dict[str, list[str]] = {}
    for one in left:
        found.setdefault(one.why, []).append(one.what)
    return found


def text(one: Schedule, start: int = START) -> str:
    lines = [f"{one.plan.title}: {hours(one.work)} of work, {hours(one.hands_on)} of it on exercises"]
    for number, rows in enumerate(one.days, 1):
        lines += ["", f"Day {number}"] if len(one.days) > 1 else [""]
        for row in rows:
            what = row.activity
            title = f"{what.chapter}  {what.title}" if what.kind == "talk" else what.title
            indent = " " * (20 if what.kind in ("quick", "exercise") else 16)
            lines += textwrap.wrap(title, COLUMNS, subsequent_indent=indent, initial_indent=(
                f"{clock(row.start - START + start)}  {what.minutes:3} min  ".ljust(len(indent))))
        lines.append(f"{clock(rows[-1].end - START + start)}           The end")
    if one.left:
        lines += ["", "Left out"]
        for why, what in together(one.left).items():
            lines += textwrap.wrap(f"{', '.join(what)}: {why}", COLUMNS, initial_indent="  ",
                                   subsequent_indent="    ")
    return "\n".join(lines)


def data(one: Schedule) -> dict:
    """For the book: {"name", "title", "work", "hands_on", "days": [[{"from",
    "to", "minutes", "kind", "title", "chapter", "exercises"}]], "left": [{"why", "what"}]}."""
    return {"name": one.plan.name, "title": one.plan.title, "work": hours(one.work),
            "hands_on": hours(one.hands_on),
            "days": [[{"from": clock(row.start), "to": clock(row.end), **dataclasses.asdict(row.activity)}
                      for row in rows] for rows in one.days],
            "left": [{"why": why, "what": what} for why, what in together(one.left).items()]}


def everything(chapters: Iterable[Chapter]) -> list[dict]:
    """All schedules as data."""
    chapters = tuple(chapters)
    return [data(schedule(plan, chapters)) for plan in PLANS]


def time_of_day(text: str) -> int:
    hour, _, minute = text.partition(":")
    if not (hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60):
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 09:30")
    return int(hour) * 60 + int(minute)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What tools/workshop schedule takes."""
    parser.add_argument("plan", choices=[plan.name for plan in PLANS])
    parser.add_argument("--from", dest="start", type=time_of_day, default=START, metavar="HH:MM",
                        help="when it begins (default: 09:00)")


def run(options: argparse.Namespace) -> int:
    """Prints the schedule that was asked for."""
    plan = next(plan for plan in PLANS if plan.name == options.plan)
    print(text(schedule(plan, manifest.load()), options.start))
    return 0


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/workshop schedule")
    arguments(parser)
    return run(parser.parse_args(words))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
