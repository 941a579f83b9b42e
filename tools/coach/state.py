"""What an attendee has done, as a plain text file: work/progress.txt.

A line for each thing that happened, appended and never changed:

    2026-11-28 09:41 05.2 started

A line that was half written, when a laptop ran out of power for instance, is
left out and does no harm to the others.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import fcntl
import os
import pathlib
import re
import sys
from collections.abc import Iterator

from coach.manifest import ROOT

WORK = pathlib.Path(os.environ.get("TICK_WORK") or ROOT / "work")
HEADER = "# What you have done, oldest first. Plain text: mend or delete it as you like.\n"
DEEDS = ("started", "failed", "passed", "hinted", "shown", "reset", "given", "updated")
LINE = re.compile(rf"(\d{{4}}-\d\d-\d\d \d\d:\d\d) (\d\d\.\d+) ({'|'.join(DEEDS)})")


@dataclasses.dataclass
class Progress:
    """One exercise's story."""
    started: bool = False
    passed: bool = False
    given: bool = False  # by goto: the solution is in its folder
    shown: bool = False  # its solution was looked at before it passed
    tries: int = 0  # checks that failed
    hints: int = 0
    last: str = ""  # when something happened

    @property
    def word(self) -> str:
        if self.passed:
            return "passed"
        if self.given:
            return "given"
        return ("tried" if self.tries else "started") if self.started else ""


def path() -> pathlib.Path:
    return WORK / "progress.txt"


def load() -> tuple[dict[str, Progress], list[str]]:
    """By exercise, in the order in which they were begun; and what could not
    be read, a line each."""
    found: dict[str, Progress] = {}
    strange = []
    try:
        text = path().read_text(errors="replace")
    except FileNotFoundError:
        return found, strange
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = LINE.fullmatch(line.strip())
        if not match:
            strange.append(f"{path().name}, line {number}, is not understood and left out: {line[:40]!r}")
            continue
        when, name, deed = match.groups()
        progress = found.pop(name, Progress())
        apply(progress, deed)
        progress.last = when
        found[name] = progress  # the last one touched is the last in the order
    return found, strange


def apply(progress: Progress, deed: str) -> None:
    if deed in ("started", "failed", "passed", "given"):
        progress.started = True
    if deed == "passed":
        progress.passed = True
    elif deed == "failed":
        progress.tries += 1
    elif deed == "hinted":
        progress.hints += 1
    elif deed == "shown":
        progress.shown = True
    elif deed == "given":
        progress.given = True
    elif deed == "reset":
        progress.passed = progress.given = False
        progress.tries = 0


def note(exercise: str, deed: str) -> None:
    """Appends a line; one write, so that two programs do not mix theirs."""
    WORK.mkdir(parents=True, exist_ok=True)
    now = datetime.datetime.now().strftime("%Y-%m-%d %H:%M")
    with open(path(), "ab+") as file:
        start = ""
        if file.tell() == 0:
            start = HEADER
        else:
            file.seek(-1, os.SEEK_END)
            start = "" if file.read(1) == b"\n" else "\n"
        file.write(f"{start}{now} {exercise} {deed}\n".encode())


def current() -> str:
    """The exercise that was touched last and is not over; "" for none."""
    found, _ = load()
    return next((name for name, progress in reversed(found.items())
                 if progress.started and not progress.passed and not progress.given), "")


class Busy(Exception):
    """Another runner is at work in the same folder."""


@contextlib.contextmanager
def alone(what: str) -> Iterator[None]:
    """Two runners would compile and try the same files at once: the second is
    told who the first is."""
    WORK.mkdir(parents=True, exist_ok=True)
    with open(WORK / ".lock", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Busy(f"Another tools/workshop is at work here: {lock.read().strip() or 'unknown'}. "
                       "End it first, or wait until it is done.") from None
        lock.truncate(0)
        lock.write(f"“{what}”, process {os.getpid()}\n")
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def warn_of(strange: list[str]) -> None:
    for line in strange[:3]:
        print(f"note: {line}", file=sys.stderr)
