"""Work that somebody else's program may strike at, in a process of its own.

A server's parent is not safe from it: kill(getppid(), SIGKILL) is one line. So
checks are run by a child, which tells its steps and its result through a pipe;
whatever happens to it, the runner is there to say so and to tidy up.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

from coach import family
from kit.server import signal_name

T = TypeVar("T")
LOOK = 0.25  # seconds between two looks at the child
HALTED = 0.5  # seconds after which it is stopped for good
LEAVE = 10.0  # seconds in which it tidies up after Ctrl-C


class Struck(Exception):
    """The child was ended or stopped from outside; the text says how."""


class Stale(Exception):
    """Its result is of no interest any more: it was asked to end."""


def apart(work: Callable[[Callable[[str], None]], T], tell: Callable[[str], None],
          stale: Callable[[], bool] = lambda: False) -> T:
    """What work(tell) returns, or raises; Stale as soon as stale() is true."""
    family.adopt_orphans()
    known = family.children()
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = os.fork()
    if child == 0:
        ours.close()
        run(work, theirs)
    theirs.close()
    try:
        return follow(ours, child, tell, stale)
    except (KeyboardInterrupt, Stale):
        leave(child)
        raise
    finally:
        ours.close()
        family.end_all(known)


def run(work: Callable, pipe: Connection) -> None:
    """The child's whole life."""
    def interrupted(*_signal) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough: it tidies up now
        raise KeyboardInterrupt

    try:
        signal.signal(signal.SIGINT, interrupted)
        family.die_with_parent()
        family.adopt_orphans()
        try:
            said = "done", work(lambda step: pipe.send(("step", step)))
        except KeyboardInterrupt:
            said = "left", None
        except Exception:
            said = "raised", traceback.format_exc()
        with contextlib.suppress(OSError):
            pipe.send(said)
    finally:
        os._exit(0)


def follow(pipe: Connection, child: int, tell: Callable[[str], None], stale: Callable[[], bool]) -> object:
    """Tells the steps as they come, until there is a result."""
    while True:
        if stale():
            raise Stale
        if not pipe.poll(LOOK):
            if halted(child):
                raise Struck(strike("stopped it (SIGSTOP)"))
            continue
        try:
            kind, what = pipe.recv()
        except EOFError:
            _, status = os.waitpid(child, 0)
            how = os.waitstatus_to_exitcode(status)
            raise Struck(strike(f"ended it ({signal_name(-how)})" if how < 0 else "ended it")) from None
        if kind == "step":
            tell(what)
        elif kind == "done":
            return what
        elif kind == "left":
            raise Struck(strike("asked it to end"))
        else:
            raise RuntimeError(what)


def strike(how: str) -> str:
    return (f"The process that tries your program was struck: something {how}. If your program sends "
            "signals, look at whom it sends them to: kill(getppid(), …) and kill(-1, …) hit others.")


def halted(child: int) -> bool:
    """Stopped, and not only for a moment as by Ctrl-Z, which stops us as well."""
    for _ in range(2):
        if family.state(child) != "T":
            return False
        time.sleep(HALTED)
    return True


def leave(child: int) -> None:
    """Ctrl-C reaches both of us; a signal to the runner alone is passed on."""
    with contextlib.suppress(OSError):
        os.kill(child, signal.SIGINT)
        end = time.monotonic() + LEAVE
        while time.monotonic() < end and os.waitpid(child, os.WNOHANG) == (0, 0):
            time.sleep(0.02)
