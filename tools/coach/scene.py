"""What a check gets: a server to try, clients to try it with, one story.

A check is a function in a chapter's exercises/checks.py,

    def burst(scene: Scene) -> None:
        \"\"\"A burst and then silence: all of it comes back.\"\"\"
        server = scene.serve("--trigger", "edge", buffers=2048)
        a = scene.connect(server, "A")
        a.exchange(scene.words(40_000))

and the first line of its docstring is what the attendee reads. It fails by
what its clients raise (kit.client: each step has a deadline), by what `fail`
raises, or by the way in which the server ends. Whatever it starts is stopped
when it is over.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from types import ModuleType

from coach import building, family
from coach.bounds import BoundedServer, NotReady
from coach.guest import Guest
from coach.manifest import Exercise, chapter_folder
from kit.client import Client, Story, StoryError
from kit.frames import encode
from kit.server import ServerError
from kit.watching import check_idle

DEADLINE = 5.0  # seconds for one step of a client
WHOLE = 60  # seconds for a whole check
LONG_TRACE = 20_000  # lines
DYING = 0.3  # seconds that a sanitizer takes to report and to end the program
# Said by nobody but the kit: what an attendee's own settings would hide.
SANITIZERS = {"ASAN_OPTIONS": "", "LSAN_OPTIONS": "", "UBSAN_OPTIONS": "print_stacktrace=1"}


class Scene:
    """One run of one check."""

    def __init__(self, path: pathlib.Path, chapter: str, seed: int) -> None:
        self.path = path  # the program that is tried
        self.chapter = chapter
        self.seed = seed
        self.source = random.Random(seed)
        self.story = Story()
        self.servers: list[BoundedServer] = []
        self.clients: list[Client] = []
        self.callers: dict[int, list[str]] = {}  # a server's pid → who connected, in order

    # -- servers ----------------------------------------------------------
    def serve(self, *options: str, buffers: int = 0, trace: bool | None = None,
              path: pathlib.Path | None = None, **how) -> BoundedServer:
        """Starts the program. `buffers`: bytes of its sockets' buffers (0: the
        kernel's). `trace`: by default yes, but in chapter 02, which never
        rests. `how`: descriptors=32, prefix=(...), env={...}."""
        if buffers:
            options += ("--socket-buffers", str(buffers))
        if trace is None:
            trace = self.chapter != "02"
        how["env"] = {**SANITIZERS, **how.get("env", {})}
        try:
            server = BoundedServer(path or self.path, *options, trace=trace, **how)
        except NotReady as error:
            self.servers.append(error.server)  # for the report
            raise
        self.servers.append(server)
        self.callers[server.pid] = []
        self.add("the server starts" + (f" with {' '.join(options)}" if options else ""))
        return server

    def reference(self, name: str = "server", chapter: str = "") -> pathlib.Path:
        """The path of the book's own program, for experiments."""
        return building.reference(chapter or self.chapter, name)

    def freeze(self, server: BoundedServer) -> None:
        """All that happens from here on it finds in one batch. In chapter 02 it
        never sleeps, and is stopped wherever it is."""
        if self.chapter != "02":
            server.await_sleep()
        server.freeze()
        self.add("the server is frozen")

    def thaw(self, server: BoundedServer) -> None:
        server.thaw()
        self.add("the server goes on")

    def rests(self, server: BoundedServer, seconds: float = 0.5) -> None:
        """It uses no core while nobody says anything."""
        try:
            check_idle(server, seconds)
        except AssertionError as error:
            raise self.story.fail(f"Nobody says anything, and {error}") from None
        self.add(f"the server rests for {seconds:g} s")

    # -- clients ----------------------------------------------------------
    def connect(self, server: BoundedServer, name: str = "A", buffers: int = 0,
                deadline: float = DEADLINE) -> Client:
        client = Guest(server.address, name, self.story, buffers, deadline)
        self.clients.append(client)
        self.callers[server.pid].append(name)
        return client

    def gather(self, server: BoundedServer, names: str, buffers: int = 0) -> list[Client]:
        """Clients of a multi-echo, who have all been accepted: each says one
        letter, and those who are there hear it."""
        there: list[Client] = []
        for name in names:
            there.append(self.connect(server, name, buffers))
            there[-1].send(name.lower().encode(), quiet=True)
            for client in there:
                client.hear(name.lower().encode(), quiet=True)
        return there

    def gather_framed(self, server: BoundedServer, names: str, buffers: int = 0) -> list[Client]:
        """The same where there are frames on the wire."""
        there: list[Client] = []
        for name in names:
            there.append(self.connect(server, name, buffers))
            self.say(there[-1], name.lower().encode(), quiet=True)
            for client in there:
                self.hear(client, name.lower().encode(), quiet=True)
        return there

    def say(self, client: Client, *payloads: bytes, quiet: bool = False) -> None:
        """Sends a frame for each payload."""
        client.send(b"".join(map(encode, payloads)), quiet)

    def hear(self, client: Client, *payloads: bytes, quiet: bool = False) -> None:
        """Hears exactly these frames."""
        for payload in payloads:
            client.hear(encode(payload), quiet)

    def words(self, count: int) -> bytes:
        """Random bytes, the same for the same seed."""
        return self.source.randbytes(count)

    def watch(self, true: Callable[[], object], what: str, seconds: float = DEADLINE) -> None:
        """Waits for something to come true."""
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                self.fail(f"waited {seconds:g} s for {what}")
            time.sleep(0.005)
        self.add(what)

    # -- the story --------------------------------------------------------
    def add(self, step: str) -> None:
        self.story.add(step)

    def fail(self, what: str) -> None:
        raise self.story.fail(what)

    def close(self, well: bool) -> None:
        for client in self.clients:
            client.socket.close()
        try:
            for server in self.servers:
                if well and not server.stopped:
                    server.stop_well()
        finally:
            for server in self.servers:
                server.kill()


