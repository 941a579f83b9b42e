"""A .play file: a server, its options, and steps that are carried out on it.

    title: Told again
    about: One line that says what the recorded run shows.
    program: server
    options: --backend epoll
    echoes: sender

    A connects
    wait until the server sleeps

`echoes` says who hears what a client sends: sender (echo, chapters 01 to 03)
or everyone. With it the player can tell how much the server itself holds.
`wire: frames` makes what the clients send and hear frames, as talk's --frames
does. `show: replies` adds a lane for what is on its way back to each client. A line
that begins with # is a comment. After the empty line come the steps of
tools/talk, and `the server takes 500 lines`: wait until the trace has grown by
that many lines, for a server that never sleeps.
"""

from __future__ import annotations

import pathlib
import re
import shlex
import time
from dataclasses import dataclass, field

from kit.client import Client, Story, StoryError
from kit.frames import HEADER, FramedSteps, length
from kit.server import ROOT, Server
from kit.steps import Process, Steps

KEYS = {"title", "about", "program", "options", "echoes", "show", "wire"}
NEEDED = ("title", "about", "program")
DEADLINE = 10.0  # seconds for any one step
MOST_BYTES = 64 << 20  # of a trace: more is a mistake in the play
TAKES = re.compile(r"the server takes ([\d,]+) lines")


class PlayError(RuntimeError):
    """A .play file that cannot be used; says which, and where."""


@dataclass
class Play:
    path: pathlib.Path
    title: str
    about: str
    program: str
    options: list[str] = field(default_factory=list)
    echoes: str = ""
    show: str = ""
    wire: str = ""  # "frames", or bytes
    steps: list[tuple[int, str]] = field(default_factory=list)  # line, step
    program_line: int = 0

    @property
    def chapter(self) -> str:
        return self.path.resolve().parent.parent.name

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def where(self) -> str:
        path = self.path.resolve()
        return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)

    @property
    def binary(self) -> pathlib.Path:
        return ROOT / "build/chapters" / self.chapter / self.program

    @property
    def trigger(self) -> str:
        """How often the poller tells of the same readiness (chapter 05)."""
        if "--trigger" in self.options:
            return self.options[self.options.index("--trigger") + 1]
        return "level"

    @property
    def is_to_come(self) -> bool:
        """It shows a planted mistake that has not been written yet."""
        patch = ROOT / "chapters" / self.chapter / f"{self.program}.patch"
        return self.program.startswith("mistakes/") and not patch.exists()


def read_play(path: pathlib.Path) -> Play:
    """Raises PlayError, naming file and line."""
    header: dict[str, str] = {}
    lines = {"program": 0}
    steps: list[tuple[int, str]] = []
    in_header = True
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = line.strip()
        if text.startswith("#"):
            continue
        if not text:
            in_header = in_header and not header
        elif in_header:
            key, colon, value = text.partition(":")
            if not colon or key not in KEYS:
                raise PlayError(f"{path}:{number}: no header line: {text!r}; "
                                f"there are {', '.join(sorted(KEYS))}")
            header[key], lines[key] = value.strip(), number
        else:
            steps.append((number, text))
    if header.get("wire", "frames") != "frames":
        raise PlayError(f"{path}:{lines['wire']}: 'wire:' can be frames, and nothing else")
    for key in NEEDED:
        if not header.get(key):
            raise PlayError(f"{path}:1: the header has no '{key}:'")
    if not steps:
        raise PlayError(f"{path}:{number}: there are no steps")
    return Play(path, header["title"], header["about"], header["program"],
                shlex.split(header.get("options", "")), header.get("echoes", ""),
                header.get("show", ""), header.get("wire", ""), steps, lines["program"])


class Notes:
    """What the clients did and when: CLOCK_MONOTONIC, as in the trace."""

    def __init__(self, framed: bool = False) -> None:
        self.framed = framed
        self.list: list[dict] = []

    def add(self, event: str, who: str, ns: int, data: bytes = b"") -> None:
        note = {"ns": ns, "event": event, "who": who, "n": len(data)}
        whole = len(data) >= HEADER and data[:HEADER] == length(len(data) - HEADER)
        if self.framed and whole:
            data, note["frame"] = data[HEADER:], True
        elif self.framed and 0 < len(data) <= HEADER:
            note["hex"] = data.hex(" ")
        if "hex" not in note and data and len(data) <= 24 and printable(data):
            note["detail"] = data.decode()
        self.list.append(note)


