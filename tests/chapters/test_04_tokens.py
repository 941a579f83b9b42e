"""Chapter 04: everybody hears everybody, on every backend."""

from __future__ import annotations

import random
import subprocess

import pytest
from conftest import path_of
from kit.client import SILENCE, Client, Story
from kit.server import Server
from targets import SMALL, Target, on_backends
from tracing import events
from voices import Voice
from kit.waiting import wait_until
from kit.watching import check_idle

PAUSE_AT = 64 * 1024  # kPauseAt
MAX_OUTPUT = 256 * 1024  # kMaxOutput
ROUNDS = 30  # of the stale token

every_backend = pytest.mark.parametrize("target", on_backends("04"), ids=lambda one: one.backend)


@pytest.fixture
def source(seed: int) -> random.Random:
    return random.Random(seed)


@pytest.fixture
def gather(connect, story: Story, source: random.Random):
    """Brings clients in, one after the other; each has heard all that came
    later."""
    there: list[Voice] = []

    def bring(server: Server, names: str, buffers: int = 0) -> list[Voice]:
        new = []
        for name in names:
            voice = Voice(server.address, name, len(there) + 1, True, source, story, buffers)
            voice.exchange(voice.words(1), quiet=True)
            for other in there:
                other.hear_from(voice, bytes(voice.sent))
            there.append(voice)
            new.append(voice)
        return new

    yield bring
    for voice in there:
        voice.socket.close()


# ---- everybody hears everybody ------------------------------------------
@every_backend
@pytest.mark.parametrize("buffers", [0, SMALL], ids=["default", "small"])
def test_what_one_says_all_hear(target: Target, buffers: int, serve, gather) -> None:
    server = serve("04", backend=target.backend, buffers=buffers)
    a, b, c = gather(server, "ABC", buffers)
    said = a.say(1000)
    a.hear(said)
    b.hear_from(a, said)
    c.hear_from(a, said)


@every_backend
@pytest.mark.parametrize("buffers", [0, SMALL], ids=["default", "small"])
def test_all_talk_at_once_and_each_ones_bytes_stay_in_order(
        target: Target, buffers: int, serve, gather) -> None:
    server = serve("04", backend=target.backend, buffers=buffers)
    company = gather(server, "ABCD", buffers)
    said = {voice.name: b"" for voice in company}
    for _ in range(20):
        for voice in company:
            said[voice.name] += voice.say(1500, quiet=True)
            for listener in company:
                listener._pull()
    for listener in company:
        listener.hear(said[listener.name])
        for voice in company:
            if voice is not listener:
                listener.hear_from(voice, said[voice.name])


@every_backend
def test_a_client_that_stops_sending_hears_the_rest_of_its_own_words(
        target: Target, serve, gather) -> None:
    server = serve("04", backend=target.backend, buffers=SMALL)
    a, b = gather(server, "AB", SMALL)
    said = a.say(3000)
    a.stop_sending()
    b.hear_from(a, said)
    a.hear(said)
    assert a.hear_end() == b""


# ---- the limits ---------------------------------------------------------
@every_backend
def test_the_client_over_the_limit_waits_and_is_served_when_one_leaves(
        target: Target, serve, gather, connect) -> None:
    server = serve("04", "server", "--max-connections", "3", backend=target.backend)
    a, b, c = gather(server, "ABC")
    fourth: Client = connect(server, "D")
    fourth.send(b"D")
    fourth.hear_nothing(SILENCE)
    said = a.say(100)
    b.hear_from(a, said)  # the three go on meanwhile
    c.hear_from(a, said)
    check_idle(server, 0.5)
    a.hear(said)
    a.leave()
    fourth.hear(b"D")


