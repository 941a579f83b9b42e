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


def strike(known: set[int]) -> set[int]:
    """Kills what descends from us and was not there before. Those who start
    others faster than they can be killed are stopped first, all of them."""
    stopped: set[int] = set()
    end = time.monotonic() + PATIENCE / 2
    while time.monotonic() < end and (new := offspring(children() - known) - stopped):
        kill(new, signal.SIGSTOP)
        stopped |= new
    kill(stopped, signal.SIGKILL)
    return stopped


def end_all(known: set[int]) -> int:
    """The same until nobody is left; how many they were."""
    ended: set[int] = set()
    end = time.monotonic() + PATIENCE
    while (struck := strike(known)) and time.monotonic() < end:
        ended |= struck
        reap(children() - known)
        time.sleep(0.01)
    reap(children() - known)
    return len(ended)


def before_others() -> None:
    """This thread is not kept waiting by them, where that is granted: root's
    processes know no other bound."""
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))


def kill(pids: set[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def reap(pids: set[int]) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.waitpid(pid, os.WNOHANG)
