"""A server under test or on show: started, watched, stopped."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import resource
import selectors
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_DEADLINE = 20.0  # seconds until the ready line must have come
# A loop that spins writes its trace faster than a disk takes it, and would be
# put to sleep for that: it would look like one that rests.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
LONGEST_LINE = 200  # bytes: the ready line is shorter
STOP_DEADLINE = 20.0  # seconds until the process must have ended


# How the sanitizers head a report. It may stand anywhere in the log.
REPORT = re.compile(
    r"^.*((?:Address|Leak|Thread|UndefinedBehavior|Memory)Sanitizer.*|runtime error:.*)$",
    re.MULTILINE,
)


def state_in(stat: str) -> str:
    """Of a process or a thread, in the words of proc(5)."""
    return stat.rpartition(")")[2].split()[0]


class ServerError(RuntimeError):
    """The server did not start, or did not end as it should."""


def program(chapter: str, name: str = "server", build: str | None = None) -> pathlib.Path:
    """The path of a chapter's program; `chapter` is its number or its name."""
    folder = pathlib.Path(build or os.environ.get("TICK_BUILD", "build"))
    if not folder.is_absolute():
        folder = ROOT / folder
    matches = sorted((ROOT / "chapters").glob(f"{chapter[:2]}-*"))
    if not matches:
        raise ServerError(f"there is no chapter {chapter}")
    return folder / "chapters" / matches[0].name / name