@dataclasses.dataclass
class Outcome:
    """How a check went. `what` is empty if it passed."""
    check: str
    title: str  # the check in words
    what: str = ""
    steps: tuple[str, ...] = ()
    servers: tuple[BoundedServer, ...] = ()
    callers: dict[int, list[str]] = dataclasses.field(default_factory=dict)
    trace: tuple[str, ...] = ()  # the last server's, as it was when the check failed
    gone: int | None = None  # the last server's exit status, if it ended by itself
    halted: bool = False  # it has stopped itself
    left: int = 0  # processes that it left behind
    seconds: float = 0.0
    ours: str = ""  # a fault of the check itself

    @property
    def passed(self) -> bool:
        return not self.what


def checks_of(chapter: str) -> ModuleType:
    """A chapter's exercises/checks.py."""
    path = chapter_folder(chapter) / "exercises/checks.py"
    spec = importlib.util.spec_from_file_location(f"checks_{chapter}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def title_of(function: Callable) -> str:
    return (function.__doc__ or function.__name__).strip().splitlines()[0].rstrip(".")


def new_seed() -> int:
    return int(os.environ.get("KIT_SEED") or int.from_bytes(os.urandom(4), "big"))


def run_check(one: Exercise, path: pathlib.Path, name: str, seed: int | None = None) -> Outcome:
    """Runs one check against a program; never raises for what the program did."""
    function = getattr(checks_of(one.chapter), name)
    scene = Scene(path, one.chapter, new_seed() if seed is None else seed)
    outcome = Outcome(name, title_of(function))
    start, known = time.monotonic(), family.children()
    try:
        with at_most(WHOLE, scene):
            try:
                function(scene)
            finally:
                outcome.steps = tuple(scene.story.steps)
                outcome.trace = trace_of(scene)
                outcome.gone = status_of(scene)
                outcome.halted = any(server.halted() for server in scene.servers[-1:])
            scene.close(well=True)
    except StoryError as error:
        outcome.what = error.what
    except (ServerError, AssertionError) as error:
        outcome.what = str(error)
    except json.JSONDecodeError:
        outcome.what = "The server's trace cannot be read: somebody else has written into it."
    except (ProcessLookupError, FileNotFoundError) as error:
        if all(server.alive() for server in scene.servers):
            outcome.what, outcome.ours = f"the check itself failed: {error}", traceback.format_exc()
        else:
            outcome.what = "the server is gone"
    except Exception as error:  # a bug of the check's: said as such
        outcome.what, outcome.ours = f"the check itself failed: {error!r}", traceback.format_exc()
    finally:
        with contextlib.suppress(ServerError):
            scene.close(well=False)
    outcome.left = family.end_all(known)
    if outcome.left:
        outcome.what = "\n".join(filter(None, [
            outcome.what, f"The server left {processes(outcome.left)} behind when it ended."]))
    outcome.servers, outcome.callers = tuple(scene.servers), scene.callers
    outcome.seconds = time.monotonic() - start
    return outcome


def processes(count: int) -> str:
    return f"{count} process" + ("" if count == 1 else "es")


def trace_of(scene: Scene) -> tuple[str, ...]:
    """Its lines so far; of a server that goes round and round only the first and
    the last."""
    if not scene.servers:
        return ()
    server = scene.servers[-1]
    server.settle(1.0)  # what it is about to write belongs to it
    lines = server.trace_tail(LONG_TRACE)
    if len(lines) < LONG_TRACE:
        return tuple(server.trace())
    return (*server.trace_head(LONG_TRACE), *lines)


def status_of(scene: Scene) -> int | None:
    """None while it is there, or was asked to end. One that is dying has a
    moment to be dead."""
    if sys.exc_info()[0] is None or not scene.servers or scene.servers[-1].stopped:
        return None
    with contextlib.suppress(subprocess.TimeoutExpired):
        return scene.servers[-1].process.wait(DYING)
    return None


def run_experiment(one: Exercise, seed: int | None = None):
    """What really happens: a prediction's value, or a measurement's number."""
    function = getattr(checks_of(one.chapter), one.experiment)
    scene = Scene(building.reference(one.chapter), one.chapter, new_seed() if seed is None else seed)
    known = family.children()
    try:
        with at_most(WHOLE, scene):
            return function(scene), scene
    finally:
        scene.close(well=False)
        family.end_all(known)


@contextlib.contextmanager
def at_most(seconds: int, scene: Scene):
    """A check that never ends is ended too."""
    def ring(*_signal) -> None:
        raise scene.story.fail(f"the check was not over after {seconds} s")

    start = time.monotonic()
    before = signal.signal(signal.SIGALRM, ring)
    theirs, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        left = max(theirs - (time.monotonic() - start), 0.01) if theirs else 0.0
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, left)
