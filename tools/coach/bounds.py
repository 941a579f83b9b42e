"""A server that somebody else has written, held within limits.

It may loop for ever, eat memory, print megabytes, ignore SIGTERM, leave
children behind. A watch looks at it twenty times a second and ends it when a
limit is passed, with a reason; whatever is left of it is ended afterwards. It
runs in the folder of its program, writes no large file and no core, and does
not outlive the one who watches it.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from coach import family
from kit.server import MEMORY, Server, ServerError, signal_name

MIB = 1 << 20
MOST_MEMORY = 1024 * MIB  # resident; a sanitizer takes its share
MOST_SAID = 16 * MIB  # on stderr
MOST_TRACE = 96 * MIB
LEAST_TRACE = 8 * MIB  # also where there is little room, as in a container
MOST_FILE = 256 * MIB  # what the kernel lets it write into one file
MOST_TASKS = 1500  # threads and processes more than there were
MOST_PROCESSES = 64
PERIOD = 0.05  # seconds between two looks
READY = 10.0  # seconds until it must be ready
DYING = 0.3  # seconds that one takes to be dead
GOODBYE = 3.0  # seconds from SIGTERM to the end
LAST_WORDS = 8  # lines
ADDRESS = re.compile(r"listening on \[?([0-9a-f.:]+?)\]?:(\d{1,5})")


class NotReady(ServerError):
    """It has never said that it is ready, and was ended."""

    def __init__(self, text: str, server: BoundedServer) -> None:
        super().__init__(text)
        self.server = server


class BoundedServer(Server):
    """A Server, watched. `ended_for` says why the watch ended it, if it did."""

    def __init__(self, path: pathlib.Path, *options: str, **how) -> None:
        family.adopt_orphans()
        self.options = options
        self.ended_for = ""
        self.pid = 0
        self.frozen = False
        self._over = threading.Event()
        self._known = family.children()
        self._tasks = family.tasks()
        room = shutil.disk_usage(MEMORY or tempfile.gettempdir()).free
        self._most_trace = min(MOST_TRACE, max(LEAST_TRACE, room * 3 // 4))
        super().__init__(path, *options, own_session=True, **how)

    def _popen_options(self) -> dict:
        def limit() -> None:
            family.die_with_parent()
            lower(resource.RLIMIT_CORE, 0)
            lower(resource.RLIMIT_FSIZE, MOST_FILE)
            lower(resource.RLIMIT_NPROC, self._tasks + MOST_TASKS)  # root is not bound by it

        return {"cwd": pathlib.Path(self.path).parent, "preexec_fn": limit}

    # -- getting ready ----------------------------------------------------
    def _ready(self) -> tuple[str, int]:
        threading.Thread(target=self._look, daemon=True).start()
        start = time.monotonic()
        line = self._first_line(READY)
        match = ADDRESS.fullmatch(line)
        with contextlib.suppress(ValueError):
            if match and ipaddress.ip_address(match[1]).is_loopback and 0 < int(match[2]) < 1 << 16:
                return match[1], int(match[2])
        raise NotReady(self._why_not(line, time.monotonic() - start), self)

    def _why_not(self, line: str, waited: float) -> str:
        """What came instead; it is ended then."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(DYING)
        status = self.process.poll()
        if line.startswith("listening on "):
            came = f"It says “{line[:60]}”, which is no address of this machine's own (127.0.0.1)."
        elif line:
            came = f"The first line that it prints is “{line[:60]}”."
        elif status is None and waited < READY:
            came = "It has closed its stdout before it said anything there."
        elif status is None and self.halted():
            came = "It has stopped itself, as by SIGSTOP, before it said anything on stdout."
        elif status is None:
            came = f"After {READY:g} s it had said nothing on stdout."
        else:
            came = "It has ended before it said anything on stdout, " + (
                f"with status {status}." if status >= 0 else f"killed by {signal_name(-status)}.")
        self.kill()
        lines = [line[:200] for line in self.log().splitlines() if line.strip()][-LAST_WORDS:]
        return "\n".join([
            f"The server did not get ready. {came} Its first line should be “listening on 127.0.0.1:PORT”.",
            *(["", "Its last words on stderr:"] if lines else []), *(f"  {line}" for line in lines)])

    # -- being watched ----------------------------------------------------
    def _look(self) -> None:
        family.before_others()
        while not self._over.wait(PERIOD):
            with contextlib.suppress(OSError, KeyError, ValueError):
                self.ended_for = self.ended_for or self._beyond()
                if self.ended_for:
                    self._kill_all()

    def _beyond(self) -> str:
        if os.fstat(self._log.fileno()).st_size > MOST_SAID:
            return f"it had printed more than {MOST_SAID // MIB} MiB"
        if self._trace and os.fstat(self._trace.fileno()).st_size > self._most_trace:
            return (f"its trace had grown beyond {self._most_trace // MIB} MiB: "
                    "it goes round and round without waiting")
        if (family.tasks() > self._tasks + MOST_PROCESSES
                and len(family.offspring(family.children() - self._known)) > MOST_PROCESSES):
            return f"it had started more than {MOST_PROCESSES} processes"
        if self.resident() > MOST_MEMORY:
            return f"it held more than {MOST_MEMORY // MIB} MiB of memory"
        return ""

    def _kill_all(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        if self.ended_for:
            family.strike(self._known)

    def freeze(self) -> None:
        self.frozen = True
        super().freeze()

    def thaw(self) -> None:
        super().thaw()
        self.frozen = False

    def halted(self) -> bool:
        """It has stopped itself, by SIGSTOP or its like: it does nothing, and does
        not end."""
        with contextlib.suppress(OSError, ServerError):
            return not self.frozen and self._state() == "T"
        return False

    # -- ending -----------------------------------------------------------
    def stop(self, number: int = signal.SIGTERM) -> int:
        """Its exit status. One that does not obey is killed."""
        self.stopped = True
        if self.alive():
            os.kill(self.pid, signal.SIGCONT)
            os.kill(self.pid, number)
        end = time.monotonic() + GOODBYE
        while self.alive() and time.monotonic() < end:
            time.sleep(0.01)
        obeyed = not self.alive()
        self._over.set()
        self._kill_all()
        status = self.process.wait()
        self._said = self._rest_of_stdout()
        if not obeyed:
            raise ServerError(f"The server ignores {signal_name(number)}: after {GOODBYE:g} s it "
                              "was still there, and was killed.")
        return status

    def stop_well(self, number: int = signal.SIGTERM) -> None:
        """It is sanitized wherever its program lies: let its threads come to rest
        first, for the sake of the search for leaks."""
        self.settle()
        super().stop_well(number)

    def kill(self) -> None:
        self._over.set()
        if not self.stopped:
            self._kill_all()
        super().kill()


def lower(what: int, value: int) -> None:
    """A limit, never beyond what it is already."""
    _, hard = resource.getrlimit(what)
    if hard == resource.RLIM_INFINITY or value < hard:
        resource.setrlimit(what, (value, value))
