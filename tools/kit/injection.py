"""System calls that fail because a test says so: strace(1), attached to a
running server, so that what the start-up calls is left alone."""

from __future__ import annotations

import contextlib
import functools
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator

from kit.server import Server

DEADLINE = 20.0  # seconds until strace has attached


class CannotTrace(Exception):
    """strace is missing, or may not attach here: the reason."""


@functools.cache
def why_not() -> str:
    """Why nothing can be injected here; usually nothing."""
    if not shutil.which("strace"):
        return "strace is not installed"
    child = subprocess.Popen(["sleep", "30"])
    try:
        with attached(child.pid, "-e", "trace=none"):
            return ""
    except CannotTrace as reason:
        return str(reason)
    finally:
        child.kill()
        child.wait()


@contextlib.contextmanager
def failing(server: Server, calls: str, error: str, when: str, thread: int = 0) -> Iterator[None]:
    """From here on `calls` fail as told: when="3" the third, "2+3" the second
    and every third from there on. Counted from now, in one thread, if told."""
    follow = [] if thread else ["-f"]
    with attached(thread or server.pid, *follow, "-e", f"trace={calls}",
                  "-e", f"inject={calls}:error={error}:when={when}"):
        yield
        # A call that is being injected when strace detaches ends with ENOSYS,
        # which no kernel would answer: let the server go to sleep first.
        server.settle()


@contextlib.contextmanager
def attached(pid: int, *options: str) -> Iterator[None]:
    tracer = subprocess.Popen(["strace", "-o", "/dev/null", *options, "-p", str(pid)],
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        await_attached(tracer)
        yield
    finally:
        tracer.send_signal(signal.SIGINT)  # it detaches
        tracer.wait(DEADLINE)
        tracer.stderr.close()


def await_attached(tracer: subprocess.Popen[bytes]) -> None:
    said, end = b"", time.monotonic() + DEADLINE
    with selectors.DefaultSelector() as selector:
        selector.register(tracer.stderr, selectors.EVENT_READ)
        while b" attached" not in said:
            if not selector.select(max(0.0, end - time.monotonic())):
                raise CannotTrace(f"strace does not attach: {said.decode()}")
            piece = os.read(tracer.stderr.fileno(), 4096)
            if not piece:
                raise CannotTrace(f"strace may not attach here: {said.decode().strip()}")
            said += piece
