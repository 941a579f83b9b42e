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
import stat
import sys
from collections.abc import Iterator

from coach.files import WORK, Unreadable, in_words, shown
from coach.texts import printable

MOST_READ = 1 << 20  # bytes of its end: a year's work
HEADER = "# What you have done, oldest first. Plain text: mend or delete it as you like.\n"
DEEDS = ("started", "failed", "passed", "hinted", "shown", "looked", "reset", "given", "updated")
LINE = re.compile(rf"(\d{{4}}-\d\d-\d\d \d\d:\d\d) (\d\d\.\d+) ({'|'.join(DEEDS)})")


@dataclasses.dataclass
class Progress:
    """One exercise's story."""
    started: bool = False
    passed: bool = False  # once, and for good
    again: bool = False  # it was begun anew after that
    given: bool = False  # by goto: the solution is in its folder
    shown: bool = False  # its solution was looked at before it passed
    looked: bool = False  # and was all of the answer
    tries: int = 0  # checks that failed
    hints: int = 0
    last: str = ""  # when something happened

    @property
    def word(self) -> str:
        if self.passed:
            return "begun again" if self.again else "passed"
        if self.given:
            return "given"
        if self.looked:
            return "looked up"
        return ("tried" if self.tries else "started") if self.started else ""

    @property
    def over(self) -> bool:
        return self.passed and not self.again or self.given or self.looked


def path() -> pathlib.Path:
    return WORK / "progress.txt"


def load() -> tuple[dict[str, Progress], list[str]]:
    """By exercise, in the order in which they were begun; and what could not
    be read, a line each."""
    found: dict[str, Progress] = {}
    text, strange = written()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = LINE.fullmatch(line.strip())
        if not match:
            strange.append(f"{path().name}, line {number}, is not understood and left out: "
                           f"{printable(line[:40])}")
            continue
        when, name, deed = match.groups()
        progress = found.setdefault(name, Progress())
        apply(progress, deed)
        progress.last = when
        if deed != "updated":  # the last one touched is the last in the order
            found[name] = found.pop(name)
    return found, strange


def of(exercise: str) -> Progress:
    """One exercise's story so far."""
    return load()[0].get(exercise, Progress())


def written() -> tuple[str, list[str]]:
    """What the file says, and what is to be said of the file."""
    try:
        with opened(os.O_RDONLY) as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - MOST_READ))
            text = file.read(MOST_READ).decode(errors="replace")
    except FileNotFoundError:
        return "", []
    except (OSError, Unreadable) as error:
        return "", [in_words(error) if isinstance(error, OSError) else str(error)]
    if size <= MOST_READ:
        return text, []
    return text.partition("\n")[2], [f"{shown(path())} has {size >> 20} MiB: only its end is read."]


def opened(flags: int):
    """The file, if it is one: a FIFO would be waited for."""
    number = os.open(path(), flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise Unreadable(f"{shown(path())} is no file.")
    return os.fdopen(number, "rb+" if flags else "rb", buffering=0)


def apply(progress: Progress, deed: str) -> None:
    if deed in ("started", "failed", "passed", "given", "looked"):
        progress.started = True
    if deed in ("started", "passed", "reset"):  # what is there now is the attendee's own
        progress.given = progress.looked = False
        progress.again = progress.passed and deed != "passed"
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
    elif deed == "looked":
        progress.looked = True
    elif deed == "reset":
        progress.tries = 0


def note(exercise: str, deed: str) -> None:
    """Appends a line; one write, so that two programs do not mix theirs. What
    cannot be noted does not stop anybody."""
    now = datetime.datetime.now().strftime("%Y-%m-%d %H:%M")
    try:
        WORK.mkdir(parents=True, exist_ok=True)
        with opened(os.O_RDWR | os.O_APPEND | os.O_CREAT) as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - 1))
            start = HEADER if end == 0 else "" if file.read(1) == b"\n" else "\n"
            file.write(f"{start}{now} {exercise} {deed}\n".encode())
    except (OSError, Unreadable) as error:
        warn_of([f"{in_words(error) if isinstance(error, OSError) else error} "
                 f"So it will not be remembered: {exercise} {deed}."])


def current() -> str:
    """The exercise that was touched last and is not over; "" for none."""
    found, _ = load()
    return next((name for name, progress in reversed(found.items())
                 if progress.started and not progress.over), "")


class Busy(Exception):
    """Another runner is at work in the same folder."""


@contextlib.contextmanager
def alone(what: str) -> Iterator[None]:
    """Two runners would compile and try the same files at once: the second is
    told who the first is."""
    WORK.mkdir(parents=True, exist_ok=True)
    with open(WORK / ".lock", "ab+", buffering=0) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            who = re.match(r"“[\w. ]+”, process \d+", lock.read(80).decode(errors="replace"))
            raise Busy(f"Another tools/workshop is at work here{f': {who[0]}' if who else ''}. "
                       "End it first, or wait until it is done.") from None
        lock.truncate(0)
        with contextlib.suppress(OSError):  # a full disk: the lock holds without a name
            lock.write(f"“{what}”, process {os.getpid()}\n".encode())
        try:
            yield
        finally:
            lock.truncate(0)


def warn_of(strange: list[str]) -> None:
    for line in strange[:3]:
        print(f"note: {line}", file=sys.stderr)
