"""Daniel Joseph Pezely's list of pitfalls, one test for each of its headings:
_I/O Event Loops: Using mio in Rust_, 2019 (CC BY).

Each is asked of the chat, on every backend and with every trigger, and of a
planted mistake of the chapter that taught it, which must fall into it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import subprocess
from collections.abc import Iterator

import pytest
from conftest import path_of
from kit.injection import failing, why_not
from kit.client import SILENCE, Client, Story, StoryError
from kit.frames import encode
from kit.server import Server
from people import Person, open_chat
from targets import SMALL, SMALL_IN_ROWS, Target, on_backends
from tracing import events
from kit.waiting import wait_until
from kit.watching import check_idle

READ_SIZE = 16 * 1024  # kReadSize
TOO_LONG = "* a line has 1,000 bytes at most, nobody has heard it"
PIDFD_GETFD = 438  # its number on Linux, on all that this kit runs on

everywhere = pytest.mark.parametrize(
    "target", on_backends("08"), ids=lambda one: f"{one.backend}-{one.trigger}".strip("-"))


def person(server: Server, who: str, story: Story, buffers: int = 0) -> Person:
    one = Person(server.address, who, story, buffers)
    one.come()
    return one


def mistaken(serve, chapter: str, name: str, *options: str, **how) -> Server:
    """The server of an earlier chapter that has made this mistake."""
    if not path_of(chapter, f"mistakes/{name}").exists():
        pytest.skip(f"SKIPPED {chapter}/{name}: planted mistakes are built without SAN")
    return serve(chapter, f"mistakes/{name}", *options, **how)


def turns(lines: list[dict]) -> Iterator[list[dict]]:
    """What the loop did from one wait to the next."""
    turn: list[dict] = []
    for line in lines:
        if line["event"] == "wait" and "server.cpp" in line["at"]:
            yield turn
            turn = []
        turn.append(line)
    yield turn


@pytest.fixture
def injected() -> None:
    if reason := why_not():
        pytest.skip(f"SKIPPED fault injection: {reason}")


# ---- Handle False Events ------------------------------------------------
@pytest.mark.parametrize(
    "target", [one for one in on_backends("08") if one.trigger != "edge"],
    ids=lambda one: f"{one.backend}-{one.trigger}".strip("-"))
def test_handle_false_events(target: Target, serve, story: Story, injected) -> None:
    """An event says that there is something to read; the read says not now.
    Nobody is ended for it, and what does come is read when it is told. Not
    under edge: a kernel that says EAGAIN with bytes there would be lying, and
    does not tell of them again."""
    server = open_chat(serve, target)
    a, b = person(server, "A", story), person(server, "B", story)
    a.hears("* guest-2 is here")
    server.await_sleep()
    with failing(server, "read", "EAGAIN", "1"):
        story.add("the next read fails with EAGAIN")
        a.says("hello")
        b.hears("guest-1: hello")
    a.hears("guest-1: hello")
    blocked = [line for line in events(server, "would_block") if line.get("detail") == "read"]
    assert blocked, "no event was false: the test tests nothing"
    check_idle(server, 0.3)


def test_handle_false_events_and_see_the_mistake(serve, connect) -> None:
    client = connect(mistaken(serve, "02", "eagain-is-an-error"), "A")
    assert client.hear_end() == b"", "it takes “not now” for an error"


# ---- Sockets Being Writable Before Readable -----------------------------
@everywhere
def test_sockets_being_writable_before_readable(target: Target, serve, story: Story) -> None:
    """Whoever comes is greeted before it has sent a byte, without an event;
    and then it is not watched for room, which there always is."""
    server = open_chat(serve, target)
    silent = [person(server, f"P{n}", story) for n in range(10)]
    wait_until(lambda: not any(one.client._pull() for one in silent), "silence")
    lines = events(server)
    assert not [line for line in lines if line["event"] == "read"], "somebody has spoken"
    told = [line for line in lines if line["event"] == "event" and "writable" in line["detail"]]
    asked = [line for line in lines if line["event"] in ("add", "modify")
             and "writable" in line["detail"]]
    assert not told and not asked, (told + asked)[0]
    check_idle(server, 0.5)


def test_sockets_being_writable_before_readable_and_see_the_mistake(serve, connect) -> None:
    server = mistaken(serve, "03", "write-interest-left-on")
    connect(server, "A").exchange(b"hello")
    with pytest.raises(AssertionError, match="the idle server uses"):
        check_idle(server, 0.3)


# ---- Avoid Cloning A TCP Stream -----------------------------------------
@contextlib.contextmanager
def cloned(server: Server, fd: int) -> Iterator[None]:
    """A second descriptor, here, to the file that the server has as `fd`."""
    process = os.pidfd_open(server.pid)
    try:
        copy = ctypes.CDLL(None, use_errno=True).syscall(PIDFD_GETFD, process, fd, 0)
        if copy < 0:
            pytest.skip(f"SKIPPED: pidfd_getfd: {os.strerror(ctypes.get_errno())}")
    finally:
        os.close(process)
    try:
        yield
    finally:
        os.close(copy)


def last_added(server: Server) -> int:
    return [line for line in events(server, "add") if "server.cpp" in line["at"]
            or "registration" in line["at"]][-1]["fd"]


@everywhere
def test_avoid_cloning_a_tcp_stream(target: Target, serve, story: Story) -> None:
    """The server clones nothing. But another process may hold a clone, a child
    for instance: so a descriptor leaves the poller before it is closed."""
    server = open_chat(serve, target)
    a, b = person(server, "A", story), person(server, "B", story)
    a.hears("* guest-2 is here")
    held = server.descriptors()
    with cloned(server, last_added(server)):
        b.client.reset()
        a.hears("* guest-2 has left")
        wait_until(lambda: server.descriptors() == held - 1, "B's descriptor to be closed")
        check_idle(server, 0.5)
        c = person(server, "C", story)  # it gets B's number
        a.hears("* guest-3 is here")
        c.says("hello")
        a.hears("guest-3: hello")
    assert not events(server, "stale")


def test_avoid_cloning_a_tcp_stream_and_see_the_mistake(serve, connect) -> None:
    server = mistaken(serve, "04", "close-without-remove", backend="epoll")
    client = connect(server, "A")
    client.exchange(b"hello")
    held = server.descriptors()
    with cloned(server, last_added(server)):
        client.reset()
        wait_until(lambda: server.descriptors() == held - 1, "the descriptor to be closed")
        with pytest.raises(AssertionError, match="the idle server uses"):
            check_idle(server, 0.3)
        assert events(server, "stale"), "epoll tells of one who is gone"


def test_the_kit_clones_no_descriptor() -> None:
    """Nothing that a server is made of calls dup(2) or fork(2)."""
    names = subprocess.run(["nm", "-uC", path_of("08")], capture_output=True, text=True,
                           timeout=60, check=True).stdout
    undefined = {line.split()[-1].partition("@")[0] for line in names.splitlines()}
    assert "writev" in undefined, "the test tests nothing"
    assert not undefined & {"dup", "dup2", "dup3", "fork", "vfork"}


# ---- Array vs Vector For Buffer -----------------------------------------
@everywhere
def test_array_vs_vector_for_buffer(target: Target, serve, story: Story) -> None:
    """What fills a buffer to the last byte is not followed by a read into
    nothing, which would look like the end of the stream."""
    server = open_chat(serve, target)
    a = person(server, "A", story)
    sizes = [size - 8 for n in (1, 2, 4) for size in range(n * READ_SIZE - 9, n * READ_SIZE + 10)]
    for size in sizes:
        a.client.send(encode(b"x" * size), quiet=True)
        a.hears(TOO_LONG)
    a.says("still here")
    a.hears("guest-1: still here")


def test_array_vs_vector_for_buffer_and_see_the_mistake(serve, connect, seed: int) -> None:
    client: Client = connect(mistaken(serve, "02", "zero-length-read", buffers=SMALL), "A", SMALL)
    data = random.Random(seed).randbytes(300_000)
    with pytest.raises(StoryError, match="hears the end too early|cannot read|cannot send"):
        taken = client.send_until_stuck(data)
        client.hear(data[:taken])
        client.exchange(data[taken:])


def test_array_vs_vector_for_buffer_as_the_kernel_sees_it() -> None:
    said = subprocess.run([path_of("02", "zero_read")], capture_output=True, text=True,
                          timeout=20, check=True).stdout
    assert [line.split()[-1] for line in said.splitlines()] == ["-1", "0", "3", "0"]


# ---- Read vs Write Events -----------------------------------------------
@everywhere
def test_read_vs_write_events_are_two_ifs(target: Target, serve, story: Story) -> None:
    """One who has room again and has sent something, both at once, gets what
    waits and is read from in the same turn; and reading goes first."""
    server = open_chat(serve, target, buffers=SMALL_IN_ROWS)
    a, b = person(server, "A", story, SMALL_IN_ROWS), person(server, "B", story, SMALL_IN_ROWS)
    a.hears("* guest-2 is here")
    held_back = make_wait(a, b, story, server)
    server.await_sleep()
    server.freeze()
    b.client.send_only(encode(b"I am still here"))
    for _ in range(3):  # makes room, which B's kernel tells the server's
        b.client._pull()
    wait_until(lambda: b.client._pull() == 0, "B's buffer to be empty")
    server.thaw()
    b.hears(*held_back)
    assert b.hear() == "guest-2: I am still here"
    server.await_sleep()  # a call is traced when it is over, and heard before
    fd = last_added(server)
    both = [turn for turn in turns(events(server)) if {"read", "write"} <= set(done(turn, fd))]
    assert both, "B was never read from and written to in one turn"
    for turn in both:
        order = done(turn, fd)
        assert order.index("read") < order.index("write"), f"{order}: writing went first"


def done(turn: list[dict], fd: int) -> list[str]:
    """What was called on it; several frames leave with writev."""
    return [line["event"].removesuffix("v") for line in turn if line.get("fd") == fd]


def make_wait(a: Person, b: Person, story: Story, server: Server) -> list[str]:
    """A speaks until something waits in the server for B, who reads nothing;
    what B has to hear now."""
    line, said = "x" * 900, []
    fd = last_added(server)
    for _ in range(200):
        a.client.send(encode(line.encode()), quiet=True)
        a.hears(f"guest-1: {line}")
        said.append(f"guest-1: {line}")
        if any(one["fd"] == fd and "writable" in one["detail"] for one in events(server, "modify")):
            return said
    raise story.fail("everything that B does not read fits into the kernel's buffers")


def test_read_vs_write_events_are_two_ifs_and_see_the_mistake(serve, connect) -> None:
    server = mistaken(serve, "03", "else-if", buffers=SMALL)
    client = connect(server, "A", SMALL)
    client.send_until_stuck(b"a" * 400_000, server)
    client.reset()
    with pytest.raises(AssertionError, match="the idle server uses"):
        check_idle(server, 0.3)


@everywhere
def test_read_vs_write_events_read_first(target: Target, serve, story: Story) -> None:
    """What is read in a turn leaves in the same turn: one wake, and no second
    one to write."""
    server = open_chat(serve, target)
    a, b = person(server, "A", story), person(server, "B", story)
    a.hears("* guest-2 is here")
    server.await_sleep()
    before = len(events(server))
    a.says("hello")
    for one in a, b:
        one.hears("guest-1: hello")
    server.await_sleep()
    lines = events(server)[before:]
    wakes = [line for line in lines if line["event"] == "wake" and "server.cpp" in line["at"]]
    kinds = [line["event"] for line in lines if line["event"] in ("read", "write")]
    assert len(wakes) == 1 and kinds == ["read", "write", "write"]


# ---- Load & Capacity ----------------------------------------------------
@everywhere
def test_load_and_capacity(target: Target, serve, story: Story) -> None:
    """200 are silent in the lobby and 100 talk in a room: all hear everything,
    the silent ones are not even touched, and whoever is too many waits."""
    capacity = 300
    server = open_chat(serve, target, "--max-connections", str(capacity))
    talking = []
    for number in range(100):
        one = person(server, f"T{number}", story)
        one.says("/join kitchen")
        one.hears(f"* {one.name} has come from lobby")
        for other in talking:
            other.hears(f"* {one.name} has come from lobby")
        talking.append(one)
    silent = [person(server, f"S{number}", story) for number in range(200)]
    late = Client(server.address, "L", story)
    late.hear_nothing(SILENCE)
    before = len(events(server, "tick"))
    for round_ in range(3):
        for one in talking[::10]:
            one.says(f"round {round_}")
            for other in talking:
                other.hears(f"{one.name}: round {round_}")
    touched = [line["n"] for line in events(server, "tick")[before:]]
    assert max(touched) <= len(talking), "the silent are touched"
    silent[0].client.leave()
    late.hear(encode(b"* you are guest-301 in lobby; /nick NAME, /join ROOM, /who, /quit"))
    check_idle(server, 0.3)
    for one in [*talking, *silent]:
        one.client.socket.close()
    late.leave()


def test_load_and_capacity_and_see_the_mistake(serve, connect) -> None:
    server = mistaken(serve, "05", "closes-the-129th")
    there = [connect(server, f"{number}") for number in range(128)]
    there[-1].send(b"x")
    there[0].hear(b"x")
    assert connect(server, "the 129th").hear_end() == b"", "it waits, as it should"
