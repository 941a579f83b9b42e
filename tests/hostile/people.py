"""People in a chat: clients that say lines and hear lines, and each step of
theirs has a deadline."""

from __future__ import annotations

import os
import time

import pytest
from kit.client import Client, Story
from kit.frames import Decoder, encode
from kit.server import Server
from targets import Target

HELLO = "; /nick NAME, /join ROOM, /who, /quit"


def open_chat(serve, target: Target, *options: str, buffers: int = 0) -> Server:
    """An empty chat: the first who comes is guest-1."""
    if os.environ.get("KIT_SERVER"):
        pytest.skip("SKIPPED: it needs an empty chat of its own, KIT_SERVER is set")
    return serve("08", "server", *options, backend=target.backend, trigger=target.trigger,
                 buffers=buffers)


class Person:
    def __init__(self, address: tuple[str, int], who: str, story: Story, buffers: int = 0) -> None:
        self.client = Client(address, who, story, buffers)
        self.story = story
        self.lines: list[str] = []  # heard, and not taken yet
        self.name = self.room = ""
        self._decoder = Decoder()

    def come(self) -> str:
        """Hears the first line; which name the server has given."""
        line = self.hear()
        if not (line.startswith("* you are ") and line.endswith(HELLO)):
            raise self.story.fail(f"{self.client.name} is welcomed with {line!r}")
        self.name, self.room = line.split()[3], line.split()[5].rstrip(";")
        return self.name

    def says(self, *lines: str | bytes) -> None:
        """In one write, each in a frame of its own."""
        self.story.add(f"{self.client.name} says {', '.join(map(brief, lines))}")
        self.client.send(b"".join(encode(one.encode() if isinstance(one, str) else one)
                                  for one in lines), quiet=True)

    def hear(self) -> str:
        """The next line, whatever it is."""
        end = time.monotonic() + self.client.deadline
        self._take()  # it may have come while something was sent
        while not self.lines:
            self.client._more(end, "no line comes")
            self._take()
        return self.lines.pop(0)

    def hears(self, *lines: str) -> None:
        """These are the next lines, and nothing stands between them."""
        for line in lines:
            got = self.hear()
            if got != line:
                raise self.story.fail(f"{self.client.name} hears {got!r}, not {line!r}")
        self.story.add(f"{self.client.name} hears {', '.join(map(brief, lines))}")

    def hears_nothing(self) -> None:
        """Nothing came before the answer to a question that is asked now."""
        self.client.send(encode(b"/who"), quiet=True)
        line = self.hear()
        if not line.startswith("* in "):
            raise self.story.fail(f"{self.client.name} should hear nothing, but hears {line!r}")
        self.story.add(f"{self.client.name} has heard nothing more")

    def is_alone_with(self, *names: str) -> None:
        """All who are in its room, in any order."""
        self.client.send(encode(b"/who"), quiet=True)
        line = self.hear()
        got = sorted(line.partition(": ")[2].split(", "))
        if got != sorted(names):
            raise self.story.fail(f"{self.client.name} hears {line!r}, not of {sorted(names)}")

    def hears_end(self) -> list[str]:
        """The lines that came before it."""
        before = Decoder()
        before.rest = self._decoder.rest
        lines, self.lines = self.lines, []
        lines += [one.decode() for one in before.feed(self.client.hear_end())]
        if not before.at_boundary():
            raise self.story.fail(f"{self.client.name} hears the end in the middle of a line")
        return lines

    def _take(self) -> None:
        data = bytes(self.client.heard)
        self.client.heard.clear()
        self.lines += [payload.decode() for payload in self._decoder.feed(data)]


def brief(line: str | bytes) -> str:
    return repr(line) if len(line) <= 60 else f"{len(line):,} characters"
