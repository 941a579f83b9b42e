"""Processes that somebody else's program has started: found, counted, ended."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pathlib
import signal
import time

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # prctl(2)
PATIENCE = 10.0  # seconds in which all of them must be gone
LIBC = ctypes.CDLL(None)


def adopt_orphans() -> None:
    """Children of a server that has ended become ours, and do not get lost."""
    with contextlib.suppress(OSError, AttributeError):
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """For a child, before it becomes another program: it does not outlive us."""
    with contextlib.suppress(OSError, AttributeError):
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def tasks() -> int:
    """Processes and threads of the whole machine; 0 if it does not say."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(pathlib.Path("/proc/loadavg").read_text().split()[3].partition("/")[2])
    return 0


def children() -> set[int]:
    """Ours."""
    return {pid for pid, (parent, _) in table().items() if parent == os.getpid()}


def state(pid: int) -> str:
    """R runs, S sleeps, T is stopped; "" is not there."""
    return table().get(pid, (0, ""))[1]


def table() -> dict[int, tuple[int, str]]:
    """Of all processes: the parent, and R S T or Z (proc(5), stat)."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                state, parent = pathlib.Path(f"/proc/{name}/stat").read_text(
                    errors="replace").rpartition(")")[2].split()[:2]
                found[int(name)] = int(parent), state
    return found


def offspring(roots: set[int]) -> set[int]:
    """These and what descends from them, those that have ended left out."""
    every = table()
    below: dict[int, list[int]] = {}
    for pid, (parent, _) in every.items():
        below.setdefault(parent, []).append(pid)
    found, left = set(), list(roots)
    while left:
        pid = left.pop()
        if pid in every and pid not in found:
            found.add(pid)
            left += below.get(pid, [])
    return {pid for pid in found if every[pid][1] not in "ZX"}


def end_all(known: set[int]) -> int:
    """Ends what descends from us and was not there before; how many they were.
    Those who start others faster than they can be ended are stopped first."""
    ended: set[int] = set()
    end = time.monotonic() + PATIENCE
    while True:
        found = offspring(children() - known)
        if found <= ended:  # nobody new: now they can be ended
            kill(found, signal.SIGKILL)
            reap(children() - known)
            if not found or time.monotonic() > end:
                return len(ended)
            time.sleep(0.01)
        else:
            kill(found, signal.SIGSTOP)
            ended |= found
            if time.monotonic() > end:
                kill(found, signal.SIGKILL)


def kill(pids: set[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def reap(pids: set[int]) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.waitpid(pid, os.WNOHANG)
