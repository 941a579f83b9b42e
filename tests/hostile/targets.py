"""Which programs there are, in which forms, and what they must survive."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
CHAPTERS = HERE.parents[1] / "chapters"
SMALL = 2048  # bytes: --socket-buffers, and the clients' own
# The hostile rows' small buffers. With 2,048, which the kernel makes 4,096, a
# few small packets fill a receive buffer, the next is dropped (TCPRcvQDrop in
# /proc/net/netstat), and from then on a KiB moves every 200 ms, when the
# sender's timer says so: no server can do anything about that.
SMALL_IN_ROWS = 8192

SANITIZED = os.environ.get("TICK_BUILD", "build").rstrip("/").endswith(("address", "thread"))

with open(HERE / "survives.toml", "rb") as file:
    TABLE = tomllib.load(file)


@dataclasses.dataclass(frozen=True)
class Target:
    """One program on one backend with one size of socket buffers."""

    chapter: str
    program: str
    backend: str = ""
    trigger: str = ""
    buffers: int = 0

    @property
    def key(self) -> str:
        return f"{self.chapter}/{self.program}"

    @property
    def entry(self) -> dict:
        return TABLE["programs"][self.key]

    @property
    def speaks(self) -> str:
        return self.entry["speaks"]

    @property
    def multi(self) -> bool:
        """What one says, all hear."""
        return self.speaks != "echo"

    @property
    def alone(self) -> bool:
        return self.entry.get("alone", False)

    @property
    def threads_per_client(self) -> int:
        return 1 if self.chapter == "01" and not self.alone else 0

    @property
    def size(self) -> str:
        return "small" if self.buffers else "default"

    @property
    def folder(self) -> pathlib.Path:
        return next(CHAPTERS.glob(f"{self.chapter}-*"))

    def rows(self, all_rows: list[str]) -> list[str]:
        return self.entry.get("rows", all_rows)

    def failure(self, row: str) -> dict | None:
        """How it is known to fail the row, if it is."""
        return self.entry.get("fails", {}).get(row)

    def __str__(self) -> str:
        return "-".join(filter(None, [self.chapter, self.program, self.backend,
                                      self.trigger, self.size]))


def programs() -> list[Target]:
    """Each program once, as it runs without options."""
    return [Target(*key.split("/")) for key in TABLE["programs"]]


def targets() -> list[Target]:
    """The forms in which each program is asked the rows."""
    return [one for one in every_form() if not SANITIZED or worth_a_sanitizer(one)]


def every_form() -> list[Target]:
    """Each program in all its forms; of a foreign server only the one."""
    if os.environ.get("KIT_SERVER"):
        return [one for one in programs() if one.program == "server"]
    return [
        dataclasses.replace(one, backend=backend, trigger=trigger, buffers=buffers)
        for one in programs()
        for backend in one.entry.get("backends", [""])
        for trigger in triggers(one, backend)
        for buffers in (0, SMALL_IN_ROWS)
    ]


def worth_a_sanitizer(target: Target) -> bool:
    """From chapter 05 on a program has a dozen forms, and a sanitizer looks at
    its memory, not at what it waits with. One form a way through the code:
    small buffers take every one, default ones only the straight. The contract
    suite runs every backend under the sanitizer, and a oneshot is re-armed by
    the same line as edge_oneshot."""
    if not target.trigger:
        return True
    if target.buffers:
        return (target.backend, target.trigger) in (
            ("poll", "level"), ("epoll", "edge"), ("epoll", "edge_oneshot"))
    return (target.backend, target.trigger) == ("epoll", "level")


def triggers(program: Target, backend: str) -> list[str]:
    """Those that the backend has: select and poll know no other than level."""
    known = program.entry.get("triggers", [""])
    return [one for one in known if one in ("", "level") or backend not in ("select", "poll")]


def on_backends(chapter: str) -> list[Target]:
    """A chapter's server with default buffers, on each of its backends."""
    return [one for one in targets() if one.chapter == chapter
            and one.program == "server" and not one.buffers]
