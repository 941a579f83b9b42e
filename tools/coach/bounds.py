"""A server that somebody else has written, held within limits.

It may loop for ever, eat memory, print megabytes, ignore SIGTERM, leave
children behind. A watch looks at it twenty times a second and ends it when a
limit is passed, with a reason; whatever is left of it is ended afterwards.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pathlib
import signal
import threading
import time

from kit.server import Server, ServerError, signal_name

MIB = 1 << 20
MOST_MEMORY = 1024 * MIB  # resident; a sanitizer takes its share
MOST_SAID = 16 * MIB  # on stderr
MOST_TRACE = 96 * MIB
PERIOD = 0.05  # seconds between two looks
GOODBYE = 3.0  # seconds from SIGTERM to the end
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


class BoundedServer(Server):
    """A Server, watched. `ended_for` says why the watch ended it, if it did."""

    def __init__(self, path: pathlib.Path, *options: str, **how) -> None:
        adopt_orphans()
        self.options = options
        self.ended_for = ""
        self._over = threading.Event()
        self.pid = 0
        super().__init__(path, *options, own_session=True, **how)
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()

    def _look(self) -> None:
        while not self._over.wait(PERIOD) and not self.ended_for:
            with contextlib.suppress(OSError, KeyError):
                self.ended_for = self._beyond()
                if self.ended_for:
                    os.killpg(self.process.pid, signal.SIGKILL)

    def _beyond(self) -> str:
        if self.resident() > MOST_MEMORY:
            return f"it held more than {MOST_MEMORY // MIB} MiB of memory"
        if os.fstat(self._log.fileno()).st_size > MOST_SAID:
            return f"it had printed more than {MOST_SAID // MIB} MiB"
        if self._trace and os.fstat(self._trace.fileno()).st_size > MOST_TRACE:
            return (f"its trace had grown beyond {MOST_TRACE // MIB} MiB: "
                    "it goes round and round without waiting")
        return ""

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

    def _kill_all(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def adopt_orphans() -> None:
    """Children of a server that has ended become ours, and do not get lost."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def left_behind(known: set[int]) -> list[int]:
    """Processes that a server has left: ended now, and counted."""
    found = []
    for pid in set(children()) - known:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            found.append(pid)
    return found


def children() -> list[int]:
    found = []
    for task in pathlib.Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, task.read_text().split())
    return found
