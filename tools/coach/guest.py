"""A check's client, who says it when it begins to read after all."""

from __future__ import annotations

import re
import time

from kit.client import Client


class Guest(Client):
    """Somebody who read nothing and then waits in vain has begun to read in
    between: without that step the story would not tell why a wait is vain."""

    def _wait(self, end: float, write: bool = False, what: str = "", expected: bytes = b"") -> None:
        if not write and time.monotonic() >= end and reads_nothing(self.name, self.story.steps):
            self.story.add(f"{self.name} begins to read")
        super()._wait(end, write, what, expected)


def reads_nothing(name: str, steps: list[str]) -> bool:
    """As far as the story tells."""
    silent = rf"\b{name} (sends [\d,]+ bytes )?(and )?(reads nothing|is stuck)|nobody else reads"
    for step in reversed(steps):
        if re.match(rf"{name} (hears|begins to read|has heard)\b", step):
            return False
        if re.search(silent, step):
            return True
    return False