def printable(data: bytes) -> bool:
    return data.isascii() and data.decode().isprintable()


class Wire:
    """A client's socket that notes what goes through it.

    A cause is stamped before the call and an effect after it, so that no
    effect is ever seen before its cause."""

    def __init__(self, inner, who: str, notes: Notes) -> None:
        self._inner, self._who, self._notes = inner, who, notes

    def __getattr__(self, name: str):
        return getattr(self._inner, name)

    def send(self, data, *flags) -> int:
        before = time.monotonic_ns()
        count = self._inner.send(data, *flags)
        self._notes.add("send", self._who, before, bytes(data[:count]))
        return count

    def recv(self, size: int) -> bytes:
        data = self._inner.recv(size)
        self._notes.add("hear" if data else "end", self._who,
                        time.monotonic_ns(), data)
        return data


class NotedClient(Client):
    """A client whose steps are noted with their time."""

    def __init__(self, address: tuple[str, int], name: str, story: Story,
                 notes: Notes, buffers: int = 0) -> None:
        self.notes = notes
        self.note("connect", name)
        super().__init__(address, name, story, buffers, DEADLINE)
        self.socket = Wire(self.socket, name, notes)

    def note(self, event: str, name: str = "") -> None:
        self.notes.add(event, name or self.name, time.monotonic_ns())

    def stop_sending(self) -> None:
        self.note("finish")
        super().stop_sending()

    def leave(self) -> None:
        self.note("leave")
        super().leave()

    def reset(self) -> None:
        self.note("reset")
        super().reset()

    def hear_nothing(self, *seconds: float) -> None:
        super().hear_nothing(*seconds)
        self.note("silence")


class NotedProcess(Process):
    def __init__(self, pid: int, notes: Notes) -> None:
        super().__init__(pid, DEADLINE)
        self.notes = notes

    def stop(self) -> None:
        super().stop()
        self.notes.add("stop", "", time.monotonic_ns())

    def go_on(self) -> None:
        self.notes.add("continue", "", time.monotonic_ns())
        super().go_on()


def size_of(options: list[str]) -> int:
    """The clients' buffers are as small as the server's."""
    if "--socket-buffers" in options:
        return int(options[options.index("--socket-buffers") + 1])
    return 0


def await_lines(server: Server, trace: pathlib.Path, count: int) -> None:
    end = time.monotonic() + DEADLINE
    with trace.open("rb") as file:
        file.seek(0, 2)
        while count > 0:
            count -= file.read(1 << 20).count(b"\n")
            if time.monotonic() > end or not server.alive():
                raise StoryError(f"the server did not write {count} more lines "
                                 f"within {DEADLINE:g} s")


def perform(play: Play, trace: pathlib.Path) -> list[dict]:
    """Starts the server, which writes `trace`, and plays. Gives the notes;
    the last one, `done`, says when the play was over."""
    if not play.binary.exists():
        raise PlayError(f"{play.where}:{play.program_line}: {play.program} is not "
                        f"built: make CH={play.chapter[:2]} chapter")
    notes, story = Notes(play.wire == "frames"), Story()
    language = FramedSteps if play.wire == "frames" else Steps
    with Server(play.binary, "--trace", str(trace), *play.options) as server:
        buffers = size_of(play.options)
        steps = language(
            story,
            lambda name: NotedClient(server.address, name, story, notes, buffers),
            NotedProcess(server.pid, notes),
        )
        try:
            for number, text in play.steps:
                take(steps, server, trace, text)
                if trace.stat().st_size > MOST_BYTES:
                    raise StoryError(f"the trace is longer than {MOST_BYTES:,} bytes")
        except (StoryError, ValueError) as error:
            server.thaw()
            raise PlayError(f"{play.where}:{number}: {error}") from error
        finally:
            notes.add("done", "", time.monotonic_ns())
            steps.close()
    return notes.list


def take(steps: Steps, server: Server, trace: pathlib.Path, text: str) -> None:
    grows = TAKES.fullmatch(text)
    if grows:
        await_lines(server, trace, int(grows[1].replace(",", "")))
    else:
        steps.take(text)
