"""Waiting for something to come true, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable

from kit import client


def wait_until(true: Callable[[], object], what: str,
               now: Callable[[], str] = lambda: "", deadline: float = 0.0) -> None:
    """Asks again and again; after the deadline says how things stand."""
    seconds = deadline or client.DEADLINE
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:g} s for {what}; now: {now()}")
        time.sleep(0.005)
