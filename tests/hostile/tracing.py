"""What a server's trace says."""

from __future__ import annotations

import json

from kit.server import Server


def events(server: Server, *names: str) -> list[dict]:
    """The lines of the trace so far, of these events or of all."""
    lines = [json.loads(line) for line in server.trace()]
    return [line for line in lines if not names or line["event"] in names]


def most_unwritten(lines: list[dict], fd: int) -> int:
    """How many bytes the server held at most: read from `fd`, not yet written
    back to it."""
    held = most = 0
    for line in lines:
        if line.get("fd") == fd and line["n"] > 0:
            held += line["n"] if line["event"] == "read" else -line["n"]
            most = max(most, held)
    return most
