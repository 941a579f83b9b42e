"""`watch` on a terminal: one of 80 columns and 24 lines, and narrower ones."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest
from attendee import MEND, SECONDS, TOOL, Attendee
from coach import screen

ROWS, COLUMNS = 24, 80
CLEAR = "\x1b[2J\x1b[H"


class Terminal:
    """A runner on a terminal of its own, and all that it has written there."""

    def __init__(self, attendee: Attendee, *arguments: str, columns: int = COLUMNS) -> None:
        self.said = ""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
        environment = {**attendee.environment, "TERM": "xterm"}
        for name in "COLUMNS", "LINES":
            environment.pop(name, None)
        self.process = subprocess.Popen([TOOL, *arguments], env=environment, stdin=slave, stdout=slave,
                                        stderr=slave)
        os.close(slave)

    def read_until(self, pattern: str) -> None:
        """Until it has said that, or has ended."""
        end = time.monotonic() + SECONDS
        while not re.search(pattern, self.said):
            assert time.monotonic() < end, self.said
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.said += os.read(self.master, 1 << 16).decode(errors="replace")
                except OSError:  # nobody is at the other end any more
                    break

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        with contextlib.suppress(OSError):
            while os.read(self.master, 1 << 16):
                pass
        self.process.wait(SECONDS)
        os.close(self.master)

    def last_rows(self) -> list[str]:
        """What is to be seen at the end."""
        text = re.sub(r"\x1b\[[\d;]*m", "", self.said.rpartition(CLEAR)[2]).replace("\r\n", "\n")
        rows = [line[at:at + COLUMNS] for line in text.split("\n")
                for at in range(0, max(1, len(line)), COLUMNS)]
        return rows[-ROWS:]


@pytest.fixture
def terminal(attendee: Attendee):
    begun: list[Terminal] = []

    def begin(*arguments: str, **how) -> Terminal:
        begun.append(Terminal(attendee, *arguments, **how))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()


def test_a_line_is_written_over_and_the_last_screenful_says_what_failed(attendee: Attendee, terminal) -> None:
    attendee.run("start", MEND)
    watching = terminal("watch", MEND, "--rounds", "1")
    watching.read_until("no such words")  # to its end
    assert f"\r\x1b[2K{MEND} … looking\r\x1b[2K{MEND} … compiling\r\x1b[2K" in watching.said
    rows = watching.last_rows()
    assert any(re.match("✗ 40,000 bytes at once", row) for row in rows), rows
    assert any("waited 5 s in vain" in row for row in rows) and any("not yet" in row for row in rows), rows
    assert "Watching" in "".join(rows[-4:])


def test_what_does_not_compile_is_to_be_seen_too(attendee: Attendee, terminal) -> None:
    attendee.run("start", MEND)
    attendee.write("".join(f"int f{n}() {{ return nothing{n}; }}\n" for n in range(20)))
    watching = terminal("watch", MEND, "--rounds", "1", columns=40)
    watching.read_until("no such words")
    steps = re.findall(r"\x1b\[2K([^\r\x1b]*)", watching.said)
    assert steps and all(len(step) < 40 for step in steps)
    rows = watching.last_rows()
    assert any("does not compile" in row for row in rows), rows
    assert any("server.cpp:1:" in row for row in rows), rows


def test_a_line_is_cut_to_the_terminal() -> None:
    assert screen.cut("05.2 … trying", 8) == "05.2 … t" and screen.cut("05.2", 8) == "05.2"
    assert screen.cut("試す試す", 5) == "試す "


SLEEPS = "#include <unistd.h>\nint main() { for (;;) pause(); }\n"  # READY: ten seconds


def test_a_save_during_a_check_begins_anew(attendee: Attendee, terminal) -> None:
    attendee.run("start", MEND)
    attendee.write(SLEEPS)
    watching = terminal("watch", MEND, "--rounds", "1")
    watching.read_until("… trying")
    attendee.write(SLEEPS)  # the same again: not a new try
    time.sleep(1)
    assert "saved again" not in watching.said
    saved = time.monotonic()
    attendee.write("int main() { return nothing; }\n")
    watching.read_until("… saved again")
    assert time.monotonic() - saved < 8, "the check was not waited for"
    watching.read_until("no such words")
    assert "does not compile" in watching.said and "did not get ready" not in watching.said
    deeds = [line.split()[-1] for line in (attendee.work / "progress.txt").read_text().splitlines()[1:]]
    assert deeds == ["started", "failed"], "what was broken off is not noted"