class Server:
    """One running server process. A context manager: it stops at the end."""

    def __init__(
        self,
        path: pathlib.Path | str,
        *options: str,
        trace: bool = False,
        descriptors: int | None = None,
        prefix: tuple[str, ...] = (),
        env: dict[str, str] | None = None,
        own_session: bool = False,
    ) -> None:
        self.path = pathlib.Path(path)
        self._log = tempfile.TemporaryFile("w+b")
        # A file without a name: nothing is left of it, however this process ends.
        self._trace = tempfile.TemporaryFile("w+", dir=MEMORY, errors="replace") if trace else None
        arguments = [*prefix, str(path), "--port", "0", *options]
        if self._trace:
            arguments += ["--trace", f"/proc/{os.getpid()}/fd/{self._trace.fileno()}"]
        if descriptors:
            arguments[:0] = ["prlimit", f"--nofile={descriptors}:{descriptors}"]

        self.process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=self._log,
            stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})},
            start_new_session=own_session, **self._popen_options(),
        )
        self.pid = self.process.pid
        self.stopped = False
        self.address = self._ready()
        if prefix:  # the server is the tracer's child
            self.pid = self._child()

    def _popen_options(self) -> dict:
        return {"cwd": ROOT}

    def _first_line(self, seconds: float) -> str:
        """Of stdout, as far as it came."""
        end = time.monotonic() + seconds
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n") and len(line) < LONGEST_LINE:
                if not selector.select(max(0.0, end - time.monotonic())):
                    break
                piece = os.read(self.process.stdout.fileno(), 1)
                if not piece:
                    break
                line += piece
        return line.decode(errors="replace").strip()

    def _ready(self) -> tuple[str, int]:
        text = self._first_line(START_DEADLINE)
        if not text.startswith("listening on "):
            self.process.kill()
            self.process.wait()
            raise ServerError(f"{self.path.name} did not start: {text!r}\n{self.log()}")
        host, _, port = text.removeprefix("listening on ").rpartition(":")
        return host.strip("[]"), int(port)

    def _child(self) -> int:
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return int(children.read_text().split()[0])

    # -- watching ---------------------------------------------------------
    def alive(self) -> bool:
        return self.process.poll() is None

    def log(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def trace(self) -> list[str]:
        """All lines of the trace so far; one that is half written not yet."""
        if not self._trace:
            return []
        self._trace.seek(0)
        text = self._trace.read()
        return text[:text.rfind("\n") + 1].splitlines()

    def trace_head(self, count: int) -> list[str]:
        """The first lines only."""
        if not self._trace:
            return []
        self._trace.seek(0)
        text = self._trace.read(256 * count)
        return text[:text.rfind("\n") + 1].splitlines()[:count]

    def trace_tail(self, count: int) -> list[str]:
        """The last lines only: a trace can be long."""
        if not self._trace:
            return []
        end = self._trace.seek(0, os.SEEK_END)
        start = self._trace.seek(max(0, end - 256 * count))
        text = self._trace.read()
        lines = text[:text.rfind("\n") + 1].splitlines()
        return lines[bool(start):][-count:]

    def report(self) -> str:
        """What a sanitizer had to say, its first line; usually nothing."""
        found = REPORT.search(self.log())
        return found[1].strip() if found else ""

    def _proc(self, name: str) -> str:
        return pathlib.Path(f"/proc/{self.pid}/{name}").read_text()

    def status(self, key: str) -> int:
        """A number of /proc/PID/status: Threads, VmRSS (kB), …"""
        for line in self._proc("status").splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1])
        raise KeyError(key)

    def cpu_seconds(self) -> float:
        """CPU time of all its threads, those that have ended included."""
        return time.clock_gettime((~self.pid << 3) | 2)  # clock_getcpuclockid(3)

    def ready_seconds(self) -> float:
        """How long its threads ran or waited for a core to run on: what a busy
        machine gives it does not count (schedstat, sched-stats.txt)."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            with contextlib.suppress(OSError):  # it has just ended
                ran, waited, _ = (task / "schedstat").read_text().split()
                total += int(ran) + int(waited)
        return total / 1e9

    def resident(self) -> int:
        """Resident memory in bytes."""
        return self.status("VmRSS") * 1024

    def threads(self) -> int:
        return self.status("Threads")

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def context_switches(self) -> int:
        """Voluntary ones, of all threads that are alive."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            with contextlib.suppress(OSError):  # it has just ended
                for line in (task / "status").read_text().splitlines():
                    if line.startswith("voluntary_ctxt_switches:"):
                        total += int(line.split()[1])
        return total

    def read_calls(self) -> int:
        """How often it called read(2) and its kin (/proc/PID/io, syscr)."""
        for line in self._proc("io").splitlines():
            if line.startswith("syscr:"):
                return int(line.split()[1])
        raise KeyError("syscr")

    def _state(self) -> str:
        """R runs, S sleeps, T is stopped (proc(5))."""
        state = state_in(self._proc("stat"))
        if state in "ZX":
            raise ServerError("the server is gone")
        return state

    def _all_sleep(self) -> bool:
        if self._state() != "S":
            return False
        try:
            return all(state_in(stat.read_text()) == "S"
                       for stat in pathlib.Path(f"/proc/{self.pid}/task").glob("*/stat"))
        except (FileNotFoundError, ProcessLookupError):  # a thread has ended meanwhile
            return False

    def await_sleep(self) -> None:
        """Waits until all threads sleep: a loop has then seen all it was told,
        and the kernel's list of ready descriptors is empty."""
        end = time.monotonic() + STOP_DEADLINE
        while not self._all_sleep():
            if time.monotonic() > end:
                raise ServerError("the server does not come to rest")

    # -- changing ---------------------------------------------------------
    def freeze(self) -> None:
        """SIGSTOP, and waits until the kernel says that it is stopped."""
        os.kill(self.pid, signal.SIGSTOP)
        end = time.monotonic() + STOP_DEADLINE
        while self._state() != "T":
            if time.monotonic() > end:
                raise ServerError("the server does not stop on SIGSTOP")

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def limit_descriptors(self, count: int) -> None:
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (count, hard))

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Asks it to end and returns its exit status."""
        self.stopped = True
        if self.alive():
            os.kill(self.pid, signal.SIGCONT)
            os.kill(self.pid, number)
            if "thread" in self.path.parts:
                self._knock()
        try:
            status = self.process.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise ServerError(f"{self.path.name} does not end on signal {number}")
        finally:
            self._said = self._rest_of_stdout()
        return status

    def settle(self, seconds: float = 0.2) -> None:
        """Waits until all threads sleep, but not for long: some never do. The
        search for leaks at the end wants nobody inside malloc or free."""
        end = time.monotonic() + seconds
        while self.alive() and time.monotonic() < end:
            try:
                stats = [(task / "stat").read_text() for task in
                         pathlib.Path(f"/proc/{self.pid}/task").iterdir()]
            except OSError:  # a thread has just ended
                continue
            if all(stat.rpartition(")")[2].split()[0] == "S" for stat in stats):
                return

    def _knock(self) -> None:
        """ThreadSanitizer runs a signal's handler at the next call that it
        knows, and select(2) is none: so give the server something to accept."""
        with contextlib.suppress(OSError):
            socket.create_connection(self.address, 1.0).close()

    def stop_well(self, number: int = signal.SIGTERM) -> None:
        """Asks it to end, and insists on a good end: status 0, no report of a
        sanitizer, nothing on stdout but the ready line."""
        if "address" in self.path.parts:
            self.settle()
        was_alive = self.alive()
        status = self.stop(number)
        name = self.path.name
        if report := self.report():
            raise ServerError(f"{name}: {report}")
        if status:
            raise ServerError(bad_end(status, number if was_alive else 0))
        if self._said:
            raise ServerError("The server has said more on stdout than that it is ready: "
                              f"{self._said[:60]!r}")

    def _rest_of_stdout(self) -> bytes:
        """Also when a child of the server's holds the pipe open."""
        with self.process.stdout as stdout, contextlib.suppress(BlockingIOError):
            os.set_blocking(stdout.fileno(), False)
            return os.read(stdout.fileno(), 1 << 16)
        return b""

    def kill(self) -> None:
        if self.stopped:
            return
        self.stopped = True
        if self.alive():
            os.kill(self.pid, signal.SIGKILL)
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind, *_exception) -> None:
        if kind:
            self.kill()
        elif not self.stopped:
            self.stop_well()


def describe_status(status: int) -> str:
    """An exit status for a person: "status 1", "killed by SIGPIPE"."""
    return f"killed by {signal_name(-status)}" if status < 0 else f"status {status}"


def signal_name(number: int) -> str:
    with contextlib.suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"


def bad_end(status: int, asked_with: int) -> str:
    """What is wrong with the way in which a server has ended; it was asked to
    with this signal, or not at all (0)."""
    how = f"has exited with status {status}" if status >= 0 else f"was killed by {signal_name(-status)}"
    if not asked_with:
        return f"The server {how}, and nobody had asked it to end."
    if status == -asked_with:
        how = "was killed by the signal: it does not handle it"
    return (f"A server that is asked to end, with {signal_name(asked_with)}, should exit with "
            f"status 0. This one {how}.")
