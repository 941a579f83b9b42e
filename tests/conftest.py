"""What all tests with a running server share.

  TICK_BUILD    the programs' folder: build (default), build/address, …
  TICK_CHAPTER  only this chapter's tests: 03
  TICK_MISTAKE  test a planted mistake instead of the server: half-close-is-close
  KIT_SERVER    host:port of a server that runs already, with TICK_CHAPTER to
                say what it speaks; what needs its process is skipped
  KIT_SEED      repeats the random bytes of a run that failed
"""

from __future__ import annotations

import fcntl
import os
import pathlib
import re
import resource
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator

import pytest

TESTS = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(TESTS.parent / "tools"), str(TESTS / "hostile")]

from kit import client as kit_client  # noqa: E402
from kit.client import Client, Story  # noqa: E402
from kit.server import Server, program  # noqa: E402
from summary import hostile_table  # noqa: E402

SANITIZED = os.environ.get("TICK_BUILD", "build").rstrip("/").endswith(("address", "thread"))
if SANITIZED:
    kit_client.DEADLINE *= 3

resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)

SERVERS = pytest.StashKey[list[Server]]()
STORY = pytest.StashKey[Story]()
TAIL = 25  # lines of log and trace that a failure shows


def path_of(chapter: str, name: str = "server") -> pathlib.Path:
    """The program under test: perhaps a server with a planted mistake."""
    mistake = os.environ.get("TICK_MISTAKE")
    if mistake and name == "server":
        name = f"mistakes/{mistake}"
    return program(chapter, name)


class Remote:
    """A server that runs already (KIT_SERVER): all we have is its address."""

    stopped = True

    def __init__(self, text: str) -> None:
        host, _, port = text.rpartition(":")
        self.address = (host.strip("[]"), int(port))

    def __getattr__(self, name: str):
        pytest.skip(f"SKIPPED: {name} needs the server's process, KIT_SERVER is set")


# ---- fixtures -----------------------------------------------------------
@pytest.fixture
def seed() -> int:
    return int(os.environ.get("KIT_SEED") or int.from_bytes(os.urandom(4), "big"))


@pytest.fixture
def story(request: pytest.FixtureRequest, seed: int) -> Story:
    """The test's numbered steps."""
    story = Story()
    story.add(f"random bytes come from seed {seed} (KIT_SEED={seed} repeats them)")
    request.node.stash[STORY] = story
    return story


@pytest.fixture
def serve(request: pytest.FixtureRequest) -> Iterator[Callable[..., Server]]:
    """Starts servers. At the end each is asked to stop, and must do so with
    status 0, without a sanitizer's report and without a word on stdout."""
    servers: list[Server] = []
    request.node.stash[SERVERS] = servers

    def start(chapter: str, name: str = "server", *options: str, trace: bool | None = None,
              buffers: int = 0, backend: str = "", trigger: str = "", **how) -> Server:
        if os.environ.get("KIT_SERVER"):
            if name != "server" or options or buffers or backend or trigger or how:
                pytest.skip("SKIPPED: it needs a server of its own, KIT_SERVER is set")
            return Remote(os.environ["KIT_SERVER"])
        if buffers:
            options += ("--socket-buffers", str(buffers))
        if backend:
            options += ("--backend", backend)
        if trigger:
            options += ("--trigger", trigger)
        if trace is None:  # chapter 02's would be endless: it never rests
            trace = chapter != "02"
        server = Server(path_of(chapter, name), *options, trace=trace, **how)
        servers.append(server)
        return server

    yield start
    failed = request.node.stash.get(FAILED, False)
    for server in servers:
        if failed or server.stopped:
            server.kill()
        else:
            server.stop_well()


@pytest.fixture
def connect(story: Story) -> Iterator[Callable[..., Client]]:
    """Makes clients that tell one story, and closes what is left of them."""
    clients: list[Client] = []

    def start(server: Server, name: str, buffers: int = 0) -> Client:
        clients.append(Client(server.address, name, story, buffers))
        return clients[-1]

    yield start
    for client in clients:
        client.socket.close()


@pytest.fixture(autouse=True)
def _one_at_a_time(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A foreign server takes one test at a time, also under xdist."""
    if not os.environ.get("KIT_SERVER"):
        yield
        return
    with open(pathlib.Path(tempfile.gettempdir()) / "tick-kit-server.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody listens on already."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


# ---- which tests --------------------------------------------------------
def chapter_of(item: pytest.Item) -> str:
    """The number of the chapter that a test is about, "" for none."""
    numbered = re.match(r"test_(\d\d)_", item.path.name)
    if numbered:
        return numbered[1]
    for value in getattr(item, "callspec", None) and item.callspec.params.values() or ():
        if chapter := getattr(value, "chapter", ""):
            return chapter
    return ""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = os.environ.get("TICK_CHAPTER", "")
    if os.environ.get("KIT_SERVER") and not chosen:
        raise pytest.UsageError("KIT_SERVER needs TICK_CHAPTER: what does it speak?")
    if not chosen:
        return
    left_out = [item for item in items if chapter_of(item) != chosen]
    items[:] = [item for item in items if chapter_of(item) == chosen]
    config.hook.pytest_deselected(items=left_out)


# ---- what a failure tells -----------------------------------------------
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    outcome = yield
    report = outcome.get_result()
    if call.excinfo is None or call.excinfo.errisinstance(pytest.skip.Exception):
        return
    item.stash[FAILED] = True
    if STORY in item.stash and report.when == "call":
        steps = item.stash[STORY].steps
        report.sections.append(("the steps", "\n".join(
            f"{n:3}. {step}" for n, step in enumerate(steps, 1))))
    for server in item.stash.get(SERVERS, []):
        report.sections.extend(sections_of(server))


def sections_of(server: Server) -> Iterator[tuple[str, str]]:
    name = server.path.name
    if report := server.report():
        yield f"{name}: sanitizer", report
    log = server.log().splitlines()
    yield f"{name}: log", "\n".join(log if server.report() else log[-TAIL:])
    yield f"{name}: last trace lines", "\n".join(server.trace_tail(TAIL)) or "(not traced)"


# ---- the table at the end -----------------------------------------------
def pytest_terminal_summary(terminalreporter) -> None:
    cells = []
    for reports in terminalreporter.stats.values():
        for report in reports:
            properties = dict(getattr(report, "user_properties", ()))
            if "hostile" in properties:
                cells.append(properties["hostile"])
    for line in hostile_table(cells):
        terminalreporter.write_line(line)


