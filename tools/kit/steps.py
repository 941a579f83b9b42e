"""The language of steps: "A connects", "A sends hello", "server stops".

tools/talk --help lists them. Steps are carried out one after the other, each
with a deadline, against a server that runs already.
"""

from __future__ import annotations

import os
import pathlib
import random
import re
import signal
import time
from collections.abc import Callable

from kit.client import Client, Story, StoryError

SIZES = {"kB": 1000, "KiB": 1024, "MB": 1000 * 1000, "MiB": 1024 * 1024, "bytes": 1}
SIZE = re.compile(r"(\d+) (kB|KiB|MB|MiB|bytes)")
PAUSE = 0.001  # seconds between two looks at a process

MakeClient = Callable[[str], Client]


def size_of(text: str) -> int:
    """How many bytes "16 KiB" are."""
    number, unit = text.split()
    return int(number) * SIZES[unit]


class StepError(ValueError):
    """A step that is not one: misspelt, or not possible here."""


class Process:
    """A server, seen from outside: stopped, continued, waited for. Linux."""

    def __init__(self, pid: int, deadline: float = 10.0) -> None:
        self.pid = pid
        self.deadline = deadline

    def states(self) -> set[str]:
        """One letter for each of its threads, as proc(5) has them."""
        found = set()
        for stat in pathlib.Path(f"/proc/{self.pid}/task").glob("*/stat"):
            try:
                found.add(stat.read_text().rpartition(")")[2].split()[0])
            except (FileNotFoundError, ProcessLookupError):
                pass  # the thread has just ended
        return found

    def _await(self, state: str, what: str) -> None:
        end = time.monotonic() + self.deadline
        while self.states() != {state}:
            if time.monotonic() > end:
                raise StoryError(f"the server {what} within {self.deadline:g} s")
            time.sleep(PAUSE)

    def stop(self) -> None:
        """SIGSTOP, and waits until all threads have stopped."""
        os.kill(self.pid, signal.SIGSTOP)
        self._await("T", "does not stop")

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def await_sleep(self) -> None:
        """Waits until all threads sleep: they have seen all they were told."""
        self._await("S", "does not come to rest")


class Steps:
    """Carries out steps. `make_client` connects the client of that name."""

    def __init__(
        self, story: Story, make_client: MakeClient, process: Process | None = None,
        seed: int = 1,
    ) -> None:
        self.story = story
        self.make_client = make_client
        self.process = process
        self.clients: dict[str, Client] = {}
        self.unheard: dict[str, bytearray] = {}
        self.told: dict[tuple[str, str], int] = {}  # who, of whom → how much
        self.random = random.Random(seed)

    def take(self, text: str) -> None:
        """One step. Raises StepError or, when it does not go so, StoryError."""
        name, _, action = text.strip().partition(" ")
        verb, _, rest = action.partition(" ")
        if name == "server":
            self.server(verb, text)
        elif text.strip() == "wait until the server sleeps":
            self.server("sleeps", text)
        elif verb == "connects" and not rest:
            self.arrive(name)
        elif name not in self.clients:
            raise StepError(f"{name} has not connected: {text!r}")
        else:
            self.client(name, verb, rest, text)

    def arrive(self, name: str) -> None:
        for other in self.clients:
            self.told[name, other] = self.extent(other)
        self.clients[name] = self.make_client(name)
        self.told = {key: n for key, n in self.told.items() if key[1] != name}
        self.unheard[name] = bytearray()

    def extent(self, name: str) -> int:
        """How much it has said so far; `told` counts in the same measure."""
        return len(self.clients[name].sent)

    def client(self, name: str, verb: str, rest: str, text: str) -> None:
        client = self.clients[name]
        match verb, rest:
            case "sends", _ if rest.endswith(" without reading"):
                data = self.payload(rest.removesuffix(" without reading"))
                self.unheard[name] += data[:client.send_only(data)]
            case "sends", _:
                data = self.payload(rest)
                self.unheard[name] += data
                client.send(data)
            case "hears", "nothing":
                client.hear_nothing()
            case "hears", "everything":
                client.hear(bytes(self.unheard[name]))
                self.unheard[name].clear()
            case "hears", _ if rest.startswith("what ") and rest.endswith(" sent"):
                self.hear_other(name, rest[5:-5], text)
            case "hears", _ if SIZE.fullmatch(rest):
                wanted = bytes(self.unheard[name][:size_of(rest)])
                client.hear(wanted)
                del self.unheard[name][:len(wanted)]
            case "hears", "the end":
                client.hear_end()
            case "hears", _:
                client.hear(rest.encode())
                self.unheard[name].clear()
            case "stops", "sending":
                client.stop_sending()
            case "resets" | "leaves", "":
                {"resets": client.reset, "leaves": client.leave}[verb]()
                del self.clients[name]
            case _:
                raise StepError(f"what is {text!r}? See tools/talk --help")

    def hear_other(self, name: str, speaker: str, text: str) -> None:
        """All that `speaker` has sent and `name` has not heard: a multi-echo."""
        if speaker not in self.clients:
            raise StepError(f"{speaker} has not connected: {text!r}")
        sent = bytes(self.clients[speaker].sent)
        self.clients[name].hear(sent[self.told.get((name, speaker), 0):])
        self.told[name, speaker] = len(sent)

    def payload(self, text: str) -> bytes:
        if SIZE.fullmatch(text):
            return self.random.randbytes(size_of(text))
        return text.encode()

    def server(self, verb: str, text: str) -> None:
        if verb not in ("stops", "continues", "sleeps"):
            raise StepError(f"what is {text!r}? See tools/talk --help")
        if not self.process:
            raise StepError(f"{text!r} needs to know the server's process (--pid)")
        if verb == "stops":
            self.process.stop()
        elif verb == "continues":
            self.process.go_on()
        else:
            return self.process.await_sleep()
        self.story.add(f"the server {verb}")

    def close(self) -> None:
        """Closes what is still open, without a word."""
        for client in self.clients.values():
            client.socket.close()
