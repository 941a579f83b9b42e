"""What a server uses, and what it may use."""

from __future__ import annotations

import time

from kit.server import Server

IDLE = 0.05  # of a core: what an idle server uses stays below
ALWAYS = 0.5  # of the time: a server that is ready to run for so long spins,
# however little of a core a busy machine has given it


def shares(server: Server, seconds: float) -> tuple[float, float]:
    """The share of one core that it used over some time, and the share of the
    time that it ran or waited to be let run."""
    used, ready, start = server.cpu_seconds(), server.ready_seconds(), time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - start
    return (server.cpu_seconds() - used) / passed, (server.ready_seconds() - ready) / passed


def check_idle(server: Server, seconds: float = 1.0) -> None:
    """Near zero over `seconds`; what is still on its way may arrive first."""
    for _ in range(3):
        used, ready = shares(server, seconds)
        if used < IDLE and ready < ALWAYS:
            return
    raise AssertionError(f"the idle server uses {100 * used:.0f} % of a core and is ready to run "
                         f"{100 * ready:.0f} % of the time")