@every_backend
def test_a_slow_receiver_is_cut_off_and_the_others_go_on(
        target: Target, serve, gather) -> None:
    server = serve("04", backend=target.backend, buffers=SMALL)
    a, b, slow = gather(server, "ABC", SMALL)
    held = server.descriptors()
    for _ in range(4 * MAX_OUTPUT // 4096):
        said = a.say(4096, quiet=True)
        a.hear(said, quiet=True)
        b.hear_from(a, said)
        if server.descriptors() < held:
            break
    assert server.descriptors() == held - 1, (
        f"C reads nothing of {len(a.sent):,} bytes and is still there")
    assert len(a.sent) > MAX_OUTPUT / 2, f"C is cut off after {len(a.sent):,} bytes already"
    said = b.say(2000)
    a.hear_from(b, said)
    b.hear(said)


@every_backend
def test_a_client_that_talks_and_does_not_read_is_paused_and_loses_nothing(
        target: Target, serve, connect, source: random.Random) -> None:
    server = serve("04", backend=target.backend, buffers=SMALL)
    client = connect(server, "A", SMALL)
    data = source.randbytes(400_000)
    taken = client.send_until_stuck(data, server)
    assert PAUSE_AT <= taken < MAX_OUTPUT, f"it took {taken:,} bytes"
    check_idle(server, 0.5)
    client.hear(data[:taken])
    client.exchange(data[taken:])


# ---- tokens -------------------------------------------------------------
@every_backend
def test_an_event_for_somebody_who_is_gone_does_not_reach_the_successor(
        target: Target, serve, story: Story, source: random.Random) -> None:
    """A's words cannot be written to B, who is gone, so B is closed; C comes
    and gets B's place; then comes B's own event, of the same batch."""
    server = serve("04", backend=target.backend)
    for number in range(ROUNDS):
        story.add(f"round {number + 1}")
        play_stale_event(server, story, source)
    check_who_is_read(events(server))
    stale = len(events(server, "stale"))
    if target.backend == "epoll":  # its batch comes in the order of arrival
        assert stale >= ROUNDS // 2, (
            f"only {stale} stale events in {ROUNDS} rounds: the test tests nothing")


def check_who_is_read(lines: list[dict]) -> None:
    """The loop reads only from those whom an event of this batch is about."""
    told: set[str] = set()
    for line in lines:
        if line["event"] == "wait" and "04-tokens/server.cpp" in line["at"]:
            told = set()
        elif line["event"] == "event":
            told.add(line["token"])
        elif line["event"] == "read" or line.get("detail") == "read":
            assert line["token"] in told, (
                f"{line['token']} is read from, but the events were for {sorted(told)}")


def play_stale_event(server: Server, story: Story, source: random.Random) -> None:
    held = server.descriptors()
    a = Voice(server.address, "A", 1, True, source, story)
    a.exchange(a.words(1))
    b = Voice(server.address, "B", 2, True, source, story)
    b.exchange(b.words(1))
    a.hear_from(b, bytes(b.sent))
    server.await_sleep()
    server.freeze()
    story.add("the server is frozen")
    said = a.say(10)
    c = Voice(server.address, "C", 3, True, source, story)
    b.reset()
    server.thaw()
    story.add("the server goes on")
    a.hear(said)
    for _ in range(2):  # cut off perhaps after the first answer
        answer = c.say(10)
        c.hear(answer)
        a.hear_from(c, answer)
    for client in (a, c):
        client.leave()
    wait_until(lambda: server.descriptors() == held, "the clients' connections to be closed")


def test_a_backend_that_this_system_lacks_is_refused_in_one_line() -> None:
    ended = subprocess.run([path_of("04"), "--port", "0", "--backend", "kqueue"],
                           capture_output=True, text=True, timeout=20, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1 and "no kqueue here" in ended.stderr


@pytest.mark.parametrize("option, value", [("--backend", "pigeon"), ("--max-connections", "0"),
                                           ("--max-connections", "many")])
def test_a_bad_value_gives_status_2_and_one_line(option: str, value: str) -> None:
    ended = subprocess.run([path_of("04"), option, value], capture_output=True, text=True,
                           timeout=20, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1 and option in ended.stderr


@every_backend
def test_the_trace_shows_which_backend_waits(target: Target, serve, gather) -> None:
    server = serve("04", backend=target.backend)
    gather(server, "A")
    waits = [line for line in events(server, "wait") if "04-tokens/server.cpp" in line["at"]]
    assert waits and all(line["detail"].startswith(target.backend) for line in waits)


def test_dup_registration_prints_what_the_chapter_says() -> None:
    ended = subprocess.run([path_of("04", "dup_registration")], capture_output=True, text=True,
                           timeout=20, check=True)
    lines = [" ".join(line.split()) for line in ended.stdout.splitlines()]
    assert lines == [
        "a byte waits: epoll_wait returned 1",
        "the registered descriptor is closed: epoll_wait returned 1",
        "taking it out by its number: EPOLL_CTL_DEL: Bad file descriptor",
        "its last copy is closed too: epoll_wait returned 0",
    ]
