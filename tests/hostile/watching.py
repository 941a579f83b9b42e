"""What a server uses, and what it may use."""

from __future__ import annotations

import time

from kit.server import Server

IDLE = 0.05  # of a core: an idle server stays below


def cpu_share(server: Server, seconds: float = 1.0) -> float:
    """The share of one core that the process used over some time."""
    before, start = server.cpu_seconds(), time.monotonic()
    time.sleep(seconds)
    return (server.cpu_seconds() - before) / (time.monotonic() - start)


def check_idle(server: Server, seconds: float = 1.0) -> None:
    """Near zero over `seconds`; what is still on its way may arrive first."""
    for _ in range(3):
        share = cpu_share(server, seconds)
        if share < IDLE:
            return
    raise AssertionError(f"the idle server uses {100 * share:.0f} % of a core, "
                         f"more than {100 * IDLE:.0f} %")
